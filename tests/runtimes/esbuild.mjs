import { build } from "esbuild";
import { emptied, entry, inNode, inPage } from "./bundles.mjs";
import { BESIDE, version } from "./tools.mjs";

/** A script bundled for this platform; the folder. */
export async function bundle(project, platform, script = entry(project), name = "esbuild") {
  const outdir = await emptied(project, `${name}-${platform}`);
  await build({
    entryPoints: [script],
    outdir,
    nodePaths: [BESIDE],
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
