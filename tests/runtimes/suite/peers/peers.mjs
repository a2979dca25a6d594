// Tokens that neither Latchkey nor jose made, of every algorithm: both verify them in this runtime, and both refuse the same once
// anything of them is another. They are signed here, by the platform's Web Crypto, and elsewhere, by Node's own node:crypto. The
// reverse, tokens of jose's, is a case of the suite. No algorithm is left out: whoever has not one fails.

import * as jose from "jose";
import { verify } from "latchkey";
import { ALGORITHMS, base64url, bytesOf, makeKey, messageOf, sign } from "../signing.mjs";
import { check, judge, same } from "../world.mjs";
import { CLAIMS, SIGNED } from "./signed.mjs";

/** A prime, so that the bits that are changed are at every place within a byte. */
const STRIDE = 41;

/** What comes of a token that was altered: how Latchkey words it, and which error of jose's it is. */
const FORGED = [/^ERR_SIGNATURE: the signature is not that of the key$/, jose.errors.JWSSignatureVerificationFailed];
const OTHER_ALGORITHM = [/^ERR_SIGNATURE: the token's alg is not that of the key$/, jose.errors.JOSEAlgNotAllowed];
const BROKEN = [/^ERR_TOKEN_MALFORMED: /, jose.errors.JOSEError];
/** What is no JSON any more is refused for that, and the rest for its signature. */
const EITHER = [/^ERR_(TOKEN_MALFORMED|SIGNATURE): /, jose.errors.JOSEError];
/** Base64 that could be written in another way, which jose reads. */
const STRICTER = [/^ERR_TOKEN_MALFORMED: .* bits that mean nothing$/, undefined];

/** A token with one bit of one of its parts changed, for bits from the part's first to its end. */
function* spoilt(token, part) {
  const parts = token.split(".");
  const { length } = bytesOf(parts[part]);
  for (let bit = 0; bit < length * 8; bit += STRIDE) {
    const bytes = bytesOf(parts[part]);
    bytes[bit >> 3] ^= 0x80 >> (bit & 7);
    yield parts.map((text, at) => (at === part ? base64url(bytes) : text)).join(".");
  }
}

/** The last character with a bit of it changed that is part of no byte, where there is one. */
function* respelt(signature) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  if (signature.length % 4 > 0) yield signature.slice(0, -1) + alphabet[alphabet.indexOf(signature.at(-1)) ^ 1];
}

/** Every way in which a token is altered: what it is called, the token, and what comes of it. */
function* altered(alg, token, others) {
  for (const other of spoilt(token, 0)) yield ["a bit of the header", other, EITHER];
  for (const other of spoilt(token, 1)) yield ["a bit of the payload", other, EITHER];
  for (const other of spoilt(token, 2)) yield ["a bit of the signature", other, FORGED];
  const [header, payload, signature] = token.split(".");
  const signed = (other) => `${header}.${payload}.${other}`;
  const bytes = bytesOf(signature);
  yield ["the signature of another key", signed(others.split(".")[2]), FORGED];
  yield ["no signature", signed(""), FORGED];
  yield ["a signature of zeroes", signed(base64url(new Uint8Array(bytes.length))), FORGED];
  yield ["a signature that was cut", signed(base64url(bytes.slice(0, -1))), FORGED];
  yield ["a signature with a byte after it", signed(base64url([...bytes, 0])), FORGED];
  for (const other of ["none", ...ALGORITHMS.filter((name) => name !== alg)]) {
    yield [`alg ${other}`, `${messageOf({ alg: other }, CLAIMS)}.${other === "none" ? "" : signature}`, OTHER_ALGORITHM];
  }
  yield ["two parts", `${header}.${payload}`, BROKEN];
  yield ["four parts", `${token}.`, BROKEN];
  yield ["five parts", `${token}..`, BROKEN];
  yield ["a character of no alphabet", signed(signature.replace(/^./, "!")), BROKEN];
  for (const other of respelt(signature)) yield ["a signature spelt in another way", signed(other), STRICTER];
}

/** What is given, or what it fails with. */
const outcomeOf = (work) =>
  work.then(
    (value) => ({ value }),
    (error) => ({ error }),
  );

async function compare(alg, { token, others, key, joseKey }) {
  const options = { issuer: CLAIMS.iss, audience: CLAIMS.aud, algorithms: [alg] };
  const ours = (text) => verify(text, { key, ...options });
  const joses = (text) => jose.jwtVerify(text, joseKey, options);

  const { header, claims } = await ours(token);
  same([header.alg, claims], [alg, CLAIMS], "what Latchkey reads");
  const { protectedHeader, payload } = await joses(token);
  same([protectedHeader, payload], [header, claims], "what jose reads");

  const tried = new Map();
  for (const [how, other, [words, JoseError]] of altered(alg, token, others)) {
    const [here, there] = [await outcomeOf(ours(other)), await outcomeOf(joses(other))];
    const said = here.error ? `${here.error.code}: ${here.error.message}` : "it is good";
    check(words.test(said), `Latchkey says of ${how}: ${said}`);
    check(JoseError ? there.error instanceof JoseError : there.value, `jose says of ${how}: ${there.error ?? "it is good"}`);
    tried.set(how, (tried.get(how) ?? 0) + 1);
  }
  for (const part of ["header", "payload", "signature"]) check(tried.get(`a bit of the ${part}`) > 4, `few bits of the ${part} were changed`);
}

/** Each algorithm, by each signer; the outcome. */
export async function perform() {
  const outcome = { passed: 0, failures: [] };
  const compared = { "node:crypto": [], "the platform": [] };
  for (const { alg, token, others, jwk } of SIGNED) {
    await judge(outcome, `${alg}, signed by node:crypto`, async () => {
      await compare(alg, { token, others, key: jwk, joseKey: await jose.importJWK(jwk, alg) });
      compared["node:crypto"].push(alg);
    });
  }
  for (const alg of ALGORITHMS) {
    await judge(outcome, `${alg}, signed by the platform`, async () => {
      const key = await makeKey(alg);
      const [token, others] = await Promise.all([key, await makeKey(alg)].map((key) => sign(key, CLAIMS, { typ: "JWT" })));
      await compare(alg, { token, others, key: key.bytes ?? key.pem, joseKey: key.cryptoKey });
      compared["the platform"].push(alg);
    });
  }
  return judge(outcome, "no algorithm was left out", () => {
    for (const [signer, algs] of Object.entries(compared)) same(algs, ALGORITHMS, `what ${signer} signed`);
  });
}
