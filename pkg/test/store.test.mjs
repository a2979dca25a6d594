// A store that many clients share: what lies there, who may read it, and how a token that is no good is kept from the next.

import assert from "node:assert/strict";
import test from "node:test";
import { look, throws, whoami, world } from "./support.mjs";
import { KEY, LeasingStore, MemoryStore, OTHER_KEY, elsewhere, until } from "./stores.mjs";

const tokenEvents = (w) => w.events.filter(({ type }) => type === "token").map(({ reason }) => reason);
const faults = (w) => w.events.filter(({ type }) => type === "store");

/** What is configured besides, where nothing else is said. */
const sharing = (store) => ({ store, encryptionKey: KEY });

for (const [kind, Store] of Object.entries({ "without leases": MemoryStore, "with leases": LeasingStore })) {
  test(`a token that one client asked for is another's too (${kind})`, async (t) => {
    const w = await world(t);
    const store = new Store();
    const token = await w.client("login", sharing(store)).token();
    await store.written();
    const other = w.client("login", sharing(store));
    assert.equal(await other.token(), token);
    assert.equal(await w.count("login", "token"), 1);
    assert.deepEqual(tokenEvents(w), ["first", "store"]);
    assert.deepEqual(faults(w), []);
    const left = (other.expiresAt - w.now()) / 1000;
    assert.ok(left > 7190 && left <= 7200, `it lives ${left} s`);
    assert.ok(store.ttl > 7190 && store.ttl <= 7200, `it is kept for ${store.ttl} s`);
    look([other, store.values]);
  });
}

test("each provider's token is shared as it came, and a static key is not", async (t) => {
  const w = await world(t);
  for (const provider of ["masivo", "masv", "login", "brifle", "oauth2", "custom", "token"]) {
    const store = new MemoryStore();
    const config = { ...sharing(store), partition: "one" };
    const client = w.client(provider, config);
    const token = await client.token();
    await store.written();
    const other = w.client(provider, config);
    assert.equal(await other.token(), token, provider);
    assert.deepEqual(other.scopes, client.scopes, provider);
    assert.ok(Math.abs(other.expiresAt - client.expiresAt) < 2000, provider);
    await whoami(other);
  }
  const { apiKey } = w.credentials.masv;
  for (const [provider, config] of [["masumi", {}], ["masv", { email: undefined, password: undefined, apiKey }]]) {
    const store = new MemoryStore();
    await w.client(provider, { ...sharing(store), ...config }).token();
    assert.deepEqual(store.counts, { get: 0, set: 0, delete: 0 }, provider);
  }
});

test("a refresh token is shared, and used by whoever refreshes", async (t) => {
  const w = await world(t, { refreshTokens: true });
  const store = new MemoryStore();
  const bodies = [];
  const spying = (url, init) => (bodies.push(init.body), fetch(url, init));
  await w.client("oauth2", { ...sharing(store), fetch: spying }).token();
  await store.written();
  const other = w.client("oauth2", { ...sharing(store), fetch: spying });
  await other.token();
  await other.token({ forceRefresh: true });
  assert.equal(await w.count("oauth2", "token"), 2);
  assert.deepEqual(bodies.map((body) => new URLSearchParams(body).get("grant_type")), ["client_credentials", "refresh_token"]);
});

test("what is not the same token has a record of its own", async (t) => {
  const w = await world(t);
  const store = new MemoryStore();
  const { username, password } = w.credentials.login;
  const login = w.client("login", sharing(store));
  const clients = [
    login,
    login.session("web"),
    login.session("phone"),
    w.client("login", { ...sharing(store), partition: "a" }),
    w.client("login", { ...sharing(store), partition: "b" }),
    w.client("login", { ...sharing(store), apiKey: undefined, username, password }),
    w.client("masivo", sharing(store)),
    w.client("brifle", sharing(store)),
    w.client("brifle", sharing(store)).session("x"),
    ...["read", "write", ["read", "write"], undefined].map((scope) => w.client("oauth2", { ...sharing(store), scope })),
    w.client("oauth2", { ...sharing(store), audience: "read" }),
    w.client("oauth2", { ...sharing(store), resource: ["https://read"] }),
    w.client("oauth2", { ...sharing(store), resource: ["https://read", "https://write"] }),
  ];
  for (const [at, client] of clients.entries()) {
    await client.token();
    await until(() => store.values.size === at + 1, `the record of ${at}`);
  }
  // Nothing that is secret is in a name, and a password may not even be guessed from one.
  for (const name of store.values.keys()) assert.match(name, /^latchkey:[0-9a-f]{64}$/);
  const before = store.values.size;
  await assert.rejects(w.client("login", { ...sharing(store), apiKey: "another" }).token());
  assert.equal(store.values.size, before, "whoever has another key has no part in it");
});

test("a store is refused that is none, or that is not to be trusted, or where nobody knows whose the token is", async (t) => {
  const w = await world(t);
  const store = new MemoryStore();
  const refused = (provider, config, path, message) =>
    throws(() => w.client(provider, config), { code: "ERR_CONFIG", message: `${path}: ${message}` });
  for (const wrong of [{}, 7, "redis://", null, { get() {}, set() {} }, { ...store, get: 1 }, [], () => {}]) {
    refused("login", { store: wrong, plaintext: true }, "store", "must be a TokenStore");
  }
  refused("login", { store }, "encryptionKey", "is required with a store");
  refused("login", { store, plaintext: false }, "encryptionKey", "is required with a store");
  for (const wrong of [KEY.slice(1), "k".repeat(32), [], [KEY, 7], new Uint8Array(), 7, null, {}]) {
    refused("login", { store, encryptionKey: wrong }, "encryptionKey", "must be a key of 32 bytes");
  }
  const generate = (algorithm, usages) => crypto.subtle.generateKey(algorithm, false, usages);
  for (const key of [
    await generate({ name: "AES-GCM", length: 128 }, ["encrypt", "decrypt"]),
    await generate({ name: "AES-GCM", length: 256 }, ["encrypt"]),
    await generate({ name: "AES-CBC", length: 256 }, ["encrypt", "decrypt"]),
  ]) {
    refused("login", { store, encryptionKey: key }, "encryptionKey", "must be a key of 32 bytes");
  }
  const vague = [
    ["login", { apiKey: async () => "k" }],
    ["token", {}],
    ["custom", {}],
    ["login", { apiKey: undefined, credentials: { pin: "1234" } }],
  ];
  for (const [provider, config] of vague) {
    refused(provider, { ...sharing(store), ...config }, "partition", "is required with a store");
    w.client(provider, { ...sharing(store), ...config, partition: "one" }).free();
  }
  refused("login", { store, encryptionKey: KEY, partition: "" }, "partition", "is empty");
});

test("at rest it is encrypted, each time anew, and bound to its own name", async (t) => {
  const w = await world(t);
  const store = new MemoryStore();
  const client = w.client("login", sharing(store));
  const token = await client.token();
  await store.written();
  const ivs = new Set();
  for (let times = 1; times <= 20; times++) {
    const [name] = store.values.keys();
    const value = store.record;
    assert.equal(value[0], "1");
    const bytes = Buffer.from(value.slice(1), "base64");
    assert.ok(!bytes.includes(token.slice(0, 20)));
    ivs.add(bytes.subarray(0, 12).toString("hex"));
    // Whoever has the key can read it: the format is what it is said to be.
    const key = await crypto.subtle.importKey("raw", KEY, "AES-GCM", false, ["decrypt"]);
    const algorithm = { name: "AES-GCM", iv: bytes.subarray(0, 12), additionalData: Buffer.from(`1${name}`) };
    const lines = Buffer.from(await crypto.subtle.decrypt(algorithm, key, bytes.subarray(12))).toString().split("\n");
    assert.equal(lines.length, 7);
    assert.equal(lines[3], await client.token());
    await client.token({ forceRefresh: true });
    await store.written(times + 1);
  }
  assert.equal(ivs.size, 20);
});

test("plaintext is what it says", async (t) => {
  const w = await world(t);
  const store = new MemoryStore();
  const token = await w.client("login", { store, plaintext: true }).token();
  await store.written();
  const [name] = store.values.keys();
  assert.ok(store.record.startsWith(`0${name}`) && store.record.includes(token));
  assert.equal(await w.client("login", { store, plaintext: true }).token(), token);
  assert.equal(await w.count("login", "token"), 1);
});

test("a key can be changed for another while clients run", async (t) => {
  const w = await world(t);
  const store = new MemoryStore();
  const token = await w.client("login", sharing(store)).token();
  await store.written();
  const imported = await crypto.subtle.importKey("raw", KEY, "AES-GCM", false, ["encrypt", "decrypt"]);
  for (const encryptionKey of [[OTHER_KEY, KEY], [KEY, OTHER_KEY], imported, [OTHER_KEY, imported], KEY]) {
    assert.equal(await w.client("login", { store, encryptionKey }).token(), token);
  }
  assert.equal(await w.count("login", "token"), 1);
  const newer = w.client("login", { store, encryptionKey: [OTHER_KEY, KEY] });
  await newer.token({ forceRefresh: true });
  await store.written(2);
  // Once nobody has the old key any more, all is under the new one.
  assert.equal(await w.client("login", { store, encryptionKey: OTHER_KEY }).token(), await newer.token());
  assert.equal(await w.count("login", "token"), 2);
  assert.deepEqual(faults(w), []);
});

test("the bytes of a key may be wiped once a client has it", async (t) => {
  const w = await world(t);
  const store = new MemoryStore();
  const bytes = KEY.slice();
  const client = w.client("login", { store, encryptionKey: bytes });
  bytes.fill(0);
  const token = await client.token();
  await store.written();
  assert.equal(await w.client("login", sharing(store)).token(), token);
});

test("a token that was revoked is renewed by one and read back by none", async (t) => {
  const w = await world(t);
  const store = new LeasingStore();
  const clients = Array.from({ length: 10 }, () => w.client("login", sharing(store)));
  await clients[0].token();
  await store.written();
  for (const client of clients) await client.token();
  assert.equal(await w.count("login", "token"), 1);
  await w.revoke("login", { sticky: true });
  await Promise.all(clients.map((client) => whoami(client)));
  assert.equal(await w.count("login", "token"), 2);
  await whoami(w.client("login", sharing(store)));
  assert.equal(await w.count("login", "token"), 2);
  assert.deepEqual(faults(w), []);
});

test("a token in the store that is no good costs one request, and the caller's goes through", async (t) => {
  const w = await world(t);
  const store = new MemoryStore();
  const old = w.client("login", sharing(store));
  await old.token();
  await store.written();
  await w.revoke("login", { sticky: true });
  // One that comes new and one that knew a token of before: to both the store's is the first that they hear of.
  const fresh = w.client("login", sharing(store));
  await whoami(fresh);
  assert.equal(await w.count("login", "token"), 2);
  await store.written(2);
  await w.revoke("login", { sticky: true });
  await whoami(old);
  assert.equal(await w.count("login", "token"), 3);
});

test("what was invalidated is given to nobody", async (t) => {
  const w = await world(t);
  const store = new MemoryStore();
  const client = w.client("login", sharing(store));
  const token = await client.token();
  await store.written();
  client.invalidate();
  await until(() => store.values.size === 0, "the end of the record");
  assert.notEqual(await client.token(), token);
  await store.written(2);
  // By one that had nothing to do with it so far.
  const other = w.client("login", sharing(store));
  other.invalidate();
  const third = await other.token();
  assert.notEqual(third, await client.token());
  assert.equal(await w.count("login", "token"), 3);
  assert.deepEqual(faults(w), []);
});

test("what was invalidated is not read back, even where it cannot be taken out", async (t) => {
  const w = await world(t);
  const store = new MemoryStore();
  const client = w.client("login", sharing(store));
  const token = await client.token();
  await store.written();
  store.before = async (operation) => {
    if (operation === "delete") throw new Error("read-only");
  };
  client.invalidate();
  assert.notEqual(await client.token(), token);
  await until(() => faults(w).length === 1, "an event");
});

test("a logout ends the session that is shared, and nobody reads it back", async (t) => {
  const w = await world(t);
  const store = new MemoryStore();
  const client = w.client("login", sharing(store));
  const token = await client.token();
  await store.written();
  // By a client that never held it.
  await w.client("login", sharing(store)).logout();
  assert.equal(await w.count("login", "logout"), 1);
  assert.equal(store.values.size, 0);
  assert.notEqual(await w.client("login", sharing(store)).token(), token);
  await store.written(2);
  // Whoever holds it still is told by the service, and takes the new one.
  await whoami(client);
  assert.equal(await w.count("login", "token"), 2);
});

test("a token that comes after the logout is not written", async (t) => {
  const w = await world(t);
  const store = new MemoryStore();
  const client = w.client("login", sharing(store));
  let logout;
  store.before = async (operation) => {
    // The token has landed, and is on its way to the store.
    if (operation === "set") logout = client.logout();
    if (operation === "delete") store.before = async () => {};
  };
  await client.token();
  await until(() => logout !== undefined, "the write");
  await logout;
  await until(() => store.counts.delete >= 2, "the second thought");
  assert.equal(store.values.size, 0);
});

test("forceRefresh asks the service, whatever the store has", async (t) => {
  const w = await world(t);
  const store = new LeasingStore();
  const token = await w.client("login", sharing(store)).token();
  await store.written();
  const other = w.client("login", sharing(store));
  const forced = await other.token({ forceRefresh: true });
  assert.notEqual(forced, token);
  await store.written(2);
  assert.equal(await w.client("login", sharing(store)).token(), forced);
});

test("a token that lives too short for a caller is not taken from the store", async (t) => {
  const w = await world(t, { lifetime: { masivo: 1000 } });
  const store = new MemoryStore();
  const token = await w.client("masivo", sharing(store)).token();
  await store.written();
  await w.advance(500);
  const other = w.client("masivo", sharing(store));
  assert.equal(await other.token({ minValidity: 400 }), token);
  assert.notEqual(await other.token({ minValidity: 600 }), token);
  assert.equal(await w.count("masivo", "token"), 2);
});

test("in the window one renews it, and the others take that", async (t) => {
  const w = await world(t, { lifetime: { masivo: 1000 } });
  const store = new LeasingStore();
  const clients = Array.from({ length: 10 }, () => w.client("masivo", sharing(store)));
  await clients[0].token();
  await store.written();
  const [token] = await Promise.all(clients.map((client) => client.token()));
  await w.advance(950);
  // None waits for it.
  assert.deepEqual(new Set(await Promise.all(clients.map((client) => client.token()))), new Set([token]));
  await store.written(2);
  await until(async () => (await Promise.all(clients.map((client) => client.token()))).every((next) => next !== token));
  assert.equal(await w.count("masivo", "token"), 2);
});

test("a crowd of clients that starts at once asks once, by lease", async (t) => {
  const w = await world(t);
  await w.fault({ kind: "delay", seconds: 0.3, service: "login", on: "token", times: null });
  const store = new LeasingStore();
  const clients = Array.from({ length: 100 }, () => w.client("login", sharing(store)));
  const tokens = await Promise.all(clients.map((client) => client.token()));
  assert.equal(new Set(tokens).size, 1);
  assert.equal(await w.count("login", "token"), 1);
  assert.equal(store.leases.size, 0, "the lease is given back");
});

test("a holder that is gone is succeeded when its lease ends", async (t) => {
  const w = await world(t);
  const store = new LeasingStore();
  const timeout = 0.5;
  const lost = w.client("login", { ...sharing(store), timeout, fetch: () => new Promise(() => {}) });
  const never = lost.token();
  await until(() => store.granted === 1, "the lease");
  store.before = async (operation) => {
    if (operation === "release") throw new Error("it is dead");
  };
  lost.free();
  await assert.rejects(never, { code: "ERR_CLOSED" });
  store.before = async () => {};
  const clients = Array.from({ length: 20 }, () => w.client("login", { ...sharing(store), timeout }));
  assert.equal(new Set(await Promise.all(clients.map((client) => client.token()))).size, 1);
  assert.equal(await w.count("login", "token"), 1);
  assert.equal(store.granted, 2);
});

test("one that wakes late does not write over what is newer", async (t) => {
  const w = await world(t);
  const store = new LeasingStore();
  const config = { ...sharing(store), timeout: 0.5 };
  let wake;
  const asleep = new Promise((resolve) => (wake = resolve));
  // The answer is there, and the process sleeps before it hears of it.
  const sleepy = async (...request) => {
    const response = await fetch(...request);
    await asleep;
    return response;
  };
  const late = w.client("login", { ...config, timeout: 60, fetch: sleepy });
  const own = late.token();
  await until(async () => (await w.count("login", "token")) === 1, "its request");
  // Its lease ends, by the store's clock.
  store.leases.clear();
  const newer = await w.client("login", { ...config, store: elsewhere(store) }).token({ forceRefresh: true });
  await store.written();
  const { record } = store;
  wake();
  await own;
  await until(() => store.released === 2, "its end");
  assert.equal(store.counts.set, 1);
  assert.equal(store.record, record);
  assert.equal(await w.client("login", config).token(), newer);
});
