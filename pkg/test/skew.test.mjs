// Clocks that are wrong: the local one, the service's, both, and one that leaps.

import assert from "node:assert/strict";
import test from "node:test";
import { whoami, world } from "./support.mjs";

const HOUR = 3600;
const LIVES = [2, 60, HOUR, 30 * 24 * HOUR];

/** A client whose local clock is off by so many seconds; `off` can be changed. */
function skewed(w, off) {
  const clock = { off };
  clock.client = w.client("masivo", { now: () => new Date(w.now().getTime() + clock.off * 1000) });
  return clock;
}

for (const hours of [-12, 0, 12]) {
  for (const life of LIVES) {
    test(`${hours} h off, a token of ${life} s is used for its life and no longer`, async (t) => {
      const w = await world(t, { lifetime: { masivo: life } });
      const { client } = skewed(w, hours * HOUR);
      const token = await client.token();
      await whoami(client);
      assert.equal(await client.token(), token, "it is good");
      // Its end by the service's clock, in whole seconds, is past; the service would refuse it.
      await w.advance(life + 1);
      await whoami(client);
      assert.notEqual(await client.token(), token);
      const answers = (await w.log()).filter(({ purpose }) => purpose === "resource").map(({ status }) => status);
      assert.deepEqual(answers, [200, 200], "no request was sent with a token that had ended");
    });
  }
}

test("without a readable Date a clock that is off costs a refresh at most, and no caller anything", async (t) => {
  for (const hours of [-12, 0, 12]) {
    const w = await world(t, { sendDate: false });
    const { client } = skewed(w, hours * HOUR);
    for (let call = 0; call < 3; call++) await whoami(client);
    assert.equal(await w.count("masivo", "token"), 1, `${hours} h`);
    await w.advance(2 * HOUR);
    await whoami(client);
    const refused = (await w.log()).filter(({ status }) => status === 401).length;
    assert.ok(refused <= 1, `${refused} refusals, ${hours} h off`);
  }
});

test("a leap of the clock while a token is held costs a request at most, and leaves no dead token in use", async (t) => {
  for (const leap of [-12 * HOUR, -60, 60, 12 * HOUR]) {
    const w = await world(t);
    const clock = skewed(w, 0);
    await whoami(clock.client);
    clock.off = leap;
    for (let call = 0; call < 3; call++) await whoami(clock.client);
    assert.ok((await w.count("masivo", "token")) <= 2, `a leap of ${leap} s`);
    await w.advance(HOUR + 1);
    await whoami(clock.client);
    const refused = (await w.log()).filter(({ status }) => status === 401).length;
    assert.equal(refused, 0, `after a leap of ${leap} s`);
  }
});
