// What a user downloads, beside the peers bundled as one would bundle them: `node download.mjs`. Prints the contests.

import { readFile } from "node:fs/promises";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";

const dist = new URL("node_modules/latchkey/dist/", import.meta.url);

/** All that a package exports, minified, for where it is meant to run. */
async function bundled(platform, ...packages) {
  const contents = packages.map((name, at) => `export * as p${at} from "${name}";`).join("\n");
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    legalComments: "none",
    format: "esm",
    target: "es2022",
    platform,
    write: false,
    logLevel: "error",
  });
  return packed(outputFiles.map((file) => file.contents));
}

/** Bytes as they travel: each file by brotli at its best. */
const packed = (files) => files.map((file) => brotliCompressSync(file).length).reduce((sum, size) => sum + size);

const shipped = async (...names) => packed(await Promise.all(names.map((name) => readFile(new URL(name, dist)))));

const peers = [
  ["google-auth-library", await bundled("node", "google-auth-library")],
  ["@azure/identity", await bundled("node", "@azure/identity")],
  ["jose + openid-client + @unkey/api", await bundled("node", "jose", "openid-client", "@unkey/api")],
];

/** Against the size that it is to reach, and against each peer: smaller is all that is asked there. */
const contest = (what, size, target) => ({
  what: `download: ${what}`,
  unit: "bytes",
  peers: [{ name: "the size to reach", reach: 1 }, ...peers.map(([name]) => ({ name, reach: 1 }))],
  exact: true,
  rounds: [[size, target, ...peers.map(([, size]) => size)]],
});

console.log(
  JSON.stringify([
    contest("edge entry", await shipped("core.wasm", "workerd.js"), 45_000),
    contest("default entry", await shipped("inline.js"), 56_000),
  ]),
);
