// A key is swapped under a client with requests in flight, and none of them fails.

import assert from "node:assert/strict";
import test from "node:test";
import { GENERATIONS, scene, works } from "./rotating.mjs";

const CROWD = 20;

for (const generation of GENERATIONS) {
  test(`${generation.apiVersion}: twenty callers who never stop are all answered, from before to after`, async (t) => {
    const s = await scene(t, generation, { own: true });
    const whoami = async (init) => {
      const response = await s.client.fetch("/whoami", init);
      assert.equal(response.status, 200, await response.clone().text());
      return response.json();
    };
    await whoami();
    let ended = false;
    const asked = Array.from({ length: CROWD }, async (_, caller) => {
      const subjects = [];
      do {
        const init = caller % 2 ? undefined : { method: "POST", body: `from ${caller}` };
        const { subject, body } = await whoami(init);
        assert.equal(body, init?.body ?? "");
        subjects.push(subject);
      } while (!ended);
      return subjects;
    });
    const rotation = await s.client.keys.rotate(s.old.id);
    const now = (await whoami()).subject;
    await rotation.finish();
    await whoami();
    ended = true;
    const subjects = (await Promise.all(asked)).flat();
    assert.equal(now, rotation.key.id);
    assert.ok(subjects.length >= 2 * CROWD, `${subjects.length} requests`);
    for (const subject of subjects) assert.ok([s.old.id, rotation.key.id].includes(subject));
    assert.equal(await works(s, s.old.secret), false);
  });

  for (const options of [{}, { inPlace: true }]) {
    const how = options.inPlace ? "in place" : "by another key";

    test(`${generation.apiVersion}, ${how}: requests that arrive after their key has ended are sent again with the new one`, async (t) => {
      const s = await scene(t, generation, { own: true });
      let release;
      const held = new Promise((resolve) => (release = resolve));
      let waiting = 0;
      const road = async (input, init) => {
        if (input.endsWith("/whoami") && waiting < CROWD) {
          waiting++;
          await held;
        }
        return fetch(input, init);
      };
      const client = s.w.client("masumi", { ...generation, apiKey: s.old.secret.reveal(), fetch: road });
      await client.token();
      const answers = Array.from({ length: CROWD }, () => client.fetch("/whoami"));
      const rotation = await client.keys.rotate(s.old.id, options);
      await rotation.finish();
      assert.equal(waiting, CROWD);
      release();
      for (const response of await Promise.all(answers)) {
        assert.equal(response.status, 200);
        assert.equal((await response.json()).subject, rotation.key.id);
      }
    });

    test(`${generation.apiVersion}, ${how}: the same when it is aborted`, async (t) => {
      const s = await scene(t, generation, { own: true });
      const rotation = await s.client.keys.rotate(s.old.id, options);
      let ended = false;
      const asked = Array.from({ length: CROWD }, async () => {
        do assert.equal((await s.client.fetch("/whoami")).status, 200);
        while (!ended);
      });
      await rotation.abort();
      assert.equal((await (await s.client.fetch("/whoami")).json()).subject, s.old.id);
      ended = true;
      await Promise.all(asked);
    });
  }
}

test("a late 401 of the key that was replaced says nothing of the one in use", async (t) => {
  const s = await scene(t, GENERATIONS[0], { own: true });
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const road = async (input, init) => {
    if (input.endsWith("/whoami?late")) await held;
    return fetch(input, init);
  };
  // A vault that has not been told yet.
  const client = s.w.client("masumi", { apiKey: async () => s.old.secret.reveal(), fetch: road });
  await client.token();
  const late = client.fetch("/whoami?late");
  const rotation = await client.keys.rotate(s.old.id);
  await rotation.finish();
  release();
  assert.equal((await late).status, 200);
  client.invalidate();
  assert.equal((await client.keys.status()).id, rotation.key.id);
});
