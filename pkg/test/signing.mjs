// Keys and tokens of a test's own, made by the platform's Web Crypto: what an issuer does.

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

const base64url = (data) => Buffer.from(data).toString("base64url");

/** A pair of keys: what signs is kept, what verifies is given as whatever it can be. */
export async function makeKey(alg, parameters = {}) {
  const asked = { ...PARAMETERS[alg], ...parameters };
  const made = await subtle.generateKey(asked, true, ["sign", "verify"]);
  const [signer, cryptoKey] = made.privateKey ? [made.privateKey, made.publicKey] : [made, made];
  const { alg: _alg, key_ops: _ops, ext: _ext, ...jwk } = await subtle.exportKey("jwk", cryptoKey);
  const key = { alg, signer, cryptoKey, jwk, privateJwk: await subtle.exportKey("jwk", signer) };
  if (!made.privateKey) return { ...key, bytes: new Uint8Array(await subtle.exportKey("raw", made)) };
  const body = Buffer.from(await subtle.exportKey("spki", cryptoKey)).toString("base64");
  return { ...key, pem: `-----BEGIN PUBLIC KEY-----\n${body.replace(/.{64}/g, "$&\n").trim()}\n-----END PUBLIC KEY-----\n` };
}

/** A token that this key signed. `header` is added to its own. */
export async function sign({ alg, signer }, claims = { sub: "you" }, header = {}) {
  const message = [{ alg, ...header }, claims].map((part) => base64url(JSON.stringify(part))).join(".");
  return `${message}.${base64url(await subtle.sign(PARAMETERS[alg], signer, Buffer.from(message)))}`;
}
