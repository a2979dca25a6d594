// What onEvent is told, and what becomes of one that throws or calls back.

import assert from "node:assert/strict";
import test from "node:test";
import { rejects, whoami, world } from "./support.mjs";

/** An event without what differs from run to run; its instant is checked on the way. */
function plain(w) {
  return w.events.map(({ at, took, expiresAt, until, id, ...rest }) => {
    assert.ok(at instanceof Date);
    assert.ok(Math.abs(at - w.now()) < 7_200_000, "by the client's clock");
    if (took !== undefined) assert.ok(took >= 0 && took < 60, `${took} are no seconds`);
    for (const date of [expiresAt, until]) assert.ok(date === undefined || date instanceof Date);
    return rest;
  });
}

test("a token is told with its reason, its end and how long it took", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  await client.token();
  assert.deepEqual(w.events[0].expiresAt, client.expiresAt);
  await client.token({ forceRefresh: true });
  await w.revoke("masivo");
  await whoami(client);
  await w.advance(4000);
  await client.token();
  const token = { type: "token", provider: "masivo" };
  assert.deepEqual(plain(w), [
    { ...token, reason: "first" },
    { ...token, reason: "forced" },
    { ...token, reason: "unauthorized" },
    { type: "unauthorized", provider: "masivo", replayed: true },
    { ...token, reason: "expired" },
  ]);
});

test("a refresh in the window is told as early, and callers meanwhile get the old token", async (t) => {
  const w = await world(t);
  let heard;
  const early = new Promise((resolve) => (heard = resolve));
  const client = w.client("masivo", {
    refreshBefore: 600,
    onEvent: (event) => (w.events.push(event), event.reason === "early" && heard()),
  });
  const old = await client.token();
  await w.advance(3100);
  assert.equal(await client.token(), old);
  await early;
  assert.notEqual(await client.token(), old);
  assert.deepEqual(
    plain(w).map(({ reason }) => reason),
    ["first", "early"],
  );
});

test("a static key has no end to tell", async (t) => {
  const w = await world(t);
  await w.client("masumi").token();
  assert.ok(!("expiresAt" in w.events[0]));
});

test("a backoff is told with its end and code", async (t) => {
  const w = await world(t);
  const client = w.client("masivo", { apiKey: "an-unknown-key" });
  await rejects(client.token(), { code: "ERR_UNAUTHORIZED" });
  assert.deepEqual(plain(w), [{ type: "backoff", provider: "masivo", code: "ERR_UNAUTHORIZED" }]);
  const seconds = (w.events[0].until - w.events[0].at) / 1000;
  assert.ok(seconds > 59 && seconds < 61, `${seconds}`);
});

test("changes of keys are told with the key's id", async (t) => {
  const w = await world(t);
  const { keys } = w.client("masumi");
  const { id } = await keys.create({});
  await keys.update(id, { networks: ["Preprod"] });
  await keys.revoke(id);
  await keys.status();
  const told = w.events.filter(({ type }) => type === "key");
  assert.deepEqual(
    told.map(({ action, id }) => [action, id]),
    [
      ["create", id],
      ["update", id],
      ["revoke", id],
    ],
  );
});

test("an onEvent that throws is reported once each time, and changes nothing", async (t) => {
  const w = await world(t);
  const printed = t.mock.method(console, "error", () => {});
  const client = w.client("masivo", {
    onEvent() {
      throw new RangeError("my own mistake");
    },
  });
  await whoami(client);
  assert.deepEqual(
    printed.mock.calls.map(({ arguments: [text] }) => text),
    ["latchkey: onEvent threw RangeError: my own mistake"],
  );
});

test("an async onEvent that rejects is reported too, and is no unhandled rejection", async (t) => {
  const w = await world(t);
  const reported = new Promise((resolve) => t.mock.method(console, "error", resolve));
  const client = w.client("masivo", {
    async onEvent() {
      throw new RangeError("my own mistake");
    },
  });
  await whoami(client);
  assert.equal(await reported, "latchkey: onEvent threw RangeError: my own mistake");
});

test("onEvent may call back into the client", async (t) => {
  const w = await world(t);
  const inside = [];
  const client = w.client("masivo", {
    onEvent({ type }) {
      inside.push([type, client.expiresAt instanceof Date, client.provider, client.token()]);
    },
  });
  const token = await client.token();
  assert.equal(inside.length, 1);
  assert.deepEqual(inside[0].slice(0, 3), ["token", true, "masivo"]);
  assert.equal(await inside[0][3], token);
  assert.equal(await w.count("masivo", "token"), 1);
});

test("onEvent may invalidate the client that tells it", async (t) => {
  const w = await world(t);
  let told = 0;
  const client = w.client("masivo", { onEvent: () => told++ || client.invalidate() });
  await client.token();
  assert.equal(await w.count("masivo", "token"), 2, "the first was taken away before its caller had it");
});

test("onEvent may free the client that tells it", async (t) => {
  const w = await world(t);
  const client = w.client("masivo", { onEvent: () => client.free() });
  await rejects(client.token(), { code: "ERR_CLOSED" });
});

test("a now that throws or gives no Date is ERR_CONFIG at the first call, and asks the service for nothing", async (t) => {
  const w = await world(t);
  for (const now of [
    () => {
      throw new Error("no time");
    },
    Date.now,
    () => new Date(NaN),
    () => undefined,
  ]) {
    const client = w.client("masivo", { now });
    for (const call of [() => client.token(), () => client.headers(), () => client.fetch("/whoami")]) {
      await assert.rejects(call, { code: "ERR_CONFIG", issues: [{ path: "now", message: "must give a Date: () => new Date()" }] });
    }
  }
  assert.equal(await w.count("masivo", "token"), 0);
});

test("an onEvent that invalidates every token ends its callers with ERR_CONFLICT, and not in a loop", async (t) => {
  const w = await world(t);
  const client = w.client("masivo", { onEvent: () => client.invalidate() });
  await assert.rejects(client.token(), { code: "ERR_CONFLICT", provider: "masivo" });
  assert.ok((await w.count("masivo", "token")) <= 8);
});

test("a now that calls back into its client finds nothing in use", async (t) => {
  const w = await world(t);
  let busy = false;
  const now = () => {
    if (!busy) {
      busy = true;
      client.expiresAt;
      client.scopes;
      client.invalidate();
      busy = false;
    }
    return new Date();
  };
  const client = w.client("masivo", { now });
  await assert.rejects(client.token(), { code: "ERR_CONFLICT" });
  const other = w.client("masivo", { now: () => (client.expiresAt, new Date()) });
  assert.equal(typeof (await other.token()), "string");
});

test("a credential function, an acquire and a fetch may call back into the client", async (t) => {
  const w = await world(t);
  const called = [];
  const callsBack = (name, then) => (...given) => {
    called.push(name);
    assert.equal(client.scopes, undefined);
    assert.ok(client.expiresAt === undefined || client.expiresAt instanceof Date);
    client.token().catch(assert.fail); // joins the flight that is out
    return then(...given);
  };
  const { apiKey } = w.credentials.masivo;
  let client = w.client("masivo", { apiKey: callsBack("credential", () => apiKey), fetch: callsBack("fetch", fetch) });
  const token = await client.token();
  assert.equal((await client.fetch("/whoami")).status, 200);
  assert.deepEqual(called, ["credential", "fetch", "fetch"]);
  assert.equal(await w.count("masivo", "token"), 1);

  client = w.client("token", { acquire: callsBack("acquire", async () => ({ token })) });
  assert.equal(await client.token(), token);
  assert.deepEqual(called.slice(3), ["acquire"]);
});
