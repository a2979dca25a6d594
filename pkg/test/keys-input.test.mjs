// Arguments of the keys' methods that are out of bounds: each is named, and nothing is sent.

import assert from "node:assert/strict";
import test from "node:test";
import { rejects, throws, world } from "./support.mjs";

const credit = (amount, unit = "") => ({ unit, amount });
const many = (count) => Array.from({ length: count }, (_, index) => credit(1n, `unit-${index}`));

const CREATE = [
  [{ credits: [credit(5)] }, { "credits[0].amount": "must be a bigint, as 5n, not a number" }],
  [{ credits: [credit("5")] }, { "credits[0].amount": "must be a bigint" }],
  [{ credits: [credit(2n ** 63n)] }, { "credits[0].amount": "must fit in 64 bits" }],
  [{ credits: [credit(1n), credit(-1n)] }, { "credits[1].amount": "must not be negative" }],
  [{ credits: [{ amount: 1n }] }, { "credits[0].unit": 'is required; "" is lovelace' }],
  [{ credits: [{ unit: "" }] }, { "credits[0].amount": "is required" }],
  [{ credits: [{ unit: "", amount: 1n, of: 1 }] }, { "credits[0].of": "is unknown" }],
  [{ credits: [5] }, { "credits[0]": "must be an object" }],
  [{ credits: { "": 1n } }, { credits: "must be an array" }],
  [{ credits: many(26) }, { credits: "more than 25" }],
  [{ credits: [credit(1n, "u".repeat(151))] }, { "credits[0].unit": "more than 150 characters" }],
  [{ permission: "admin" }, { permission: "must be one of Read, ReadAndPay, Admin" }],
  [{ permission: "Admin", usageLimited: true }, { usageLimited: "must be false" }],
  [{ usageLimited: "false" }, { usageLimited: "must be a boolean, not a string" }],
  [{ networks: ["Testnet"] }, { networks: "must be of Preprod, Mainnet" }],
  [{ networks: [5] }, { "networks[0]": "must be a string, not a number" }],
  [{ networks: 5 }, { networks: "array of strings" }],
  [
    { network: ["Preprod"], permision: "Read" },
    { network: "is unknown", permision: "is unknown" },
  ],
  ["Read", { options: "must be an object, not a string" }],
  [null, { options: "must be an object, not null" }],
];

const UPDATE = [
  [{ addCredits: [credit(5)] }, { "addCredits[0].amount": "must be a bigint" }],
  [{ addCredits: many(26) }, { addCredits: "more than 25" }],
  [{ status: "revoked" }, { status: "must be one of Active, Revoked" }],
  [{ canRead: 1 }, { canRead: "must be a boolean" }],
  [{ walletScopes: [null] }, { "walletScopes[0]": "must be a string, not null" }],
  [{ walletScopes: 5 }, { walletScopes: "an array of strings or null" }],
  [{ permission: "Admin" }, { permission: "is unknown" }],
  [5, { changes: "must be an object, not a number" }],
];

/** That it is `ERR_CONFIG` at these paths with these words, and that nothing reaches the service. */
async function refused(t, call, wanted) {
  const w = await world(t);
  const { keys } = w.client("masumi");
  const { issues } = await rejects(call(keys), { code: "ERR_CONFIG", retryable: false });
  assert.deepEqual(issues.map(({ path }) => path).sort(), Object.keys(wanted).sort());
  for (const { path, message } of issues) assert.ok(message.includes(wanted[path]), `${path}: ${message}`);
  assert.deepEqual(await w.log(), []);
  await keys.status();
}

const show = (value) => JSON.stringify(value, (_, item) => (typeof item === "bigint" ? `${item}n` : item)).slice(0, 80);

for (const [options, wanted] of CREATE) {
  test(`create(${show(options)}) is refused before anything is sent`, (t) =>
    refused(t, (keys) => keys.create(options), wanted));
}

for (const [changes, wanted] of UPDATE) {
  test(`update(id, ${show(changes)}) is refused before anything is sent`, (t) =>
    refused(t, (keys) => keys.update("id", changes), wanted));
}

test("an id that is none, or too long, is refused by every method that takes one", async (t) => {
  const calls = {
    id: [(keys, id) => keys.update(id, {}), (keys, id) => keys.revoke(id)],
    after: [(keys, id) => keys.list().page(id)],
  };
  for (const [name, methods] of Object.entries(calls)) {
    for (const call of methods) {
      for (const [id, message] of [
        [5, "must be a string, not a number"],
        [null, "not null"],
        ["", "must have from 1 to"],
        ["x".repeat(251), "must have from 1 to"],
      ]) {
        await refused(t, (keys) => call(keys, id), { [name]: message });
      }
    }
  }
  await refused(t, (keys) => keys.update("x".repeat(151), {}), { id: "from 1 to 150" });
  await refused(t, (keys) => keys.revoke(undefined), { id: "must be a string, not undefined" });
});

test("a page size that is none is refused, of keys and of RPC keys", async (t) => {
  for (const [pageSize, message] of [
    [0, "from 1 to 100"],
    [101, "to 100"],
    [1.5, "whole number"],
    ["10", "must be a number"],
    [10n, "not a bigint"],
    [NaN, "not NaN"],
  ]) {
    await refused(t, (keys) => keys.list({ pageSize }).page(), { pageSize: message });
    await refused(t, (keys) => keys.list({ pageSize })[Symbol.asyncIterator]().next(), { pageSize: message });
    await refused(t, (keys) => keys.rpc({ pageSize }).next(), { pageSize: message });
  }
  await refused(t, (keys) => keys.list({ limit: 5 }).page(), { limit: "is unknown" });
});

test("revoke takes evenIfInUse and nothing else", async (t) => {
  await refused(t, (keys) => keys.revoke("id", { evenIfInUse: "yes" }), { evenIfInUse: "must be a boolean" });
  await refused(t, (keys) => keys.revoke("id", { force: true }), { force: "is unknown" });
  await refused(t, (keys) => keys.revoke("id", true), { options: "must be an object, not a boolean" });
});

test("what the key's state forbids is refused before it is changed", async (t) => {
  const w = await world(t);
  const { keys } = w.client("masumi");
  const made = await keys.create({ credits: [credit(5n)] });
  const before = await w.count("masumi", "resource");
  const overdrawn = await rejects(keys.update(made.id, { addCredits: [credit(-6n)] }), { code: "ERR_CONFIG" });
  assert.deepEqual(
    overdrawn.issues.map(({ path }) => path),
    ["addCredits"],
  );
  const limited = await rejects(keys.update(made.id, { canAdmin: true }), {
    code: "ERR_CONFIG",
    message: "usage limits",
  });
  assert.deepEqual(
    limited.issues.map(({ path }) => path),
    ["usageLimited"],
  );
  assert.equal((await w.count("masumi", "resource")) - before, 2, "each read the key, and changed nothing");
  assert.deepEqual((await keys.update(made.id, {})).credits, [credit(5n)]);
});

test("an apiVersion that is none is wrong in the configuration, and one for another provider is unknown", async (t) => {
  const w = await world(t);
  throws(() => w.client("masumi", { apiVersion: "0.27" }), {
    code: "ERR_CONFIG",
    message: "apiVersion: must be one of 0.28, 0.25",
  });
  throws(() => w.client("masivo", { apiVersion: "0.28" }), { code: "ERR_CONFIG", message: "apiVersion: is unknown" });
});
