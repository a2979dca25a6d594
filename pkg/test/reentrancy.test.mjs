// Every function of the user's at its worst: it calls back, throws, never settles, settles twice, frees its client. Whatever it
// does, its callers are answered, and another client of the module goes on.

import assert from "node:assert/strict";
import test from "node:test";
import { LatchkeyError } from "latchkey";
import { whoami, world } from "./support.mjs";

/** What a function does, given what it would do if it were well-behaved. */
const WAYS = {
  "calls back into the client": (client, well, count) => {
    // A clock that sets calls off each time that it is read would keep itself going for ever.
    if (count > 3) return well();
    client.expiresAt;
    client.token().catch(() => {});
    client.headers().catch(() => {});
    client.fetch("/whoami").then((response) => response.arrayBuffer()).catch(() => {});
    return well();
  },
  "invalidates the client once": (client, well, count) => {
    if (count === 1) client.invalidate();
    return well();
  },
  "frees the client": (client, well) => {
    client.free();
    return well();
  },
  throws: () => {
    throw new RangeError("mine");
  },
  rejects: async () => {
    throw new RangeError("mine");
  },
  "never settles": () => new Promise(() => {}),
  "settles twice": (client, well) => ({
    then(resolve, reject) {
      Promise.resolve(well()).then((value) => {
        resolve(value);
        resolve("another");
        reject(new Error("after all"));
      }, reject);
    },
  }),
};

/** The configuration in which a function of each kind is called, with `act` in its place. */
const PLACES = {
  "a credential function": (w, act) => ["masivo", { apiKey: () => act(() => w.credentials.masivo.apiKey) }],
  acquire: (w, act) => ["token", { acquire: () => act(async () => ({ token: await w.client("masivo").token() })) }],
  fetch: (w, act) => ["masivo", { fetch: (...request) => act(() => fetch(...request)) }],
  onEvent: (w, act) => ["masivo", { onEvent: () => act(() => {}) }],
  now: (w, act) => ["masivo", { now: () => act(w.now) }],
  waitUntil: (w, act) => ["masivo", { waitUntil: () => act(() => {}) }],
};

for (const [place, configure] of Object.entries(PLACES)) {
  for (const [way, act] of Object.entries(WAYS)) {
    test(`${place} that ${way}: its callers are answered, and others go on`, async (t) => {
      t.mock.method(console, "error", () => {});
      const w = await world(t);
      let [client, busy, count] = [undefined, false, 0];
      const once = (well) => {
        // What it sets off calls it again; then it does as it should, or it would go on for ever.
        if (busy || !client) return well();
        busy = true;
        try {
          return act(client, well, ++count);
        } finally {
          busy = false;
        }
      };
      const [provider, config] = configure(w, once);
      client = w.client(provider, { timeout: 0.3, retries: 0, ...config });
      // A request of the caller's own is the caller's to end.
      const signal = AbortSignal.timeout(1000);
      const outcomes = await Promise.allSettled([client.token(), client.headers(), client.fetch("/whoami", { signal })]);
      for (const { status, reason } of outcomes) {
        assert.ok(status === "fulfilled" || reason instanceof LatchkeyError || reason === signal.reason, `${reason?.stack}`);
      }
      assert.ok(count > 0, "it was called");
      await whoami(w.client("masivo"));
    });
  }
}
