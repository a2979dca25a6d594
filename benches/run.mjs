// Measures everything: `node run.mjs ROUNDS CALLS`. Prints one line of JSON: the machine, the versions,
// and the contests of each runtime.

import { cpus, loadavg } from "node:os";
import { outcome, program, version } from "../tests/runtimes/tools.mjs";

const [rounds, calls] = process.argv.slice(2);
const runners = new URL("../tests/runtimes/run.mjs", import.meta.url);
/** The one that everything runs in; all peers take it. */
const node = new URL("node_modules/node24/bin/node", import.meta.url).pathname;

/** What a script may take, in milliseconds: a million calls of each function are many. */
const LONGEST = 3_600_000;

const load = () => loadavg()[0].toFixed(1);
const before = load();

/** What a script prints that is run there. */
const contests = (script, command = node, ...args) =>
  outcome(command, [...args, script, rounds, calls], { cwd: import.meta.dirname, timeout: LONGEST });

const runs = [];
const run = async (name, of, measured) => runs.push({ runtime: `${name} ${of}`, contests: await measured });

const newest = await version(import.meta.url, "node24");
const all = [];
for (const script of ["calls", "requests", "start", "memory", "download"]) all.push(...(await contests(`${script}.mjs`)));
await run("Node.js", newest, all);
const others = [
  ["Node.js", process.versions.node, process.execPath],
  ["Bun", await version(runners, "bun"), program(runners, "bun")],
  ["Deno", await version(runners, "deno"), program(runners, "deno"), "run", "--quiet", "--allow-all"],
];
for (const [name, of, ...command] of others) {
  const both = [...(await contests("calls.mjs", ...command)), ...(await contests("start.mjs", ...command))];
  await run(name, of, both);
}

const peers = ["google-auth-library", "@azure/identity", "jose", "openid-client", "@unkey/api", "jwt-decode"];
const versions = await Promise.all(peers.map(async (name) => `${name} ${await version(import.meta.url, name)}`));
const [{ model }] = cpus();
const machine = `${cpus().length} cores of ${model.trim()}, ${process.platform} ${process.arch}; load ${before} before, ${load()} after`;
console.log(JSON.stringify({ machine, versions, runs }));
