// The API keys of a MASV team.

import assert from "node:assert/strict";
import test from "node:test";
import { LatchkeyError, Secret } from "latchkey";
import { look, rejects, whoami, world } from "./support.mjs";

const TEAM = "team-demo";

const open = async (t) => {
  const w = await world(t);
  const client = w.client("masv");
  return { w, client, keys: client.keys };
};

/** A team's client with a key, so without a user. */
const withKey = (w, apiKey = w.credentials.masv.apiKey) =>
  w.client("masv", { email: undefined, password: undefined, apiKey });

test("a key is made, listed, changed and deleted", async (t) => {
  const { w, keys } = await open(t);
  assert.deepEqual(await keys.list(TEAM), []);
  const expiry = new Date("2030-02-03T04:05:06.789Z");
  const made = await keys.create(TEAM, { name: "nightly", description: "of the build", expiry });
  assert.ok(made.secret instanceof Secret);
  assert.ok(made.createdAt instanceof Date);
  const { secret, createdAt, ...fields } = made;
  assert.deepEqual(fields, { id: made.id, name: "nightly", description: "of the build", state: "active", expiry });
  look(made);
  assert.equal((await whoami(withKey(w, secret.reveal()))).subject, "user-demo");

  const [listed, ...others] = await keys.list(TEAM);
  assert.deepEqual({ ...listed }, { ...fields, createdAt });
  assert.deepEqual(others, []);

  const changed = await keys.update(TEAM, made.id, { state: "inactive" });
  assert.deepEqual({ ...changed }, { ...fields, createdAt, state: "inactive" }, "what is not named stays");
  assert.equal((await withKey(w, secret.reveal()).fetch("/whoami")).status, 401);

  assert.equal(await keys.delete(made.id), undefined);
  assert.deepEqual(await keys.list(TEAM), []);
});

test("every field can be changed alone, and the others stay", async (t) => {
  const { keys } = await open(t);
  let held = await keys.create(TEAM, { name: "a", description: "b", expiry: new Date("2030-01-01"), state: "inactive" });
  for (const changes of [
    { name: "c" },
    { description: "d" },
    { expiry: "never" },
    { state: "active" },
    { expiry: new Date("2031-01-01T00:00:00.001Z") },
    { name: "", description: "" },
    {},
  ]) {
    const { secret, ...before } = held;
    held = await keys.update(TEAM, held.id, changes);
    assert.deepEqual({ ...held }, { ...before, ...changes });
    assert.deepEqual({ ...(await keys.list(TEAM))[0] }, { ...held }, "and it is so at the service");
  }
});

test("what is not told of a new key is active, and lasts for ever", async (t) => {
  const { w, keys } = await open(t);
  const { id, name, description, state, expiry, secret } = await keys.create(TEAM, {});
  assert.deepEqual({ name, description, state, expiry }, { name: "", description: "", state: "active", expiry: "never" });
  await w.advance(50 * 365 * 24 * 3600);
  assert.equal((await withKey(w, secret.reveal()).fetch("/whoami")).status, 200);
  assert.equal((await keys.list(TEAM)).find((key) => key.id === id).expiry, "never");
});

test("a key that has expired is refused from then on", async (t) => {
  const { w, keys } = await open(t);
  const { secret } = await keys.create(TEAM, { expiry: new Date(w.now().getTime() + 60_000) });
  const client = withKey(w, secret.reveal());
  assert.equal((await client.fetch("/whoami")).status, 200);
  await w.advance(61);
  assert.equal((await client.fetch("/whoami")).status, 401);
});

test("in JSON its instants are ISO 8601, and its secret is redacted", async (t) => {
  const { keys } = await open(t);
  const expiry = new Date("2030-01-01T00:00:00.000Z");
  for (const [given, told] of [
    [expiry, "2030-01-01T00:00:00.000Z"],
    ["never", "never"],
  ]) {
    const made = await keys.create(TEAM, { expiry: given });
    const json = JSON.parse(JSON.stringify(made));
    assert.deepEqual([json.expiry, json.secret], [told, "[redacted]"]);
    assert.equal(json.createdAt, made.createdAt.toISOString());
    assert.ok(!Object.keys(made).includes("toJSON"));
  }
});

test("an expiry is sent as it is, from the year 0 to 9999, whatever kind of Date it is", async (t) => {
  const { keys } = await open(t);
  class Local extends Date {
    toISOString() {
      return "2030-01-01T01:00:00.000+01:00";
    }
  }
  const [first, last] = ["0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"].map((at) => Date.parse(at));
  for (const expiry of [new Date(first), new Date(last), new Local("2030-01-01T00:00:00.000Z")]) {
    assert.equal(+(await keys.create(TEAM, { expiry })).expiry, +expiry);
  }
  for (const at of [first - 1, last + 1]) {
    await rejects(keys.create(TEAM, { expiry: new Date(at) }), { code: "ERR_CONFIG", message: "from the year 0 to 9999" });
  }
});

test("each change is told of as an event", async (t) => {
  const { w, keys } = await open(t);
  const { id } = await keys.create(TEAM, { name: "told" });
  await keys.update(TEAM, id, { name: "told again" });
  await keys.delete(id);
  const told = w.events.filter(({ type }) => type === "key").map(({ action, id }) => [action, id]);
  assert.deepEqual(told, ["create", "update", "revoke"].map((action) => [action, id]));
});

test("they take a user: with an API key it is ERR_UNSUPPORTED, and nothing is sent", async (t) => {
  const w = await world(t);
  const { keys } = withKey(w);
  for (const call of [
    () => keys.list(TEAM),
    () => keys.create(TEAM, {}),
    () => keys.update(TEAM, "id", {}),
    () => keys.delete("id"),
  ]) {
    await rejects(call(), {
      code: "ERR_UNSUPPORTED",
      provider: "masv",
      retryable: false,
      message: "email and password",
    });
  }
  assert.deepEqual(await w.log(), []);
});

test("what is wrong with the arguments is told field by field, and nothing is sent", async (t) => {
  const { w, keys } = await open(t);
  const wrong = [
    [() => keys.create(TEAM, { name: 5 }), ["name"]],
    [() => keys.create(TEAM, { description: null, state: "off" }), ["description", "state"]],
    [() => keys.create(TEAM, { expiry: "2030-01-01" }), ["expiry"]],
    [() => keys.create(TEAM, { expiry: 1893456000000 }), ["expiry"]],
    [() => keys.create(TEAM, { expiry: new Date(NaN) }), ["expiry"]],
    [() => keys.create(TEAM, { active: true }), ["active"]],
    [() => keys.create(TEAM, null), ["options"]],
    [() => keys.update(TEAM, "id", { expires: "never" }), ["expires"]],
    [() => keys.update(TEAM, "id", 5), ["changes"]],
    [() => keys.update(TEAM, 5, {}), ["id"]],
    [() => keys.delete(undefined), ["id"]],
    [() => keys.delete(""), ["id"]],
    [() => keys.list(), ["team"]],
    [() => keys.list(""), ["team"]],
    [() => keys.create({ name: "no team" }, {}), ["team"]],
  ];
  for (const [call, paths] of wrong) {
    const { issues } = await rejects(call(), { code: "ERR_CONFIG", retryable: false });
    assert.deepEqual(issues.map(({ path }) => path).sort(), paths, `${call}`);
  }
  assert.deepEqual(await w.log(), []);
});

test("an id is one part of a path, whatever is in it", async (t) => {
  const { w, keys } = await open(t);
  for (const id of ["../teams/team-demo", "a/b", "a?b", "a#b", "a b+c", "%2e%2e", "é"]) {
    await rejects(keys.delete(id), { code: "ERR_NOT_FOUND" });
    await rejects(keys.list(id), { code: "ERR_FORBIDDEN" });
  }
  for (const id of [".", ".."]) {
    await rejects(keys.delete(id), { code: "ERR_CONFIG" });
    await rejects(keys.list(id), { code: "ERR_CONFIG" });
  }
  for (const { path, query } of await w.log()) {
    assert.match(path, /^\/v1\/(auth|api_keys\/[^/]+|teams\/[^/]+\/api_keys)$/);
    assert.equal(query, null);
  }
});

test("a team of others is ERR_FORBIDDEN, and a key that is not there ERR_NOT_FOUND", async (t) => {
  const { w, keys } = await open(t);
  await keys.create(TEAM, {});
  await rejects(keys.list("team-other"), { code: "ERR_FORBIDDEN", status: 403, message: "no member of this team" });
  await rejects(keys.create("team-other", {}), { code: "ERR_FORBIDDEN", status: 403 });
  await rejects(keys.update(TEAM, "none", {}), { code: "ERR_NOT_FOUND", message: "none" });
  await rejects(keys.delete("none"), { code: "ERR_NOT_FOUND", status: 404 });
  const changes = (await w.log()).filter(({ method }) => method === "PUT");
  assert.deepEqual(changes, [], "what is not there is not changed");
});

test("a change that nobody answered is ERR_OUTCOME_UNKNOWN, and is made once", async (t) => {
  const { w, keys } = await open(t);
  const { id } = await keys.create(TEAM, { name: "old" });
  const cut = (method) => w.fault({ kind: "cutAfter", service: "masv", on: "keys", method });
  const fields = { code: "ERR_OUTCOME_UNKNOWN", provider: "masv", retryable: false };
  await cut("POST");
  await rejects(keys.create(TEAM, { name: "lost" }), fields);
  await cut("PUT");
  await rejects(keys.update(TEAM, id, { name: "new" }), fields);
  assert.deepEqual((await keys.list(TEAM)).map(({ name }) => name), ["new", "lost"]);
});

test("a deletion that nobody answered was made, or is not known to be, and is never ERR_NOT_FOUND", async (t) => {
  t.mock.method(Math, "random", () => 0);
  const { w, keys } = await open(t);
  const { id } = await keys.create(TEAM, {});
  await w.fault({ kind: "cutAfter", service: "masv", on: "keys", method: "DELETE" });
  const error = await keys.delete(id).catch((error) => error);
  if (error !== undefined) assert.ok(error instanceof LatchkeyError && error.code === "ERR_OUTCOME_UNKNOWN", `${error}`);
  assert.deepEqual(await keys.list(TEAM), []);
});

test("reading is tried again, and a token that was ended is renewed", async (t) => {
  t.mock.method(Math, "random", () => 0);
  const { w, keys } = await open(t);
  const { id } = await keys.create(TEAM, {});
  await w.fault({ kind: "cut", service: "masv", on: "keys", times: 2 });
  assert.equal((await keys.list(TEAM)).length, 1);
  await w.revoke("masv");
  assert.equal((await keys.list(TEAM)).length, 1);
  // A 401 that comes sooner after a renewal is the service's last word.
  await w.advance(31);
  await w.revoke("masv");
  await keys.update(TEAM, id, { name: "renewed" });
  await w.advance(31);
  await w.revoke("masv");
  await keys.delete(id);
  assert.equal(await w.count("masv", "token"), 4);
});

test("an answer that is no list of keys, or no key, is ERR_RESPONSE", async (t) => {
  const { w, keys } = await open(t);
  const key = { id: "a", state: "active", expiry: "2030-01-01T00:00:00.000Z", created_at: "2026-01-01T00:00:00.000Z" };
  const wrong = [{ expiry: "soon" }, { expiry: undefined }, { state: "on" }, { created_at: "once" }, { id: 5 }];
  for (const body of [{}, [5], ...wrong.map((fields) => [{ ...key, ...fields }])]) {
    await w.fault({ kind: "body", body, service: "masv", on: "keys" });
    await rejects(keys.list(TEAM), { code: "ERR_RESPONSE", provider: "masv" });
  }
  for (const kind of ["html", "empty"]) {
    await w.fault({ kind, service: "masv", on: "keys" });
    await rejects(keys.list(TEAM), { code: "ERR_RESPONSE" });
  }
  await w.fault({ kind: "body", body: [key], service: "masv", on: "keys" });
  const [{ expiry, createdAt }] = await keys.list(TEAM);
  assert.deepEqual([expiry, createdAt], [new Date(key.expiry), new Date(key.created_at)]);
});

test("the account tells its teams, for a user and for an API key", async (t) => {
  const { w, client } = await open(t);
  const expected = {
    id: "user-demo",
    name: "Demo",
    email: w.credentials.masv.email,
    teams: [{ id: TEAM, name: "Demo" }],
  };
  for (const who of [client, withKey(w)]) {
    const account = await who.account();
    assert.deepEqual({ ...account }, expected);
    assert.deepEqual(JSON.parse(JSON.stringify(account)), account.toJSON());
    look(account);
  }
});

test("keys is one object, and its methods are listed nowhere", async (t) => {
  const { client, keys } = await open(t);
  assert.equal(client.keys, keys);
  look(keys);
});
