// What is asked of the platform's Web Crypto: to import a public key, and to check a signature. Which key and which algorithm, the
// core has decided.

import { encoder } from "./core.js";
import { Refusal } from "./effects.js";

/** What Web Crypto has to know of an algorithm, of which each scheme takes what concerns it. */
function parameters(alg) {
  const [short, name, namedCurve] = alg.split(" ");
  const bits = short.slice(2);
  return { name, hash: `SHA-${bits}`, namedCurve, saltLength: bits / 8 };
}

/** What the core judges a key of the platform's by. */
export const describeKey = ({ algorithm: { name, hash, namedCurve, modulusLength, length } }) =>
  JSON.stringify({ platform: `${name} ${hash?.name ?? namedCurve ?? ""}`.trim(), bits: modulusLength ?? length });

export const bytesOf = (base64) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

/** Has the platform do this, or says why it cannot. */
async function platform(work) {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) throw new Refusal("ERR_UNSUPPORTED", "there is no crypto.subtle here: in a page, only over https");
  try {
    return await work(subtle);
  } catch (cause) {
    if (cause?.name === "NotSupportedError") throw new Refusal("ERR_UNSUPPORTED", "the platform has no such algorithm", { cause });
    throw new Refusal("ERR_CONFIG", "key: it is broken, or does not verify", { cause });
  }
}

/** Imports a public key: PEM, or the JSON text of a JWK. */
export function importKey(alg, key) {
  return platform((subtle) => {
    const make = (format, data) => subtle.importKey(format, data, parameters(alg), false, ["verify"]);
    if (!key.startsWith("{")) return make("spki", bytesOf(key.replace(/-----[^-]+-----|\s/g, "")));
    // The key alone: what else a JWK says of itself was judged, and a platform may not know it.
    const { kty, crv, x, y, n, e } = JSON.parse(key);
    return make("jwk", { kty, crv, x, y, n, e });
  });
}

/** Whether the signature of a token is that of the key. */
export function checkSignature(alg, key, token) {
  const end = token.lastIndexOf(".");
  const signature = bytesOf(token.slice(end + 1).replace(/-/g, "+").replace(/_/g, "/"));
  const message = encoder.encode(token.slice(0, end));
  // workerd fails where Web Crypto says false: at an EdDSA signature that is too short, say.
  const isBad = (cause) => cause.name !== "OperationError" && Promise.reject(cause);
  return platform((subtle) => subtle.verify(parameters(alg), key, signature, message).catch(isBad));
}
