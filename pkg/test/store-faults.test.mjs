// A store that fails or lies costs a token request and an event, and no caller anything.

import assert from "node:assert/strict";
import test from "node:test";
import { whoami, world } from "./support.mjs";
import { KEY, LeasingStore, MemoryStore, OTHER_KEY, until } from "./stores.mjs";

const faults = (w) => w.events.filter(({ type }) => type === "store");
const sharing = (store) => ({ store, encryptionKey: KEY });

/** A world with a token in a store, and what lies there. */
async function stored(t, Store = MemoryStore, config = { encryptionKey: KEY }, provider = "login") {
  const w = await world(t);
  const store = new Store();
  const client = w.client(provider, { store, ...config });
  const token = await client.token();
  await store.written();
  const [name] = store.values.keys();
  return { w, store, name, client, token, value: store.record };
}

/** What is wrong with a record, and the record that is. Nothing of it is the store's to fail at. */
const WRONG = {
  "an empty text": () => "",
  "a text that is none of ours": () => "hello",
  "JSON of somebody else's": () => '{"token":"x"}',
  "half of it": ({ value }) => value.slice(0, value.length / 2),
  "all but its last byte": ({ value }) => value.slice(0, -4),
  "its version alone": () => "1",
  "another version's": ({ value }) => `2${value.slice(1)}`,
  "a plain one where there is a key": ({ name, token }) => `0${name}${[9e15, 0, "", token, "", "", ""].join("\n")}`,
  "one byte that is another": ({ value }) => value.replace(/.{4}$/, (end) => (end === "AAAA" ? "BBBB" : "AAAA")),
  "what is not base64": () => "1%%%%",
  "more than any record": ({ value }) => value + "A".repeat(1 << 17),
  "a number": () => 7,
  "an object": () => ({}),
  "bytes": () => new Uint8Array(20),
};

for (const [what, wrong] of Object.entries(WRONG)) {
  test(`in the store is ${what}`, async (t) => {
    const scene = await stored(t);
    const { w, store } = scene;
    store.record = wrong(scene);
    const client = w.client("login", sharing(store));
    await whoami(client);
    assert.equal(await w.count("login", "token"), 2);
    await store.written(2);
    assert.deepEqual(faults(w).map(({ code, provider, at }) => [code, provider, at instanceof Date]), [["ERR_STORE", "login", true]]);
    // It is written over, so nobody else pays for it.
    await whoami(w.client("login", sharing(store)));
    assert.equal(await w.count("login", "token"), 2);
  });
}

test("another tenant's record, put under this one's name, is not used", async (t) => {
  const { w, store, name } = await stored(t, MemoryStore, undefined, "masivo");
  const other = w.client("masivo", { ...sharing(store), partition: "other" });
  const token = await other.token();
  await store.written(2);
  const value = [...store.values].find(([key]) => key !== name)[1];
  store.values.set(name, value);
  const client = w.client("masivo", sharing(store));
  assert.notEqual(await client.token(), token);
  await until(() => faults(w).length === 1, "an event");
});

test("another tenant's record in plain text is not used either", async (t) => {
  const { w, store, name } = await stored(t, MemoryStore, { plaintext: true }, "masivo");
  const other = w.client("masivo", { store, plaintext: true, partition: "other" });
  const token = await other.token();
  await store.written(2);
  store.values.set(name, [...store.values].find(([key]) => key !== name)[1]);
  assert.notEqual(await w.client("masivo", { store, plaintext: true }).token(), token);
  await until(() => faults(w).length === 1, "an event");
});

test("a record under another key is not used", async (t) => {
  const { w, store, name } = await stored(t, MemoryStore, undefined, "masivo");
  await w.client("masivo", { store, encryptionKey: OTHER_KEY }).token();
  await store.written(2);
  const value = [...store.values].find(([key]) => key !== name)[1];
  store.values.set(name, value);
  await whoami(w.client("masivo", sharing(store)));
  assert.equal(await w.count("masivo", "token"), 3);
  await until(() => faults(w).length === 1, "an event");
});

/** The records that are texts of lines, and what is wrong with each. */
const LINES = {
  "six lines": (lines) => lines.slice(0, 6),
  "eight lines": (lines) => [...lines, "x"],
  "no generation": (lines) => ["", ...lines.slice(1)],
  "a generation below nothing": (lines) => [-1, ...lines.slice(1)],
  "a generation that is no number": (lines) => ["1e3", ...lines.slice(1)],
  "a generation beyond all numbers": (lines) => ["9".repeat(40), ...lines.slice(1)],
  "a life that is none": (lines) => lines.with(2, "long"),
  "no token": (lines) => lines.with(3, ""),
  "a token that no header can carry": (lines) => lines.with(3, "a\u0000b"),
  "a token with a line break": (lines) => lines.with(3, "a\rb"),
};

for (const [what, wrong] of Object.entries(LINES)) {
  test(`in the store is a record with ${what}`, async (t) => {
    const { w, store, name, value } = await stored(t, MemoryStore, { plaintext: true });
    store.record = `0${name}${wrong(value.slice(name.length + 1).split("\n")).join("\n")}`;
    await whoami(w.client("login", { store, plaintext: true }));
    assert.equal(await w.count("login", "token"), 2);
    await until(() => faults(w).length === 1, "an event");
  });
}

test("an old record that somebody puts back is known for one", async (t) => {
  const { w, store, client, value } = await stored(t, LeasingStore);
  const newer = await client.token({ forceRefresh: true });
  await store.written(2);
  store.record = value;
  await w.revoke("login", { sticky: true });
  await whoami(client);
  assert.notEqual(await client.token(), newer);
  assert.equal(await w.count("login", "token"), 3);
  await until(() => faults(w).length === 1, "an event");
});

test("an old record that comes to one who knows no better costs a 401, one request, and no caller", async (t) => {
  const { w, store, client, value } = await stored(t, LeasingStore);
  await client.token({ forceRefresh: true });
  await store.written(2);
  await w.revoke("login", { sticky: true });
  await whoami(client);
  await store.written(3);
  store.record = value;
  await whoami(w.client("login", sharing(store)));
  assert.equal(await w.count("login", "token"), 4);
});

test("a record whose token has ended is not used, though the store should have dropped it", async (t) => {
  const { w, store, token } = await stored(t);
  await w.advance(7201);
  assert.notEqual(await w.client("login", sharing(store)).token(), token);
  assert.equal(await w.count("login", "token"), 2);
  assert.deepEqual(faults(w), []);
});

for (const hours of [-12, -1, 1, 12]) {
  test(`the writer's clock is ${hours} hours off`, async (t) => {
    const w = await world(t);
    const store = new MemoryStore();
    const now = () => new Date(w.now().getTime() + hours * 3_600_000);
    await w.client("login", { ...sharing(store), now }).token();
    await store.written();
    const reader = w.client("login", sharing(store));
    await whoami(reader);
    // The service's Date tells both what time it is.
    assert.equal(await w.count("login", "token"), 1);
    const left = (reader.expiresAt - w.now()) / 1000;
    assert.ok(left > 7190 && left <= 7200, `it lives ${left} s`);
  });

  test(`the writer's clock is ${hours} hours off, and the service tells no time`, async (t) => {
    const w = await world(t, { sendDate: false });
    const store = new MemoryStore();
    const now = () => new Date(w.now().getTime() + hours * 3_600_000);
    await w.client("oauth2", { ...sharing(store), now }).token();
    await store.written();
    const reader = w.client("oauth2", sharing(store));
    await whoami(reader);
    assert.ok((await w.count("oauth2", "token")) <= 2);
    // It is not believed to live longer than any that the service gives.
    assert.ok((reader.expiresAt - w.now()) / 1000 <= 3600);
    await w.advance(3601);
    await whoami(reader);
  });

  test(`the reader's clock is ${hours} hours off`, async (t) => {
    const { w, store } = await stored(t);
    const now = () => new Date(w.now().getTime() + hours * 3_600_000);
    await whoami(w.client("login", { ...sharing(store), now }));
    assert.ok((await w.count("login", "token")) <= 2);
  });
}

/** Ways in which a store is down. */
const DOWN = {
  "rejects": async () => {
    throw new Error("connection refused");
  },
  "rejects with nothing": () => Promise.reject(),
  "rejects with what cannot be read": () => Promise.reject(new Proxy({}, { get: () => { throw 1; }, getPrototypeOf: () => { throw 1; } })),
  "never answers": () => new Promise(() => {}),
};

for (const [what, before] of Object.entries(DOWN)) {
  for (const operation of ["get", "set", "delete", "lease", "release", "all"]) {
    test(`the store ${what}: ${operation}`, async (t) => {
      const w = await world(t);
      const store = new LeasingStore();
      store.before = (wanted) => (operation === "all" || operation === wanted ? before() : Promise.resolve());
      const clients = [0, 1, 2].map(() => w.client("login", { ...sharing(store), timeout: 1 }));
      const began = Date.now();
      for (const client of clients) await whoami(client);
      assert.ok(Date.now() - began < 3 * 6000, "each waits for no longer than a deadline or two");
      assert.ok((await w.count("login", "token")) <= 3);
      if (operation !== "delete") await until(() => faults(w).length > 0, "an event");
      assert.ok(faults(w).length <= 3 * 2, `${faults(w).length} events`);
      clients[0].invalidate();
      await whoami(clients[0]);
      await clients[1].logout();
    });
  }
}

test("a store that throws at once, or whose methods give no promise, is a store all the same", async (t) => {
  const w = await world(t);
  const values = new Map();
  const store = {
    get: (key) => values.get(key),
    set: (key, value) => void values.set(key, value),
    delete: (key) => values.delete(key),
  };
  const token = await w.client("login", sharing(store)).token();
  await until(() => values.size === 1, "a record");
  assert.equal(await w.client("login", sharing(store)).token(), token);
  store.get = () => {
    throw new Error("at once");
  };
  await whoami(w.client("login", sharing(store)));
  await until(() => faults(w).length === 1, "an event");
});

test("a store that says for ever that somebody else is asking is believed for a while", async (t) => {
  const w = await world(t);
  const store = new MemoryStore();
  store.lease = async () => null;
  const client = w.client("login", { ...sharing(store), timeout: 1 });
  await whoami(client);
  assert.equal(await w.count("login", "token"), 1);
  await until(() => faults(w).length === 1, "an event");
});

test("a store without Web Crypto is one that fails", async (t) => {
  const w = await world(t);
  const { crypto } = globalThis;
  t.after(() => Object.defineProperty(globalThis, "crypto", { value: crypto, configurable: true, writable: true }));
  const getRandomValues = crypto.getRandomValues.bind(crypto);
  Object.defineProperty(globalThis, "crypto", { value: { getRandomValues }, configurable: true, writable: true });
  const store = new MemoryStore();
  await whoami(w.client("login", sharing(store)));
  assert.deepEqual(store.counts, { get: 0, set: 0, delete: 0 });
  await until(() => faults(w).length === 1, "an event");
});

test("free while the store is asked ends the call, and what was leased is given back", async (t) => {
  const w = await world(t);
  const store = new LeasingStore();
  let asked;
  store.before = (operation) =>
    operation === "get" && store.granted > 0 ? new Promise((go) => (asked = go)) : Promise.resolve();
  const client = w.client("login", sharing(store));
  const token = client.token();
  await until(() => asked, "the look after the lease");
  client.free();
  await assert.rejects(token, { code: "ERR_CLOSED" });
  await until(() => store.leases.size === 0, "the lease");
  asked();
});
