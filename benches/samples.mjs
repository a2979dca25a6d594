// What is measured with.

/** In seconds: a day of the year 2100. */
const LATE = 4_102_444_800;

const base64url = (text) => btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const claims = {
  iss: "https://login.example.com/",
  sub: "user-5f0c6b1e9d",
  aud: ["orders", "invoices"],
  exp: LATE,
  iat: 1_700_000_000,
  scope: "orders:read orders:write invoices:read profile",
  email: "someone@example.com",
  name: "Someone Somewhere",
  roles: ["admin", "editor"],
  tenant: "2f6f0f5e-6f0a-4f3c-9f6e-1f2d3c4b5a69",
  jti: "9f1c2e7a-51d4-4d0c-8b43-0a1b2c3d4e5f",
  client: "web",
  locale: "en-GB",
  picture: "https://example.com/5f0c6b1.png",
};

/** A token of 680 characters, as services give them: HS256, and the claims of somebody who is logged in. */
export const TOKEN = [base64url('{"alg":"HS256","typ":"JWT","kid":"2026-04a"}'), base64url(JSON.stringify(claims)), "A".repeat(43)].join(".");

/** A token of about so many characters, the secret that signed it, and that secret imported. */
export async function signedToken(length) {
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
  const { iss, sub, aud, exp, iat } = claims;
  const own = { iss, sub, aud, exp, iat };
  const bare = JSON.stringify(own).length;
  // Header, dots and signature take a hundred, and base64url a third.
  const padded = { ...own, scope: "x".repeat(Math.max(0, Math.floor((length - 100) * 0.75) - bare - 11)) };
  const message = [{ alg: "HS256", typ: "JWT" }, padded].map((part) => base64url(JSON.stringify(part))).join(".");
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(message)));
  return { token: `${message}.${base64url(String.fromCharCode(...signature))}`, secret, key };
}
