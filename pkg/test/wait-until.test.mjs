// What is handed to an edge worker's `waitUntil`: the work that brings the token, and only that.

import assert from "node:assert/strict";
import test from "node:test";
import { rejects, world } from "./support.mjs";

/** A `waitUntil` that keeps what it is given. */
function keeping() {
  const kept = [];
  return { kept, waitUntil: (work) => void kept.push(work) };
}

test("the refresh is handed to the configured waitUntil, once for a crowd, and nothing when the token is at hand", async (t) => {
  const w = await world(t);
  const { kept, waitUntil } = keeping();
  const client = w.client("masivo", { waitUntil });
  await Promise.all([client.token(), client.token(), client.fetch("/whoami")]);
  await client.token();
  assert.equal(kept.length, 1);
  await kept[0];
});

test("what is kept alive has ended when the token is there, or its failure is known", async (t) => {
  const w = await world(t);
  const { kept, waitUntil } = keeping();
  await w.fault({ kind: "status", status: 403, service: "masivo", on: "token" });
  const client = w.client("masivo", { waitUntil });
  const refused = rejects(client.token(), { code: "ERR_FORBIDDEN" });
  await kept[0];
  assert.equal(await w.count("masivo", "token"), 1);
  await refused;
});

test("a function may give the waitUntil of the current request, or none", async (t) => {
  const w = await world(t);
  const { kept, waitUntil } = keeping();
  let current = waitUntil;
  const client = w.client("masivo", { waitUntil: () => current });
  await client.token();
  assert.equal(kept.length, 1);
  current = undefined;
  await client.token({ forceRefresh: true });
  assert.equal(kept.length, 1);
});

test("that of a call comes before the configured one", async (t) => {
  const w = await world(t);
  const [configured, own] = [keeping(), keeping()];
  const client = w.client("masivo", { waitUntil: configured.waitUntil });
  await client.headers({ waitUntil: own.waitUntil });
  assert.deepEqual([configured.kept.length, own.kept.length], [0, 1]);
});

test("one that throws is reported, and takes no token away", async (t) => {
  const w = await world(t);
  const said = t.mock.method(console, "error", () => {});
  const client = w.client("masivo", {
    waitUntil() {
      throw new Error("the request has ended");
    },
  });
  assert.ok(await client.token());
  assert.deepEqual(said.mock.calls.map(({ arguments: [text] }) => text), ["latchkey: waitUntil threw Error: the request has ended"]);
});

test("one that is no function is refused", async (t) => {
  const w = await world(t);
  await rejects(w.client("masivo").token({ waitUntil: 1 }), { code: "ERR_CONFIG", message: "options.waitUntil: must be a function, not a number" });
  assert.throws(() => w.client("masivo", { waitUntil: 1 }), { code: "ERR_CONFIG" });
});
