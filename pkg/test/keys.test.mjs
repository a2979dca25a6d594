// Masumi's keys, as both generations of the service have them.

import assert from "node:assert/strict";
import test from "node:test";
import { Secret } from "latchkey";
import { look, rejects, world } from "./support.mjs";

const LARGEST = 2n ** 63n - 1n;

const VERSIONS = [
  { apiVersion: undefined, service: "masumi" },
  { apiVersion: "0.28", service: "masumi" },
  { apiVersion: "0.25", service: "masumi-0.25" },
];

async function all(iterable) {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
}

const ids = (keys) => keys.map(({ id }) => id);

for (const { apiVersion, service } of VERSIONS) {
  const named = apiVersion ?? "by default";
  const open = async (t) => {
    const w = await world(t);
    return { w, keys: w.client("masumi", { service, apiVersion }).keys };
  };

  test(`${named}: a key is made, read, changed and revoked`, async (t) => {
    const { w, keys } = await open(t);
    const own = await keys.status();
    assert.deepEqual([own.permission, own.status, own.usageLimited], ["Admin", "Active", false]);

    const made = await keys.create({
      permission: "ReadAndPay",
      credits: [{ unit: "", amount: 10_000_000n }],
      networks: ["Preprod"],
    });
    assert.ok(made.secret instanceof Secret);
    assert.deepEqual([made.permission, made.status, made.usageLimited], ["ReadAndPay", "Active", true]);
    assert.deepEqual(made.credits, [{ unit: "", amount: 10_000_000n }]);
    assert.deepEqual(made.networks, ["Preprod"]);
    look(made);

    const theirs = w.client("masumi", { service, apiVersion, apiKey: made.secret.reveal() });
    assert.equal((await theirs.keys.status()).id, made.id);
    await rejects(theirs.keys.create({}), { code: "ERR_FORBIDDEN", status: 401, message: "admin access required" });
    assert.equal((await theirs.keys.status()).id, made.id, "too few rights invalidate nothing");

    const changed = await keys.update(made.id, {
      addCredits: [
        { unit: "", amount: -4_000_000n },
        { unit: "abc", amount: 1n },
      ],
    });
    assert.equal(changed.id, made.id);
    assert.ok(!("secret" in changed));
    const credits = Object.fromEntries(changed.credits.map(({ unit, amount }) => [unit, amount]));
    assert.deepEqual(credits, { "": 6_000_000n, abc: 1n });
    assert.equal(changed.usageLimited, true, "what is not named stays");

    assert.equal((await keys.revoke(made.id)).status, "Revoked");
    assert.equal((await keys.revoke(made.id)).status, "Revoked");
    await rejects(theirs.keys.status(), { code: "ERR_UNAUTHORIZED", status: 401, provider: "masumi" });
    await keys.update(made.id, { networks: ["Mainnet"] }).then(({ status }) => assert.equal(status, "Revoked"));
    assert.equal((await keys.update(made.id, { status: "Active" })).status, "Active");
  });

  test(`${named}: keys are listed page by page, each once`, async (t) => {
    const { w, keys } = await open(t);
    const own = await keys.status();
    const made = [];
    for (let key = 0; key < 7; key++) made.push((await keys.create({})).id);
    const every = ids(await all(keys.list()));
    assert.deepEqual([...every].sort(), [own.id, ...made].sort());
    for (const pageSize of [1, 3, 8, 100])
      assert.deepEqual(ids(await all(keys.list({ pageSize }))), every, `${pageSize}`);

    const pages = keys.list({ pageSize: 3 });
    assert.deepEqual(ids(await pages.page()), every.slice(0, 3));
    assert.deepEqual(ids(await pages.page(every[2])), every.slice(3, 6));
    assert.deepEqual(ids(await pages.page(every[5])), every.slice(6));
    assert.deepEqual(await pages.page(every.at(-1)), []);
    look(await all(keys.list()));

    const before = await w.count(service, "resource");
    for await (const { id } of keys.list({ pageSize: 2 })) if (id) break;
    assert.equal((await w.count(service, "resource")) - before, 1, "no page is read before it is asked for");
  });

  test(`${named}: amounts are bigint up to 64 bits, and strings in JSON`, async (t) => {
    const { keys } = await open(t);
    const made = await keys.create({ credits: [{ unit: "big", amount: LARGEST }] });
    const { credits } = (await all(keys.list())).find(({ id }) => id === made.id);
    assert.deepEqual(credits, [{ unit: "big", amount: LARGEST }]);
    for (const key of [made, await keys.update(made.id, {})]) {
      const json = JSON.parse(JSON.stringify(key));
      assert.deepEqual(json.credits, [{ unit: "big", amount: "9223372036854775807" }]);
      assert.equal(json.id, made.id);
      assert.ok(!Object.keys(key).includes("toJSON"));
    }
    assert.equal(JSON.parse(JSON.stringify(made)).secret, "[redacted]");
    const more = { addCredits: [{ unit: "big", amount: 1n }] };
    const { issues } = await rejects(keys.update(made.id, more), { code: "ERR_CONFIG" });
    assert.equal(issues[0].path, "addCredits");
    const less = await keys.update(made.id, { addCredits: [{ unit: "big", amount: -LARGEST }] });
    assert.deepEqual(less.credits, [], "a unit that is used up is gone");
  });

  test(`${named}: the key in use is revoked only if the caller says so`, async (t) => {
    const { keys } = await open(t);
    const { id } = await keys.status();
    await rejects(keys.revoke(id), { code: "ERR_CONFLICT", message: "evenIfInUse" });
    await rejects(keys.update(id, { status: "Revoked" }), { code: "ERR_CONFLICT", message: "evenIfInUse" });
    assert.equal((await keys.status()).status, "Active");
    assert.equal((await keys.revoke(id, { evenIfInUse: true })).status, "Revoked");
    await rejects(keys.status(), { code: "ERR_UNAUTHORIZED" });
  });

  test(`${named}: an unknown id is ERR_NOT_FOUND, and the next call works`, async (t) => {
    const { keys } = await open(t);
    const id = "an-id-that-is-none";
    for (const call of [() => keys.update(id, {}), () => keys.revoke(id), () => keys.list().page(id)]) {
      await rejects(call(), { code: "ERR_NOT_FOUND", message: id });
    }
    await keys.status();
  });
}

test("the keys of other people's services are listed with their instants, and their texts redacted", async (t) => {
  const w = await world(t);
  const rows = Array.from({ length: 5 }, (_, index) => ({
    id: `rpc-${index}`,
    rpcProviderApiKey: `blockfrost-secret-${index}`,
    rpcProvider: "Blockfrost",
    createdAt: "2026-11-22T00:21:06.924Z",
    updatedAt: "2026-11-22T00:21:05.000Z",
    network: index % 2 ? "Mainnet" : "Preprod",
  }));
  await w.rpcKeys(rows);
  const { keys } = w.client("masumi");
  for (const options of [undefined, {}, { pageSize: 1 }, { pageSize: 2 }, { pageSize: 5 }]) {
    assert.deepEqual(ids(await all(keys.rpc(options))), ids(rows));
  }
  const [first] = await all(keys.rpc());
  assert.deepEqual(
    { ...first, rpcProviderApiKey: first.rpcProviderApiKey.reveal() },
    {
      id: "rpc-0",
      provider: "Blockfrost",
      network: "Preprod",
      rpcProviderApiKey: "blockfrost-secret-0",
      createdAt: new Date("2026-11-22T00:21:06.924Z"),
      updatedAt: new Date("2026-11-22T00:21:05.000Z"),
    },
  );
  const json = JSON.parse(JSON.stringify(first));
  assert.equal(json.rpcProviderApiKey, "[redacted]");
  assert.equal(json.createdAt, "2026-11-22T00:21:06.924Z");
  look(first);

  for (const pageSize of [1, 2, 4]) {
    await w.rpcKeys(rows);
    const found = [];
    for await (const { id } of keys.rpc({ pageSize })) {
      // The one that the list goes on at is deleted, and then all that were given.
      if (found.push(id) === 2) await w.rpcKeys(rows.filter((row) => row.id !== id));
      if (found.length === 4) await w.rpcKeys(rows.slice(4));
    }
    assert.deepEqual(found, ids(rows), `at ${pageSize}`);
  }
});

test("a change that nobody answered is ERR_OUTCOME_UNKNOWN, and is not repeated: a key is made, changed and ended once", async (t) => {
  for (const { apiVersion, service } of VERSIONS.slice(1)) {
    const w = await world(t);
    const { keys } = w.client("masumi", { service, apiVersion });
    const { id } = await keys.create({});
    for (const [method, change] of [
      ["POST", () => keys.create({})],
      ["PATCH", () => keys.update(id, { addCredits: [{ unit: "", amount: 1n }] })],
      ["DELETE", () => keys.revoke(id)],
    ]) {
      for (const kind of ["cut", "cutAfter", "truncated"]) {
        await w.fault({ kind, service, on: "/api-key", method });
        await rejects(change(), {
          code: "ERR_OUTCOME_UNKNOWN",
          provider: "masumi",
          retryable: false,
          message: "read before you repeat it",
        });
      }
    }
    const requests = (await w.log()).filter(({ path }) => path.endsWith("/api-key"));
    const count = (method) => requests.filter((request) => request.method === method).length;
    assert.deepEqual(["POST", "PATCH", "DELETE"].map(count), [4, 3, 3]);
    const last = (await all(keys.list())).find((key) => key.id === id);
    assert.deepEqual([last.status, last.credits], ["Revoked", [{ unit: "", amount: 2n }]]);
    assert.equal((await all(keys.list())).length, 4, "two of three were made unseen");
  }
});

test("reading is tried again", async (t) => {
  t.mock.method(Math, "random", () => 0);
  const w = await world(t);
  await w.fault({ kind: "cut", service: "masumi", on: "/api-key-status", times: 2 });
  await w.client("masumi").keys.status();
});

test("what the service finds wrong is told field by field", async (t) => {
  const w = await world(t);
  const body = { status: "error", error: { message: "UsageCredits.0.unit: Too long; networks: Invalid option" } };
  await w.fault({ kind: "status", status: 400, body, service: "masumi", on: "/api-key", method: "POST" });
  const { issues } = await rejects(w.client("masumi").keys.create({}), { code: "ERR_INVALID_REQUEST", status: 400 });
  assert.deepEqual(issues, [
    { path: "UsageCredits.0.unit", message: "Too long" },
    { path: "networks", message: "Invalid option" },
  ]);
});

test("a server of the other generation is noticed", async (t) => {
  const w = await world(t);
  for (const [service, apiVersion, other] of [
    ["masumi", "0.25", "0.28"],
    ["masumi-0.25", "0.28", "0.25"],
  ]) {
    const { keys } = w.client("masumi", { service, apiVersion });
    await rejects(keys.create({ networks: ["Preprod"] }), {
      code: "ERR_UNSUPPORTED",
      message: `apiVersion: "${other}"`,
    });
    const right = w.client("masumi", { service, apiVersion: other });
    assert.equal((await all(right.keys.list())).length, 1, "nothing was made");
  }
});

test("keys is one object, and its methods are listed nowhere", async (t) => {
  const w = await world(t);
  const client = w.client("masumi");
  assert.equal(client.keys, client.keys);
  look(client.keys);
});
