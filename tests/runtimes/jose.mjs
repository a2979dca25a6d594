// What jose and Latchkey owe each other: tokens that jose makes, of every algorithm, for the suite to verify in each runtime; and
// tokens of the sandbox's, which jose accepts here as the suite does there. The reverse of the first, tokens that neither of them made,
// is in peers.mjs.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SignJWT, createRemoteJWKSet, exportJWK, exportSPKI, generateKeyPair, importJWK, jwtVerify } from "jose";
import { ALGORITHMS } from "./suite/signing.mjs";
import { check, createWorld } from "./suite/world.mjs";

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

/** The same for a secret, which has as many bits as the hash. */
async function secret(alg) {
  const bytes = crypto.getRandomValues(new Uint8Array(Number(alg.slice(2)) / 8));
  const jwk = { kty: "oct", k: Buffer.from(bytes).toString("base64url") };
  return { alg, token: await sign(alg, bytes), keys: [jwk], bytes: [...bytes] };
}

/** Puts the tokens where the suite finds them. Those of the sandbox jose has accepted before. */
export async function issueTokens(folder, sandbox) {
  const rsa = await pair("RS256");
  const token = async (alg) => {
    if (alg.startsWith("HS")) return secret(alg);
    return issued(alg, ...(/^[RP]S/.test(alg) ? rsa : await pair(alg)));
  };
  const tokens = await Promise.all(ALGORITHMS.map(token));
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
