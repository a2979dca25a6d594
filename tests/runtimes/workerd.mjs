// Cloudflare's workerd, as it is deployed and as it was years ago, with a worker that is bundled as wrangler does.

import { join } from "node:path";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { carriesOnce, emptied } from "./bundles.mjs";
import { suite, version } from "./tools.mjs";

const DATES = ["2023-10-30", "2026-04-01"];

/** How a worker is bundled. */
export const WORKER = {
  bundle: true,
  format: "esm",
  target: "es2022",
  conditions: ["workerd", "worker", "browser"],
  external: ["cloudflare:*"],
  loader: { ".wasm": "copy" },
};

/** The bundle in a folder, as miniflare takes it. */
export const modules = (folder, script) => ({
  modules: true,
  modulesRules: [{ type: "CompiledWasm", include: ["**/*.wasm"] }],
  modulesRoot: folder,
  scriptPath: join(folder, script),
});

/** What the suite's worker in a folder answers. */
export async function inWorkerd(folder, compatibilityDate, sandbox) {
  const worker = new Miniflare({ ...modules(folder, "workerd.js"), compatibilityDate });
  const response = await worker.dispatchFetch(`http://worker/?sandbox=${encodeURIComponent(sandbox)}`);
  const outcome = await response.json();
  await worker.dispose();
  return outcome;
}

export default async ({ project, sandbox }) => {
  const outdir = await emptied(project, "workerd");
  await build({ ...WORKER, entryPoints: [suite(project, "workerd.mjs")], outdir });
  await carriesOnce(outdir);
  const outcomes = {};
  for (const date of DATES) outcomes[date] = await inWorkerd(outdir, date, sandbox);
  return { version: await version(import.meta.url, "workerd"), outcomes };
};
