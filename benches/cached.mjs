// The contest of a token that is at hand: in every runtime.

import { OAuth2Client } from "google-auth-library";
import { Client } from "latchkey";
import { awaited } from "./contest.mjs";
import { TOKEN } from "./samples.mjs";

const HOUR = 3_600_000;

export async function contests() {
  const client = new Client({
    provider: "token",
    baseUrl: "https://api.example.com",
    acquire: async () => ({ token: TOKEN, expiresIn: 3600 }),
  });
  await client.token();

  const google = new OAuth2Client();
  google.setCredentials({ access_token: TOKEN, expiry_date: Date.now() + HOUR });

  const until = Date.now() + HOUR;
  async function byHand() {
    if (Date.now() < until) return TOKEN;
    throw new Error("the token has expired");
  }

  return [
    {
      what: "cached `token()`",
      peers: [
        { name: "google-auth-library `getAccessToken()`", reach: 1 },
        { name: "an async function that compares `Date.now()`", reach: 2.5 },
      ],
      runs: [awaited(() => client.token()), awaited(() => google.getAccessToken()), awaited(byHand)],
    },
  ];
}
