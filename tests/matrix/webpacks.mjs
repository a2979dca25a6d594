// webpack, and what is called as it is: for a page and for Node.

import { promisify } from "node:util";
import { emptied, entry, inNode, inPage } from "../runtimes/bundles.mjs";
import { version } from "../runtimes/tools.mjs";

export const bundleWith = (name, bundler) => async ({ project, sandbox }) => {
  async function bundle(target) {
    const path = await emptied(project, `${name.replace("/", "-")}-${target}`);
    const stats = await promisify(bundler)({ mode: "production", target, entry: entry(project), output: { path } });
    if (stats.hasErrors()) throw new Error(stats.toString());
    return path;
  }
  const page = await inPage(await bundle("web"), sandbox, "main.js");
  const node = await inNode(await bundle("node"), sandbox, "main.js");
  return { version: await version(import.meta.url, name), outcomes: { page, node } };
};
