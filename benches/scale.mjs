// What scale costs: `node --expose-gc scale.mjs ROUNDS`. Prints the plots: how long a call takes by how many clients live in the process
// and by how many callers come to one of them at once, and what the clients have of memory. Nothing of it leaves the process.

import { wasmBytes } from "./instance.mjs";
import { Client } from "latchkey";
import { interleaved, median, time } from "./contest.mjs";
import { TOKEN } from "./samples.mjs";

const rounds = Number(process.argv[2]);
const CLIENTS = [1, 10, 100, 1000, 10_000, 100_000];
const CALLERS = [1, 10, 100, 1000, 10_000];

const config = {
  provider: "token",
  baseUrl: "https://api.example.com",
  acquire: async () => ({ token: TOKEN, expiresIn: 3600 }),
  fetch: async () => new Response(null, { status: 204 }),
};

/** What is called, by the names that the plot has, and how often in a turn: long enough for the clock. */
const CALLED = [
  { name: "token at hand", calls: 100_000, call: (client) => client.token() },
  { name: "token asked for", calls: 2000, call: (client) => client.token({ forceRefresh: true }) },
  { name: "fetch", calls: 2000, call: (client) => client.fetch("/orders") },
];
const lines = () => CALLED.map(({ name }) => ({ name, points: [] }));

const clients = [];
const kept = [];
const [alive, crowded] = [lines(), lines()];

for (const count of CLIENTS) {
  await live(count);
  kept.push({ count, wasm: wasmBytes(), heap: heapBytes() });
  await note(alive, count, inTurn);
}
for (const client of clients.splice(1)) client.free();
for (const callers of CALLERS) await note(crowded, callers, (calls, call) => atOnce(callers, calls, call));

const [least, most] = [kept[0], kept.at(-1)];
const each = (of) => ((most[of] - least[of]) / (most.count - least.count) / 1000).toFixed(1);
const line = (name, of) => ({ name, points: kept.map((at) => [at.count, at[of]]) });
console.log(
  JSON.stringify([
    {
      file: "scale.svg",
      title: "What a call costs, by live clients and by parallel callers",
      panels: [
        { title: "a call, one after the other", size: "live clients", unit: "ns", lines: alive },
        { title: "a call, of so many at once", size: "callers of one client", unit: "ns", lines: crowded },
      ],
    },
    {
      file: "memory.svg",
      title: "Memory, by live clients",
      caption: `A client with a token of ${TOKEN.length} characters has ${each("wasm")} KB of WebAssembly's memory and ${each("heap")} KB of JavaScript's heap.`,
      panels: [
        {
          title: "memory of the process",
          size: "live clients",
          unit: "bytes",
          lines: [line("WebAssembly", "wasm"), line("JavaScript's heap", "heap")],
        },
      ],
    },
  ]),
);

/** Makes clients until so many live, each with a token. */
async function live(count) {
  while (clients.length < count) {
    const client = new Client(config);
    await client.token();
    clients.push(client);
  }
}

function heapBytes() {
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** Notes what each of the calls takes at such a size: the median of the rounds, in nanoseconds. */
async function note(lines, size, nanoseconds) {
  const all = await interleaved(rounds, CALLED.map(({ calls, call }) => () => nanoseconds(calls, call)));
  lines.forEach(({ points }, at) => points.push([size, median(all.map((round) => round[at]))]));
}

/** What a call takes, one after the other, of clients from all over the memory. */
async function inTurn(calls, call) {
  const step = Math.max(1, Math.floor(clients.length / calls));
  const took = await time(async () => {
    for (let at = 0; at < calls; at++) await call(clients[(at * step) % clients.length]);
  });
  return (took / calls) * 1e6;
}

/** What a caller takes of so many who come to one client at once. */
async function atOnce(callers, calls, call) {
  const crowds = Math.ceil(calls / callers);
  const took = await time(async () => {
    for (let at = 0; at < crowds; at++) await Promise.all(Array.from({ length: callers }, () => call(clients[0])));
  });
  return (took / crowds / callers) * 1e6;
}
