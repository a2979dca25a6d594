// How soon there is a first answer in a fresh process: `node start.mjs ROUNDS`. Prints the contest.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { interleaved } from "./contest.mjs";
import { TOKEN } from "./samples.mjs";

const rounds = Number(process.argv[2]);

/** What a script takes that is a process of its own, in milliseconds from its first line to its last. */
const fresh = (script) => async () => {
  const timed = `const start = performance.now(); ${script}; console.log(performance.now() - start)`;
  const args = ["--input-type=module", "--eval", timed];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname });
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
