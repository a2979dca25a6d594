// How much memory the core has after so many calls of each function, and after a thousand: `node memory.mjs ROUNDS CALLS`. Prints the
// contest, which has no rounds. Nothing leaves the process. As it is no matter of time, two threads share the functions, each with an
// instance of its own.

import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { wasmBytes } from "./instance.mjs";
import { Client, decode, expiresAt, isExpired, jwks, ready, sessionId, verify } from "latchkey";
import { TOKEN, signedToken } from "./samples.mjs";

const FEW = 1000;
const MANY = Number(process.argv[3]);

const config = {
  provider: "token",
  baseUrl: "https://api.example.com",
  acquire: async () => ({ token: TOKEN, expiresIn: 3600 }),
  fetch: async () => new Response(null, { status: 204 }),
};
const client = new Client(config);
const login = new Client({ provider: "login", baseUrl: config.baseUrl, apiKey: "bench" });
const malformed = `${TOKEN}=`;
const { token, secret } = await signedToken(680);

/** A service that tells of a key, as Masumi does. */
const key = {
  id: "cmwr3ahlr0000dy7dlby9ugq9",
  token: "*****cure",
  permission: "Admin",
  usageLimited: false,
  NetworkLimit: ["Mainnet", "Preprod"],
  RemainingUsageCredits: [],
  status: "Active",
};
const { keys } = new Client({
  provider: "masumi",
  apiKey: "a-key-of-the-bench",
  fetch: async () => Response.json({ status: "success", data: key }),
});

const functions = {
  ready: () => ready(),
  decode: () => decode(TOKEN),
  expiresAt: () => expiresAt(TOKEN),
  isExpired: () => isExpired(TOKEN, { leeway: 5 }),
  refused: () => refused(() => decode(malformed)),
  verify: () => verify(token, { key: secret, algorithms: ["HS256"], audience: "orders" }),
  jwks: () => jwks("https://login.example.com/keys"),
  sessionId: () => sessionId(),
  "client.expiresAt": () => client.expiresAt,
  "client.scopes": () => client.scopes,
  "client.token": () => client.token(),
  "client.token, with options": () => client.token({ minValidity: 60 }),
  "client.token, anew": () => client.token({ forceRefresh: true }),
  "client.headers": () => client.headers(),
  "client.fetch": () => client.fetch("/orders"),
  "client.invalidate": () => client.invalidate(),
  "client.logout": () => client.logout(),
  "client.session": () => login.session("another").free(),
  "new Client": () => new Client(config).free(),
  "keys.status": () => keys.status(),
};

function refused(call) {
  try {
    call();
  } catch {
    return;
  }
  throw new Error("it was not refused");
}

async function repeat(calls, count) {
  for (const call of calls) {
    for (let at = 0; at < count; at++) {
      await call();
      // What is collected is told to the core only between two turns.
      if (at % FEW === 0) await setImmediate();
    }
  }
  return wasmBytes();
}

const THREADS = 2;
const calls = Object.values(functions);

if (isMainThread) {
  const threads = Array.from({ length: THREADS }, (_, share) => new Worker(new URL(import.meta.url), { argv: process.argv.slice(2), workerData: share }));
  const bytes = (await Promise.all(threads.map((thread) => once(thread, "message")))).map(([told]) => told);
  const [many, few] = ["many", "few"].map((which) => bytes.reduce((sum, told) => sum + told[which], 0));
  const what = `memory after ${MANY.toLocaleString("en")} calls of each of ${calls.length} functions`;
  const peers = [{ name: "after the first thousand", reach: 1 }];
  console.log(JSON.stringify([{ what, unit: "bytes", peers, exact: true, rounds: [[many, few]] }]));
} else {
  const own = calls.filter((_, at) => at % THREADS === workerData);
  const few = await repeat(own, FEW);
  parentPort.postMessage({ few, many: await repeat(own, MANY) });
}
