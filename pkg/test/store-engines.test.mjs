// The makers of stores, each with the engine that it is for. Redis is a real one, by all three of its clients.

import assert from "node:assert/strict";
import test from "node:test";
import { Redis as Upstash } from "@upstash/redis";
import Valkey from "ioredis";
import { Keyv } from "keyv";
import { createStorage } from "unstorage";
import { fromKeyv, fromRedis, fromUnstorage } from "latchkey/stores";
import { world } from "./support.mjs";
import { nodeRedis, redis } from "./redis.mjs";
import { KEY, until } from "./stores.mjs";
import { upstash } from "./upstash.mjs";

/** How each store is made for a test. */
const STORES = {
  keyv: async () => fromKeyv(new Keyv()),
  unstorage: async () => fromUnstorage(createStorage()),
  "node-redis": async (t) => {
    return fromRedis(await nodeRedis(t, (await redis(t)).url));
  },
  ioredis: async (t) => {
    const client = new Valkey((await redis(t)).url);
    // It is told that the server has gone, and may not fail the test that has ended by then.
    client.on("error", () => {});
    t.after(() => client.disconnect());
    return fromRedis(client);
  },
  "Upstash's client": async (t) => fromRedis(new Upstash(await upstash(t, (await redis(t)).url))),
};

for (const [name, make] of Object.entries(STORES)) {
  test(`${name} keeps texts, by name, for a while`, async (t) => {
    const store = await make(t);
    assert.ok((await store.get("latchkey:a")) == null);
    for (const text of ["1AAAA", '0latchkey:a1\n2\n\na"b\u00e9\ud83d\udd11', "1".repeat(60_000)]) {
      await store.set("latchkey:a", text, 60);
      assert.equal(await store.get("latchkey:a"), text);
      assert.ok((await store.get("latchkey:b")) == null);
    }
    await store.delete("latchkey:a");
    await store.delete("latchkey:a");
    assert.ok((await store.get("latchkey:a")) == null);
    await store.set("latchkey:a", "1AAAA", 1);
    if (name !== "unstorage") await until(async () => (await store.get("latchkey:a")) == null, "its end");
  });

  test(`clients share a token by ${name}`, async (t) => {
    const w = await world(t);
    const store = await make(t);
    const config = { store, encryptionKey: KEY };
    const first = w.client("login", config);
    const token = await first.token();
    await until(async () => (await w.client("login", config).token()) === token && w.events.at(-1).reason === "store", "the record");
    // Its own words are in no way of those that are there.
    const before = await w.count("login", "token");
    const clients = Array.from({ length: 50 }, () => w.client("login", config));
    assert.deepEqual(new Set(await Promise.all(clients.map((client) => client.token()))), new Set([token]));
    assert.equal(await w.count("login", "token"), before);
    await first.logout();
    assert.notEqual(await clients[0].token({ forceRefresh: true }), token);
    assert.deepEqual(w.events.filter(({ type }) => type === "store"), []);
  });
}

for (const name of ["node-redis", "ioredis", "Upstash's client"]) {
  test(`a lease by ${name} is one holder's, ends by itself, and is fenced`, async (t) => {
    const store = await STORES[name](t);
    const first = await store.lease("latchkey:a", 60);
    assert.equal(await store.lease("latchkey:a", 60), null);
    assert.ok(await store.lease("latchkey:b", 60), "another's is another's");
    await store.set("latchkey:a", "first", 60, first);
    await first.release();
    const second = await store.lease("latchkey:a", 1);
    assert.ok(second);
    // It is not the first one's to give back, nor to write under.
    await first.release();
    assert.equal(await store.lease("latchkey:a", 60), null);
    await store.set("latchkey:a", "late", 60, first);
    assert.equal(await store.get("latchkey:a"), "first");
    await store.set("latchkey:a", "second", 60, second);
    assert.equal(await store.get("latchkey:a"), "second");
    let third;
    await until(async () => (third = await store.lease("latchkey:a", 60)), "the end of the second lease");
    await store.set("latchkey:a", "late", 60, second);
    await second.release();
    assert.equal(await store.get("latchkey:a"), "second");
    assert.equal(await store.lease("latchkey:a", 60), null);
    await third.release();
    // Given back, and still the last one that was granted.
    await store.set("latchkey:a", "late", 60, second);
    await store.set("latchkey:a", "third", 60, third);
    assert.equal(await store.get("latchkey:a"), "third");
    await store.set("latchkey:a", "no lease", 60);
    assert.equal(await store.get("latchkey:a"), "no lease");
  });
}

test("a crowd over Redis asks once", async (t) => {
  const w = await world(t);
  const store = await STORES["node-redis"](t);
  const clients = Array.from({ length: 1000 }, () => w.client("masivo", { store, encryptionKey: KEY }));
  assert.equal(new Set(await Promise.all(clients.map((client) => client.token()))).size, 1);
  assert.equal(await w.count("masivo", "token"), 1);
});
