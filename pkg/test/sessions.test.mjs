// Sessions of one login: each with a token of its own.

import assert from "node:assert/strict";
import test from "node:test";
import { Client, decode, sessionId } from "latchkey";
import { look, rejects, throws, whoami, world } from "./support.mjs";

/** The session that a token of the login service is for. */
const sessionOf = async (client) => decode(await client.token()).claims.sid;

test("sessionId is 32 hexadecimal digits, and never the same", () => {
  const ids = new Set(Array.from({ length: 10_000 }, sessionId));
  assert.equal(ids.size, 10_000);
  for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/);
  // 128 bits that are all random: each is set about half of the time, within ten standard deviations.
  const bits = new Array(128).fill(0);
  for (const id of ids) {
    const number = BigInt(`0x${id}`);
    for (let bit = 0; bit < 128; bit++) bits[bit] += Number((number >> BigInt(bit)) & 1n);
  }
  for (const [bit, count] of bits.entries()) assert.ok(Math.abs(count - 5000) < 500, `bit ${bit}: ${count}`);
});

test("a session of login sends its id, and has a token of its own", async (t) => {
  const w = await world(t);
  const login = w.client("login");
  const own = await login.token();
  const [web, phone] = [login.session("web"), login.session("phone")];
  assert.ok(web instanceof Client);
  assert.equal(web.provider, "login");
  assert.equal(await sessionOf(web), "web");
  assert.equal(await sessionOf(phone), "phone");
  assert.equal(new Set([own, await web.token(), await phone.token()]).size, 3);
  assert.equal(await login.token(), own);
  look([login, web, phone]);
});

test("without an id a session has one that nobody can guess", async (t) => {
  const w = await world(t);
  const login = w.client("login");
  const ids = await Promise.all([login.session(), login.session(), login.session().session()].map(sessionOf));
  assert.equal(new Set(ids).size, 3);
  for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/);
});

test("a new session forces a new token where an old one would give the same again", async (t) => {
  const w = await world(t);
  const first = await w.client("login").session("web").token();
  assert.equal(await w.client("login").session("web").token(), first, "the service gives a session its token again");
  assert.notEqual(await w.client("login").session().token(), first);
});

test("a refresh of a session stays within it: its id is the start of what is sent", async (t) => {
  const w = await world(t);
  const web = w.client("login").session("web");
  const first = await web.token();
  const forced = await web.token({ forceRefresh: true });
  assert.notEqual(forced, first);
  assert.match(await sessionOf(web), /^web-./);
  await w.revoke("login", { sticky: true });
  await whoami(web);
  assert.match(await sessionOf(web), /^web-./);
});

test("two sessions side by side never mix, whatever happens to one", async (t) => {
  const w = await world(t);
  const login = w.client("login");
  const [a, b] = [login.session("a"), login.session("b")];
  const held = new Map();
  for (const [name, client] of [
    ["a", a],
    ["b", b],
  ]) {
    const { tokenNumber } = await whoami(client);
    held.set(name, tokenNumber);
  }
  assert.notEqual(held.get("a"), held.get("b"));
  // A crowd of both at once.
  const seen = await Promise.all(
    Array.from({ length: 200 }, async (_, number) => {
      const name = number % 2 ? "a" : "b";
      return [name, (await whoami(name === "a" ? a : b)).tokenNumber];
    }),
  );
  for (const [name, number] of seen) assert.equal(number, held.get(name));

  await a.logout();
  assert.equal(a.expiresAt, undefined);
  assert.equal(await w.count("login", "logout"), 1);
  assert.equal((await whoami(b)).tokenNumber, held.get("b"), "the other is still logged in");
  assert.notEqual((await whoami(a)).tokenNumber, held.get("a"));
  a.invalidate();
  await whoami(a);
  assert.equal((await whoami(b)).tokenNumber, held.get("b"));
  a.free();
  await rejects(a.token(), { code: "ERR_CLOSED" });
  assert.equal((await whoami(b)).tokenNumber, held.get("b"));
  await whoami(login);
  login.free();
  assert.equal((await whoami(b)).tokenNumber, held.get("b"), "nor is it the first client's");
  assert.match(await sessionOf(b), /^b/);
});

test("a session has the configuration and the functions of its client", async (t) => {
  const w = await world(t);
  let asked = 0;
  const told = [];
  const apiKey = async () => {
    asked++;
    return w.credentials.login.apiKey;
  };
  const login = w.client("login", { apiKey, refreshBefore: 60, onEvent: (event) => told.push(event) });
  const session = login.session("s");
  await whoami(session);
  assert.equal(asked, 1);
  assert.deepEqual(told.map(({ type, provider, reason }) => [type, provider, reason]), [["token", "login", "first"]]);
  const token = await session.token();
  await w.advance(7200 - 120);
  assert.equal(await session.token(), token, "outside of the window");
  assert.equal(await w.count("login", "token"), 1);
  await session.logout();
  assert.equal(await w.count("login", "logout"), 1, "it knows logoutPath");
  await rejects(session.fetch("https://elsewhere.example.com/"), { code: "ERR_ORIGIN" });
});

test("the login of a username, and of any credentials, has sessions too", async (t) => {
  const w = await world(t);
  const { username, password } = w.credentials.login;
  for (const config of [{ username, password }, { credentials: { username, password } }]) {
    const login = w.client("login", { apiKey: undefined, ...config });
    const [a, b] = [login.session("a"), login.session("b")];
    assert.deepEqual([await sessionOf(a), await sessionOf(b)], ["a", "b"]);
  }
});

test("brifle: a session is a client of its own, though the service gives all of them one token", async (t) => {
  const w = await world(t);
  const brifle = w.client("brifle");
  const session = brifle.session();
  assert.equal(session.provider, "brifle");
  assert.equal(await session.token(), await brifle.token());
  assert.equal(await w.count("brifle", "token"), 2, "each asked");
  session.invalidate();
  assert.equal(session.expiresAt, undefined);
  assert.ok(brifle.expiresAt);
  await session.logout();
  await whoami(brifle.session("any"));
  brifle.free();
  await whoami(session);
});

test("session is for login and brifle: of any other it is ERR_UNSUPPORTED", async (t) => {
  const w = await world(t);
  for (const provider of ["masivo", "masv", "masumi", "oauth2", "custom", "token"]) {
    const client = w.client(provider);
    for (const call of [() => client.session(), () => client.session("web")]) {
      throws(call, { code: "ERR_UNSUPPORTED", provider, retryable: false, message: "session" });
    }
  }
  assert.deepEqual(await w.log(), []);
});

test("an id that is none is refused", async (t) => {
  const w = await world(t);
  const login = w.client("login");
  for (const id of [5, null, {}, ""]) throws(() => login.session(id), { code: "ERR_CONFIG" });
  login.free();
  throws(() => login.session(), { code: "ERR_CLOSED" });
});

test("ERR_FORBIDDEN names the scopes that are held, where they are known", async (t) => {
  const w = await world(t, { loginScope: "read write" });
  const refuse = (service) => w.fault({ kind: "status", status: 403, service, on: "logout", body: { code: 40103, message: "no" } });
  const login = w.client("login");
  await login.token();
  await refuse("login");
  const { message } = await rejects(login.logout(), { code: "ERR_FORBIDDEN", provider: "login", status: 403 });
  assert.match(message, /\(scopes held: read write\)$/);

  // A service's own words are cut off, and ours are not.
  const words = "no ".repeat(1000);
  await w.fault({ kind: "status", status: 403, service: "login", on: "logout", body: { code: 40103, message: words } });
  await login.token();
  const long = await rejects(login.logout(), { code: "ERR_FORBIDDEN" });
  assert.match(long.message, /^.{500} \(scopes held: read write\)$/);

  const brifle = w.client("brifle");
  await brifle.token();
  await refuse("brifle");
  const told = await rejects(brifle.logout(), { code: "ERR_FORBIDDEN", provider: "brifle", status: 403 });
  assert.match(told.message, /\(scopes held: content:read content:write\)$/);

  await w.set({ loginScope: null });
  const without = w.client("login");
  await without.token();
  await refuse("login");
  const bare = await rejects(without.logout(), { code: "ERR_FORBIDDEN", status: 403 });
  assert.ok(!bare.message.includes("scopes held"), bare.message);

  const reader = await w.client("masumi").keys.create({});
  const masumi = w.client("masumi", { apiKey: reader.secret.reveal() });
  const forbidden = await rejects(masumi.keys.create({}), { code: "ERR_FORBIDDEN" });
  assert.ok(!forbidden.message.includes("scopes held"), forbidden.message);
});
