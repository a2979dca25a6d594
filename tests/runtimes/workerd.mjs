// Cloudflare's workerd, as it is deployed and as it was three years ago, with a worker that is bundled as wrangler does.

import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { join } from "node:path";
import { suite, version } from "./tools.mjs";

const DATES = ["2023-10-30", "2026-04-01"];

export default async ({ project, sandbox }) => {
  const outdir = join(project, "out/workerd");
  await build({
    entryPoints: [suite(project, "workerd.mjs")],
    outdir,
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    loader: { ".wasm": "copy" },
  });
  const outcomes = {};
  for (const compatibilityDate of DATES) {
    const worker = new Miniflare({
      compatibilityDate,
      modules: true,
      modulesRules: [{ type: "CompiledWasm", include: ["**/*.wasm"] }],
      modulesRoot: outdir,
      scriptPath: join(outdir, "workerd.js"),
    });
    const response = await worker.dispatchFetch(`http://worker/?sandbox=${encodeURIComponent(sandbox)}`);
    outcomes[compatibilityDate] = await response.json();
    await worker.dispose();
  }
  return { version: await version(import.meta.url, "workerd"), outcomes };
};
