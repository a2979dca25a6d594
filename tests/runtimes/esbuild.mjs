import { build } from "esbuild";
import { emptied, entry, inNode, inPage } from "./bundles.mjs";
import { version } from "./tools.mjs";

async function bundle(project, platform) {
  const outdir = await emptied(project, `esbuild-${platform}`);
  await build({
    entryPoints: [entry(project)],
    outdir,
    bundle: true,
    minify: true,
    format: "esm",
    platform,
    logLevel: "error",
    outExtension: { ".js": ".mjs" },
  });
  return outdir;
}

export default async ({ project, sandbox }) => {
  const page = await inPage(await bundle(project, "browser"), sandbox, "main.mjs");
  const node = await inNode(await bundle(project, "node"), sandbox, "main.mjs");
  return { version: await version(import.meta.url, "esbuild"), outcomes: { page, node } };
};
