// That a rejection which nobody handles fails a run: what every other test relies on, as it rejects in the process of its own.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import test from "node:test";

const support = new URL("support.mjs", import.meta.url).href;

/** The exit code of a test file with these lines, which imports the support that all of them do. */
async function exitCode(code) {
  const program = `import test from "node:test"; import ${JSON.stringify(support)}; ${code}`;
  const env = { ...process.env };
  // A test runner's child reports to it, and this one is to be judged by its exit alone.
  delete env.NODE_TEST_CONTEXT;
  const node = spawn(process.execPath, ["--input-type=module", "-e", program], { env, stdio: "ignore" });
  const [status] = await once(node, "exit");
  return status;
}

test("a rejection that nobody handles fails the run, within a test and after the last", async () => {
  assert.equal(await exitCode('test("well", () => {});'), 0);
  assert.notEqual(await exitCode('test("well", async () => { Promise.reject(new Error("unheard")); await new Promise(setImmediate); });'), 0);
  assert.notEqual(await exitCode('test("well", () => {}); process.once("beforeExit", () => void Promise.reject(new Error("unheard")));'), 0);
});
