// How soon there is a first answer in a fresh process: `node start.mjs ROUNDS`, or in another runtime, of which it is then told.
// Prints the contest.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { interleaved } from "./contest.mjs";
import { AZURE, GOOGLE, JOSE, JWT_DECODE, LATCHKEY, contest } from "./starts.mjs";

const { process, Bun, Deno } = globalThis;
const rounds = Number(process.argv[2]);
const peers = [GOOGLE, AZURE, JOSE, JWT_DECODE];

/** How the runtime takes a script that is no file. */
const evaluate = Deno ? ["eval"] : Bun ? ["--eval"] : ["--input-type=module", "--eval"];

/** What a script takes that is a process of its own, in milliseconds from its first line to its last. */
const fresh = (script) => async () => {
  const timed = `const start = performance.now(); ${script}; console.log(performance.now() - start)`;
  const { stdout } = await promisify(execFile)(process.execPath, [...evaluate, timed], { cwd: import.meta.dirname });
  return Number(stdout);
};

const scripts = [LATCHKEY, ...peers.map(({ script }) => script)];
console.log(JSON.stringify([contest("import to first `isExpired`", peers, await interleaved(rounds, scripts.map(fresh)))]));
