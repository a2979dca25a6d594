// init.signal: a caller who gives up leaves alone, and is told so in the signal's own words.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import test from "node:test";
import { rejects, serve, whoami, world } from "./support.mjs";

/** A promise, and what settles it. */
function later() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

/** A client whose token request waits, once it has begun, until it is let go. */
async function waiting(t) {
  const w = await world(t);
  const [begun, gate] = [later(), later()];
  const own = async (url, init) => {
    if (url.endsWith("/auth/authorize")) {
      begun.resolve();
      await gate.promise;
    }
    return fetch(url, init);
  };
  return { w, client: w.client("masivo", { fetch: own }), begun: begun.promise, letGo: gate.resolve };
}

/** That a promise rejects with this very value. */
async function rejectsWith(promise, reason) {
  const outcome = await promise.then(
    () => assert.fail("it resolved"),
    (thrown) => ({ thrown }),
  );
  assert.ok(Object.is(outcome.thrown, reason), `it rejected with ${outcome.thrown}`);
}

const REASONS = [new RangeError("my own"), "a string", { an: "object" }, null, 0];

test("a signal that was aborted before rejects with its reason, and nothing is sent", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  for (const reason of REASONS) {
    const signal = AbortSignal.abort(reason);
    await rejectsWith(client.fetch("/whoami", { signal }), reason);
    await rejectsWith(client.token({ signal }), reason);
    await rejectsWith(client.headers({ signal }), reason);
  }
  const { reason } = AbortSignal.abort();
  assert.equal(reason.name, "AbortError");
  await rejectsWith(client.fetch("/whoami", { signal: AbortSignal.abort(reason) }), reason);
  assert.deepEqual(await w.log(), []);
  await whoami(client);
});

test("whoever is aborted while the token is on its way leaves alone; the others get it", async (t) => {
  const { w, client, begun, letGo } = await waiting(t);
  const reason = new Error("I must go");
  const controller = new AbortController();
  const { signal } = controller;
  const leaving = [client.fetch("/whoami", { signal }), client.token({ signal }), client.headers({ signal })];
  const staying = [client.token(), client.token({ signal: new AbortController().signal })];
  const left = Promise.all(leaving.map((promise) => rejectsWith(promise, reason)));
  await begun;
  controller.abort(reason);
  await left;
  letGo();
  const [one, other] = await Promise.all(staying);
  assert.equal(one, other);
  assert.equal(await w.count("masivo", "token"), 1);
  assert.equal(await w.count("masivo", "resource"), 0);
});

test("when everyone has left, the token that comes all the same is kept", async (t) => {
  const { w, client, begun, letGo } = await waiting(t);
  const controller = new AbortController();
  const alone = client.token({ signal: controller.signal });
  await begun;
  controller.abort("gone");
  await rejectsWith(alone, "gone");
  letGo();
  await client.token();
  assert.equal(await w.count("masivo", "token"), 1);
});

test("an abort during the request ends it, at the service too", async (t) => {
  const [arrived, gone] = [later(), later()];
  const baseUrl = await serve(t, (request, response) => {
    response.on("close", gone.resolve);
    arrived.resolve();
  });
  const w = await world(t);
  const client = w.client("token", { baseUrl, acquire: async () => ({ token: "t", expiresIn: 60 }) });
  for (const make of [
    (signal) => client.fetch("/slow", { signal }),
    (signal) => client.fetch(new Request(`${baseUrl}/slow`, { signal })),
  ]) {
    const controller = new AbortController();
    const answer = make(controller.signal);
    await arrived.promise;
    const reason = new Error("too slow");
    controller.abort(reason);
    await rejectsWith(answer, reason);
    await gone.promise;
    Object.assign(arrived, later());
    Object.assign(gone, later());
  }
  assert.ok(client.expiresAt, "the token is not to blame");
});

test("a signal that times out rejects with its TimeoutError", async (t) => {
  const baseUrl = await serve(t, () => {});
  const w = await world(t);
  const client = w.client("token", { baseUrl, acquire: async () => ({ token: "t", expiresIn: 60 }) });
  const signal = AbortSignal.timeout(20);
  const error = await client.fetch("/never", { signal }).catch((error) => error);
  assert.equal(error.name, "TimeoutError");
  assert.equal(error, signal.reason);
});

test("an abort after the answer has begun ends its body, as with fetch", async (t) => {
  const baseUrl = await serve(t, (request, response) => response.write("the first part"));
  const w = await world(t);
  const client = w.client("token", { baseUrl, acquire: async () => ({ token: "t", expiresIn: 60 }) });
  const controller = new AbortController();
  const response = await client.fetch("/", { signal: controller.signal });
  controller.abort();
  await assert.rejects(response.text(), { name: "AbortError" });
});

test("a signal that outlives many calls keeps no listener of theirs, and its late abort ends nothing", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  const controller = new AbortController();
  const { signal } = controller;
  for (let call = 0; call < 50; call++) await client.token({ signal });
  await rejects(client.token({ signal, minValidity: 1e9 }), { code: "ERR_TOKEN_EXPIRED" });
  assert.equal(getEventListeners(signal, "abort").length, 0);
  controller.abort();
  await whoami(client);
});

test("a signal that is none is named, and the next call works", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  for (const signal of ["now", {}, 5, new AbortController()]) {
    const { issues } = await rejects(client.token({ signal }), {
      code: "ERR_CONFIG",
      message: "must be an AbortSignal",
    });
    assert.equal(issues[0].path, "options.signal");
  }
  await client.token({ signal: undefined });
});
