// Keys and tokens of a test's own, made by the platform's Web Crypto wherever that is: what an issuer does.

const { subtle } = globalThis.crypto;

const RSA = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };

/** What Web Crypto generates and signs for each algorithm. */
const PARAMETERS = {
  HS256: { name: "HMAC", hash: "SHA-256" },
  HS384: { name: "HMAC", hash: "SHA-384" },
  HS512: { name: "HMAC", hash: "SHA-512" },
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", ...RSA },
  RS384: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-384", ...RSA },
  RS512: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-512", ...RSA },
  PS256: { name: "RSA-PSS", hash: "SHA-256", saltLength: 32, ...RSA },
  PS384: { name: "RSA-PSS", hash: "SHA-384", saltLength: 48, ...RSA },
  PS512: { name: "RSA-PSS", hash: "SHA-512", saltLength: 64, ...RSA },
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  ES384: { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" },
  ES512: { name: "ECDSA", namedCurve: "P-521", hash: "SHA-512" },
  EdDSA: { name: "Ed25519" },
};

export const ALGORITHMS = Object.keys(PARAMETERS);

const encoder = new TextEncoder();

const base64 = (data) => btoa(String.fromCharCode(...new Uint8Array(data)));

/** Bytes, or a text as UTF-8, as a token has them. */
export function base64url(data) {
  const bytes = typeof data === "string" ? encoder.encode(data) : data;
  return base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The bytes of a part of a token. */
export const bytesOf = (part) => Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

/** A pair of keys: what signs is kept, what verifies is given as whatever it can be. */
export async function makeKey(alg, parameters = {}) {
  const asked = { ...PARAMETERS[alg], ...parameters };
  const made = await subtle.generateKey(asked, true, ["sign", "verify"]);
  const [signer, cryptoKey] = made.privateKey ? [made.privateKey, made.publicKey] : [made, made];
  const { alg: _alg, key_ops: _ops, ext: _ext, ...jwk } = await subtle.exportKey("jwk", cryptoKey);
  const key = { alg, signer, cryptoKey, jwk, privateJwk: await subtle.exportKey("jwk", signer) };
  if (!made.privateKey) return { ...key, bytes: new Uint8Array(await subtle.exportKey("raw", made)) };
  const body = base64(await subtle.exportKey("spki", cryptoKey));
  return { ...key, pem: `-----BEGIN PUBLIC KEY-----\n${body.replace(/.{64}/g, "$&\n").trim()}\n-----END PUBLIC KEY-----\n` };
}

/** What is signed of a token. */
export const messageOf = (header, claims) => [header, claims].map((part) => base64url(JSON.stringify(part))).join(".");

/** A token that this key signed. `header` is added to its own. */
export async function sign({ alg, signer }, claims = { sub: "you" }, header = {}) {
  const message = messageOf({ alg, ...header }, claims);
  return `${message}.${base64url(await subtle.sign(PARAMETERS[alg], signer, encoder.encode(message)))}`;
}
