// Tokens that neither Latchkey nor jose made, but Node's own node:crypto: both verify them, of every algorithm, and refuse the same
// once a bit of them is another. The reverse, tokens of jose's, is verified in every runtime by tests/runtimes/suite.

import assert from "node:assert/strict";
import { constants, createHmac, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { describe, test } from "node:test";
import { errors, jwtVerify } from "jose";
import { verify } from "latchkey";
import { rejects } from "./support.mjs";

const CLAIMS = { iss: "https://issuer.example", sub: "you", aud: "reports", exp: 4102444800 };

/** RFC 7518 §3.5: the salt is as long as the hash. */
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
const CURVES = { 256: "P-256", 384: "P-384", 512: "P-521" };

/** By the kind of an algorithm: the keys it takes, and how they sign. */
const KINDS = {
  HS: (bits) => {
    const secret = randomBytes(bits / 8);
    return { key: secret, joseKey: secret, signed: (data) => createHmac(`sha${bits}`, secret).update(data).digest() };
  },
  RS: (bits) => pair("rsa", { modulusLength: 2048 }, `sha${bits}`),
  PS: (bits) => pair("rsa", { modulusLength: 2048 }, `sha${bits}`, PSS),
  ES: (bits) => pair("ec", { namedCurve: CURVES[bits] }, `sha${bits}`, { dsaEncoding: "ieee-p1363" }),
  Ed: () => pair("ed25519", {}, null),
};

const ALGORITHMS = [...["HS", "RS", "PS", "ES"].flatMap((kind) => [256, 384, 512].map((bits) => `${kind}${bits}`)), "EdDSA"];

function pair(type, parameters, hash, how) {
  const { privateKey, publicKey } = generateKeyPairSync(type, parameters);
  const key = publicKey.export({ type: "spki", format: "pem" });
  return { key, joseKey: publicKey, signed: (data) => sign(hash, data, { key: privateKey, ...how }) };
}

const base64url = (bytes) => Buffer.from(bytes).toString("base64url");

/** A prime, so that the bits that are changed are at every place within a byte. */
const STRIDE = 41;

/** The token with one bit of one of its parts changed, for bits from the part's first to its end. */
function* spoilt(token, part) {
  const parts = token.split(".");
  const length = Buffer.from(parts[part], "base64url").length * 8;
  for (let bit = 0; bit < length; bit += STRIDE) {
    const bytes = Buffer.from(parts[part], "base64url");
    bytes[bit >> 3] ^= 0x80 >> (bit & 7);
    yield parts.with(part, base64url(bytes)).join(".");
  }
}

describe("a token that node:crypto signed is verified here as by jose, and one that was changed is refused by both", () => {
  for (const alg of ALGORITHMS) {
    test(alg, async () => {
      const { key, joseKey, signed } = KINDS[alg.slice(0, 2)](Number(alg.slice(2)));
      const header = { alg, typ: "JWT" };
      const message = [header, CLAIMS].map((part) => base64url(JSON.stringify(part))).join(".");
      const token = `${message}.${base64url(signed(Buffer.from(message)))}`;
      const options = { issuer: CLAIMS.iss, audience: CLAIMS.aud, algorithms: [alg] };
      const ours = (text) => verify(text, { key, ...options });
      const joses = (text) => jwtVerify(text, joseKey, options);

      assert.deepEqual(await ours(token), { header, claims: CLAIMS });
      const { protectedHeader, payload } = await joses(token);
      assert.deepEqual({ header: protectedHeader, claims: payload }, { header, claims: CLAIMS });

      for (const other of spoilt(token, 2)) {
        await rejects(ours(other), { code: "ERR_SIGNATURE", message: "the signature is not that of the key" });
        await assert.rejects(joses(other), errors.JWSSignatureVerificationFailed);
      }
      // What is no JSON any more is refused for that.
      const codes = new Set();
      for (const other of [...spoilt(token, 0), ...spoilt(token, 1)]) {
        codes.add((await rejects(ours(other), {})).code);
        await assert.rejects(joses(other), errors.JOSEError);
      }
      assert.deepEqual([...codes].sort(), ["ERR_SIGNATURE", "ERR_TOKEN_MALFORMED"]);
    });
  }
});
