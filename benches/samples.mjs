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
