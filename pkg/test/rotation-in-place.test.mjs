// A key that keeps its id and gets another text, made here.

import assert from "node:assert/strict";
import test from "node:test";
import { GENERATIONS, amounts, coin, everywhere, find, made, outcome, scene, works } from "./rotating.mjs";
import { look, rejects } from "./support.mjs";

/** An error says which text works, if that can be known. */
function told({ code, message }, [old], where) {
  const said = [
    [/; no key was made or changed$/, old],
    [/; no key was made or changed so far, and the old one works$/, old],
    [/; the key may have a new text: rotate it in place again$/, code === "ERR_OUTCOME_UNKNOWN"],
  ].filter(([pattern]) => pattern.test(message));
  assert.deepEqual(said.map(([, isTrue]) => isTrue), [true], `${where}: ${message}`);
}

const rotate = (s, options) => s.client.keys.rotate(s.old.id, { inPlace: true, ...options });

for (const generation of GENERATIONS) {
  const { apiVersion } = generation;

  test(`${apiVersion}: the key's own text is changed, and everything else of it stays`, async (t) => {
    for (const own of [true, false]) {
      const s = await scene(t, generation, { own });
      const before = await find(s.root, s.old.id);
      const rotation = await rotate(s);
      const text = rotation.key.secret.reveal();
      assert.match(text, /^masumi-payment-\S{32,}$/);
      assert.equal(rotation.key.id, s.old.id);
      assert.deepEqual([await works(s, s.old.secret), await works(s, text)], [false, true]);
      const { hint, ...after } = await find(s.root, s.old.id);
      const { hint: past, ...wanted } = before;
      assert.deepEqual(after, wanted);
      assert.notEqual(hint, past);
      assert.equal(own ? await s.client.token() : text, text);
      await s.client.keys.status();
      const requests = s.road.passed.length;
      await rotation.finish();
      await rotation.abort();
      assert.equal(s.road.passed.length, requests, "there is nothing left to do");
      assert.equal(await works(s, text), true);
      assert.deepEqual(await made(s), []);
      look(rotation);
      const told = s.w.events.filter(({ action }) => action === "rotate").map(({ id }) => id);
      assert.deepEqual(told, [s.old.id]);
    }
  });

  test(`${apiVersion}: each text is another, of two times 128 random bits`, async (t) => {
    const s = await scene(t, generation, { own: false });
    const texts = new Set();
    for (let times = 0; times < 20; times++) texts.add((await rotate(s)).key.secret.reveal());
    assert.equal(texts.size, 20);
    const bits = [...texts].map((text) => text.match(/[0-9a-f]{64}$/)?.[0]);
    for (const half of [(hex) => hex.slice(0, 32), (hex) => hex.slice(32)]) {
      assert.equal(new Set(bits.map(half)).size, 20);
    }
  });

  test(`${apiVersion}: abort puts the old text back where it is known`, async (t) => {
    for (const own of [true, false]) {
      for (const end of ["abort", Symbol.asyncDispose]) {
        const s = await scene(t, generation, { own });
        const rotation = await rotate(s);
        if (own || apiVersion === "0.25") {
          await rotation[end]();
          assert.deepEqual(
            await Promise.all([s.old, rotation.key].map(({ secret }) => works(s, secret))),
            [true, false],
          );
          await s.client.keys.status();
          await rotation.abort();
        } else {
          await rejects(rotation[end](), { code: "ERR_UNSUPPORTED", provider: "masumi" });
          assert.equal(await works(s, rotation.key.secret), true);
        }
        assert.equal((await find(s.root, s.old.id)).status, "Active");
      }
    }
  });

  test(`${apiVersion}: this client may be left on the old text, and only on its own is there a choice`, async (t) => {
    const s = await scene(t, generation, { own: true });
    const rotation = await rotate(s, { adopt: false });
    assert.equal(await works(s, rotation.key.secret), true);
    assert.equal(await s.client.token(), s.old.secret.reveal());
    await rejects(s.client.keys.status(), { code: "ERR_UNAUTHORIZED" });
    await rotation.abort();
    const texts = [s.old.secret, rotation.key.secret];
    assert.deepEqual(await Promise.all(texts.map((text) => works(s, text))), [true, false]);
    assert.equal((await s.client.keys.status()).id, s.old.id);
    const other = await scene(t, generation, { own: false });
    await rejects(rotate(other, { adopt: true }), { code: "ERR_CONFIG" });
    assert.equal(await works(other, other.old.secret), true);
  });

  test(`${apiVersion}: it fails at each of its steps, and the key works for who has it`, async (t) => {
    for (const own of [true, false]) {
      const clear = await scene(t, generation, { own });
      await rotate(clear);
      const steps = clear.road.passed.length;
      await everywhere(steps, async ({ failure, step, all, timeout, ...given }) => {
        const s = await scene(t, generation, { own, timeout });
        const where = `${own ? "own" : "other"} key, ${given.where}`;
        s.road.strike(failure, step, all);
        const { value: rotation, error } = await outcome(rotate(s));
        s.road.clear();
        await s.w.unfault();
        const text = rotation?.key.secret.reveal() ?? s.road.sentText;
        const working = [await works(s, s.old.secret), text !== undefined && (await works(s, text))];
        assert.equal(working.filter(Boolean).length, 1, `${where}: one text works`);
        if (rotation) assert.ok(working[1], where);
        else told(error, working, where);
        // Whoever has nothing but this client is not locked out.
        assert.ok((await s.client.keys.status()).id, where);
        const again = rotation ?? (await rotate(s));
        await again.finish();
        assert.equal(await works(s, again.key.secret), true, where);
        assert.equal((await made(s)).length, 0, where);
      });
    }
  });

  test(`${apiVersion}: abort fails at each of its steps, and can be made again`, async (t) => {
    for (const given of [{ own: true }, { own: true, adopt: false }, { own: false }]) {
      // 0.28 does not show the text of another key, so it cannot be put back.
      if (!given.own && apiVersion === "0.28") continue;
      const { own, ...options } = given;
      const clear = await scene(t, generation, { own });
      const begun = await rotate(clear, options);
      const before = clear.road.passed.length;
      await begun.abort();
      await everywhere(clear.road.passed.length - before, async ({ failure, step, all, timeout, ...rest }) => {
        const where = `${JSON.stringify(given)}, ${rest.where}`;
        const s = await scene(t, generation, { own, timeout });
        const rotation = await rotate(s, options);
        s.road.strike(failure, step, all);
        const { error } = await outcome(rotation.abort());
        s.road.clear();
        await s.w.unfault();
        const texts = [s.old.secret, rotation.key.secret];
        const working = await Promise.all(texts.map((text) => works(s, text)));
        assert.equal(working.filter(Boolean).length, 1, `${where}: one text works`);
        if (!error) {
          assert.ok(working[0], where);
        } else {
          assert.match(error.message, /the key may still have its new text: abort\(\) again$/, where);
          await rotation.abort();
        }
        await rotation.abort();
        assert.deepEqual(await Promise.all(texts.map((text) => works(s, text))), [true, false], where);
        assert.ok((await s.client.keys.status()).id, where);
      });
    }
  });

  test(`${apiVersion}: credits and limits are not touched`, async (t) => {
    const s = await scene(t, generation, { own: false });
    await s.root.keys.update(s.old.id, { addCredits: [coin(2n)] });
    await s.w.spend(s.service, s.old.id, 1);
    const rotation = await rotate(s);
    await s.w.spend(s.service, s.old.id, 1);
    await rotation.finish();
    const key = await find(s.root, s.old.id);
    assert.deepEqual([amounts(key), key.usageLimited, key.status], [{ "": 10n, abc: 5n }, true, "Active"]);
  });
}
