// Cloudflare's workerd, as it is deployed and as it was three years ago, with a worker that is bundled as wrangler does.

import { join } from "node:path";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { carriesOnce, emptied } from "./bundles.mjs";
import { suite, version } from "./tools.mjs";

const DATES = ["2023-10-30", "2026-04-01"];

/** What the worker in a folder answers. */
export async function inWorkerd(folder, compatibilityDate, sandbox) {
  const worker = new Miniflare({
    compatibilityDate,
    modules: true,
    modulesRules: [{ type: "CompiledWasm", include: ["**/*.wasm"] }],
    modulesRoot: folder,
    scriptPath: join(folder, "workerd.js"),
  });
  const response = await worker.dispatchFetch(`http://worker/?sandbox=${encodeURIComponent(sandbox)}`);
  const outcome = await response.json();
  await worker.dispose();
  return outcome;
}

export default async ({ project, sandbox }) => {
  const outdir = await emptied(project, "workerd");
  await build({
    entryPoints: [suite(project, "workerd.mjs")],
    outdir,
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    loader: { ".wasm": "copy" },
  });
  await carriesOnce(outdir);
  const outcomes = {};
  for (const date of DATES) outcomes[date] = await inWorkerd(outdir, date, sandbox);
  return { version: await version(import.meta.url, "workerd"), outcomes };
};
