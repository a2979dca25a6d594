// What goes over the network, which is loopback here: `node requests.mjs ROUNDS`. Prints the contests.

import { fork } from "node:child_process";
import { once } from "node:events";
import { Client } from "latchkey";
import { interleaved, median } from "./contest.mjs";
import { TOKEN } from "./samples.mjs";

const rounds = Number(process.argv[2]);
/** Requests of each contestant in a round. */
const REQUESTS = 300;
const CALLERS = 10_000;
/** What a login takes, in milliseconds: a service that stores passwords well takes as long to check one. */
const LOGIN = 100;

const server = fork(new URL("server.mjs", import.meta.url), [String(LOGIN)]);
const [url] = await once(server, "message");
const contests = [await requests(), await crowd()];
server.disconnect();
console.log(JSON.stringify(contests));

/** One request after the other on a kept connection, ours and theirs by turns; of each round the median counts. */
async function requests() {
  const client = new Client({ provider: "token", baseUrl: url, acquire: async () => ({ token: TOKEN, expiresIn: 3600 }) });
  const senders = [
    () => client.fetch("/orders"),
    () => fetch(`${url}/orders`, { headers: { authorization: `Bearer ${TOKEN}` } }),
  ];
  const timed = (send) => async () => {
    const start = performance.now();
    await (await send()).text();
    return (performance.now() - start) * 1000;
  };
  const all = [];
  for (let round = 0; round < rounds; round++) {
    const each = await interleaved(REQUESTS, senders.map(timed));
    all.push(senders.map((_, who) => median(each.map((times) => times[who]))));
  }
  return { what: "`client.fetch`", unit: "µs", peers: [{ name: "`fetch` with the header by hand", reach: 1.05 }], rounds: all };
}

/** Callers who all come while there is no token. */
async function crowd() {
  const logins = async () => (await fetch(`${url}/logins`)).json();
  const first = (callers) => async () => {
    const client = new Client({ provider: "login", baseUrl: url, apiKey: "bench" });
    const before = await logins();
    const start = performance.now();
    await Promise.all(Array.from({ length: callers }, () => client.token()));
    const took = performance.now() - start;
    const caused = (await logins()) - before;
    if (caused !== 1) throw new Error(`${callers} callers caused ${caused} token requests`);
    client.free();
    return took;
  };
  return {
    what: "10,000 callers, no token yet",
    unit: "ms",
    peers: [{ name: `one caller, where the login takes ${LOGIN} ms`, reach: 1.5 }],
    rounds: await interleaved(rounds, [first(CALLERS), first(1)]),
  };
}
