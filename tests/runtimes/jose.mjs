// What jose and Latchkey owe each other: tokens that jose makes, of every algorithm, for the suite to verify in each runtime; and the
// reverse, tokens that others sign, which jose accepts here as the suite does there.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SignJWT, createRemoteJWKSet, exportJWK, exportSPKI, generateKeyPair, importJWK, jwtVerify } from "jose";
import { check, createWorld } from "./suite/world.mjs";

const RSA = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
const HMAC = { HS256: 32, HS384: 48, HS512: 64 };
const CLAIMS = { issuer: "https://jose.example", audience: "latchkey" };

const sign = (alg, key) =>
  new SignJWT({ alg })
    .setProtectedHeader({ alg, typ: "JWT", kid: alg })
    .setIssuer(CLAIMS.issuer)
    .setAudience(CLAIMS.audience)
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(key);

/** A token, and the public key that verifies it, as a JWK and as PEM. */
async function issued(alg, privateJwk, publicJwk) {
  const key = await importJWK(publicJwk, alg, { extractable: true });
  return { alg, token: await sign(alg, await importJWK(privateJwk, alg)), keys: [publicJwk, await exportSPKI(key)] };
}

async function pair(alg) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return [await exportJWK(privateKey), await exportJWK(publicKey)];
}

async function secret([alg, length]) {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  const jwk = { kty: "oct", k: Buffer.from(bytes).toString("base64url") };
  return { alg, token: await sign(alg, bytes), keys: [jwk], bytes: [...bytes] };
}

/** Puts the tokens where the suite finds them. Those of the sandbox jose has accepted before. */
export async function issueTokens(folder, sandbox) {
  const rsa = await pair("RS256");
  const tokens = await Promise.all([
    ...Object.entries(HMAC).map(secret),
    ...RSA.map((alg) => issued(alg, ...rsa)),
    ...["ES256", "ES384", "ES512", "EdDSA"].map(async (alg) => issued(alg, ...(await pair(alg)))),
  ]);
  check(tokens.length === 13, `${tokens.length} algorithms`);
  await acceptOthers(sandbox);
  await writeFile(join(folder, "issued.mjs"), `export const ISSUED = ${JSON.stringify({ ...CLAIMS, tokens })};\n`);
}

/** Tokens of the sandbox, which another library signs. */
async function acceptOthers(sandbox) {
  for (const algorithm of ["ES256", "RS256", "EdDSA"]) {
    const { services, client, set, end } = await createWorld({ Client: Asking }, sandbox);
    await set({ algorithm });
    const keys = createRemoteJWKSet(new URL(`${services.oauth2}/jwks`));
    const { protectedHeader } = await jwtVerify(await client("oauth2").token(), keys, { issuer: services.oauth2, typ: "at+jwt", clockTolerance: 60 });
    check(protectedHeader.alg === algorithm, `${protectedHeader.alg} instead of ${algorithm}`);
    await end();
  }
}

/** The least of a client, without the package. */
export class Asking {
  constructor(config) {
    this.config = config;
  }

  async token() {
    const { tokenUrl, clientId, clientSecret } = this.config;
    const body = new URLSearchParams({ grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret });
    return (await (await fetch(tokenUrl, { method: "POST", body })).json()).access_token;
  }
}
