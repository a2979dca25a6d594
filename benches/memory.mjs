// How much memory the core has after so many calls of each function, and after a thousand: `node memory.mjs ROUNDS CALLS`.
// Prints the contest; it takes no rounds, as every other script does. Memory of WebAssembly never shrinks, so what it has at the end is the most that it had.

import { setImmediate } from "node:timers/promises";
import { TOKEN } from "./samples.mjs";

const FEW = 1000;
const MANY = Number(process.argv[3]);

// The package keeps its instance to itself; whoever is loaded before it can see it being made.
const { Instance } = WebAssembly;
let memory;
WebAssembly.Instance = function (...given) {
  const instance = new Instance(...given);
  memory = instance.exports.memory;
  return instance;
};

const { Client, decode, expiresAt, isExpired, sessionId } = await import("latchkey");

const config = {
  provider: "token",
  baseUrl: "https://api.example.com",
  acquire: async () => ({ token: TOKEN, expiresIn: 3600 }),
  fetch: async () => new Response(null, { status: 204 }),
};
const client = new Client(config);
const malformed = `${TOKEN}=`;

const functions = {
  decode: () => decode(TOKEN),
  expiresAt: () => expiresAt(TOKEN),
  isExpired: () => isExpired(TOKEN, { leeway: 5 }),
  refused: () => refused(() => decode(malformed)),
  sessionId: () => sessionId(),
  "client.expiresAt": () => client.expiresAt,
  "client.token": () => client.token(),
  "client.token, with options": () => client.token({ minValidity: 60 }),
  "client.token, anew": () => client.token({ forceRefresh: true }),
  "client.headers": () => client.headers(),
  "client.fetch": () => client.fetch("/orders"),
  "client.logout": () => client.logout(),
  "new Client": () => new Client(config).free(),
};

function refused(call) {
  try {
    call();
  } catch {
    return;
  }
  throw new Error("it was not refused");
}

async function repeat(count) {
  for (const call of Object.values(functions)) {
    for (let at = 0; at < count; at++) {
      await call();
      // What is collected is told to the core only between two turns.
      if (at % FEW === 0) await setImmediate();
    }
  }
  return memory.buffer.byteLength;
}

const few = await repeat(FEW);
const many = await repeat(MANY);
console.log(
  JSON.stringify([
    {
      what: `memory after ${MANY.toLocaleString("en")} calls of each of ${Object.keys(functions).length} functions`,
      unit: "bytes",
      peers: [{ name: "after the first thousand", reach: 1 }],
      rounds: [[many, few]],
    },
  ]),
);
