// What Latchkey does, said once for every runtime: plain cases over HTTP, that ask for nothing but what all runtimes have.

import { cases } from "./cases.mjs";
import { createWorld } from "./world.mjs";

/**
 * Runs every case, each in a world of the sandbox of its own.
 *
 * @param latchkey - the module, however the runtime came by it.
 * @param sandbox - the address of a running sandbox.
 * @param made - clients that were made before anything ran, as in a worker's global scope: what `early` gave.
 * @returns what a runner hands on: `{ passed, failures: [{ name, message }] }`.
 */
export async function run(latchkey, sandbox, made) {
  const outcome = { passed: 0, failures: [] };
  for (const [name, work] of Object.entries(cases)) {
    await judge(outcome, name, async () => {
      const world = await createWorld(latchkey, sandbox);
      await work(world, made);
      await world.end();
    });
  }
  return outcome;
}

/** Runs one case, and counts it; the outcome. */
export async function judge(outcome, name, work) {
  try {
    await work();
    outcome.passed += 1;
  } catch (thrown) {
    outcome.failures.push({ name, message: String(thrown?.stack ?? thrown) });
  }
  return outcome;
}

/** Clients as people make them in a module's global scope, where an edge worker allows no clock, chance or request. */
export function early({ Client }) {
  const masivo = new Client({ provider: "masivo", apiKey: "unknown", baseUrl: "https://api.example.com" });
  const masumi = new Client({ provider: "masumi", apiKey: "admin-key", baseUrl: "https://keys.example.com" });
  return { masivo, masumi };
}
