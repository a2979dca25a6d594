// While the token endpoint is down, callers go on with what they have, and the endpoint is left alone.

import assert from "node:assert/strict";
import test from "node:test";
import { rejects, world } from "./support.mjs";

/** The longest of the waits between tries in the window, in seconds, and the first. */
const [FIRST, LONGEST] = [1, 60];

/** How many tries fit into so many seconds if chance makes each wait this part of the longest that it could be. */
function tries(seconds, part) {
  let [count, passed] = [0, 0];
  for (let wait = FIRST; passed < seconds; wait = Math.min(2 * wait, LONGEST)) {
    count += 1;
    passed += wait * part;
  }
  return count;
}

for (const part of [0.5, 1]) {
  test(`with the endpoint down for the whole window no caller sees it, and waits of ${part} make it the trickle that they allow`, async (t) => {
    t.mock.method(Math, "random", () => part);
    const w = await world(t, { lifetime: { masivo: 600 } });
    // Time is the test's alone: how long an exchange really takes is none of it.
    let now = Date.now();
    let [asked, landed] = [0, undefined];
    const client = w.client("masivo", {
      refreshBefore: 200,
      now: () => new Date(now),
      fetch: (...request) => (asked++, fetch(...request)),
      onEvent: (event) => (w.events.push(event), landed?.()),
    });
    const token = await client.token();
    await w.fault({ kind: "status", status: 503, service: "masivo", on: "token", times: null });
    const end = client.expiresAt.getTime();
    now = end - 200_000;
    for (; now < end; now += 1000) {
      const told = new Promise((resolve) => (landed = resolve));
      const before = asked;
      assert.equal(await client.token(), token, `${(end - now) / 1000} s before the end`);
      // The flight runs behind its caller's back, and tells when it has failed.
      if (asked > before) await told;
    }
    const behind = asked - 1;
    assert.equal(await w.count("masivo", "token"), asked);
    const most = tries(200, part);
    assert.ok(behind >= 4 && behind <= most, `${behind} tries where ${most} are the most`);
    const waits = w.events.filter(({ type }) => type === "backoff").map(({ at, until }) => (until - at) / 1000);
    assert.equal(waits.length, behind, "each told of its failure, and of when the next may be");
    for (const [index, wait] of waits.entries()) {
      const longest = Math.min(FIRST * 2 ** index, LONGEST) * part;
      // The last waits no longer than the token lives.
      assert.ok(wait === longest || index === waits.length - 1, `wait ${index} is ${wait} s, and not ${longest}`);
    }
    // The end of the token is the end of patience: now it is the caller's to know.
    await rejects(w.client("masivo", { retries: 0 }).token(), { code: "ERR_SERVER", status: 503 });
    assert.equal(client.expiresAt, undefined);
  });
}

test("a failure that lasts is asked about once a cool-down, however many callers come", async (t) => {
  const w = await world(t);
  const client = w.client("masivo", { apiKey: "an-unknown-key" });
  for (let minute = 1; minute <= 5; minute++) {
    for (let second = 0; second < 60; second += 20) {
      const crowd = await Promise.allSettled(Array.from({ length: 20 }, () => client.token()));
      for (const { reason } of crowd) assert.equal(reason.code, "ERR_UNAUTHORIZED");
      await w.advance(20);
    }
    assert.equal(await w.count("masivo", "token"), minute);
    await w.advance(1);
  }
});
