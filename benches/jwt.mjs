// The contests of what reads a token: in every runtime, and in a page.

import { decodeJwt, jwtVerify } from "jose";
import { jwtDecode } from "jwt-decode";
import { decode, isExpired, verify } from "latchkey";
import { awaited, repeated } from "./contest.mjs";
import { TOKEN, signedToken } from "./samples.mjs";

const isPast = (exp) => exp * 1000 <= Date.now();

export async function contests() {
  const reading = [
    {
      what: "`isExpired`, 680 characters",
      peers: [
        { name: "jose `decodeJwt(t).exp`", reach: 1 / 3 },
        { name: "jwt-decode `jwtDecode(t).exp`", reach: 1 / 20 },
      ],
      runs: [
        repeated(() => isExpired(TOKEN)),
        repeated(() => isPast(decodeJwt(TOKEN).exp)),
        repeated(() => isPast(jwtDecode(TOKEN).exp)),
      ],
    },
    {
      what: "`decode`, 680 characters",
      peers: [{ name: "jose `decodeJwt(t)`", reach: 1 }],
      runs: [repeated(() => decode(TOKEN)), repeated(() => decodeJwt(TOKEN))],
    },
  ];
  return [...reading, ...(await Promise.all([300, 680, 2000].map(verifying)))];
}

async function verifying(length) {
  const { token, secret, key } = await signedToken(length);
  const asked = { algorithms: ["HS256"], issuer: "https://login.example.com/", audience: "orders" };
  const options = { ...asked, key: secret };
  return {
    what: `HS256 \`verify\`, ${length} characters`,
    peers: [{ name: "jose `jwtVerify`, with an imported key", reach: 1 / 4 }],
    runs: [awaited(() => verify(token, options)), awaited(() => jwtVerify(token, key, asked))],
  };
}
