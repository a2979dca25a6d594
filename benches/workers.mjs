// What workerd is measured with: how its workers are bundled, and how they are asked. It can be measured from outside alone, as its
// clock stands still while a worker computes.

import { createRequire, builtinModules } from "node:module";
import { build } from "esbuild";
import { WORKER } from "../tests/runtimes/workerd.mjs";

export const { Miniflare } = createRequire(new URL("../tests/runtimes/workerd.mjs", import.meta.url))("miniflare");

/** The worker's age, and that it has what peers need of Node.js. */
export const RUNTIME = { compatibilityDate: "2026-04-01", compatibilityFlags: ["nodejs_compat"] };

/** Peers that are made for Node.js require what it brings, which a worker has to import. */
const NODE = {
  name: "node",
  setup(build) {
    const builtin = new RegExp(`^(node:)?(${builtinModules.join("|")})$`);
    build.onResolve({ filter: builtin }, ({ path, kind, namespace }) => {
      const name = path.replace(/^(node:)?/, "node:");
      const isRequired = kind === "require-call" && namespace !== "node";
      return isRequired ? { path: name, namespace: "node" } : { path: name, external: true };
    });
    build.onLoad({ filter: /./, namespace: "node" }, ({ path }) => ({
      contents: `import builtin from "${path}"; module.exports = builtin;`,
    }));
  },
};

/** Bundles a worker whose entry has such a text; its script, then the files that it imports. */
export async function bundled(contents) {
  const { outputFiles } = await build({
    ...WORKER,
    stdin: { contents, resolveDir: import.meta.dirname },
    outdir: "/worker",
    plugins: [NODE],
    minify: true,
    write: false,
    logLevel: "error",
  });
  const files = outputFiles.map(({ path, contents }) => ({ path: path.replace("/worker/", ""), contents }));
  // The script is what the worker begins with.
  return files.sort((a, b) => b.path.endsWith(".js") - a.path.endsWith(".js"));
}

/** Asks a worker, and waits until it has answered. */
export async function ask(url, query) {
  const response = await fetch(`${url}?${new URLSearchParams(query)}`);
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text}`);
  return text;
}
