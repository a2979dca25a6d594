// Every provider: its token is acquired, kept, read, refreshed and replaced.

import assert from "node:assert/strict";
import test from "node:test";
import { decode, expiresAt, isExpired } from "latchkey";
import { look, whoami, world } from "./support.mjs";

const HOUR = 3600;

/** Those whose credential is exchanged for a token: where it travels, and how long the sandbox lets it live. */
const EXCHANGED = [
  { provider: "masivo", header: "Authorization", scheme: "Bearer ", lifetime: HOUR },
  { provider: "masv", header: "X-User-Token", scheme: "", lifetime: 72 * HOUR },
  { provider: "login", header: "Authorization", scheme: "Bearer ", lifetime: 2 * HOUR },
  { provider: "brifle", header: "Authorization", scheme: "Bearer ", lifetime: 2 * HOUR },
  { provider: "oauth2", header: "Authorization", scheme: "Bearer ", lifetime: HOUR },
  { provider: "custom", header: "X-Session", scheme: "Token ", lifetime: HOUR },
  { provider: "token", service: "masivo", header: "Authorization", scheme: "Bearer ", lifetime: HOUR },
];

const STATIC = [
  { provider: "masumi", header: "token" },
  { provider: "masv", header: "X-API-KEY", config: { email: undefined, password: undefined } },
];

const reasons = ({ events }) => events.filter(({ type }) => type === "token").map(({ reason }) => reason);

for (const { provider, service = provider, header, scheme, lifetime } of EXCHANGED) {
  test(`${provider}: a token is acquired once, its claims and expiry are read, and it is sent as documented`, async (t) => {
    const w = await world(t);
    const client = w.client(provider);
    assert.equal(client.provider, provider);
    assert.equal(client.expiresAt, undefined, "none is held yet");

    const token = await client.token();
    const {
      header: { alg },
      claims,
    } = decode(token);
    assert.equal(typeof alg, "string");
    assert.equal(claims.jti.split("/")[1], `${service}-1`);
    assert.deepEqual(expiresAt(token), new Date(claims.exp * 1000));
    assert.equal(isExpired(token, { now: w.now() }), false);
    const left = (client.expiresAt - w.now()) / 1000;
    assert.ok(left > lifetime - 60 && left < lifetime + 60, `it lives ${left} s`);

    assert.equal(await client.token(), token);
    assert.deepEqual(await client.headers(), { [header]: `${scheme}${token}` });
    const { tokenNumber, headers } = await whoami(client);
    assert.equal(tokenNumber, 1);
    assert.equal(headers[header.toLowerCase()], "present");
    assert.equal(await w.count(service, "token"), 1);
    look(client);
  });

  test(`${provider}: a token that has expired is replaced`, async (t) => {
    const w = await world(t);
    const client = w.client(provider, { baseUrl: new URL(w.services[service]) });
    const old = await client.token();
    await w.advance(lifetime + 1);
    assert.equal(isExpired(old, { now: w.now() }), true);
    assert.equal(client.expiresAt, undefined);
    assert.notEqual(await client.token(), old);
    assert.equal((await whoami(client)).tokenNumber, 2);
    assert.equal(await w.count(service, "token"), 2);
    assert.deepEqual(reasons(w), ["first", "expired"]);
  });

  test(`${provider}: a 401 costs one refresh and one replay, with the body`, async (t) => {
    const w = await world(t);
    const client = w.client(provider);
    await client.token();
    await w.revoke(service);
    const { tokenNumber, method, body } = await whoami(client, "/whoami", { method: "PUT", body: "the order" });
    assert.deepEqual([tokenNumber, method, body], [2, "PUT", "the order"]);
    assert.equal(await w.count(service, "token"), 2);
    assert.equal(await w.count(service, "resource"), 2);
    assert.deepEqual(reasons(w), ["first", "unauthorized"]);
    assert.ok(w.events.some(({ type, replayed }) => type === "unauthorized" && replayed));
  });
}

for (const { provider, header, config } of STATIC) {
  const credentials = (w) => w.credentials[provider].apiKey;

  test(`${provider}: a static key is sent as it is, and nothing is exchanged`, async (t) => {
    const w = await world(t);
    const client = w.client(provider, { ...config, apiKey: credentials(w) });
    assert.equal(await client.token(), credentials(w));
    assert.deepEqual(await client.headers(), { [header]: credentials(w) });
    assert.equal((await whoami(client)).headers[header.toLowerCase()], "present");
    assert.equal(client.expiresAt, undefined);
    assert.equal(await w.count(provider, "token"), 0);
    look(client);
  });

  test(`${provider}: a refused static key is asked for again, and sent again only if it has changed`, async (t) => {
    const w = await world(t);
    const wrong = "a key that is too old";
    const unchanged = w.client(provider, { ...config, apiKey: () => wrong });
    assert.equal((await unchanged.fetch("/whoami")).status, 401);
    assert.equal(await w.count(provider, "resource"), 1);

    const given = [wrong, credentials(w)];
    await whoami(w.client(provider, { ...config, apiKey: () => given.shift() }));
    assert.equal(await w.count(provider, "resource"), 3);
  });
}
