// Runs the suite in one runtime: `node run.mjs RUNNER PROJECT SANDBOX`, with a file that knows the runtime, a folder in
// which the packed package is installed, and the address of a sandbox. Prints what came of it as one line of JSON.

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { issueTokens } from "./jose.mjs";

const [runner, project, sandbox] = process.argv.slice(2);
const { default: perform } = await import(pathToFileURL(resolve(runner)));
await issueTokens(resolve(project, "suite"), sandbox);
const { version, outcomes } = await perform({ project: resolve(project), sandbox });

for (const [where, { failures }] of Object.entries(outcomes)) {
  // The first of them tell enough, where nothing works at all.
  for (const { name, message } of failures.slice(0, 5)) {
    console.error(`✗ ${where}: ${name}\n  ${message.replaceAll("\n", "\n  ")}`);
  }
}
const counts = Object.entries(outcomes).map(([where, { passed, failures }]) => ({ where, passed, failed: failures.length }));
console.log(JSON.stringify({ version, counts }));
// A browser or a worker that hangs must not hold the run up.
process.exit(0);
