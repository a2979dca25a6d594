// Two credentials of MASV never share a request: over every route that the service has, for every kind of client.

import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./support.mjs";

const TEAM = "team-demo";

const HEADERS = {
  user: "x-user-token",
  key: "x-api-key",
  write: "x-package-token",
  read: "x-package-token",
  manage: "x-package-token",
  from: "x-package-token",
  transfer: "x-transfer-token",
};

/** A client of each kind, fresh, so that it has its token yet to get; and what the names in paths stand for. */
async function clients(w) {
  const user = w.client("masv");
  const key = w.client("masv", { email: undefined, password: undefined, apiKey: w.credentials.masv.apiKey });
  const { link, secret, package: id } = await w.sentPackage({ password: "link-password-6" });
  const token = await user.managedPackage({ team: TEAM, package: id }).token();
  return {
    ids: { team: TEAM, portal: "portal-demo", package: id, id, link, file: "none", key: "none" },
    all: {
      user,
      key,
      write: await key.portalPackage({ portal: "portal-demo", sender: "me@example.com", name: "Dailies" }),
      read: user.linkedPackage({ link, secret, password: "link-password-6" }),
      manage: key.managedPackage({ team: TEAM, package: id }),
      from: key.packageFrom({ id, token, access: "manage" }),
      transfer: (await user.managedPackage({ team: TEAM, package: "package-demo" }).transfers())[0],
    },
  };
}

test("every route, asked by every kind of client, has that client's credential and no other", async (t) => {
  const w = await world(t);
  const routes = await w.masvRoutes();
  assert.ok(routes.length > 25, `${routes.length} routes`);
  const { all, ids } = await clients(w);
  const asked = new Map();
  for (const { method, path } of routes) {
    for (const [kind, client] of Object.entries(all)) {
      // A package that one of them deletes is there for nobody: it is the request that counts.
      const target = path.replace(/\{(\w+)\}/g, (_, name) => ids[name]);
      const init = method === "GET" ? { method } : { method, headers: { "content-type": "application/json" }, body: "{}" };
      const response = await client.fetch(`${target}?asked=${kind}`, init);
      asked.set(`${method} ${target} ${kind}`, response.status);
      assert.notEqual((await response.text()).includes("ambiguous_credentials"), true, `${kind}: ${method} ${path}`);
    }
  }
  const log = await w.log();
  let seen = 0;
  for (const { method, path, query, credentials } of log) {
    assert.ok(credentials.length <= 1, `${method} ${path} has ${credentials}`);
    const kind = new URLSearchParams(query ?? "").get("asked");
    if (!kind) continue;
    seen++;
    assert.deepEqual(credentials, [HEADERS[kind]], `${kind}: ${method} ${path}`);
  }
  assert.ok(seen >= routes.length * Object.keys(all).length, `${seen} requests`);
  assert.ok([...asked.values()].includes(200) && [...asked.values()].includes(403));
});

test("what a client asks for by itself has one credential at most too, and a visitor's none", async (t) => {
  const w = await world(t);
  const { all } = await clients(w);
  await all.user.account();
  await all.key.account();
  const { id } = await all.user.keys.create(TEAM, {});
  await all.user.keys.update(TEAM, id, { name: "renamed" });
  await all.user.keys.list(TEAM);
  await all.user.keys.delete(id);
  await all.manage.transfers();
  for (const client of Object.values(all)) await client.token();
  await w.advance(2 * 24 * 3600);
  for (const kind of ["user", "key", "read", "manage"]) await all[kind].token();
  await w.revoke("masv");
  for (const kind of ["user", "read", "manage"]) assert.ok((await all[kind].fetch("/whoami")).ok, kind);

  const found = {};
  for (const { method, path, credentials } of await w.log()) {
    assert.ok(credentials.length <= 1, `${method} ${path} has ${credentials}`);
    const route = `${method} ${path.replace(/01SB\d+/g, "…")}`;
    found[route] = [...new Set([...(found[route] ?? []), credentials.join()])].sort();
  }
  assert.deepEqual(found["POST /v1/auth"], [""]);
  assert.deepEqual(found["POST /v1/portals/portal-demo/packages"], [""]);
  assert.deepEqual(found["GET /v1/links/…"], ["x-link-password"]);
  assert.deepEqual(found[`GET /v1.1/teams/${TEAM}/packages`], ["x-api-key", "x-user-token"]);
  assert.deepEqual(found[`GET /v1/teams/${TEAM}/api_keys`], ["x-user-token"]);
  assert.deepEqual(found["GET /v1/packages/…/transfer"], ["x-package-token"]);
});

test("a credential that the caller puts on a request is replaced by the client's own", async (t) => {
  const w = await world(t);
  const { all } = await clients(w);
  for (const [kind, client] of Object.entries(all)) {
    const headers = await client.headers();
    const [name] = Object.keys(headers);
    assert.equal(name.toLowerCase(), HEADERS[kind]);
    const response = await client.fetch("/whoami", { headers: { [name.toLowerCase()]: "another" } });
    assert.equal(response.status, 200, kind);
  }
});

test("no credential of MASV's follows a redirect to another origin", async (t) => {
  const w = await world(t);
  const elsewhere = w.services.masv.replace("127.0.0.1", "localhost");
  const { all } = await clients(w);
  for (const [kind, client] of Object.entries(all)) {
    await w.fault({ kind: "redirect", location: `${elsewhere}/whoami?hop=${kind}`, status: 307, service: "masv", on: "/echo" });
    const response = await client.fetch("/echo", { method: "POST", body: "x" });
    assert.equal(response.status, 401, kind);
  }
  const hops = (await w.log()).filter(({ query }) => query?.startsWith("hop="));
  assert.equal(hops.length, Object.keys(all).length);
  for (const { query, credentials } of hops) assert.deepEqual(credentials, [], query);
});
