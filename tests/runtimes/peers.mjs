// Latchkey and jose beside each other: in Node, in workerd as it is deployed and as it was years ago, in Chromium and in Firefox they
// are given the same tokens, and judge them alike. See suite/peers/peers.mjs.

import { constants, createHmac, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { CHROMIUM, FIREFOX } from "./browsers.mjs";
import { inNode, inPage } from "./bundles.mjs";
import { bundle } from "./esbuild.mjs";
import { ALGORITHMS, base64url, messageOf } from "./suite/signing.mjs";
import { suite, version } from "./tools.mjs";
import { DATES, bundleWorker, inWorkerd } from "./workerd.mjs";

const CLAIMS = { iss: "https://issuer.example", sub: "you", aud: "reports", exp: 4102444800 };

/** RFC 7518 §3.5: the salt is as long as the hash. */
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
const CURVES = { 256: "P-256", 384: "P-384", 512: "P-521" };

/** By the kind of an algorithm: a key of it as a JWK, and how that signs, both by node:crypto. */
const KINDS = {
  HS: (bits) => {
    const secret = randomBytes(bits / 8);
    return { jwk: { kty: "oct", k: base64url(secret) }, signed: (data) => createHmac(`sha${bits}`, secret).update(data).digest() };
  },
  RS: (bits) => pair("rsa", { modulusLength: 2048 }, `sha${bits}`),
  PS: (bits) => pair("rsa", { modulusLength: 2048 }, `sha${bits}`, PSS),
  ES: (bits) => pair("ec", { namedCurve: CURVES[bits] }, `sha${bits}`, { dsaEncoding: "ieee-p1363" }),
  Ed: () => pair("ed25519", {}, null),
};

function pair(type, parameters, hash, how) {
  const { privateKey, publicKey } = generateKeyPairSync(type, parameters);
  return { jwk: publicKey.export({ format: "jwk" }), signed: (data) => sign(hash, data, { key: privateKey, ...how }) };
}

/** A token of this algorithm, one of another key, and the key of the first. */
function signed(alg) {
  const [one, other] = [1, 2].map(() => KINDS[alg.slice(0, 2)](Number(alg.slice(2))));
  const message = messageOf({ alg, typ: "JWT" }, CLAIMS);
  const [token, others] = [one, other].map((key) => `${message}.${base64url(key.signed(Buffer.from(message)))}`);
  return { alg, token, others, jwk: one.jwk };
}

export default async ({ project, sandbox }) => {
  const tokens = { CLAIMS, SIGNED: ALGORITHMS.map(signed) };
  const lines = Object.entries(tokens).map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`);
  await writeFile(suite(project, "peers/signed.mjs"), lines.join(""));

  const main = suite(project, "peers/main.mjs");
  const page = await bundle(project, "browser", main, "peers");
  const outcomes = {
    "Node.js": await inNode(await bundle(project, "node", main, "peers"), sandbox, "main.mjs"),
    Chromium: await inPage(page, sandbox, "main.mjs", CHROMIUM),
    Firefox: await inPage(page, sandbox, "main.mjs", FIREFOX),
  };
  const worker = await bundleWorker(project, "peers/worker.mjs", "peers-workerd");
  for (const date of DATES) outcomes[`workerd ${date}`] = await inWorkerd(worker, date, sandbox, "worker.js");
  return { version: await version(import.meta.url, "jose"), outcomes };
};
