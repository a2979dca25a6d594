// Rotation as a developer uses it: what the new key is, who uses it, and how it ends.

import assert from "node:assert/strict";
import test from "node:test";
import { Secret } from "latchkey";
import { amounts, coin, find, GENERATIONS, made, rows, scene, works } from "./rotating.mjs";
import { look, rejects, world } from "./support.mjs";

const LARGEST = 2n ** 63n - 1n;

/** Rights and limits, without what tells one key from another. */
const shape = ({ id, hint, secret, status, credits, ...rest }) => ({ ...rest, credits: amounts({ credits }) });

for (const generation of GENERATIONS) {
  const { apiVersion } = generation;

  test(`${apiVersion}: the client's own key is rotated, and used from then on`, async (t) => {
    const s = await scene(t, generation, { own: true });
    const rotation = await s.client.keys.rotate(s.old.id);
    assert.ok(rotation.key.secret instanceof Secret);
    assert.notEqual(rotation.key.secret.reveal(), s.old.secret.reveal());
    assert.equal((await s.client.keys.status()).id, rotation.key.id);
    assert.equal(await s.client.token(), rotation.key.secret.reveal());
    assert.deepEqual(await s.client.headers(), { token: rotation.key.secret.reveal() });
    assert.deepEqual([await works(s, s.old.secret), await works(s, rotation.key.secret)], [true, true]);
    s.client.invalidate();
    assert.equal((await s.client.keys.status()).id, rotation.key.id, "there is no way back but abort");

    assert.equal(await rotation.finish(), undefined);
    assert.deepEqual([await works(s, s.old.secret), await works(s, rotation.key.secret)], [false, true]);
    assert.equal((await find(s.root, s.old.id)).status, "Revoked");
    assert.equal((await s.client.keys.status()).id, rotation.key.id);
    await rotation.finish();
    await rotation.abort();
    await rotation[Symbol.asyncDispose]();
    assert.equal((await s.client.keys.status()).id, rotation.key.id, "what is finished is not undone");
    assert.equal((await made(s)).length, 1);
    look(rotation);
    look(s.client);
    assert.deepEqual(
      s.w.events.filter(({ type, action }) => type === "key" && action === "rotate").map(({ id }) => id),
      [rotation.key.id],
    );
  });

  test(`${apiVersion}: another key is rotated, and this client stays who it is`, async (t) => {
    const s = await scene(t, generation, { own: false });
    const self = (await s.client.keys.status()).id;
    const rotation = await s.client.keys.rotate(s.old.id);
    assert.equal((await s.client.keys.status()).id, self);
    await rotation.finish();
    assert.equal((await s.client.keys.status()).id, self);
    assert.deepEqual(await Promise.all([s.old, rotation.key].map(({ secret }) => works(s, secret))), [false, true]);
  });

  test(`${apiVersion}: abort goes back to the old key, and disposal does if nothing was finished`, async (t) => {
    for (const own of [true, false]) {
      for (const end of ["abort", Symbol.asyncDispose]) {
        const s = await scene(t, generation, { own });
        const self = (await s.client.keys.status()).id;
        const rotation = await s.client.keys.rotate(s.old.id);
        assert.equal(await rotation[end](), undefined);
        assert.equal((await s.client.keys.status()).id, self);
        assert.deepEqual(await Promise.all([s.old, rotation.key].map(({ secret }) => works(s, secret))), [true, false]);
        const requests = s.road.passed.length;
        await rotation[end]();
        await rotation.abort();
        assert.equal(s.road.passed.length, requests, "there is nothing left to do");
      }
    }
  });

  test(`${apiVersion}: adopt is for the client's own key, and may be declined`, async (t) => {
    const s = await scene(t, generation, { own: true });
    const rotation = await s.client.keys.rotate(s.old.id, { adopt: false });
    assert.equal((await s.client.keys.status()).id, s.old.id);
    const theirs = s.w.client("masumi", { ...generation, apiKey: rotation.key.secret.reveal() });
    assert.equal((await theirs.keys.status()).id, rotation.key.id);
    await rotation.abort();

    const adopted = await s.client.keys.rotate(s.old.id, { adopt: true });
    assert.equal((await s.client.keys.status()).id, adopted.key.id);
    await adopted.finish();

    const other = await scene(t, generation, { own: false });
    const { issues } = await rejects(other.client.keys.rotate(other.old.id, { adopt: true }), { code: "ERR_CONFIG" });
    assert.deepEqual(issues.map(({ path }) => path), ["adopt"]);
    assert.deepEqual(await made(other), []);
  });

  test(`${apiVersion}: a key that is not adopted anywhere is finished all the same`, async (t) => {
    const s = await scene(t, generation, { own: true });
    const rotation = await s.client.keys.rotate(s.old.id, { adopt: false });
    await rotation.finish();
    assert.deepEqual(await Promise.all([s.old, rotation.key].map(({ secret }) => works(s, secret))), [false, true]);
    await rejects(s.client.keys.status(), { code: "ERR_UNAUTHORIZED" });
  });

  test(`${apiVersion}: the new key is like the old one, whatever that is, and never more`, async (t) => {
    const { w, root, service } = await scene(t, generation, { own: true });
    await w.wallets(["wallet-1", "wallet-2"]);
    const keys = [
      {},
      { permission: "Admin" },
      { permission: "ReadAndPay", usageLimited: false },
      { permission: "ReadAndPay", credits: [coin(LARGEST), coin(1n, "abc")] },
      { networks: ["Mainnet"] },
      { networks: ["Preprod"], credits: [coin(7n)] },
      { networks: [] },
    ];
    if (apiVersion === "0.28") {
      keys.push(
        { chains: ["eip155:84532"] },
        { networks: [], chains: ["eip155:84532"] },
        { networks: ["Preprod"], walletScopes: ["wallet-1"], permission: "ReadAndPay" },
        { walletScopes: [] },
      );
    }
    for (const wanted of keys) {
      const old = await root.keys.create(wanted);
      const rotation = await root.keys.rotate(old.id);
      const kept = await find(root, rotation.key.id);
      for (const key of [rotation.key, kept]) {
        assert.deepEqual(shape(key), shape(await find(root, old.id)), JSON.stringify(shape(old).networks));
        assert.equal(key.status, "Active");
      }
      assert.equal(await works({ w, service }, rotation.key.secret), true);
      await rotation.finish();
      assert.deepEqual(shape(await find(root, rotation.key.id)), shape(kept), "finishing takes nothing");
    }
  });

  test(`${apiVersion}: what is left of the credits goes over, and what both spend is spent once`, async (t) => {
    const s = await scene(t, generation, { own: false });
    await s.w.spend(s.service, s.old.id, 2);
    const rotation = await s.client.keys.rotate(s.old.id);
    assert.deepEqual(amounts(rotation.key), { "": 8n, abc: 5n });
    await s.w.spend(s.service, s.old.id, 3);
    await s.w.spend(s.service, s.old.id, 5, "abc");
    await s.w.spend(s.service, rotation.key.id, 1);
    await rotation.finish();
    const [old, fresh] = await Promise.all([s.old.id, rotation.key.id].map((id) => find(s.root, id)));
    assert.deepEqual(amounts(fresh), { "": 4n }, "a unit that was used up is gone");
    assert.deepEqual([old.status, fresh.status, fresh.usageLimited], ["Revoked", "Active", true]);
  });

  test(`${apiVersion}: more was spent by both than there was: the new key has nothing left, and no less`, async (t) => {
    const s = await scene(t, generation, { own: false });
    const rotation = await s.client.keys.rotate(s.old.id);
    await s.w.spend(s.service, s.old.id, 9);
    await s.w.spend(s.service, rotation.key.id, 8);
    await rotation.finish();
    assert.deepEqual(amounts(await find(s.root, rotation.key.id)), { abc: 5n });
  });

  test(`${apiVersion}: credits of more units than one change can hold are settled too`, async (t) => {
    const s = await scene(t, generation, { own: true });
    const units = Array.from({ length: 60 }, (_, number) => `unit-${number}`);
    const some = (from) => units.slice(from, from + 20).map((unit) => coin(10n, unit));
    const old = await s.root.keys.create({ credits: some(0) });
    for (const from of [20, 40]) await s.root.keys.update(old.id, { addCredits: some(from) });
    const rotation = await s.client.keys.rotate(old.id);
    for (const unit of units) await s.w.spend(s.service, old.id, 4, unit);
    await rotation.finish();
    const left = amounts(await find(s.root, rotation.key.id));
    assert.deepEqual(left, Object.fromEntries(units.map((unit) => [unit, 6n])));
  });

  test(`${apiVersion}: a key that is revoked, unknown or no id at all is not rotated`, async (t) => {
    const s = await scene(t, generation, { own: false });
    await s.root.keys.revoke(s.old.id);
    await rejects(s.client.keys.rotate(s.old.id), { code: "ERR_CONFLICT", message: "revoked" });
    await rejects(s.client.keys.rotate("an-id-that-is-none"), { code: "ERR_NOT_FOUND" });
    const requests = s.road.passed.length;
    for (const given of [[undefined], [5], [""], ["x".repeat(151)], ["id", { inplace: true }], ["id", { adopt: 1 }]]) {
      await rejects(s.client.keys.rotate(...given), { code: "ERR_CONFIG" });
    }
    assert.equal(s.road.passed.length, requests, "nothing was sent");
    assert.deepEqual(await made(s), []);
    assert.equal((await find(s.root, s.old.id)).status, "Revoked");
  });

  test(`${apiVersion}: a rotated key can be rotated again, by the same client`, async (t) => {
    const s = await scene(t, generation, { own: true });
    let { id } = s.old;
    for (let times = 0; times < 3; times++) {
      const rotation = await s.client.keys.rotate(id);
      await rotation.finish();
      ({ id } = rotation.key);
    }
    assert.equal((await s.client.keys.status()).id, id);
    const last = await s.client.keys.rotate(id);
    await last.abort();
    assert.equal((await s.client.keys.status()).id, id, "one step back, and not to the first key, which is gone");
    const active = (await rows(s.root)).filter(({ status }) => status === "Active").map((key) => key.id);
    assert.deepEqual(active.sort(), [(await s.root.keys.status()).id, id].sort());
  });

  test(`${apiVersion}: who may not manage keys rotates none`, async (t) => {
    const s = await scene(t, generation, { own: false });
    const theirs = s.w.client("masumi", { ...generation, apiKey: s.old.secret.reveal() });
    await rejects(theirs.keys.rotate(s.old.id), { code: "ERR_FORBIDDEN", message: "admin access required" });
    assert.deepEqual(await made(s), []);
  });
}

test("0.28: a key that may not read is rotated too, though it cannot ask for its own status", async (t) => {
  const s = await scene(t, GENERATIONS[0], { own: false });
  await s.root.keys.update(s.old.id, { canRead: false, canPay: true });
  const rotation = await s.client.keys.rotate(s.old.id);
  const [old, fresh] = await Promise.all([s.old.id, rotation.key.id].map((id) => find(s.root, id)));
  assert.deepEqual(shape(fresh), shape(old));
  await rotation.finish();
});

test("a credential function goes on being asked, and the key that was adopted is used", async (t) => {
  const s = await scene(t, GENERATIONS[0], { own: true });
  let stored = s.old.secret.reveal();
  const client = s.w.client("masumi", { apiKey: async () => stored });
  const rotation = await client.keys.rotate(s.old.id);
  assert.equal((await client.keys.status()).id, rotation.key.id);
  stored = rotation.key.secret.reveal();
  await rotation.finish();
  assert.equal((await client.keys.status()).id, rotation.key.id);

  const third = await s.root.keys.create({ permission: "Admin" });
  stored = third.secret.reveal();
  await s.root.keys.revoke(rotation.key.id);
  assert.equal((await client.fetch("/whoami")).status, 200);
  assert.equal((await client.keys.status()).id, third.id, "what the function says later counts again");
});

test("what an error says of the keys stays, however much the service has to say", async (t) => {
  const s = await scene(t, GENERATIONS[0], { own: false });
  const rotation = await s.client.keys.rotate(s.old.id);
  const error = { message: "Sorry. ".repeat(1000) };
  for (const end of ["finish", "abort"]) {
    await s.w.fault({ kind: "status", status: 500, service: "masumi", method: "DELETE", body: { status: "error", error } });
    const { message } = await rejects(rotation[end](), { code: "ERR_SERVER" });
    assert.match(message, new RegExp(`^.{500}; .*${rotation.key.id}.* ${end}\\(\\) again$`));
  }
});

test("a server of the other generation is noticed before a key is made", async (t) => {
  const w = await world(t);
  for (const [service, apiVersion] of [
    ["masumi", "0.25"],
    ["masumi-0.25", "0.28"],
  ]) {
    const root = w.client("masumi", { service, apiVersion: apiVersion === "0.25" ? "0.28" : "0.25" });
    const { id } = await root.keys.create({ networks: ["Preprod"] });
    await rejects(w.client("masumi", { service, apiVersion }).keys.rotate(id), { code: "ERR_UNSUPPORTED" });
    assert.equal((await rows(root)).length, 2, "nothing was made");
  }
});

test("a rotation of a client that was freed is over", async (t) => {
  const s = await scene(t, GENERATIONS[0], { own: true });
  const rotation = await s.client.keys.rotate(s.old.id);
  const waiting = s.client.keys.rotate(s.old.id);
  s.client.free();
  await rejects(waiting, { code: "ERR_CLOSED" });
  for (const end of ["finish", "abort"]) await rejects(rotation[end](), { code: "ERR_CLOSED" });
  assert.equal(await works(s, s.old.secret), true);
});
