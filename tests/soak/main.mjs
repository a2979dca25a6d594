// A million calls, and a short report: `node tests/soak/main.mjs http://127.0.0.1:PORT [SEED [CALLS]]`. Ends with 1 if
// something was left behind or asked too often.

import { soak } from "./soak.mjs";
import * as latchkey from "../../pkg/dist/node.mjs";

const [sandbox, seed = `${Date.now() % 2 ** 31}`, calls = "1000000"] = process.argv.slice(2);
console.log(`seed ${seed}`);
process.on("unhandledRejection", (reason) => {
  throw reason;
});
const start = performance.now();
const { days, memory, outcomes, requests } = await soak(latchkey, sandbox, { calls: Number(calls), seed: Number(seed) });
console.log(`${calls} calls in ${days.toFixed(1)} days, lived through in ${((performance.now() - start) / 1000).toFixed(0)} s`);
console.log(`the core's memory: ${memory / 1024} KiB after a tenth of it, and at the end`);
for (const [outcome, count] of Object.entries(outcomes)) console.log(`  ${outcome.padEnd(24)}${count}`);
console.log("token requests, and how many the lifetimes, faults and callers allow:");
for (const [provider, { asked, allowed }] of Object.entries(requests)) {
  console.log(`  ${provider.padEnd(24)}${asked} of ${allowed}`);
}
