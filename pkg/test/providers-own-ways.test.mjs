// What single providers do besides: sessions, discovery, refresh tokens, templates.

import assert from "node:assert/strict";
import test from "node:test";
import { decode } from "latchkey";
import { rejects, serve, whoami, world } from "./support.mjs";

const sid = (token) => decode(token).claims.sid;

test("login: a user name and a password do as well as a key", async (t) => {
  const w = await world(t);
  const { username, password } = w.credentials.login;
  await whoami(w.client("login", { apiKey: undefined, username, password }));
});

test("login: any credentials are sent by their own names", async (t) => {
  const w = await world(t);
  const { apiKey: api_key } = w.credentials.login;
  await whoami(w.client("login", { apiKey: undefined, credentials: { api_key: async () => api_key } }));
});

test("login: a forced refresh names a session that begins as configured, and so brings another token", async (t) => {
  const w = await world(t);
  const client = w.client("login", { session: "checkout" });
  assert.equal(sid(await client.token()), "checkout");
  const forced = await client.token({ forceRefresh: true });
  assert.match(sid(forced), /^checkout-./);
  assert.equal((await whoami(client)).tokenNumber, 2);
});

test("login: it logs in and out where the configuration says", async (t) => {
  const w = await world(t);
  const client = w.client("login", {
    baseUrl: w.url,
    loginPath: "/login/auth/login",
    logoutPath: "/login/auth/logout",
  });
  await whoami(client, "/login/whoami");
  await client.logout();
  assert.equal(await w.count("login", "logout"), 1);
});

test("brifle: the service gives the same token again, and nothing goes round in circles", async (t) => {
  const w = await world(t);
  const client = w.client("brifle");
  const token = await client.token();
  assert.equal(await client.token({ forceRefresh: true }), token);
  assert.equal(await w.count("brifle", "token"), 2);
  assert.deepEqual(client.scopes, ["content:read", "content:write"]);
});

test("brifle: a refused token that is given again is not sent again", async (t) => {
  const w = await world(t);
  const client = w.client("brifle");
  await client.token();
  await w.revoke("brifle", { sticky: true });
  const response = await client.fetch("/whoami");
  assert.equal(response.status, 401);
  assert.equal((await response.json()).code, 40100, "the answer is handed back whole");
  assert.equal(await w.count("brifle", "resource"), 1);
});

test("oauth2: the issuer's document says where tokens are, and is read once", async (t) => {
  const w = await world(t);
  const client = w.client("oauth2", { tokenUrl: undefined, issuer: new URL(w.services.oauth2) });
  const first = await client.token();
  assert.notEqual(await client.token({ forceRefresh: true }), first);
  assert.equal(await w.count("oauth2", "discovery"), 1);
});

test("oauth2: a document of another issuer is refused", async (t) => {
  const w = await world(t);
  const issuer = await serve(t, (request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ issuer: w.services.oauth2, token_endpoint: `${w.services.oauth2}/token` }));
  });
  const client = w.client("oauth2", { tokenUrl: undefined, issuer });
  await rejects(client.token(), { code: "ERR_RESPONSE", provider: "oauth2", message: "not of" });
  assert.equal(await w.count("oauth2", "token"), 0);
});

test("oauth2: scope, audience and resources are asked for, by either way of authentication", async (t) => {
  const w = await world(t);
  for (const clientAuth of ["basic", "post"]) {
    const client = w.client("oauth2", {
      clientAuth,
      scope: ["read", "admin"],
      audience: "reports",
      resource: ["https://a.example", "https://b.example"],
    });
    const { claims } = decode(await client.token());
    assert.equal(claims.scope, "read admin");
    assert.deepEqual(claims.aud, ["reports", "https://a.example", "https://b.example"]);
    assert.deepEqual(client.scopes, ["read", "admin"]);
  }
});

test("oauth2: a refresh token is used, and when it is refused the credentials are", async (t) => {
  const w = await world(t, { refreshTokens: true, rotateRefreshTokens: true });
  const client = w.client("oauth2");
  for (const number of [1, 2, 3]) {
    assert.equal((await whoami(client)).tokenNumber, number);
    await w.advance(3601);
  }
  assert.equal(await w.count("oauth2", "token"), 3);
  await w.fault({ service: "oauth2", on: "token", kind: "status", status: 400, body: { error: "invalid_grant" } });
  assert.equal((await whoami(client)).tokenNumber, 4);
  assert.equal(await w.count("oauth2", "token"), 5);
});

test("oauth2: an opaque token lives as long as expires_in says, or until it is refused", async (t) => {
  const w = await world(t, { algorithm: "opaque" });
  const lasting = w.client("oauth2");
  assert.match(await lasting.token(), /^opaque-/);
  assert.ok(lasting.expiresAt > w.now());
  await w.set({ sendExpiresIn: false });
  const unknown = w.client("oauth2");
  await whoami(unknown);
  assert.equal(unknown.expiresAt, undefined);
  await w.revoke("oauth2");
  await whoami(unknown);
});

test("oauth2: a client that is refused is told so in the service's words", async (t) => {
  const w = await world(t);
  const fields = { code: "ERR_UNAUTHORIZED", provider: "oauth2", status: 401, retryable: false };
  await rejects(w.client("oauth2", { clientSecret: "wrong" }).token(), { ...fields, message: "invalid_client" });
  const denied = w.client("oauth2", { scope: "forbidden" });
  await rejects(denied.token(), { code: "ERR_INVALID_REQUEST", status: 400, message: "never granted" });
});

test("custom: the request can be a form, and the expiry an instant in either notation", async (t) => {
  const w = await world(t);
  const form = {
    method: "post",
    path: "/session",
    encoding: "form",
    headers: { "x-device": "{{user}}'s" },
    body: { user: "{{ user }}", secret: "{{secret}}" },
  };
  for (const pointer of ["/result/until", "/result/untilText"]) {
    const client = w.client("custom", { request: form, response: { token: "/result/tok", expiresAt: pointer } });
    await whoami(client);
    const left = (client.expiresAt - w.now()) / 1000;
    assert.ok(left > 3500 && left < 3700, `it lives ${left} s`);
  }
  const [{ headers }] = await w.log();
  assert.equal(headers["content-type"], "application/x-www-form-urlencoded");
  assert.equal(headers["x-device"], "demo's");
});

test("custom: where the answer does not say when the token ends, the token itself does", async (t) => {
  const w = await world(t);
  const client = w.client("custom", { response: { token: "/result/tok" } });
  const { claims } = decode(await client.token());
  assert.ok(Math.abs(client.expiresAt - claims.exp * 1000) < 60_000);
});

test("custom: a credential stands in JSON at any depth, whatever characters it has", async (t) => {
  const w = await world(t);
  const odd = 'a "quoted" \\ secret {{user}} €';
  await w.change("custom", { secret: odd });
  const client = w.client("custom", { credentials: { ...w.credentials.custom, secret: odd } });
  await whoami(client);
});

test("token: what acquire gives travels in the header that attach names, for as long as it says", async (t) => {
  const w = await world(t);
  const { apiKey } = w.credentials.masv;
  const acquire = async () => ({ token: apiKey, expiresIn: 60 });
  const client = w.client("token", { service: "masv", acquire, attach: { header: "X-API-KEY" } });
  await whoami(client);
  assert.deepEqual(await client.headers(), { "X-API-KEY": apiKey });
  const left = (client.expiresAt - w.now()) / 1000;
  assert.ok(left > 0 && left <= 60, `it lives ${left} s`);
});
