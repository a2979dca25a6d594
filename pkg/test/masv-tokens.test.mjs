// How the tokens of MASV's packages and transfers live: which are asked for again, and how the others end.

import assert from "node:assert/strict";
import test from "node:test";
import { rejects, world } from "./support.mjs";

const TEAM = "team-demo";
const LIFETIME = 600;

/** The kinds whose token can be asked for again, and those where it cannot; each with a path that its token opens. */
const RENEWED = {
  async linkedPackage(w, masv) {
    const { link, secret, package: id } = await w.sentPackage();
    return { client: masv.linkedPackage({ link, secret }), path: `/v1/packages/${id}` };
  },
  async managedPackage(w, masv) {
    const { package: id } = await w.sentPackage();
    return { client: masv.managedPackage({ team: TEAM, package: id }), path: `/v1/packages/${id}` };
  },
};

const GIVEN = {
  async portalPackage(w, masv) {
    const client = await masv.portalPackage({ portal: "portal-demo", sender: "me@example.com", name: "Dailies" });
    return { client, path: `/v1/packages/${client.id}` };
  },
  async packageFrom(w, masv) {
    const { package: id } = await w.sentPackage();
    const token = await masv.managedPackage({ team: TEAM, package: id }).token();
    return { client: masv.packageFrom({ id, token, access: "manage" }), path: `/v1/packages/${id}` };
  },
  async transfers(w, masv) {
    const [client] = await masv.managedPackage({ team: TEAM, package: "package-demo" }).transfers();
    return { client, path: "/v1/transfers/transfer-demo" };
  },
  async transfer(w, masv) {
    const [first] = await masv.managedPackage({ team: TEAM, package: "package-demo" }).transfers();
    return { client: masv.transfer({ token: await first.token() }), path: "/v1/transfers/transfer-demo" };
  },
};

async function open(t, make, config) {
  const w = await world(t, { packageLifetime: LIFETIME });
  const masv = w.client("masv", config);
  const made = await make(w, masv);
  return { w, masv, ...made };
}

/** Requests so far, and what came of them. */
const statuses = async (w) => (await w.log()).map(({ status }) => status);

for (const [name, make] of Object.entries(RENEWED)) {
  test(`${name}: the token is kept, and asked for again once it has expired`, async (t) => {
    const { w, client, path } = await open(t, make);
    const first = await client.token();
    assert.equal(await client.token(), first);
    assert.equal((await client.fetch(path)).status, 200);
    assert.equal(await w.count("masv", "package"), 1);
    await w.advance(LIFETIME + 1);
    assert.equal((await client.fetch(path)).status, 200);
    assert.notEqual(await client.token(), first);
    assert.equal(await w.count("masv", "package"), 2);
  });

  test(`${name}: after a 401 it is asked for once more, and the request is made again`, async (t) => {
    const { w, client, path } = await open(t, make);
    const first = await client.token();
    await w.revoke("masv");
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.fetch(path)));
    for (const { status } of answers) assert.equal(status, 200);
    assert.notEqual(await client.token(), first);
    assert.equal(await w.count("masv", "package"), name === "linkedPackage" ? 2 : await w.count("masv", "package"));
  });

  test(`${name}: a crowd causes one request`, async (t) => {
    const { w, client } = await open(t, make);
    const tokens = await Promise.all(Array.from({ length: 500 }, () => client.token()));
    assert.equal(new Set(tokens).size, 1);
    assert.equal(await w.count("masv", "package"), 1);
    assert.ok((await w.count("masv", "token")) <= 1);
  });

  test(`${name}: inside the window the token at hand is used while another comes`, async (t) => {
    const { w, client, path } = await open(t, make);
    const first = await client.token();
    await w.advance(LIFETIME - 10);
    assert.equal(await client.token(), first);
    assert.notEqual(await client.token({ minValidity: 60 }), first);
    assert.equal((await client.fetch(path)).status, 200);
    assert.equal(await w.count("masv", "package"), 2);
    client.invalidate();
    assert.equal((await client.fetch(path)).status, 200);
    assert.notEqual(await client.token({ forceRefresh: true }), await first);
  });

  test(`${name}: a failure that passes is tried again`, async (t) => {
    t.mock.method(Math, "random", () => 0);
    const { w, client, path } = await open(t, make);
    await w.fault({ kind: "status", status: 503, service: "masv", on: "package", times: 2 });
    assert.equal((await client.fetch(path)).status, 200);
  });

  test(`${name}: an answer without a token is ERR_RESPONSE`, async (t) => {
    const { w, client } = await open(t, make, { retries: 0 });
    await w.fault({ kind: "body", body: { package_id: "p" }, service: "masv", on: "package" });
    await rejects(client.token(), { code: "ERR_RESPONSE", provider: "masv" });
  });
}

test("managedPackage: where the user's own token has ended too, that is renewed first", async (t) => {
  const { w, client, path } = await open(t, RENEWED.managedPackage);
  await client.token();
  assert.equal(await w.count("masv", "token"), 1);
  await w.advance(4 * 24 * 3600);
  assert.equal((await client.fetch(path)).status, 200);
  assert.equal(await w.count("masv", "token"), 2);
  await w.revoke("masv");
  assert.equal((await client.fetch(path)).status, 200);
  assert.equal(await w.count("masv", "token"), 3);
});

test("managedPackage: why there is no token is told as it is", async (t) => {
  const w = await world(t);
  const wrong = w.client("masv", { password: "not-the-password" });
  const fields = { code: "ERR_UNAUTHORIZED", provider: "masv", status: 401 };
  await rejects(wrong.managedPackage({ team: TEAM, package: "package-demo" }).token(), fields);
  const masv = w.client("masv", { retries: 0 });
  await w.fault({ kind: "cut", service: "masv", on: "package" });
  await rejects(masv.managedPackage({ team: TEAM, package: "package-demo" }).token(), { code: "ERR_NETWORK" });
});

test("managedPackage: a list of packages that repeats itself ends", async (t) => {
  const w = await world(t);
  const records = Array.from({ length: 50 }, (_, number) => ({ id: `package-${number}`, access_token: "t" }));
  await w.fault({ kind: "body", body: { records }, service: "masv", on: "package", times: null });
  const client = w.client("masv").managedPackage({ team: TEAM, package: "another" });
  await rejects(client.token(), {});
  assert.ok((await w.count("masv", "package")) < 1000);
});

for (const [name, make] of Object.entries(GIVEN)) {
  test(`${name}: once its token has expired every call is ERR_TOKEN_EXPIRED, and says what to do`, async (t) => {
    const { w, client, path } = await open(t, make);
    assert.equal((await client.fetch(path)).status, 200);
    const { expiresAt } = client;
    assert.equal(Math.round((expiresAt - w.now()) / 1000 / 60), LIFETIME / 60);
    await w.advance(LIFETIME + 1);
    const before = await statuses(w);
    for (const call of [() => client.fetch(path), () => client.token(), () => client.headers(), () => client.fetch(path)]) {
      const { message } = await rejects(call(), { code: "ERR_TOKEN_EXPIRED", provider: "masv", retryable: false });
      assert.match(message, /again|anew|another/);
    }
    assert.deepEqual(await statuses(w), before, "nothing was sent");
  });

  test(`${name}: a 401 comes back as it is, and is not sent again`, async (t) => {
    const { w, client, path } = await open(t, make);
    await client.token();
    await w.revoke("masv");
    const before = (await w.log()).length;
    const response = await client.fetch(path);
    assert.equal(response.status, 401);
    assert.equal((await response.json()).message, "Invalid or expired token");
    assert.equal((await w.log()).length, before + 1);
  });

  test(`${name}: its token is given until it ends, and for no longer than that`, async (t) => {
    const { w, client, path } = await open(t, make);
    const token = await client.token();
    await w.advance(LIFETIME - 30);
    assert.equal(await client.token(), token, "there is no window for what cannot be renewed");
    assert.equal((await client.fetch(path)).status, 200);
    await rejects(client.token({ minValidity: 60 }), { code: "ERR_TOKEN_EXPIRED" });
    assert.equal(await client.token({ minValidity: 10 }), token);
    assert.deepEqual(w.events.filter(({ type }) => type === "backoff"), []);
  });
}

test("a token of no known end is used until the service refuses it", async (t) => {
  const w = await world(t);
  const client = w.client("masv").packageFrom({ id: "package-demo", token: "opaque", access: "read" });
  assert.equal(await client.token(), "opaque");
  assert.equal(client.expiresAt, undefined);
  await w.advance(365 * 24 * 3600);
  assert.equal(await client.token(), "opaque");
  assert.equal((await client.fetch("/v1/packages/package-demo")).status, 401);
});

test("each of these clients ends by itself: freeing one leaves the others, and the first, alone", async (t) => {
  const w = await world(t);
  const masv = w.client("masv");
  const made = [];
  for (const make of Object.values({ ...RENEWED, ...GIVEN })) made.push(await make(w, masv));
  for (const [index, { client, path }] of made.entries()) {
    assert.equal((await client.fetch(path)).status, 200);
    client.free();
    await rejects(client.fetch(path), { code: "ERR_CLOSED" });
    for (const other of made.slice(index + 1)) assert.equal((await other.client.fetch(other.path)).status, 200);
    assert.equal((await masv.fetch("/whoami")).status, 200);
  }
});
