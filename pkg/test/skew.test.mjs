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

/** What the service's `Date` says, as the settings of a world. */
const DATES = { "a right Date": {}, "a Date that is wrong": { date: true }, "no Date": { sendDate: false } };
/** By how much the local clock leaps while a token is held: seconds. */
const LEAPS = [-12 * HOUR, -60, 0, 60, 12 * HOUR];

/** Sees to it that whoever asks now gets an answer, that it costs no more than so many refusals, and that no dead token stays in use. */
async function works(w, client, refusals, why) {
  await whoami(client);
  const refused = (await w.log()).filter(({ status }) => status === 401).length;
  assert.ok(refused <= refusals, `${refused} refusals ${why}`);
}

for (const hours of [-12, 0, 12]) {
  for (const [date, { date: wrong, ...settings }] of Object.entries(DATES)) {
    for (const life of LIVES) {
      test(`${hours} h off, ${date}, ${life} s to live: a token is used for its life and no longer, whatever the clock leaps by`, async (t) => {
        for (const leap of LEAPS) {
          const w = await world(t, { ...settings, lifetime: { masivo: life } });
          // The other way than the local clock: where both say that a new token has ended, nothing tells it from one that has.
          const offset = hours * HOUR > 0 || leap > 0 ? -12 * HOUR : 12 * HOUR;
          if (wrong) await w.fault({ kind: "date", offset, service: "masivo", on: "token", times: null });
          const clock = skewed(w, hours * HOUR);
          const why = `after a leap of ${leap} s`;
          // Where nobody tells the right time, the one 401 does.
          const blind = wrong || settings.sendDate === false ? 1 : 0;
          await works(w, clock.client, blind, "at first");
          const token = await clock.client.token();
          if (!blind) assert.equal(await clock.client.token(), token, "it is good");
          clock.off += leap;
          await works(w, clock.client, blind, why);
          const early = await w.count("masivo", "token");
          // One for the first, one for a leap that may have been the time, and one for what cannot be known.
          assert.ok(early <= 2 + blind, `${early} token requests ${why}`);
          await w.advance(life + 1);
          await works(w, clock.client, 2 * blind, `after its end, ${why}`);
          assert.notEqual(await clock.client.token(), token);
        }
      });
    }
  }
}
