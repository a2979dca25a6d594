// A rotation fails at every step that it has, in every way that a request can fail: the steps are counted on a road where
// nothing happens, and each is then struck in a world of its own.

import assert from "node:assert/strict";
import test from "node:test";
import { GENERATIONS, amounts, coin, everywhere, find, made, outcome, scene, works } from "./rotating.mjs";

const PHASES = ["rotate", "finish", "abort"];

/** Sets the scene up to a phase, and tells how to go through it. */
async function reach(t, generation, phase, options) {
  const s = await scene(t, generation, options);
  const rotate = () => s.client.keys.rotate(s.old.id);
  if (phase === "rotate") return { ...s, go: rotate };
  const rotation = await rotate();
  if (!options.own) {
    await s.w.spend(s.service, s.old.id, 3);
    await s.w.spend(s.service, rotation.key.id, 1);
  }
  return { ...s, rotation, go: () => rotation[phase]() };
}

/** How many requests the phase makes when nothing goes wrong. */
async function count(t, ...given) {
  const { go, road } = await reach(t, ...given);
  const before = road.passed.length;
  await go();
  return road.passed.length - before;
}

/** What holds at any time: one of the keys works, here and at the service, and no key was made twice. */
async function sound(s, where) {
  const texts = s.rotation ? [s.old.secret, s.rotation.key.secret] : [s.old.secret];
  const working = await Promise.all(texts.map((text) => works(s, text)));
  assert.ok(working.includes(true), `${where}: no key works`);
  assert.ok((await made(s)).length <= 1, `${where}: a key was made twice`);
  await s.client.keys.status();
  return working;
}

/** What the error of a rotation may say of the keys. Each is true of the key that was made, if one was. */
const TOLD = {
  rotate: [
    [/; no key was made or changed$/, (made) => !made],
    [/; no key was made or changed so far, and the old one works$/, (made) => !made],
    [/; the new key (\S+) was revoked; the old one works$/, (made, id) => made.id === id && made.status === "Revoked"],
    [/; the new key (\S+) may still work: revoke it; the old one works$/, (made, id) => made.id === id],
    [/; to be revoked, unless somebody else made it: (\S+); the old one works$/, (made, id) => made.id === id],
    // Nothing can be read any more, and the answer that had the id was lost.
    [/; keys\.list\(\) tells whether there is a new key; the old one works$/, (made, id, { all }) => all],
  ],
  finish: [
    [
      /; the new key, (\S+), works, and the old one, (\S+), may still: finish\(\) again$/,
      (made, fresh, { old }) => made.id === fresh && old.text.includes(`the old one, ${old.id},`),
    ],
    [
      /; the old key, (\S+), is revoked; the new one, (\S+), works and may still spend what the old had spent: finish\(\) again$/,
      (made, id, { old }) => old.id === id && !old.works && old.text.includes(`the new one, ${made.id},`),
    ],
  ],
  abort: [[/; the old key works, and the new one, (\S+), may still: abort\(\) again$/, (made, id) => made.id === id]],
};

/** An error says just one of these, and it is true. */
async function told(s, phase, { message }, { where, all }) {
  const [key] = await made(s);
  const old = { id: s.old.id, works: await works(s, s.old.secret), text: message };
  const said = TOLD[phase].filter(([pattern]) => pattern.test(message));
  assert.equal(said.length, 1, `${where}: which keys are there? ${message}`);
  const [[pattern, isTrue]] = said;
  assert.ok(isTrue(key, message.match(pattern)[1], { all, old }), `${where}: it is not so: ${message}`);
  if (/old (one|key) works/.test(message)) assert.ok(old.works, `${where}: ${message}`);
}

/** After the old key is gone, the new one is just as it was, less what both have spent. */
async function finished(s, rotation, where) {
  assert.equal(await works(s, s.old.secret), false, `${where}: the old key still works`);
  assert.equal(await works(s, rotation.key.secret), true, `${where}: the new key does not work`);
  const wanted = s.rotation ? { "": 6n, abc: 5n } : { "": 10n, abc: 5n };
  const expected = s.old.permission === "Admin" ? {} : wanted;
  assert.deepEqual(amounts(await find(s.root, rotation.key.id)), expected, where);
}

const AFTER = {
  async rotate(s, { value: rotation, error }, given) {
    const { where } = given;
    if (error) {
      const [old] = await sound(s, where);
      assert.ok(old, `${where}: the old key does not work`);
      await told(s, "rotate", error, given);
      const events = s.w.events.filter(({ action }) => action === "rotate");
      assert.deepEqual(events, [], `${where}: it was told of as done`);
      rotation = await s.client.keys.rotate(s.old.id);
    }
    await rotation.finish();
    await finished(s, rotation, where);
  },

  async finish(s, { error }, given) {
    const { where } = given;
    const [, fresh] = await sound(s, where);
    assert.ok(fresh, `${where}: the new key does not work`);
    if (error) {
      await told(s, "finish", error, given);
      await s.rotation.finish();
    }
    await s.rotation.finish();
    await finished(s, s.rotation, where);
  },

  async abort(s, { error }, given) {
    const { where } = given;
    const [old] = await sound(s, where);
    assert.ok(old, `${where}: the old key does not work`);
    if (s.old.permission === "Admin") assert.equal((await s.client.keys.status()).id, s.old.id, where);
    if (error) {
      await told(s, "abort", error, given);
      await s.rotation.abort();
    }
    await s.rotation.abort();
    assert.equal(await works(s, s.rotation.key.secret), false, `${where}: the new key works after all`);
    assert.equal(await works(s, s.old.secret), true, `${where}: the old key was ended`);
    assert.equal((await find(s.root, s.old.id)).status, "Active", where);
  },
};

for (const generation of GENERATIONS) {
  for (const own of [true, false]) {
    for (const phase of PHASES) {
      const whose = own ? "the client's own key" : "another key";
      test(`${generation.apiVersion}, ${whose}: ${phase} fails at each of its steps, and nothing is lost`, async (t) => {
        const steps = await count(t, generation, phase, { own });
        await everywhere(steps, async (given) => {
          const s = await reach(t, generation, phase, { own, timeout: given.timeout });
          s.road.strike(given.failure, given.step, given.all);
          const came = await outcome(s.go());
          s.road.clear();
          await s.w.unfault();
          await AFTER[phase](s, came, given);
        });
      });
    }
  }
}

test("what can be repeated is: a failure that passes, at any step that only reads, stops no rotation", async (t) => {
  t.mock.method(Math, "random", () => 0);
  for (const generation of GENERATIONS) {
    const steps = await count(t, generation, "rotate", { own: false });
    for (const failure of ["cut before the service acted", "500"]) {
      for (let step = 0; step < steps; step++) {
        const s = await scene(t, generation, { own: false, retries: 2 });
        s.road.strike(failure, step);
        const { value: rotation, error } = await outcome(s.client.keys.rotate(s.old.id));
        if (error) {
          // Only the making of a key is not repeated.
          assert.equal(s.road.passed[step].split(" ")[0], "POST", error.message);
        } else {
          assert.deepEqual(rotation.key.credits, [coin(10n), coin(5n, "abc")]);
          await rotation.finish();
          assert.equal(await works(s, rotation.key.secret), true);
        }
        assert.equal(s.road.passed.filter((request) => request.startsWith("POST")).length, 1);
      }
    }
  }
});
