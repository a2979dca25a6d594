// Token requests that are answered with something else than a token.

import assert from "node:assert/strict";
import test from "node:test";
import { expect, rejects, serve, whoami, world } from "./support.mjs";

const PROVIDERS = ["masivo", "masv", "login", "brifle", "oauth2", "custom"];

const STAND_IN = { status: 200, headers: new Headers() };

const ANSWERS = [
  [
    "HTML",
    { kind: "html" },
    { code: "ERR_RESPONSE", status: 200, message: "text/html where JSON was expected: is baseUrl right?" },
  ],
  [
    "nothing",
    { kind: "empty" },
    { code: "ERR_RESPONSE", status: 200, message: "an empty body where JSON was expected" },
  ],
  ["204", { kind: "noContent" }, { code: "ERR_RESPONSE", status: 204 }],
  [
    "{}",
    { kind: "body", body: {} },
    { code: "ERR_RESPONSE", status: 200, message: /nothing at \/|no text|token_type/ },
  ],
  ["null", { kind: "body", body: null }, { code: "ERR_RESPONSE", status: 200 }],
  ["an array", { kind: "body", body: [] }, { code: "ERR_RESPONSE", status: 200 }],
  ["half a JSON", { kind: "body", body: '{"data": "x' }, { code: "ERR_RESPONSE", status: 200, message: "no JSON" }],
  ["5 MB", { kind: "big", bytes: 5_000_000 }, { code: "ERR_RESPONSE", status: 200, message: "more than 1 MiB" }],
  ["half of the answer", { kind: "truncated" }, { code: "ERR_NETWORK", retryable: true }],
  ["a cut connection", { kind: "cut" }, { code: "ERR_NETWORK", retryable: true }],
  ["a redirect", { kind: "redirect", location: "/elsewhere" }, { code: "ERR_REDIRECT", status: 302 }],
  [
    "400",
    { kind: "status", status: 400, body: { message: "no such field" } },
    { code: "ERR_INVALID_REQUEST", status: 400, message: "no such field" },
  ],
  ["401", { kind: "status", status: 401 }, { code: "ERR_UNAUTHORIZED", status: 401 }],
  ["403", { kind: "status", status: 403 }, { code: "ERR_FORBIDDEN", status: 403 }],
  ["404", { kind: "status", status: 404 }, { code: "ERR_NOT_FOUND", status: 404, message: "): is baseUrl right?" }],
  ["409", { kind: "status", status: 409 }, { code: "ERR_CONFLICT", status: 409 }],
  [
    "500 in HTML",
    { kind: "status", status: 500, body: "<h1>Oops" },
    { code: "ERR_SERVER", status: 500, retryable: true },
  ],
  [
    "429 for a minute",
    { kind: "retryAfter", seconds: 61 },
    { code: "ERR_RATE_LIMITED", status: 429, retryAfter: 61, retryable: true },
  ],
  [
    "503 for a minute",
    { kind: "retryAfter", status: 503, seconds: 61 },
    { code: "ERR_RATE_LIMITED", status: 503, retryAfter: 61 },
  ],
];

for (const [what, fault, fields] of ANSWERS) {
  test(`a token request that is answered with ${what} is ${fields.code} for every provider, and the next call works`, async (t) => {
    const w = await world(t);
    for (const provider of PROVIDERS) {
      const client = w.client(provider, { retries: 0 });
      await w.fault({ ...fault, service: provider, on: "token" });
      await rejects(client.token(), { provider, ...fields });
      client.invalidate();
      await whoami(client);
      assert.equal(await w.count(provider, "token"), 2, "nothing was tried behind the caller's back");
    }
  });
}

test("a token that has expired already is ERR_TOKEN_EXPIRED, and the next call works", async (t) => {
  const w = await world(t);
  for (const provider of ["masivo", "masv", "login", "brifle"]) {
    const client = w.client(provider);
    await w.fault({ kind: "expired", service: provider, on: "token" });
    await rejects(client.token(), { code: "ERR_TOKEN_EXPIRED", provider, retryable: false, message: "expired" });
    await whoami(client);
  }
});

const NO_TOKENS = [
  ["masivo", (token) => ({ data: token })],
  ["masv", (token) => ({ token })],
  ["login", (token) => ({ access_token: token, expires_in: 60 })],
  ["brifle", (token) => ({ access_token: token, expires_in: 60 })],
  ["oauth2", (token) => ({ access_token: token, token_type: "Bearer" })],
  ["custom", (token) => ({ result: { tok: token } })],
];

for (const [provider, answer] of NO_TOKENS) {
  test(`${provider}: a token that is no string, empty, or no header's value is ERR_RESPONSE, and the next call works`, async (t) => {
    const w = await world(t);
    const client = w.client(provider);
    for (const token of [5, null, true, {}, ["a"], "", "a\nb", "tökén", " a"]) {
      await w.fault({ kind: "body", body: answer(token), service: provider, on: "token" });
      await rejects(client.token(), { code: "ERR_RESPONSE", provider, status: 200, retryable: false });
      client.invalidate();
    }
    await whoami(client);
  });
}

test("a body that is not UTF-8 is ERR_RESPONSE", async (t) => {
  const w = await world(t);
  const tokenUrl = await serve(t, (request, response) => response.end(Buffer.from([0x22, 0xff, 0x22])));
  await rejects(w.client("masivo", { tokenUrl }).token(), { code: "ERR_RESPONSE", message: "not UTF-8" });
});

test("a body of 5 MB is given up before it is whole", async (t) => {
  const w = await world(t);
  const tokenUrl = await serve(t, (request, response) => {
    const more = () => response.write(Buffer.alloc(65_536, "x"), () => response.destroyed || more());
    more();
  });
  await rejects(w.client("masivo", { tokenUrl }).token(), { code: "ERR_RESPONSE", message: "more than 1 MiB" });
});

test("a service that answers too late is ERR_TIMEOUT, and the next call works", async (t) => {
  const w = await world(t);
  const client = w.client("masivo", { retries: 0, timeout: 0.1 });
  await w.fault({ kind: "delay", seconds: 600, service: "masivo", on: "token" });
  await rejects(client.token(), { code: "ERR_TIMEOUT", provider: "masivo", retryable: true, status: undefined });
  await whoami(w.client("masivo"));
});

const NO_RESPONSES = [
  undefined,
  null,
  7,
  "text",
  {},
  { status: 200 },
  { status: 200, headers: {} },
  { ...STAND_IN, body: "text" },
];

for (const [index, given] of NO_RESPONSES.entries()) {
  test(`an own fetch that gives no Response (${index}) is ERR_RESPONSE, and the next call works`, async (t) => {
    const w = await world(t);
    for (const times of [1, 2]) {
      // Once for the token request, once for the caller's own.
      let calls = 0;
      const own = (...request) => (++calls === times ? given : fetch(...request));
      const client = w.client("masivo", { fetch: own });
      await rejects(client.fetch("/whoami"), { code: "ERR_RESPONSE", provider: "masivo", message: "not a Response" });
      await whoami(client);
    }
  });
}

test("a service that is not there is ERR_NETWORK with the reason", async (t) => {
  const w = await world(t);
  const client = w.client("masivo", { baseUrl: "http://127.0.0.1:9", retries: 0 });
  const { cause } = await rejects(client.token(), { code: "ERR_NETWORK", provider: "masivo", retryable: true });
  assert.match(cause.message, /fetch failed: ./);
});

test("a service's own words are repeated without the credential that they hold", async (t) => {
  const w = await world(t);
  const { apiKey } = w.credentials.masivo;
  const body = { message: `${apiKey} is no key; try ${encodeURIComponent(apiKey)}`, code: 40101 };
  await w.fault({ kind: "status", status: 401, body, service: "masivo", on: "token" });
  const { message } = await rejects(w.client("masivo").token(), { code: "ERR_UNAUTHORIZED" });
  assert.equal(message, "the service answered 401: [redacted] is no key; try [redacted] (40101)");
});

test("what may pass is tried again, and told", async (t) => {
  t.mock.method(Math, "random", () => 0);
  const w = await world(t);
  await w.fault(
    { kind: "status", status: 503, service: "masivo", on: "token" },
    { kind: "cut", service: "masivo", on: "token" },
    { kind: "retryAfter", seconds: 0, service: "masivo", on: "token" },
  );
  await whoami(w.client("masivo"));
  const retries = w.events.filter(({ type }) => type === "retry");
  assert.deepEqual(
    retries.map(({ attempt, delay, status, code }) => [attempt, delay, status, code]),
    [
      [1, 0, 503, "ERR_SERVER"],
      [2, 0, undefined, "ERR_NETWORK"],
      [3, 0, 429, "ERR_RATE_LIMITED"],
    ],
  );
});

test("when the retries are used up, the last error is the caller's", async (t) => {
  t.mock.method(Math, "random", () => 0);
  const w = await world(t);
  await w.fault({ kind: "status", status: 502, service: "masivo", on: "token", times: null });
  await rejects(w.client("masivo", { retries: 2 }).token(), { code: "ERR_SERVER", status: 502 });
  assert.equal(await w.count("masivo", "token"), 3);
});

test("a crowd that waits for one failing request is told by it, each with an error of its own", async (t) => {
  const w = await world(t);
  await w.fault({ kind: "html", service: "masivo", on: "token" });
  const client = w.client("masivo");
  const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => client.token()));
  for (const { reason } of outcomes) expect(reason, { code: "ERR_RESPONSE" });
  assert.equal(await w.count("masivo", "token"), 1);
});
