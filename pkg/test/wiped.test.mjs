// What was secret is gone from the core's memory once it is needed no more: all of it after `free()`, whether anything is collected
// or not, and an older token as soon as a newer one is there. The strings that JavaScript holds cannot be wiped.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import test from "node:test";
// Before the package, whose memory it looks into.
import { memory } from "../../tests/soak/memory.mjs";
import { SECRETS } from "../../tests/runtimes/suite/canary.mjs";
import { serve, whoami, world } from "./support.mjs";
import { Client, isExpired } from "latchkey";

/** Where in the core's memory a text stands, as it is or as base64url has it. */
function places(text) {
  const bytes = Buffer.from(memory().buffer);
  return [text, Buffer.from(text).toString("base64url")].map((form) => bytes.indexOf(form)).filter((at) => at >= 0);
}

/** Sees to it that none of them is there, nor what is left of it where something else was written over the start. */
function gone(secrets, when) {
  for (const secret of secrets) {
    assert.ok(secret.length >= 24, `${secret} could be found by chance`);
    for (const part of [secret, secret.slice(-24)]) assert.deepEqual(places(part), [], `${part} of ${secret} is there ${when}`);
  }
}

/** A text of which not even a part can be anywhere else. */
const canary = () => randomBytes(32).toString("hex");

/** Gives the service other credentials, each a canary, and tells them. */
async function own(w, service, names) {
  const canaries = Object.fromEntries(names.map((name) => [name, canary()]));
  await w.change(service, canaries);
  Object.assign(w.credentials[service], canaries);
  return Object.values(canaries);
}

for (const [provider, names] of Object.entries(SECRETS)) {
  test(`${provider}: after free() no credential and no token is in the core's memory`, async (t) => {
    const w = await world(t, { refreshTokens: true });
    const secrets = await own(w, provider, names);
    const client = w.client(provider);
    assert.ok(places(secrets[0]).length > 0, "it is looked for where it is");
    const tokens = [await client.token()];
    await whoami(client);
    await w.revoke(provider);
    // Masumi's key is its token, and is refused for good.
    await client.fetch("/whoami").then((response) => response.arrayBuffer());
    tokens.push(await client.token({ forceRefresh: true }), Object.values(await client.headers())[0]);
    await w.fault({ kind: "status", status: 500, body: { message: [...secrets, ...tokens].join() }, service: provider, on: "any" });
    await client.token({ forceRefresh: true }).catch(() => {});
    client.free();
    gone([...secrets, ...tokens], "after free()");
  });
}

test("a token that was renewed is gone when the newer one is there, whatever renewed it", async (t) => {
  const w = await world(t, { refreshTokens: true });
  const client = w.client("oauth2");
  let old = await client.token();
  const ways = {
    "a forced refresh": () => client.token({ forceRefresh: true }),
    "the end of its life": () => w.advance(7200),
    "a 401": () => w.revoke("oauth2"),
    "invalidate()": () => client.invalidate(),
    "logout()": () => client.logout(),
  };
  for (const [way, renew] of Object.entries(ways)) {
    await renew();
    await whoami(client);
    const token = await client.token();
    assert.notEqual(token, old);
    gone([old], `after ${way}`);
    assert.ok(places(token).length > 0, "it is looked for where it is");
    old = token;
  }
  client.free();
});

test("a client that is freed while it waits, for whatever that is, leaves nothing", async (t) => {
  const w = await world(t);
  let arrived;
  const address = await serve(t, () => arrived());
  const [apiKey, token] = [canary(), canary()];
  const never = () => (arrived(), new Promise(() => {}));
  const given = (config) => new Client({ provider: "token", baseUrl: address, acquire: async () => ({ token }), ...config });
  const waits = {
    "for the token endpoint": () => [w.client("masivo", { apiKey, tokenUrl: address }), (client) => client.token()],
    "for a credential function": () => [w.client("masivo", { apiKey: never }), (client) => client.token()],
    "for acquire": () => [given({ acquire: never }), (client) => client.token()],
    "for an answer to the user's own request": () => [given(), (client) => client.fetch("/never")],
    "between two tries": () => [w.client("masivo", { apiKey, fetch: failing, onEvent: () => arrived() }), (client) => client.headers()],
  };
  const failing = async () => new Response(null, { status: 503, headers: { "retry-after": "30" } });
  for (const [what, make] of Object.entries(waits)) {
    const reached = new Promise((resolve) => (arrived = resolve));
    const [client, wait] = make();
    const ended = assert.rejects(wait(client), { code: "ERR_CLOSED" });
    await reached;
    client.free();
    gone([apiKey, token], `after free() while it waited ${what}`);
    await ended;
  }
});

test("keys that were adopted, listed or made are gone with the client", async (t) => {
  const w = await world(t);
  for (const [service, apiVersion] of [["masumi", "0.28"], ["masumi-0.25", "0.25"]]) {
    const secrets = await own(w, service, SECRETS.masumi);
    const client = w.client("masumi", { service, apiVersion });
    const { id } = await client.keys.status();
    const pages = client.keys.list({ pageSize: 1 })[Symbol.asyncIterator]();
    await pages.next();
    const rotation = await client.keys.rotate(id);
    secrets.push(rotation.key.secret.reveal(), (await client.keys.create({ permission: "Read" })).secret.reveal());
    assert.ok(places(secrets[1]).length > 0, "it is looked for where it is");
    client.free();
    gone(secrets, `after free(), ${service}`);
    await assert.rejects(rotation.finish(), { code: "ERR_CLOSED", provider: "masumi" });
  }
});

test("an answer that counts is waited for, and then nothing of it is left either", async (t) => {
  const w = await world(t);
  const client = w.client("masumi");
  await client.token();
  await w.fault({ kind: "delayAfter", seconds: 0.2, service: "masumi", on: "resource", method: "POST" });
  const making = client.keys.create({ permission: "Read" });
  while ((await w.log()).every(({ method }) => method !== "POST"));
  client.free();
  const secret = (await making).secret.reveal();
  gone([secret], "after the call");
});

test("a session goes on after its parent was freed, and takes the credential along in the end", async (t) => {
  const w = await world(t);
  const secrets = await own(w, "login", SECRETS.login);
  const client = w.client("login");
  const session = client.session();
  client.free();
  const token = await session.token();
  session.free();
  gone([...secrets, token], "after both were freed");
});

test("what was decoded does not outlast the next that is freed", async (t) => {
  const w = await world(t);
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const token = `${part({ alg: "none" })}.${part({ sub: canary().repeat(8), exp: 1 })}.`;
  const client = w.client("masivo");
  isExpired(token);
  assert.ok(places(token).length > 0, "it is looked for where it is");
  client.free();
  gone([token], "after free()");
});

test("ten thousand clients that are freed at once take no more memory than ten", async (t) => {
  const w = await world(t);
  const cycle = (count) => {
    for (let made = 0; made < count; made++) w.client("brifle").free();
  };
  cycle(10);
  const before = memory().length;
  // Nothing is collected in between, or it could be the collector's merit.
  cycle(10_000);
  assert.equal(memory().length, before);
});
