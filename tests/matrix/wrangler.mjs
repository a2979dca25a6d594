import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { carriesOnce, emptied } from "../runtimes/bundles.mjs";
import { output, program, suite, version } from "../runtimes/tools.mjs";
import { inWorkerd } from "../runtimes/workerd.mjs";

const DATE = "2026-04-01";

export default async ({ project, sandbox }) => {
  const folder = await emptied(project, "wrangler");
  const config = join(project, "wrangler.json");
  const main = suite(project, "workerd.mjs");
  await writeFile(config, JSON.stringify({ name: "worker", main, compatibility_date: DATE }));
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "true" };
  const deploy = ["deploy", "--dry-run", "--config", config, "--outdir", folder];
  await output(program(import.meta.url, "wrangler"), deploy, { cwd: project, env });
  await carriesOnce(folder);
  const outcomes = { [DATE]: await inWorkerd(folder, DATE, sandbox) };
  return { version: await version(import.meta.url, "wrangler"), outcomes };
};
