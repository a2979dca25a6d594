// What is called and answers at once: `node calls.mjs ROUNDS`, or in another runtime. Prints the contests.

import { OAuth2Client } from "google-auth-library";
import { decodeJwt, jwtVerify } from "jose";
import { jwtDecode } from "jwt-decode";
import { Client, decode, isExpired, verify } from "latchkey";
import { awaited, interleaved, repeated, timeOfCall } from "./contest.mjs";
import { TOKEN, signedToken } from "./samples.mjs";

const rounds = Number(globalThis.process.argv[2]);
const HOUR = 3_600_000;

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

async function contest(what, peers, runs) {
  const measures = [];
  for (const run of runs) measures.push(await timeOfCall(run));
  return { what, unit: "ns", peers, rounds: await interleaved(rounds, measures) };
}

const isPast = (exp) => exp * 1000 <= Date.now();

const contests = [
  await contest(
    "cached `token()`",
    [
      { name: "google-auth-library `getAccessToken()`", reach: 1 },
      { name: "an async function that compares `Date.now()`", reach: 2.5 },
    ],
    [awaited(() => client.token()), awaited(() => google.getAccessToken()), awaited(byHand)],
  ),
  await contest(
    "`isExpired`, 680 characters",
    [
      { name: "jose `decodeJwt(t).exp`", reach: 1 / 3 },
      { name: "jwt-decode `jwtDecode(t).exp`", reach: 1 / 20 },
    ],
    [
      repeated(() => isExpired(TOKEN)),
      repeated(() => isPast(decodeJwt(TOKEN).exp)),
      repeated(() => isPast(jwtDecode(TOKEN).exp)),
    ],
  ),
  await contest(
    "`decode`, 680 characters",
    [{ name: "jose `decodeJwt(t)`", reach: 1 }],
    [repeated(() => decode(TOKEN)), repeated(() => decodeJwt(TOKEN))],
  ),
];
for (const length of [300, 680, 2000]) {
  const { token, secret, key } = await signedToken(length);
  const asked = { algorithms: ["HS256"], issuer: "https://login.example.com/", audience: "orders" };
  const options = { ...asked, key: secret };
  contests.push(
    await contest(
      `HS256 \`verify\`, ${length} characters`,
      [{ name: "jose `jwtVerify`, with an imported key", reach: 1 / 4 }],
      [awaited(() => verify(token, options)), awaited(() => jwtVerify(token, key, asked))],
    ),
  );
}
console.log(JSON.stringify(contests));
