// A key is swapped under a client with requests in flight, and none of them fails.

import assert from "node:assert/strict";
import test from "node:test";
import { GENERATIONS, scene, works } from "./rotating.mjs";
import { rejects } from "./support.mjs";

const CROWD = 20;

const WAYS = { "by another key": {}, "in place": { inPlace: true } };

for (const generation of GENERATIONS) {
  for (const [how, options] of Object.entries(WAYS)) {
    for (const end of ["finish", "abort"]) {
      test(`${generation.apiVersion}, ${how}: twenty callers who never stop are all answered, from before to after ${end}`, async (t) => {
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
            // Calls of the core's own go on as well.
            if (caller % 5 === 0) await s.client.keys.list().page();
          } while (!ended);
          return subjects;
        });
        const rotation = await s.client.keys.rotate(s.old.id, options);
        const now = (await whoami()).subject;
        await rotation[end]();
        const then = (await whoami()).subject;
        ended = true;
        const subjects = (await Promise.all(asked)).flat();
        assert.equal(now, rotation.key.id);
        assert.equal(then, end === "finish" ? rotation.key.id : s.old.id);
        assert.ok(subjects.length >= 2 * CROWD, `${subjects.length} requests`);
        for (const subject of subjects) assert.ok([s.old.id, rotation.key.id].includes(subject));
        assert.equal(await works(s, s.old.secret), end === "abort");
      });
    }
  }

  for (const [how, options] of Object.entries(WAYS)) {
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
  }

  test(`${generation.apiVersion}, in place: while nobody knows which text is good, each request finds the one that is`, async (t) => {
    const s = await scene(t, generation, { own: true });
    const seen = [];
    const road = async (input, init) => {
      if (init.method !== "PATCH") return fetch(input, init);
      seen.push(await meanwhile());
      const answer = await fetch(input, init);
      seen.push(await meanwhile());
      return answer;
    };
    const client = s.w.client("masumi", { ...generation, apiKey: s.old.secret.reveal(), fetch: road });
    const stream = () => new Blob(["a stream"]).stream();
    const meanwhile = async () => {
      const responses = await Promise.all([
        // First, as its 401 is not replayed, and whoever comes after it has the other text.
        client.fetch("/whoami", { method: "POST", body: stream(), duplex: "half" }),
        ...Array.from({ length: CROWD }, () => client.fetch("/whoami")),
      ]);
      const { length } = await client.keys.list().page();
      const { id } = await client.keys.create({});
      await client.keys.revoke(id);
      return [...responses.map(({ status }) => status), length];
    };
    await client.token();
    const rotation = await client.keys.rotate(s.old.id, { inPlace: true });
    const fine = Array(CROWD).fill(200);
    assert.deepEqual(seen.splice(0), [
      [200, ...fine, 2],
      [401, ...fine, 3],
    ]);
    assert.equal(await client.token(), rotation.key.secret.reveal());
    await rotation.abort();
    assert.deepEqual(seen.splice(0), [
      [200, ...fine, 4],
      [401, ...fine, 5],
    ]);
    assert.equal(await client.token(), s.old.secret.reveal());
  });

  test(`${generation.apiVersion}, in place: a 401 that comes before the text was changed leaves the old one in use`, async (t) => {
    const s = await scene(t, generation, { own: true });
    const statuses = [];
    const road = async (input, init) => {
      if (init.method !== "PATCH") return fetch(input, init);
      const body = { status: "error", error: { message: "Unauthorized, no luck" } };
      await s.w.fault({ kind: "status", status: 401, body, service: s.service, on: "/whoami" });
      for (let times = 0; times < 3; times++) statuses.push((await client.fetch("/whoami")).status);
      const answer = await fetch(input, init);
      for (let times = 0; times < 3; times++) statuses.push((await client.fetch("/whoami")).status);
      return answer;
    };
    const client = s.w.client("masumi", { ...generation, apiKey: s.old.secret.reveal(), fetch: road });
    await client.keys.rotate(s.old.id, { inPlace: true });
    // It was sent again with the new text, which was not good yet. That is the service's word, and nobody else's business.
    assert.deepEqual(statuses, [401, 200, 200, 200, 200, 200]);
  });

  test(`${generation.apiVersion}, in place: what a service says of a text does not show it`, async (t) => {
    const s = await scene(t, generation, { own: true });
    const road = async (input, init) => {
      if (init.method !== "PATCH") return fetch(input, init);
      const message = `token: ${JSON.parse(init.body).token} is taken`;
      const error = { status: "error", error: { message } };
      return Response.json(error, { status: 400 });
    };
    for (const apiKey of [s.old.secret.reveal(), s.w.credentials[s.service].apiKey]) {
      const client = s.w.client("masumi", { ...generation, apiKey, fetch: road });
      const rotating = client.keys.rotate(s.old.id, { inPlace: true });
      const { issues } = await rejects(rotating, { code: "ERR_INVALID_REQUEST", message: "[redacted] is taken" });
      assert.deepEqual(issues, [{ path: "token", message: "[redacted] is taken" }]);
    }
  });
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
