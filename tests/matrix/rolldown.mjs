import { build } from "rolldown";
import { emptied, entry, inNode, inPage } from "../runtimes/bundles.mjs";
import { version } from "../runtimes/tools.mjs";

export default async ({ project, sandbox }) => {
  async function bundle(platform) {
    const dir = await emptied(project, `rolldown-${platform}`);
    const output = { dir, format: "esm", entryFileNames: "main.mjs" };
    await build({ input: entry(project), platform, logLevel: "warn", output });
    return dir;
  }
  const page = await inPage(await bundle("browser"), sandbox, "main.mjs");
  const node = await inNode(await bundle("node"), sandbox, "main.mjs");
  return { version: await version(import.meta.url, "rolldown"), outcomes: { page, node } };
};
