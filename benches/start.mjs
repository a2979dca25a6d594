// How soon there is a first answer in a fresh process: `node start.mjs ROUNDS`, or in another runtime, of which it is then told.
// Prints the contest.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { interleaved } from "./contest.mjs";
import { TOKEN } from "./samples.mjs";

const { process, Bun, Deno } = globalThis;
const rounds = Number(process.argv[2]);

/** How the runtime takes a script that is no file. */
const evaluate = Deno ? ["eval"] : Bun ? ["--eval"] : ["--input-type=module", "--eval"];

/** What a script takes that is a process of its own, in milliseconds from its first line to its last. */
const fresh = (script) => async () => {
  const timed = `const start = performance.now(); ${script}; console.log(performance.now() - start)`;
  const { stdout } = await promisify(execFile)(process.execPath, [...evaluate, timed], { cwd: import.meta.dirname });
  return Number(stdout);
};

const contest = {
  what: "import to first `isExpired`",
  unit: "ms",
  peers: [{ name: "import of google-auth-library", reach: 1 / 4 }],
  rounds: await interleaved(rounds, [
    fresh(`(await import("latchkey")).isExpired("${TOKEN}")`),
    fresh('await import("google-auth-library")'),
  ]),
};
console.log(JSON.stringify([contest]));
