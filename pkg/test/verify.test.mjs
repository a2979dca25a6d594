// Tokens and the keys that verify them: every algorithm with every form of a key, and what must not pass. How the claims are judged
// is tested in the core, in src/verify/tests.rs; key sets are in jwks.test.mjs.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runInNewContext } from "node:vm";
import { verify } from "latchkey";
import { ALGORITHMS, makeKey, sign } from "../../tests/runtimes/suite/signing.mjs";
import { expect, look, rejects } from "./support.mjs";

const keys = Object.fromEntries(await Promise.all(ALGORITHMS.map(async (alg) => [alg, await makeKey(alg)])));
const claims = { iss: "https://issuer.example", sub: "you", exp: 4102444800 };

/** All forms that a key has, with what has to be said besides. */
function forms({ alg, bytes, pem, jwk, cryptoKey }) {
  const algorithms = [alg];
  const all = [
    ["a JWK that names its algorithm", { key: { ...jwk, alg, use: "sig", key_ops: ["verify"], kid: "a", "x5t#S256": "x" } }],
    ["a JWK", { key: jwk, algorithms }],
    ["a CryptoKey", { key: cryptoKey }],
    ["a CryptoKey and its algorithm", { key: cryptoKey, algorithms: ["ES256", "RS256", alg] }],
  ];
  if (bytes) return [...all, ["bytes", { key: bytes, algorithms }], ["a Buffer", { key: Buffer.from(bytes), algorithms }]];
  return [...all, ["PEM", { key: pem, algorithms }], ["PEM with CRLF", { key: `\r\n${pem.replaceAll("\n", "\r\n")}`, algorithms }]];
}

describe("every algorithm, with every form of a key", () => {
  for (const alg of ALGORITHMS) {
    test(alg, async () => {
      const token = await sign(keys[alg], claims, { typ: "JWT" });
      const other = await sign(await makeKey(alg), claims);
      for (const [form, options] of forms(keys[alg])) {
        // Twice, as what was imported is kept.
        for (const _ of [1, 2]) {
          assert.deepEqual(await verify(token, options), { header: { alg, typ: "JWT" }, claims }, form);
          await rejects(verify(other, options), { code: "ERR_SIGNATURE", message: "the signature is not that of the key" });
        }
      }
    });
  }
});

test("a public key is imported once in each form, and what is no text never", async (t) => {
  const { mock } = t.mock.method(globalThis.crypto.subtle, "importKey");
  for (const alg of ALGORITHMS) {
    const made = await makeKey(alg);
    const token = await sign(made, claims);
    for (const [form, options] of forms(made)) {
      const before = mock.callCount();
      for (const _ of [1, 2, 3]) await verify(token, options);
      const isImported = !made.bytes && options.key !== made.cryptoKey;
      assert.equal(mock.callCount() - before, isImported ? 1 : 0, `${alg}, ${form}`);
    }
  }
});

test("a curve names its algorithm, and RSA does not", async () => {
  for (const alg of ["ES256", "ES384", "ES512", "EdDSA"]) {
    for (const key of [keys[alg].jwk, keys[alg].pem]) {
      assert.equal((await verify(await sign(keys[alg]), { key })).claims.sub, "you");
    }
  }
  for (const key of [keys.RS256.jwk, keys.RS256.pem, keys.HS256.bytes]) {
    await rejects(verify("a.b.c", { key, algorithms: [] }), { code: "ERR_CONFIG", message: "algorithms: is empty" });
    const token = await sign(keys.RS256);
    await rejects(verify(token, { key }), { code: "ERR_CONFIG", message: "algorithms: must name one" });
  }
});

test("bytes of another realm are bytes", async () => {
  const key = runInNewContext("Uint8Array.from(bytes)", { bytes: [...keys.HS256.bytes] });
  assert.equal((await verify(await sign(keys.HS256), { key, algorithms: ["HS256"] })).claims.sub, "you");
});

test("a secret that was changed in place is another secret", async () => {
  const key = Uint8Array.from(keys.HS256.bytes);
  const options = { key, algorithms: ["HS256"] };
  const token = await sign(keys.HS256);
  await verify(token, options);
  key.fill(7);
  await rejects(verify(token, options), { code: "ERR_SIGNATURE" });
});

/** RFC 8725 §2.1 and §3.1. */
test("a token does not choose its algorithm", async () => {
  const unsigned = async (alg, signature = "") => (await sign(keys.HS256, claims, { alg })).replace(/[^.]+$/, signature);
  for (const alg of ["none", "None", "NONE", "nOnE", "", null]) {
    for (const [, options] of [...forms(keys.HS256), ...forms(keys.RS256), ...forms(keys.ES256)]) {
      await rejects(verify(await unsigned(alg), options), { code: "ERR_SIGNATURE" });
    }
  }
  // The public key of RSA as the secret of HMAC.
  const { pem, jwk } = keys.RS256;
  const secret = await crypto.subtle.importKey("raw", Buffer.from(pem), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const forged = await sign({ alg: "HS256", signer: secret }, claims);
  await rejects(verify(forged, { key: pem, algorithms: ["RS256"] }), { code: "ERR_SIGNATURE" });
  await rejects(verify(forged, { key: jwk, algorithms: ["RS256", "HS256"] }), { code: "ERR_SIGNATURE" });
  await rejects(verify(forged, { key: pem, algorithms: ["HS256"] }), { code: "ERR_CONFIG", message: "names none that the key can serve" });
  await rejects(verify(forged, { key: Buffer.from(pem), algorithms: ["HS256"] }), { code: "ERR_CONFIG", message: "holds PEM" });
  // A key of one algorithm is no key of another of its kind.
  const pss = await sign({ ...keys.PS256 }, claims);
  await rejects(verify(pss, { key: keys.PS256.jwk, algorithms: ["RS256"] }), { code: "ERR_SIGNATURE", message: "alg" });
  await rejects(verify(pss, { key: keys.PS256.jwk, algorithms: ["PS384"] }), { code: "ERR_SIGNATURE", message: "alg" });
});

/** RFC 8725 §3.10, RFC 7515 §4.1.11, RFC 7797. */
test("what a token brings along is not believed", async () => {
  const own = await makeKey("ES256");
  for (const header of [
    { jwk: own.jwk },
    { jku: "https://evil.example/jwks" },
    { x5u: "https://evil.example/cert" },
    { x5c: ["AAAA"] },
    { crit: ["exp"] },
    { crit: ["b64"], b64: false },
    { b64: true },
  ]) {
    for (const key of [own, keys.ES256]) {
      const token = await sign(key, claims, header);
      const refused = await rejects(verify(token, { key: keys.ES256.jwk }), { code: "ERR_TOKEN_MALFORMED" });
      assert.match(refused.message, new RegExp(Object.keys(header)[0]));
    }
  }
});

test("a signature in another form is none", async () => {
  const key = keys.ES256;
  const token = await sign(key, claims);
  const [, , signature] = token.split(".");
  const bytes = Buffer.from(signature, "base64url");
  const withSignature = (other) => token.replace(signature, Buffer.from(other).toString("base64url"));
  // As X.509 has it, in DER; all zero (CVE-2022-21449); cut; doubled; r and s changed over.
  const integer = (part) => [2, part.length + 1, 0, ...part];
  const [r, s] = [bytes.subarray(0, 32), bytes.subarray(32)];
  const der = [48, 70, ...integer(r), ...integer(s)];
  for (const other of [der, new Uint8Array(64), [], bytes.subarray(1), [...bytes, ...bytes], [...s, ...r]]) {
    await rejects(verify(withSignature(other), { key: key.jwk }), { code: "ERR_SIGNATURE" });
  }
  for (const spoilt of [`${token}=`, token.replace(/.$/, "+"), `${token}.`, token.slice(0, -1), ` ${token}`, `Bearer ${token}`]) {
    const { code } = await rejects(verify(spoilt, { key: key.jwk }), {});
    assert.ok(["ERR_TOKEN_MALFORMED", "ERR_SIGNATURE"].includes(code), code);
  }
});

test("what is no token is refused before anything is done with it", async () => {
  const options = { key: keys.ES256.jwk };
  const huge = `${"a".repeat(70_000)}.e30.c2ln`;
  for (const token of ["", "a", "a.b", "a.b.c.d.e", huge, 5, null, undefined, {}, [], "é.é.é", "e30.e30.\u{1f511}"]) {
    await rejects(verify(token, options), { code: "ERR_TOKEN_MALFORMED" });
    await rejects(verify(token, { key: keys.HS256.bytes, algorithms: ["HS256"] }), { code: "ERR_TOKEN_MALFORMED" });
  }
});

/** RFC 7518 §3.2 and §3.3, RFC 8725 §3.5. */
test("short keys are refused", async () => {
  const small = await makeKey("RS256", { modulusLength: 1024 });
  const token = await sign(small, claims);
  for (const [form, options] of forms(small)) {
    expect(await rejects(verify(token, options), { code: "ERR_CONFIG", message: "2048 bits" }), {}, form);
  }
  for (const [alg, length] of [["HS256", 31], ["HS384", 47], ["HS512", 63]]) {
    const short = await makeKey(alg, { length: length * 8 });
    const refused = { code: "ERR_CONFIG", message: `has ${length} bytes: ${alg} needs ${length + 1}` };
    for (const [, options] of forms(short)) await rejects(verify(await sign(short), options), refused);
  }
});

test("a key of the wrong kind is a clear error", async () => {
  const token = await sign(keys.ES256, claims);
  const { privateJwk, signer, jwk, pem } = keys.ES256;
  const certificate = pem.replaceAll("PUBLIC KEY", "CERTIFICATE");
  const spoilt = { ...jwk, x: "AAAA" };
  for (const [key, message] of [
    [privateJwk, "private key"],
    [signer, "does not verify"],
    [certificate, "PUBLIC KEY"],
    ["secret", "PUBLIC KEY"],
    ["", "PUBLIC KEY"],
    [pem.replace("MF", "M!"), "base64"],
    [pem.replace(/\n[^-]+\n/, (body) => body.slice(0, 60) + "\n"), "broken"],
    [spoilt, "broken"],
    [{ ...jwk, crv: "secp256k1" }, "unknown kind"],
    [{ ...jwk, use: "enc" }, "not meant to verify"],
    [{ ...jwk, key_ops: ["sign"] }, "not meant to verify"],
    [{ keys: [jwk] }, "unknown kind"],
    [{}, "unknown kind"],
    [[], "key"],
    [5, "key"],
    [null, "key"],
    [() => jwk, "key"],
    [Promise.resolve(jwk), "key"],
    [new ArrayBuffer(32), "key"],
  ]) {
    await rejects(verify(token, { key }), { code: "ERR_CONFIG", message });
  }
  await rejects(verify(await sign(keys.HS256), { key: { kty: "oct", k: "====" }, algorithms: ["HS256"] }), { code: "ERR_CONFIG", message: "base64url" });
});

test("options are read strictly, and a key comes from one place", async () => {
  const token = await sign(keys.ES256, claims);
  const key = keys.ES256.jwk;
  for (const [options, message] of [
    [undefined, "options"],
    [null, "options"],
    [[], "options"],
    [{}, "key: is required"],
    [{ issuer: ["https://a.example"] }, "key: is required"],
    [{ key, jwksUrl: "https://a.example" }, "one of key, jwks and jwksUrl"],
    [{ key, issuers: "x" }, "issuers: is unknown"],
    [{ key, algorithms: ["none"] }, 'algorithms: "none" is not known here'],
    [{ key, algorithms: "HS256" }, "names none that the key can serve"],
    [{ key, leeway: -1 }, "leeway"],
    [{ key, now: Date.now() }, "now: must be a Date"],
    [{ key, signal: {} }, "signal"],
    [{ jwks: {} }, "jwks: must be what jwks(url) gave"],
    [{ jwks: "https://a.example" }, "jwks: must be what jwks(url) gave"],
  ]) {
    await rejects(verify(token, options), { code: "ERR_CONFIG", message });
  }
});

test("options that change are read again", async () => {
  const token = await sign(keys.HS256, { ...claims, aud: "api" });
  const options = { key: keys.HS256.bytes, algorithms: ["HS256"], audience: ["api"] };
  await verify(token, options);
  options.audience[0] = "other";
  await rejects(verify(token, options), { code: "ERR_CLAIM", message: "the claim aud is not as asked" });
  await rejects(verify(token, { ...options, leeway: "x" }), { code: "ERR_CONFIG" });
  await rejects(verify(token, options), { code: "ERR_CLAIM" });
  options.audience[0] = "api";
  assert.equal((await verify(token, options)).claims.aud, "api");
});

test("what was not asked is not found at what every object has", async (t) => {
  const token = await sign(keys.HS256, { ...claims, iss: "x" });
  const options = { key: keys.HS256.bytes, algorithms: ["HS256"], issuer: undefined };
  Object.defineProperty(Object.prototype, "issuer", { value: "good", configurable: true });
  t.after(() => delete Object.prototype.issuer);
  assert.equal((await verify(token, options)).claims.iss, "x");
  await rejects(verify(token, { ...options, issuer: "good" }), { code: "ERR_CLAIM", message: "iss" });
});

test("claims and times are judged once the signature is good", async () => {
  const key = keys.ES256;
  const at = (seconds) => new Date(seconds * 1000);
  const token = await sign(key, { iss: "a", aud: ["x", "y"], sub: "s", iat: 100, nbf: 110, exp: 200 }, { typ: "at+jwt" });
  const options = { key: key.jwk, issuer: ["b", "a"], audience: "y", subject: "s", typ: "application/at+jwt", required: ["iat"] };
  for (const [now, code] of [[109, "ERR_CLAIM"], [110], [199.999], [200, "ERR_TOKEN_EXPIRED"]]) {
    const verified = verify(token, { ...options, now: at(now) });
    if (code) await rejects(verified, { code });
    else assert.equal((await verified).claims.sub, "s");
  }
  await verify(token, { ...options, now: at(204), leeway: 5 });
  await rejects(verify(token, { ...options, now: at(150), maxAge: 50 }), { code: "ERR_TOKEN_EXPIRED", message: "maxAge" });
  const { key: _key, ...rest } = options;
  const other = { ...rest, key: (await makeKey("ES256")).jwk };
  await rejects(verify(token, { ...other, now: at(900), issuer: "nobody" }), { code: "ERR_SIGNATURE" });
  await rejects(verify(token, { key: key.jwk, now: at(150) }), { code: "ERR_CLAIM", message: "options.audience" });
});

test("an abort rejects with the signal's own reason", async () => {
  const token = await sign(keys.ES256, claims);
  const reason = new Error("enough");
  await assert.rejects(verify(token, { key: keys.ES256.jwk, signal: AbortSignal.abort(reason) }), (thrown) => thrown === reason);
});

test("no error shows a key or a token", async () => {
  const { bytes, jwk } = keys.HS256;
  const token = await sign(keys.ES256, claims);
  for (const key of [bytes, jwk, { ...jwk, alg: "RS256" }, keys.ES256.privateJwk]) {
    const { message, stack } = await verify(token, { key, algorithms: ["HS256"] }).catch((error) => error);
    for (const text of [message, stack]) assert.ok(!text.includes(jwk.k) && !text.includes(keys.ES256.privateJwk.d), text);
  }
  look(await verify(token, { key: keys.HS256.jwk, algorithms: ["HS256"] }).catch((error) => error));
});
