// The credential stays home: other origins, tricks with paths, redirects.

import assert from "node:assert/strict";
import test from "node:test";
import { decode } from "latchkey";
import { rejects, serve, whoami, world } from "./support.mjs";

/** A server that tells which headers came, as `/whoami` does. */
function foreign(t) {
  return serve(t, (request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers }));
  });
}

const TRICKS = [
  ["//evil.example/whoami", "two slashes"],
  ["/\\evil.example/whoami", "two slashes"],
  ["/../whoami", "goes up"],
  ["/a/../../whoami", "goes up"],
  ["/..", "goes up"],
  ["/%2e%2e/whoami", "goes up"],
  ["/.%2E/whoami", "goes up"],
  ["/..\\whoami", "goes up"],
  ["/\t../whoami", "goes up"],
  ["/.\n./whoami", "goes up"],
  ["@evil.example/whoami", "neither a path that starts with /"],
  [".evil.example/whoami", "neither a path that starts with /"],
  [":80/whoami", "neither a path that starts with /"],
  ["whoami", "neither a path that starts with /"],
  ["", "neither a path that starts with /"],
  ["?q", "neither a path that starts with /"],
  ["http://evil.example/whoami", "allowedOrigins"],
  ["https://app.masivo.ai/api/storefront/v1/whoami", "allowedOrigins"],
  ["data:text/plain,x", "allowedOrigins"],
  ["file:///etc/passwd", "allowedOrigins"],
  ["javascript:alert(1)", "allowedOrigins"],
  ["blob:nodedata:0", "allowedOrigins"],
];

for (const [path, message] of TRICKS) {
  test(`${JSON.stringify(path)} is ERR_ORIGIN before a byte leaves, and the next call works`, async (t) => {
    const w = await world(t);
    const client = w.client("masivo");
    await rejects(client.fetch(path), { code: "ERR_ORIGIN", provider: "masivo", retryable: false, message });
    assert.deepEqual(await w.log(), [], "no token was asked for either");
    await whoami(client);
  });
}

test("dots that stay below the base are only a path", async (t) => {
  const w = await world(t);
  await whoami(w.client("masivo"), "/a/../whoami");
});

test("a user name in an address is refused", async (t) => {
  const w = await world(t);
  const address = w.services.masivo.replace("//", "//me:hunter22@");
  const error = await rejects(w.client("masivo").fetch(`${address}/whoami`), { code: "ERR_ORIGIN" });
  assert.ok(!error.message.includes("hunter22"));
});

test("another origin gets the credential if the configuration allows it, and only then", async (t) => {
  const w = await world(t);
  const other = await foreign(t);
  await rejects(w.client("masivo").fetch(`${other}/x`), { code: "ERR_ORIGIN", message: other });
  await rejects(w.client("masivo").fetch(new URL(`${other}/x`)), { code: "ERR_ORIGIN", message: other });
  const { message } = await rejects(w.client("masivo").fetch("no-path?signature=abcd"), { code: "ERR_ORIGIN" });
  assert.ok(message.startsWith('"no-path" is neither'), "a query may hold a secret");
  await rejects(w.client("masivo").fetch(new Request(`${other}/x`)), { code: "ERR_ORIGIN", message: other });
  const client = w.client("masivo", { allowedOrigins: [other] });
  const { headers } = await (await client.fetch(`${other}/x`)).json();
  assert.equal(headers.authorization, `Bearer ${await client.token()}`);
});

/** A world whose service redirects the next request. */
async function redirecting(t, location, status) {
  const w = await world(t);
  await w.fault({ service: "masivo", on: "/moved", kind: "redirect", location, status, times: null });
  return w;
}

test("a redirect within the origin is followed with the credential, in the method that Fetch says", async (t) => {
  for (const [status, method, arrives] of [
    [301, "GET", "GET"],
    [302, "POST", "GET"],
    [303, "PUT", "GET"],
    [307, "POST", "POST"],
    [308, "PUT", "PUT"],
  ]) {
    const w = await redirecting(t, "whoami?from=moved", status);
    const body = method === "GET" ? undefined : "the body";
    const init = { method, body, headers: { "content-type": "text/x-mine" } };
    const seen = await whoami(w.client("masivo"), "/moved", init);
    const keeps = arrives === method && body;
    assert.deepEqual([seen.method, seen.query, seen.body], [arrives, "from=moved", keeps ? body : ""], `${status}`);
    assert.equal(seen.headers.authorization, "present");
    if (arrives !== method) assert.equal(seen.headers["content-type"], undefined);
  }
});

test("a redirect to another origin is followed without any credential, of whichever service", async (t) => {
  const other = await foreign(t);
  const w = await redirecting(t, `${other}/there`);
  const headers = { cookie: "a=b", "x-api-key": "k", token: "t", "x-user-token": "u", "x-mine": "stays" };
  const response = await w.client("masivo").fetch("/moved", { headers });
  const seen = await response.json();
  assert.equal(seen.url, "/there");
  assert.equal(seen.headers["x-mine"], "stays");
  for (const name of ["authorization", "cookie", "x-api-key", "token", "x-user-token"]) {
    assert.equal(seen.headers[name], undefined, name);
  }
  assert.equal(response.url, `${other}/there`);
});

test("the header that attach names is dropped on the way to another origin too", async (t) => {
  const other = await foreign(t);
  const w = await world(t);
  await w.fault({ service: "custom", on: "/moved", kind: "redirect", location: other });
  const { headers } = await (await w.client("custom").fetch("/moved")).json();
  assert.equal(headers["x-session"], undefined);
});

test("a 401 of another origin says nothing of the token", async (t) => {
  const other = await serve(t, (request, response) => response.writeHead(401).end());
  const w = await redirecting(t, other);
  const client = w.client("masivo");
  const token = await client.token();
  assert.equal((await client.fetch("/moved")).status, 401);
  assert.equal(await client.token(), token);
});

test("redirect: manual hands the answer back, and error refuses it", async (t) => {
  const w = await redirecting(t, "whoami");
  const client = w.client("masivo");
  const address = `${w.services.masivo}/moved`;
  for (const input of ["/moved", address]) {
    const response = await client.fetch(input, { redirect: "manual" });
    assert.equal(response.status, 302);
    assert.equal(response.headers.get("location"), "whoami");
    await rejects(client.fetch(input, { redirect: "error" }), { code: "ERR_REDIRECT", message: "redirect" });
  }
  assert.equal((await client.fetch(new Request(address, { redirect: "manual" }))).status, 302);
  await rejects(client.fetch(new Request(address, { redirect: "error" })), { code: "ERR_REDIRECT" });
  await whoami(client, new Request(address));
});

const REFUSED = [
  ["ftp://files.example/", "neither https nor http"],
  ["data:text/plain,x", "neither https nor http"],
  ["http://[", "no URL"],
  ["http://me:hunter22@other.example/", "user name or password"],
];

for (const [location, message] of REFUSED) {
  test(`a redirect to ${location} is ERR_REDIRECT, and the next call works`, async (t) => {
    const w = await redirecting(t, location);
    const client = w.client("masivo");
    await rejects(client.fetch("/moved"), { code: "ERR_REDIRECT", provider: "masivo", retryable: false, message });
    await whoami(client);
  });
}

test("redirects in a circle end after twenty", async (t) => {
  const w = await redirecting(t, "moved");
  await rejects(w.client("masivo").fetch("/moved"), { code: "ERR_REDIRECT", message: "more than 20" });
  assert.equal(await w.count("masivo", "resource"), 21);
});

test("a stream is not sent to a second place", async (t) => {
  const w = await redirecting(t, "whoami", 307);
  const body = new Blob(["once"]).stream();
  const sent = w.client("masivo").fetch("/moved", { method: "POST", body, duplex: "half" });
  await rejects(sent, { code: "ERR_REDIRECT", message: "stream" });
});

test("a token request follows no redirect", async (t) => {
  const other = await foreign(t);
  const w = await world(t);
  for (const location of [other, `${w.services.masivo}/auth/authorize`]) {
    await w.fault({ service: "masivo", on: "token", kind: "redirect", location });
    const client = w.client("masivo");
    await rejects(client.token(), { code: "ERR_REDIRECT", status: 302, retryable: false, message: "correct baseUrl" });
    await client.token();
  }
  assert.equal(await w.count("masivo", "token"), 4);
});

test("what a token names in its header and claims is asked by nobody", async (t) => {
  const heard = [];
  const other = await serve(t, (request, response) => response.end(heard.push(request.url)));
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const header = part({ alg: "RS256", kid: `${other}/kid`, jku: `${other}/jku`, x5u: `${other}/x5u` });
  const token = `${header}.${part({ iss: other, aud: other, exp: 4e9 })}.c2ln`;
  const w = await world(t);
  await w.fault({ kind: "body", body: { data: token }, service: "masivo", on: "token" });
  const client = w.client("masivo");
  assert.equal(await client.token(), token);
  await (await client.fetch("/whoami")).arrayBuffer();
  decode(token);
  assert.deepEqual(heard, []);
});
