// MASV's clients for one package or one transfer: how each comes, what it may do, and in which header its token travels.

import assert from "node:assert/strict";
import test from "node:test";
import { Client } from "latchkey";
import { look, rejects, throws, world } from "./support.mjs";

const TEAM = "team-demo";
const NEW = { portal: "portal-demo", sender: "me@example.com", name: "Dailies" };

const ACTIONS = {
  write: ["upload", "finalize"],
  read: ["list", "download"],
  manage: ["list", "download", "edit", "delete", "expire", "link", "transfer"],
  transfer: ["status", "retry", "cancel"],
};
const ALL = [...new Set(Object.values(ACTIONS).flat())];

const json = (body) => ({ headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

/** The answer's JSON, if its status is as expected. */
async function answer(promise, status = 200) {
  const response = await promise;
  assert.equal(response.status, status, await response.clone().text());
  const text = await response.text();
  return text && JSON.parse(text);
}

/** What holds of each of these clients, whatever it is for. */
async function isOf(client, access, header) {
  assert.equal(client.provider, "masv");
  assert.equal(client.access, access);
  assert.deepEqual(ALL.filter((action) => client.can(action)), ALL.filter((action) => ACTIONS[access].includes(action)));
  const { headers, token } = client;
  assert.deepEqual(Object.entries(await headers()), [[header, await token()]]);
  assert.ok(client.expiresAt instanceof Date, "its end is known");
  assert.equal(client.scopes, undefined);
  assert.ok(client instanceof Client);
  look(client);
}

test("portalPackage makes a package, fills and finishes it", async (t) => {
  const w = await world(t);
  const masv = w.client("masv");
  const upload = await masv.portalPackage({ ...NEW, description: "Day 3" });
  await isOf(upload, "write", "X-Package-Token");
  const path = `/v1/packages/${upload.id}`;
  const { name, description, sender } = await answer(upload.fetch(path));
  assert.deepEqual({ name, description, sender }, { name: "Dailies", description: "Day 3", sender: NEW.sender });
  await answer(upload.fetch(`${path}/files`, { method: "POST", ...json({ name: "a.mov", size: 5 }) }), 201);
  assert.equal((await answer(upload.fetch(`${path}/finalize`, { method: "POST" }))).state, "finalized");
  await answer(upload.fetch(path, { method: "DELETE" }), 403);
  const [first] = await w.log();
  assert.deepEqual([first.path, first.credentials], ["/v1/portals/portal-demo/packages", []], "a visitor has no credential");
});

test("a package that nobody was told of is ERR_OUTCOME_UNKNOWN, and is made once", async (t) => {
  const w = await world(t);
  const masv = w.client("masv");
  await w.fault({ kind: "cutAfter", service: "masv", on: "/v1/portals" });
  await rejects(masv.portalPackage(NEW), { code: "ERR_OUTCOME_UNKNOWN", provider: "masv", retryable: false });
  assert.equal(await w.count("masv", "package"), 1);
  await rejects(masv.portalPackage({ ...NEW, portal: "none" }), { code: "ERR_NOT_FOUND", status: 404 });
  for (const body of [{}, { id: "a" }, { access_token: "b" }, { id: 5, access_token: "b" }]) {
    await w.fault({ kind: "body", body, service: "masv", on: "/v1/portals" });
    await rejects(masv.portalPackage(NEW), { code: "ERR_RESPONSE", provider: "masv" });
  }
});

test("linkedPackage asks for its token when one is needed", async (t) => {
  const w = await world(t);
  const { link, secret, package: id } = await w.sentPackage({ name: "Sent" });
  const shared = w.client("masv").linkedPackage({ link, secret });
  assert.equal(shared.id, undefined);
  assert.equal(shared.access, "read");
  assert.deepEqual(await w.log(), [], "nothing is asked before");
  await isOf(shared, "read", "X-Package-Token");
  assert.equal(shared.id, id);
  const [file] = await answer(shared.fetch(`/v1/packages/${id}/files`));
  await answer(shared.fetch(`/v1/packages/${id}/files/${file.id}/download`));
  await answer(shared.fetch(`/v1/packages/${id}`, { method: "DELETE" }), 403);
  assert.equal(await w.count("masv", "package"), 1);
  assert.equal(await w.count("masv", "token"), 0, "who has a link needs no account");
});

test("a link with a password, without it, and with a wrong secret", async (t) => {
  const w = await world(t);
  const masv = w.client("masv");
  const { link, secret, package: id } = await w.sentPackage({ password: "link-password-9" });
  const shared = masv.linkedPackage({ link, secret, password: "link-password-9" });
  await answer(shared.fetch(`/v1/packages/${id}`));
  await rejects(masv.linkedPackage({ link, secret }).token(), { code: "ERR_UNAUTHORIZED", status: 401 });
  const wrong = masv.linkedPackage({ link, secret, password: "link-password-8" });
  await rejects(wrong.token(), { code: "ERR_UNAUTHORIZED", status: 401, message: "password" });
  await rejects(masv.linkedPackage({ link, secret: "another-secret-1" }).token(), { code: "ERR_NOT_FOUND", status: 404 });
  await rejects(masv.linkedPackage({ link: "none", secret }).token(), { code: "ERR_NOT_FOUND", status: 404 });
  for (const { path, credentials } of await w.log()) {
    if (!path.startsWith("/v1/links/")) assert.deepEqual(credentials, ["x-package-token"], path);
  }
});

test("a link's secret and password show nowhere, whatever happens", async (t) => {
  const w = await world(t);
  const sent = await w.sentPackage({ password: "link-password-7" });
  const { link, secret } = sent;
  const url = `${w.services.masv}/v1/links/${link}?secret=${secret}`;
  const fetch = async () => Promise.reject(new TypeError(`fetch failed: ${url} with link-password-7`));
  const faults = [
    { kind: "cut" },
    { kind: "html" },
    { kind: "status", status: 500, body: { code: "oops", message: `at ${url}` } },
    { kind: "status", status: 400, body: { code: "oops", message: `${secret} and link-password-7` } },
    { kind: "redirect", location: `/v1/links/other?secret=${secret}` },
  ];
  for (const fault of faults) {
    await w.fault({ ...fault, service: "masv" });
    const shared = w.client("masv", { retries: 0 }).linkedPackage({ link, secret, password: "link-password-7" });
    look(shared);
    await rejects(shared.token(), {});
    look(shared);
  }
  assert.equal(await w.count("masv", "package"), faults.length, "a redirect is not followed");
  const offline = w.client("masv", { fetch, retries: 0 }).linkedPackage({ link, secret, password: "link-password-7" });
  await rejects(offline.token(), { code: "ERR_NETWORK" });
});

test("what is odd in a link's secret arrives as it is", async (t) => {
  const w = await world(t);
  const asked = [];
  const fetch = async (input) => {
    asked.push(new URL(input));
    return Response.json({ package_token: "t", package_id: "p" });
  };
  const secret = "a+b&c=d/é #%41";
  const shared = w.client("masv", { fetch }).linkedPackage({ link: "../x?y", secret });
  assert.equal(await shared.token(), "t");
  assert.equal(asked[0].searchParams.get("secret"), secret);
  assert.deepEqual([...asked[0].searchParams.keys()], ["secret"]);
  assert.ok(asked[0].pathname.endsWith("/v1/links/..%2Fx%3Fy"), asked[0].pathname);
});

test("managedPackage finds the team's package, wherever it is in the list", async (t) => {
  const w = await world(t);
  const sent = [];
  for (let number = 0; number < 120; number++) sent.push((await w.sentPackage()).package);
  for (const id of ["package-demo", sent[0], sent[48], sent[49], sent[98], sent.at(-1)]) {
    const ours = w.client("masv").managedPackage({ team: TEAM, package: id });
    assert.equal(ours.id, id);
    await isOf(ours, "manage", "X-Package-Token");
    assert.equal((await answer(ours.fetch(`/v1/packages/${id}`))).id, id);
  }
});

test("managedPackage may do all that managing is", async (t) => {
  const w = await world(t);
  for (const config of [{}, { email: undefined, password: undefined, apiKey: w.credentials.masv.apiKey }]) {
    const { package: id } = await w.sentPackage();
    const ours = w.client("masv", config).managedPackage({ team: TEAM, package: id });
    const path = `/v1/packages/${id}`;
    assert.equal((await answer(ours.fetch(path, { method: "PUT", ...json({ name: "Renamed" }) }))).name, "Renamed");
    await answer(ours.fetch(`${path}/expiry`, { method: "PUT", ...json({ unlimited_storage: true }) }));
    await answer(ours.fetch(`${path}/links`, { method: "POST", ...json({ email: "you@example.com" }) }), 201);
    assert.equal((await answer(ours.fetch(`${path}/files`))).length, 1);
    await answer(ours.fetch(path, { method: "DELETE" }), 204);
  }
});

test("a package that the team has not is ERR_NOT_FOUND, and another team's is ERR_FORBIDDEN", async (t) => {
  const w = await world(t);
  const masv = w.client("masv");
  for (let number = 0; number < 51; number++) await w.sentPackage();
  const none = masv.managedPackage({ team: TEAM, package: "none" });
  await rejects(none.token(), { code: "ERR_NOT_FOUND", provider: "masv", message: "none" });
  // With the one that there was, two pages that are full.
  for (let number = 0; number < 48; number++) await w.sentPackage();
  const nowhere = masv.managedPackage({ team: TEAM, package: "nowhere" });
  await rejects(nowhere.token(), { code: "ERR_NOT_FOUND", provider: "masv", message: "nowhere" });
  const theirs = masv.managedPackage({ team: "team-other", package: "package-demo" });
  await rejects(theirs.token(), { code: "ERR_FORBIDDEN", status: 403 });
});

test("packageFrom is what it is said to be", async (t) => {
  const w = await world(t);
  const masv = w.client("masv");
  const init = { method: "POST", ...json({ name: "From the team" }) };
  const { id, access_token: token } = await answer(masv.fetch(`/v1/teams/${TEAM}/packages`, init), 201);
  const requests = (await w.log()).length;
  const sent = masv.packageFrom({ id, token, access: "write" });
  await isOf(sent, "write", "X-Package-Token");
  assert.equal(sent.id, id);
  assert.equal(await sent.token(), token);
  assert.equal((await w.log()).length, requests, "its token is at hand");
  await answer(sent.fetch(`/v1/packages/${id}/files`, { method: "POST", ...json({ name: "a" }) }), 201);
  for (const access of ["read", "manage"]) await isOf(masv.packageFrom({ id, token, access }), access, "X-Package-Token");
});

test("transfers of a package are clients of their own, and so is one of a token", async (t) => {
  const w = await world(t);
  const masv = w.client("masv");
  const ours = masv.managedPackage({ team: TEAM, package: "package-demo" });
  const [transfer, ...others] = await ours.transfers();
  assert.equal(others.length, 0);
  await isOf(transfer, "transfer", "X-Transfer-Token");
  assert.equal((await answer(transfer.fetch("/v1/transfers/transfer-demo"))).state, "error");
  assert.equal((await answer(transfer.fetch("/v1/transfers/transfer-demo/retry", { method: "POST" }))).state, "transferring");

  const started = await answer(ours.fetch("/v1/packages/package-demo/transfer", { method: "POST" }), 201);
  const second = masv.transfer({ token: started.access_token });
  await isOf(second, "transfer", "X-Transfer-Token");
  const cancelled = await answer(second.fetch(`/v1/transfers/${started.id}/cancel`, { method: "POST" }));
  assert.equal(cancelled.state, "cancelled");
  assert.equal((await ours.transfers()).length, 2);

  const none = masv.managedPackage({ team: TEAM, package: (await w.sentPackage()).package });
  assert.deepEqual(await none.transfers(), []);
});

test("who may not manage a package is told so before its transfers are asked for", async (t) => {
  const w = await world(t);
  const masv = w.client("masv");
  const { link, secret } = await w.sentPackage();
  for (const client of [
    masv.linkedPackage({ link, secret }),
    masv.packageFrom({ id: "package-demo", token: "t", access: "write" }),
    masv.packageFrom({ id: "package-demo", token: "t", access: "read" }),
  ]) {
    await rejects(client.transfers(), { code: "ERR_UNSUPPORTED", provider: "masv", message: "manage" });
  }
  assert.deepEqual(await w.log(), []);
});

test("what is wrong with the arguments is told field by field, and nothing is sent", async (t) => {
  const w = await world(t);
  const masv = w.client("masv");
  const sync = [
    [() => masv.linkedPackage({ link: "link" }), ["secret"]],
    [() => masv.linkedPackage({ link: 5, secret: "s", pasword: "p" }), ["link", "pasword"]],
    [() => masv.linkedPackage(), ["options"]],
    [() => masv.linkedPackage({ link: "l", secret: "s", password: "p\r\nX-API-KEY: k" }), ["password"]],
    [() => masv.managedPackage({ team: TEAM }), ["package"]],
    [() => masv.managedPackage({ team: "", package: "p" }), ["team"]],
    [() => masv.packageFrom({ id: "p", token: "t", access: "transfer" }), ["access"]],
    [() => masv.packageFrom({ id: "p", token: "t" }), ["access"]],
    [() => masv.packageFrom({ token: 5, access: "read" }), ["id", "token"]],
    [() => masv.transfer({}), ["token"]],
    [() => masv.transfer("token"), ["options"]],
  ];
  for (const [call, paths] of sync) {
    const { issues } = throws(call, { code: "ERR_CONFIG", retryable: false });
    assert.deepEqual(issues.map(({ path }) => path).sort(), paths, `${call}`);
  }
  const { issues } = await rejects(masv.portalPackage({ portal: "p", sender: 5, nam: "n" }), { code: "ERR_CONFIG" });
  assert.deepEqual(issues.map(({ path }) => path).sort(), ["nam", "name", "sender"]);
  assert.deepEqual(await w.log(), []);
  assert.equal(masv.packageFrom({ id: "p", token: "t", access: "read" }).can("rename"), false);
});
