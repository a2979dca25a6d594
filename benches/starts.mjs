// What is imported and asked for the first time, in every runtime alike: a script of each contestant, of which Latchkey is the first.

import { TOKEN } from "./samples.mjs";

export const LATCHKEY = `(await import("latchkey")).isExpired("${TOKEN}")`;

/** The only one that the design sets a target by. */
export const GOOGLE = { name: "import of google-auth-library", reach: 1 / 4, script: 'await import("google-auth-library")' };
export const AZURE = { name: "import of @azure/identity", script: 'await import("@azure/identity")' };
export const JOSE = { name: "import of jose to first `decodeJwt(t).exp`", script: `(await import("jose")).decodeJwt("${TOKEN}").exp` };
export const JWT_DECODE = {
  name: "import of jwt-decode to first `jwtDecode(t).exp`",
  script: `(await import("jwt-decode")).jwtDecode("${TOKEN}").exp`,
};

/** The contest of these peers, as rounds have told it. */
export const contest = (what, peers, rounds) => ({
  what,
  unit: "ms",
  peers: peers.map(({ name, reach }) => ({ name, reach })),
  rounds,
});
