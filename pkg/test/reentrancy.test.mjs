// Every function of the user's at its worst: it calls back, throws, never settles, settles twice, frees its client. Whatever it
// does, its callers are answered, and another client of the module goes on.

import assert from "node:assert/strict";
import test from "node:test";
import { LatchkeyError } from "latchkey";
import { whoami, world } from "./support.mjs";
import { WAYS, guarded } from "./ways.mjs";

/** An `onEvent` that acts on events of this type alone. */
const on = (type, act) => (event) => event.type === type && act(() => {});
const failing = { kind: "status", status: 503, service: "masivo", on: "token" };

/**
 * The configuration in which a function of each kind is called, with `act` in its place; then the options of the calls, and what
 * else is called.
 */
const PLACES = {
  "a credential function": (w, act) => ["masivo", { apiKey: () => act(() => w.credentials.masivo.apiKey) }],
  acquire: (w, act) => ["token", { acquire: () => act(async () => ({ token: await w.client("masivo").token() })) }],
  fetch: (w, act) => ["masivo", { fetch: (...request) => act(() => fetch(...request)) }],
  onEvent: (w, act) => ["masivo", { onEvent: () => act(() => {}) }],
  now: (w, act) => ["masivo", { now: () => act(w.now) }],
  waitUntil: (w, act) => ["masivo", { waitUntil: () => act(() => {}) }],
  "the waitUntil of a call": (w, act) => ["masivo", {}, { waitUntil: () => act(() => {}) }],
  "a function that gives the waitUntil": (w, act) => ["masivo", { waitUntil: () => act(() => () => {}) }],
  "the waitUntil that a function gives": (w, act) => ["masivo", { waitUntil: () => () => act(() => {}) }],
  "onEvent, of a retry": async (w, act) => {
    await w.fault({ ...failing, times: 1 });
    return ["masivo", { onEvent: on("retry", act), retries: 1 }];
  },
  "onEvent, of a backoff": async (w, act) => {
    await w.fault({ kind: "status", status: 403, service: "masivo", on: "token", times: null });
    return ["masivo", { onEvent: on("backoff", act) }];
  },
  "onEvent, of a 401": async (w, act) => {
    await w.fault({ kind: "status", status: 401, service: "masivo", on: "resource", times: 1 });
    return ["masivo", { onEvent: on("unauthorized", act) }];
  },
  "onEvent, of a key": (w, act) => ["masumi", { onEvent: on("key", act) }, {}, (client) => client.keys.create({ permission: "Read" })],
};

for (const [place, configure] of Object.entries(PLACES)) {
  for (const [way, act] of Object.entries(WAYS)) {
    test(`${place} that ${way}: its callers are answered, and others go on`, async (t) => {
      t.mock.method(console, "error", () => {});
      // No wait between two tries.
      t.mock.method(Math, "random", () => 0);
      const w = await world(t);
      let client;
      const place = guarded(act, () => client);
      const [provider, config, options, more = async () => {}] = await configure(w, place.act);
      client = w.client(provider, { timeout: 0.3, retries: 0, ...config });
      // A request of the caller's own is the caller's to end.
      const signal = AbortSignal.timeout(1000);
      const outcomes = await Promise.allSettled([client.token(options), client.headers(options), client.fetch("/whoami", { signal }), more(client)]);
      for (const { status, reason } of outcomes) {
        assert.ok(status === "fulfilled" || reason instanceof LatchkeyError || reason === signal.reason, `${reason?.stack}`);
      }
      assert.ok(place.count > 0, "it was called");
      await w.unfault();
      await whoami(w.client("masivo"));
    });
  }
}
