// The life of a client: crowds, windows, invalidate, logout, free.

import assert from "node:assert/strict";
import test from "node:test";
import { expect, rejects, serve, throws, whoami, world } from "./support.mjs";

test("ten thousand callers cause one token request, and get the same token", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  const tokens = await Promise.all(Array.from({ length: 10_000 }, () => client.token()));
  assert.equal(new Set(tokens).size, 1);
  assert.equal(await w.count("masivo", "token"), 1);
  assert.equal(w.events.length, 1);
});

test("a crowd that finds its token expired causes one request too", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  await client.token();
  await w.advance(3601);
  const tokens = await Promise.all(Array.from({ length: 1000 }, () => client.token()));
  assert.equal(new Set(tokens).size, 1);
  assert.equal(await w.count("masivo", "token"), 2);
});

test("forced refreshes that are asked for at once are one", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  const first = await client.token();
  const forced = await Promise.all(Array.from({ length: 100 }, () => client.token({ forceRefresh: true })));
  assert.deepEqual([...new Set(forced)].length, 1);
  assert.notEqual(forced[0], first);
  assert.equal(await w.count("masivo", "token"), 2);
});

test("minValidity is met by the token held, by a new one, or told to be out of reach", async (t) => {
  const w = await world(t);
  const client = w.client("masivo", { refreshBefore: 0 });
  const first = await client.token();
  assert.equal(await client.token({ minValidity: 3000 }), first);
  await w.advance(1000);
  const second = await client.token({ minValidity: 3000 });
  assert.notEqual(second, first);
  const fields = {
    code: "ERR_TOKEN_EXPIRED",
    provider: "masivo",
    retryable: false,
    message: "less than minValidity",
  };
  await rejects(client.token({ minValidity: 4000 }), fields);
  assert.equal(await w.count("masivo", "token"), 3);
});

test("inside the window the old token is used while the new one is on its way, and goes on when that fails", async (t) => {
  const w = await world(t);
  let landed;
  const happened = () => new Promise((resolve) => (landed = resolve));
  const client = w.client("masivo", { refreshBefore: 600, onEvent: (event) => landed?.(event) });
  const old = await client.token();
  await w.advance(3100);
  await w.fault({ kind: "status", status: 500, service: "masivo", on: "token" });
  const failed = happened();
  assert.equal(await client.token(), old);
  assert.equal((await failed).type, "backoff");
  assert.equal(await client.token(), old, "it is still good");
  await w.advance(600);
  assert.notEqual(await client.token(), old);
});

test("a clock that is hours off does not make a good token look expired", async (t) => {
  const w = await world(t);
  for (const hours of [-12, -3, 3, 12]) {
    const client = w.client("masivo", { now: () => new Date(Date.now() + hours * 3_600_000) });
    const token = await client.token();
    assert.equal(await client.token(), token, `${hours} h`);
    await whoami(client);
  }
  assert.equal(await w.count("masivo", "token"), 4);
});

test("a clock that is set back lengthens no token's life", async (t) => {
  const w = await world(t);
  let offset = 0;
  const client = w.client("masivo", { now: () => new Date(Date.now() + offset) });
  const first = await client.token();
  offset = 3000_000;
  assert.equal(await client.token(), first);
  offset = 0;
  assert.equal(await client.token(), first);
  offset = 700_000;
  assert.notEqual(await client.token(), first);
});

test("invalidate forgets the token, and a failure that was remembered", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  const first = await client.token();
  client.invalidate();
  assert.equal(client.expiresAt, undefined);
  assert.equal(client.scopes, undefined);
  assert.notEqual(await client.token(), first);
  client.invalidate();
  client.invalidate();
  await whoami(client);
});

test("invalidate while a token is on its way: its caller gets one that was asked for afterwards", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  const waiting = client.token();
  client.invalidate();
  assert.equal(await waiting, await client.token());
  assert.ok((await w.count("masivo", "token")) <= 2);
});

test("brifle: logout ends the session at the service and here", async (t) => {
  const w = await world(t);
  const client = w.client("brifle");
  const token = await client.token();
  assert.equal(await client.logout(), undefined);
  assert.equal(client.expiresAt, undefined);
  assert.equal(await w.count("brifle", "logout"), 1);
  assert.notEqual(await client.token(), token);
  assert.equal((await whoami(client)).tokenNumber, 2);
});

test("logout without a token, and where a service has none, tells nobody", async (t) => {
  const w = await world(t);
  for (const provider of ["brifle", "login", "masivo", "masumi"]) {
    const client = w.client(provider);
    await client.logout();
    if (provider === "masivo") {
      await client.token();
      await client.logout();
    }
    assert.equal(client.expiresAt, undefined);
  }
  assert.equal(await w.count("brifle", "logout"), 0);
  assert.equal(await w.count("login", "logout"), 0);
});

test("a logout that fails at the service has happened here all the same, and one of an ended session is none", async (t) => {
  const w = await world(t);
  const client = w.client("brifle", { retries: 0 });
  await client.token();
  await w.fault({ kind: "status", status: 500, service: "brifle", on: "logout" });
  await rejects(client.logout(), { code: "ERR_SERVER", provider: "brifle", status: 500 });
  assert.equal(client.expiresAt, undefined);
  await client.token();
  await w.revoke("brifle");
  await client.logout();
});

test("whoever waits for a token while the session is logged out is told so", async (t) => {
  const w = await world(t);
  const client = w.client("brifle");
  const waiting = client.token();
  await client.logout();
  await rejects(waiting, { code: "ERR_UNAUTHORIZED", provider: "brifle", message: "logged out" });
  await client.token();
});

test("free ends whoever waits, and all that comes later, with ERR_CLOSED", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  const { token, headers, fetch } = client;
  const waiting = [token(), headers(), fetch("/whoami"), token({ minValidity: 60 })];
  client.free();
  client.free();
  const later = [token(), headers(), fetch("/whoami"), client.logout()];
  for (const { reason } of await Promise.allSettled([...waiting, ...later])) {
    expect(reason, { code: "ERR_CLOSED", retryable: false, message: "make a new one" });
  }
  assert.equal(client.provider, "masivo");
  assert.equal(client.expiresAt, undefined);
  assert.equal(client.scopes, undefined);
  client.invalidate();
  // Nor does it say what the core has said to somebody else.
  const other = w.client("masivo");
  await other.token({});
  await other.token();
  client.invalidate();
});

test("free forgets a token that was held and handed out before", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  await client.token();
  client.free();
  await rejects(client.token(), { code: "ERR_CLOSED" });
  assert.equal(client.expiresAt, undefined);
});

test("free ends the keys of the client too", async (t) => {
  const w = await world(t);
  const client = w.client("masumi");
  const { keys } = client;
  const pages = keys.list()[Symbol.asyncIterator]();
  client.free();
  await rejects(keys.status(), { code: "ERR_CLOSED" });
  await rejects(pages.next(), { code: "ERR_CLOSED" });
});

test("free ends a request of the caller's that is under way", async (t) => {
  const w = await world(t);
  const arrived = new Promise((resolve) => (w.arrived = resolve));
  const baseUrl = await serve(t, () => w.arrived());
  const client = w.client("token", { baseUrl, acquire: async () => ({ token: "t", expiresIn: 60 }) });
  const answer = rejects(client.fetch("/never"), { code: "ERR_CLOSED", provider: "token" });
  await arrived;
  client.free();
  await answer;
});

test("a client is disposed of as it is freed, where the language can dispose", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  assert.equal(typeof client[Symbol.dispose ?? "free"], "function");
  client[Symbol.dispose ?? "free"]();
  await rejects(client.token(), { code: "ERR_CLOSED" });
});

test("methods that are not bound refuse another this", async (t) => {
  const w = await world(t);
  const { invalidate, logout, free } = w.client("masivo");
  for (const method of [invalidate, logout, free]) assert.throws(() => method.call({}), TypeError);
});

test("many clients live side by side, each with a token of its own", async (t) => {
  const w = await world(t);
  const clients = Array.from({ length: 200 }, () => w.client("masivo"));
  const tokens = await Promise.all(clients.map((client) => client.token()));
  assert.equal(new Set(tokens).size, 200);
  for (const client of clients) client.free();
});

test("asking a provider without keys for them is ERR_UNSUPPORTED, and says where it is done", async (t) => {
  const w = await world(t);
  for (const provider of ["masivo", "login", "brifle", "oauth2", "custom", "token"]) {
    const client = w.client(provider);
    throws(() => client.keys, { code: "ERR_UNSUPPORTED", provider, retryable: false, message: "managed" });
    await client.token();
  }
});
