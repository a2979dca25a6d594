import { readFile } from "node:fs/promises";
import { startVitest } from "vitest/node";
import { suite, version } from "../runtimes/tools.mjs";

export default async ({ project, sandbox }) => {
  const root = suite(project, "vitest");
  const env = { SANDBOX: sandbox, OUTCOME: `${root}/outcome.json` };
  const vitest = await startVitest("test", [], { root, config: false, watch: false, env, reporters: ["dot"] });
  await vitest.close();
  const outcomes = { import: JSON.parse(await readFile(env.OUTCOME, "utf8")) };
  return { version: await version(import.meta.url, "vitest"), outcomes };
};
