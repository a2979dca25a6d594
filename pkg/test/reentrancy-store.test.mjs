// Every method of a store at its worst: it calls back into the client, throws, never settles, settles twice, frees the client. No
// caller fails for it, no token is asked for twice, what was leased is given back, and a client that was freed says no more.

import assert from "node:assert/strict";
import test from "node:test";
import { whoami, world } from "./support.mjs";
import { KEY, LeasingStore, until } from "./stores.mjs";
import { WAYS, guarded } from "./ways.mjs";

/** So many times faster is the time that timers tell, so that nobody waits for the deadline of a store. */
const HASTE = 20;

const faults = (w) => w.events.filter(({ type }) => type === "store");

/** What a store does besides, given what it would do if it were well-behaved. */
const STORE_WAYS = {
  ...WAYS,
  "frees the client, and rejects": async (client) => {
    client.free();
    throw new RangeError("mine");
  },
  "never settles, and the client is freed": (client) => {
    queueMicrotask(() => client.free());
    return new Promise(() => {});
  },
  "frees the client before it settles": async (client, well) => {
    await null;
    client.free();
    return well();
  },
  "does it when nobody waits any more": async (client, well, count, w) => {
    if (count === 1) await until(() => faults(w).length > 0, "the event");
    return well();
  },
};

/** The ways that are a fault of the store's, and are told. */
const FAULTS = ["throws", "rejects", "never settles", "does it when nobody waits any more"];

/** Whether a call fails for what the client was told to do, as it would without a store. */
const isOwnDoing = (way, { code, message }) =>
  (/free/.test(way) && code === "ERR_CLOSED") ||
  (/logs out/.test(way) && code === "ERR_UNAUTHORIZED" && message.includes("logged out while this call waited"));

/** A store that does `act` where this method of it is called. */
function acting(method, act) {
  const store = new LeasingStore();
  const { lease } = store;
  if (method === "release") {
    store.lease = async (...given) => {
      const leased = await lease.apply(store, given);
      return leased && { release: () => act(() => leased.release()) };
    };
  } else {
    const { [method]: well } = store;
    store[method] = (...given) => act(() => well.apply(store, given));
  }
  return store;
}

test("a release that fails as its client is freed is nobody's to hear of", async (t) => {
  for (const fail of [WAYS.throws, WAYS.rejects, WAYS["never settles"]]) {
    const w = await world(t);
    let released = 0;
    const store = acting("release", () => (released++, fail()));
    // It is freed while it asks for a token, and has the lease.
    const freeing = (...request) => (client.free(), fetch(...request));
    const client = w.client("login", { store, encryptionKey: KEY, fetch: freeing });
    await assert.rejects(client.token(), { code: "ERR_CLOSED" });
    await whoami(w.client("masivo"));
    assert.deepEqual([released, w.events.filter(({ provider }) => provider === "login")], [1, []]);
  }
});

for (const method of ["get", "set", "delete", "lease", "release"]) {
  for (const [way, act] of Object.entries(STORE_WAYS)) {
    test(`a store whose ${method} ${way}: no caller fails for it`, async (t) => {
      const { setTimeout } = globalThis;
      t.mock.method(globalThis, "setTimeout", (work, time, ...given) => setTimeout(work, time / HASTE, ...given));
      t.mock.method(console, "error", () => {});
      const w = await world(t);
      let client;
      let isFreed = false;
      const tooLate = [];
      const place = guarded((...given) => act(...given, w), () => client);
      const store = acting(method, place.act);
      const sharing = { store, encryptionKey: KEY };
      const onEvent = (event) => (isFreed ? tooLate : w.events).push(event);
      client = w.client("login", { ...sharing, timeout: 60, retries: 0, onEvent });
      const { free } = client;
      client.free = () => {
        free.call(client);
        isFreed = true;
      };

      const calls = () => [client.token(), client.headers(), whoami(client)];
      const settled = await Promise.allSettled(calls());
      // The first token, and one more where it is given up once it is there.
      let due = 1 + (/logs out|invalidates/.test(way) && ["set", "release"].includes(method));
      if (method === "delete") {
        client.invalidate();
        settled.push(...(await Promise.allSettled(calls())));
        settled.push(...(await Promise.allSettled([client.logout()])));
        settled.push(...(await Promise.allSettled(calls())));
        due += 2;
      }
      await until(() => place.count > 0, "a call of it");
      const isFault = FAULTS.includes(way);
      if (isFault) await until(() => faults(w).length > 0, "the event");
      for (const { status, reason } of settled) {
        assert.ok(status === "fulfilled" || isOwnDoing(way, reason), `${reason?.stack}`);
      }
      // A release that fails gives nothing back: then the lease is there until it ends.
      const isLost = method === "release" && /throws|rejects|never settles/.test(way);
      if (!isLost) await until(() => store.leases.size === 0, "the end of the lease");
      const isAlive = !isFreed;
      if (isAlive) {
        await Promise.all(calls());
        client.free();
      }
      await whoami(w.client("masivo"));
      const asked = await w.count("login", "token");
      assert.ok(isAlive ? asked === due : asked <= due, `${asked} tokens were asked for, and ${due} are due`);
      assert.deepEqual(tooLate, []);
      if (!isFault) assert.deepEqual(faults(w), []);
    });
  }
}
