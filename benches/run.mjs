// Measures everything: `node run.mjs ROUNDS CALLS`. Prints one line of JSON: the machine, the versions, the contests of each runtime,
// what the plots show, and what each part took.

import { cpus, loadavg } from "node:os";
import { outcome, output, program, version } from "../tests/runtimes/tools.mjs";

const [rounds, calls] = process.argv.slice(2);
const runners = new URL("../tests/runtimes/run.mjs", import.meta.url);
/** The one that everything runs in; all peers take it. */
const node = new URL("node_modules/node24/bin/node", import.meta.url).pathname;

/** What a script may take, in milliseconds: a million calls of each function are many. */
const LONGEST = 3_600_000;

const load = () => loadavg()[0].toFixed(1);
const before = load();
const parts = [];

/** What a script prints that is run there. */
async function told(runtime, script, command = node, ...args) {
  const start = performance.now();
  const given = [...args, `${script}.mjs`, rounds, calls];
  const all = await outcome(command, given, { cwd: import.meta.dirname, timeout: LONGEST });
  parts.push({ name: `${script}, ${runtime}`, seconds: (performance.now() - start) / 1000 });
  return all;
}

const runs = [];

/** Runs scripts there, one after the other. */
async function run(runtime, scripts, ...command) {
  const contests = [];
  for (const script of scripts) contests.push(...(await told(runtime, script, ...command)));
  runs.push({ runtime, contests });
}

const newest = await version(import.meta.url, "node24");
const [bun, deno, workerd] = await Promise.all(["bun", "deno", "workerd"].map((name) => version(runners, name)));
await run(`Node.js ${newest}`, ["calls", "requests", "start", "memory", "download"]);
await run(`Node.js ${process.versions.node}`, ["calls", "start"], process.execPath);
await run(`Bun ${bun}`, ["calls", "start"], program(runners, "bun"));
await run(`Deno ${deno}`, ["calls", "start"], program(runners, "deno"), "run", "--quiet", "--allow-all");
await run(`workerd ${workerd}`, ["workerd", "workerd-start"]);
await run(`Chromium ${await chromium()}`, ["chromium"]);
const plots = await told(`Node.js ${newest}`, "scale", node, "--expose-gc");

const peers = ["google-auth-library", "@azure/identity", "jose", "openid-client", "@unkey/api", "jwt-decode"];
const versions = await Promise.all(peers.map(async (name) => `${name} ${await version(import.meta.url, name)}`));
const [{ model }] = cpus();
const machine = `${cpus().length} cores of ${model.trim()}, ${process.platform} ${process.arch}; load ${before} before, ${load()} after`;
console.log(JSON.stringify({ machine, versions, runs, plots, parts }));

/** The version of the browser that is installed. */
async function chromium() {
  const said = await output("/usr/bin/chromium", ["--version", "--no-sandbox"]);
  return said.match(/[\d.]+/)[0];
}
