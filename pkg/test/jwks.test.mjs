// Key sets over real HTTP: by address and by issuer, kept, rolled over, down, forged, and what is no key set. How long one is good is
// tested in every order of events in the core, in src/verify/tests/cached.rs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { jwks, verify } from "latchkey";
import { makeKey, sign } from "../../tests/runtimes/suite/signing.mjs";
import { rejects, serve, throws, world } from "./support.mjs";

/** The endpoint of an issuer's keys, and a token of the issuer's. */
async function issuer(t, settings) {
  const made = await world(t, settings);
  const url = made.services.oauth2;
  const token = await made.client("oauth2").token();
  const requests = () => made.count("oauth2", "keys");
  const keys = (body, headers = {}) =>
    made.unfault().then(() => made.fault({ service: "oauth2", on: "/jwks", times: null, kind: "status", status: 200, headers, body }));
  return { made, url, token, requests, keys, jwksUrl: `${url}/jwks` };
}

/** Has the clock stand still until a test moves it. */
function clock(t) {
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
  return (seconds) => t.mock.timers.setTime(Date.now() + seconds * 1000);
}

const DAY = 86_400;

/** A key with its id, as a set has it. */
async function named(kid, alg = "ES256") {
  const key = await makeKey(alg);
  const token = () => sign(key, { sub: kid }, { kid });
  return { ...key, kid, token, member: { ...key.jwk, kid, alg, use: "sig" } };
}

for (const algorithm of ["ES256", "RS256", "EdDSA"]) {
  test(`a token of ${algorithm} is verified by the keys at an address, and by those of its issuer`, async (t) => {
    const { made, url, token, jwksUrl, requests } = await issuer(t, { algorithm });
    const { header, claims } = await verify(token, { jwksUrl, typ: "at+jwt", issuer: url });
    assert.deepEqual([header.alg, claims.iss], [algorithm, url]);
    assert.deepEqual(await verify(token, { jwksUrl: new URL(jwksUrl), algorithms: [algorithm] }), { header, claims });
    assert.deepEqual(await verify(token, { jwks: jwks(jwksUrl) }), { header, claims });
    assert.equal(await requests(), 1);
    assert.deepEqual(await verify(token, { issuer: url }), { header, claims });
    assert.deepEqual(await verify(token, { issuer: url }), { header, claims });
    assert.deepEqual([await requests(), await made.count("oauth2", "discovery")], [2, 1]);
    await rejects(verify(token, { jwksUrl, issuer: `${url}/` }), { code: "ERR_CLAIM", message: "iss" });
    await rejects(verify(token, { jwksUrl, algorithms: ["PS256"] }), { code: "ERR_SIGNATURE", message: "not allowed" });
  });
}

test("a secret's signature is not looked for in a set", async (t) => {
  const { token, jwksUrl, requests } = await issuer(t, { algorithm: "HS256" });
  await rejects(verify(token, { jwksUrl }), { code: "ERR_SIGNATURE", message: "not allowed" });
  await rejects(verify(token.replace(/^[^.]+/, "eyJhbGciOiJub25lIn0"), { jwksUrl }), { code: "ERR_SIGNATURE" });
  assert.equal(await requests(), 0);
});

test("who names the same has the same set, and its own fetch sends the request", async (t) => {
  const { jwksUrl, keys, requests } = await issuer(t);
  const key = await named("key");
  const token = await key.token();
  await keys({ keys: [key.member] });
  const asked = [];
  const own = (...given) => {
    asked.push(given[0]);
    return fetch(...given);
  };
  const set = jwks(jwksUrl, { fetch: own, timeout: 5 });
  assert.equal(jwks(new URL(jwksUrl), { fetch: own, timeout: 5 }), set);
  assert.notEqual(jwks(jwksUrl, { timeout: 5 }), set);
  const { mock } = t.mock.method(globalThis.crypto.subtle, "importKey");
  for (const _ of [1, 2, 3]) await verify(token, { jwks: set });
  assert.deepEqual([asked, await requests(), mock.callCount()], [[jwksUrl], 1, 1]);
});

test("a crowd asks once, and whoever leaves takes nothing along", async (t) => {
  const { made, token, jwksUrl, requests } = await issuer(t);
  await made.fault({ service: "oauth2", on: "/jwks", kind: "delay", seconds: 0.2 });
  const controller = new AbortController();
  const leaver = verify(token, { jwksUrl, signal: controller.signal });
  const crowd = Array.from({ length: 500 }, () => verify(token, { jwksUrl }));
  controller.abort(new Error("gone"));
  await assert.rejects(leaver, /gone/);
  assert.equal(new Set((await Promise.all(crowd)).map(({ claims }) => claims.jti)).size, 1);
  assert.equal(await requests(), 1);
});

test("a flood of forged ids makes one request, and stops nobody", async (t) => {
  const pass = clock(t);
  const { token, jwksUrl, requests } = await issuer(t);
  const good = () => verify(token, { jwksUrl, leeway: 60 });
  await good();
  const forger = await makeKey("ES256");
  const forged = await Promise.all(Array.from({ length: 200 }, (_, at) => sign(forger, {}, { kid: `forged-${at}` })));
  const flood = () =>
    Promise.all(forged.map((one) => rejects(verify(one, { jwksUrl }), { code: "ERR_SIGNATURE", message: "no key of the set" })));
  await flood();
  assert.equal(await requests(), 1, "the set has only just come");
  pass(31);
  await Promise.all([flood(), good()]);
  await flood();
  assert.equal(await requests(), 2);
});

test("keys are rolled over, with overlap and without", async (t) => {
  const pass = clock(t);
  const { jwksUrl, keys, requests } = await issuer(t);
  const [old, young] = [await named("old"), await named("young")];
  const check = async (key) => (await verify(await key.token(), { jwksUrl })).claims.sub;
  await keys({ keys: [old.member] }, { "cache-control": "max-age=3600" });
  assert.equal(await check(old), "old");
  await keys({ keys: [old.member, young.member] }, { "cache-control": "max-age=3600" });
  pass(31);
  assert.deepEqual([await check(young), await check(old), await requests()], ["young", "old", 2]);
  await keys({ keys: [young.member] });
  pass(3599);
  assert.equal(await check(old), "old");
  pass(1);
  await rejects(check(old), { code: "ERR_SIGNATURE" });
  assert.deepEqual([await check(young), await requests()], ["young", 3]);
});

test("Cache-Control is heeded within bounds", async (t) => {
  const pass = clock(t);
  for (const [said, kept] of [["max-age=120", 120], ["no-store", 60], ["max-age=1", 60], ["max-age=99999999", DAY], [undefined, 600]]) {
    const { jwksUrl, keys, requests } = await issuer(t);
    const key = await named(`kept ${said}`);
    const token = await key.token();
    await keys({ keys: [key.member] }, said ? { "cache-control": said } : {});
    await verify(token, { jwksUrl });
    pass(kept - 1);
    await verify(token, { jwksUrl });
    assert.equal(await requests(), 1, said);
    pass(1);
    await verify(token, { jwksUrl });
    assert.equal(await requests(), 2, said);
  }
});

test("while the endpoint is down the old keys are used, but not for ever", async (t) => {
  const pass = clock(t);
  const { made, token, jwksUrl, requests } = await issuer(t, { lifetime: DAY });
  const fresh = { jwksUrl, leeway: DAY };
  await verify(token, fresh);
  await made.fault({ service: "oauth2", on: "/jwks", times: null, kind: "status", status: 503 });
  pass(601);
  await verify(token, fresh);
  await verify(token, fresh);
  assert.equal(await requests(), 2, "not with every token");
  pass(4 * 3600);
  await rejects(verify(token, fresh), { code: "ERR_SERVER", status: 503, retryable: true });
  await rejects(verify(token, fresh), { code: "ERR_SERVER" });
  assert.equal(await requests(), 3);
  await made.unfault();
  pass(31);
  await verify(token, fresh);
});

const HTML = "<!doctype html><title>Sign in</title>";

/** What stands at the address instead of a key set, and what comes of it. */
const ANSWERS = [
  ["HTML", { kind: "html" }, { code: "ERR_RESPONSE", message: "is no JSON" }],
  ["HTML that says to be JSON", { kind: "body", body: HTML }, { code: "ERR_RESPONSE", message: "is no JSON" }],
  ["nothing", { kind: "empty" }, { code: "ERR_RESPONSE" }],
  ["204", { kind: "noContent" }, { code: "ERR_RESPONSE", status: 204 }],
  ["more than 1 MiB", { kind: "big", bytes: 2 ** 21 }, { code: "ERR_RESPONSE", message: "1 MiB" }],
  ["half of it", { kind: "truncated" }, { code: "ERR_NETWORK" }],
  ["no answer", { kind: "cut" }, { code: "ERR_NETWORK" }],
  ["a redirect", { kind: "redirect", location: "https://evil.example/jwks" }, { code: "ERR_REDIRECT", status: 302 }],
  ["404", { kind: "status", status: 404 }, { code: "ERR_NOT_FOUND", message: "answered 404" }],
  ["500 with JSON", { kind: "status", status: 500, body: { message: "eyJhbGciOiJub25lIn0" } }, { code: "ERR_SERVER" }],
  ["another kind of JSON", { kind: "body", body: { access_token: "x" } }, { code: "ERR_RESPONSE", message: "has no list of keys" }],
  ["an array", { kind: "body", body: [] }, { code: "ERR_RESPONSE", message: "has no list of keys" }],
  ["no keys", { kind: "body", body: { keys: [] } }, { code: "ERR_RESPONSE", message: "has no keys" }],
  ["101 keys", { kind: "body", body: { keys: Array(101).fill({ kty: "RSA" }) } }, { code: "ERR_RESPONSE", message: "more than 100" }],
  ["a member twice", { kind: "body", body: '{"keys":[],"keys":[]}' }, { code: "ERR_RESPONSE", message: "stands twice" }],
];

for (const [what, fault, refused] of ANSWERS) {
  test(`${what} in place of a set is a clear error`, async (t) => {
    const { made, token, jwksUrl } = await issuer(t);
    await made.fault({ service: "oauth2", on: "/jwks", times: null, ...fault });
    await rejects(verify(token, { jwksUrl }), refused);
  });
}

test("an endpoint that never answers ends with the timeout", async (t) => {
  const { token } = await issuer(t);
  const url = await serve(t, () => {});
  await rejects(verify(token, { jwks: jwks(`${url}/jwks`, { timeout: 0.2 }) }), { code: "ERR_TIMEOUT", message: "200 ms" });
});

test("keys that do not do are refused with their reason", async (t) => {
  const { jwksUrl, keys } = await issuer(t);
  const [good, twice, enc, secret] = [await named("good"), await named("twice"), await named("enc"), await named("secret")];
  const small = { ...(await makeKey("RS256", { modulusLength: 1024 })), kid: "small" };
  const { d } = twice.privateJwk;
  await keys({
    keys: [
      good.member,
      twice.member,
      { ...good.member, kid: "twice" },
      { ...enc.member, use: "enc" },
      { ...secret.member, d },
      { kty: "oct", kid: "oct", k: "c2VjcmV0" },
      { kty: "AKP", kid: "new", alg: "ML-DSA-44", pub: "AAAA" },
      { ...good.member, kid: "broken", x: "AAAA" },
      { ...small.jwk, kid: "small", alg: "RS256" },
      "nonsense",
    ],
  });
  assert.equal((await verify(await good.token(), { jwksUrl })).claims.sub, "good");
  for (const [kid, fields] of [
    ["twice", { code: "ERR_SIGNATURE", message: "more than one key" }],
    ["enc", { code: "ERR_SIGNATURE", message: "not meant to verify" }],
    ["secret", { code: "ERR_SIGNATURE", message: "is a private key" }],
    ["oct", { code: "ERR_SIGNATURE", message: "is a secret" }],
    ["new", { code: "ERR_SIGNATURE", message: "unknown kind" }],
    ["broken", { code: "ERR_RESPONSE", message: "the key of the set: it is broken", issues: undefined }],
    [undefined, { code: "ERR_SIGNATURE", message: "more than one key" }],
  ]) {
    await rejects(sign(good, {}, { kid }).then((token) => verify(token, { jwksUrl })), fields);
  }
  const tooShort = { code: "ERR_RESPONSE", message: "2048", issues: undefined };
  await rejects(sign(small, {}, { kid: "small" }).then((token) => verify(token, { jwksUrl })), tooShort);
});

test("a set is only believed from where nobody could have changed it", () => {
  for (const url of ["http://issuer.example/jwks", "ftp://issuer.example", "https://user:pass@issuer.example/jwks", "/jwks", "", 5, undefined]) {
    throws(() => jwks(url), { code: "ERR_CONFIG", message: "url" });
  }
  for (const options of [{ timeout: 0 }, { retries: 3 }, { fetch: "x" }, [], null]) {
    throws(() => jwks("https://issuer.example/jwks", options), { code: "ERR_CONFIG" });
  }
  return rejects(verify("e30.e30.", { issuer: "http://issuer.example" }), { code: "ERR_CONFIG", message: "issuer: must be an absolute https URL" });
});

test("an issuer's document is believed only if it is that issuer's", async (t) => {
  const { made, url, token, requests } = await issuer(t);
  const document = { issuer: url, jwks_uri: `${url}/jwks` };
  const answers = async (body) => {
    await made.unfault();
    await made.fault({ service: "oauth2", on: "discovery", times: null, kind: "body", body });
  };
  const pass = clock(t);
  for (const [body, message] of [
    [{ ...document, issuer: `${url}/` }, "a discovery document of the issuer"],
    [{ ...document, jwks_uri: undefined }, "jwks_uri"],
    [{ ...document, jwks_uri: "http://keys.example/jwks" }, "jwks_uri that must be https"],
    [{ ...document, jwks_uri: "/jwks" }, "jwks_uri that is no URL"],
    [HTML, "JSON"],
  ]) {
    await answers(body);
    await rejects(verify(token, { issuer: url }), { code: "ERR_RESPONSE", message });
    pass(31);
  }
  assert.equal(await requests(), 0);
  await made.unfault();
  await made.fault({ service: "oauth2", on: "/.well-known/openid-configuration", kind: "status", status: 404 });
  await rejects(verify(token, { issuer: url }), { code: "ERR_RESPONSE", message: "give jwksUrl instead of issuer" });
  pass(31);
  assert.equal((await verify(token, { issuer: url })).claims.iss, url);
});
