// Cloudflare's workerd, as it is deployed and as it was years ago, with a worker that is bundled as wrangler does.

import { join } from "node:path";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { carriesOnce, emptied } from "./bundles.mjs";
import { BESIDE, suite, version } from "./tools.mjs";

/** Years ago, and now. */
export const DATES = ["2023-10-30", "2026-04-01"];

/** How a worker is bundled. */
export const WORKER = {
  bundle: true,
  format: "esm",
  target: "es2022",
  conditions: ["workerd", "worker", "browser"],
  external: ["cloudflare:*"],
  loader: { ".wasm": "copy" },
  nodePaths: [BESIDE],
};

/** The bundle in a folder, as miniflare takes it. */
export const modules = (folder, script) => ({
  modules: true,
  modulesRules: [{ type: "CompiledWasm", include: ["**/*.wasm"] }],
  modulesRoot: folder,
  scriptPath: join(folder, script),
});

/** Bundles a worker of the suite's, which carries the core once; the folder. */
export async function bundleWorker(project, script, name) {
  const outdir = await emptied(project, name);
  await build({ ...WORKER, entryPoints: [suite(project, script)], outdir });
  await carriesOnce(outdir);
  return outdir;
}

/** What the suite's worker in a folder answers. */
export async function inWorkerd(folder, compatibilityDate, sandbox, script = "workerd.js") {
  const worker = new Miniflare({ ...modules(folder, script), compatibilityDate });
  const response = await worker.dispatchFetch(`http://worker/?sandbox=${encodeURIComponent(sandbox)}`);
  const outcome = await response.json();
  await worker.dispose();
  return outcome;
}

export default async ({ project, sandbox }) => {
  const folder = await bundleWorker(project, "workerd.mjs", "workerd");
  const outcomes = {};
  for (const date of DATES) outcomes[date] = await inWorkerd(folder, date, sandbox);
  return { version: await version(import.meta.url, "workerd"), outcomes };
};
