// Vercel's edge runtime. What `.wasm?module` imports is handed to the bundle as a global, as the platform does it.

import { readFile } from "node:fs/promises";
import { EdgeRuntime } from "edge-runtime";
import { build } from "esbuild";
import { suite, version } from "../runtimes/tools.mjs";

const wasmModules = {
  name: "wasm-modules",
  setup(build) {
    build.onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({ path, namespace: "wasm-module" }));
    build.onLoad({ filter: /.*/, namespace: "wasm-module" }, () => ({ contents: "export default globalThis.wasmModule" }));
  },
};

export default async ({ project, sandbox }) => {
  const bundled = await build({
    entryPoints: [suite(project, "edge.mjs")],
    bundle: true,
    write: false,
    format: "iife",
    conditions: ["edge-light"],
    plugins: [wasmModules],
  });
  const core = await readFile(`${project}/node_modules/latchkey/dist/core.wasm`);
  const runtime = new EdgeRuntime({
    initialCode: bundled.outputFiles[0].text,
    extend: (context) => Object.assign(context, { wasmModule: new WebAssembly.Module(core) }),
  });
  const response = await runtime.dispatchFetch(`http://edge/?sandbox=${encodeURIComponent(sandbox)}`);
  return { version: await version(import.meta.url, "edge-runtime"), outcomes: { "fetch handler": await response.json() } };
};
