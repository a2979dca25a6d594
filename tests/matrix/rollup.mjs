// rollup finds no package by itself: its own plugins for that, and for the CommonJS of the older library, belong to it.

import commonjs from "@rollup/plugin-commonjs";
import resolve from "@rollup/plugin-node-resolve";
import { rollup } from "rollup";
import { emptied, entry, inNode, inPage } from "../runtimes/bundles.mjs";
import { version } from "../runtimes/tools.mjs";

export default async ({ project, sandbox }) => {
  async function bundle(name, options) {
    const dir = await emptied(project, `rollup-${name}`);
    const bundle = await rollup({ input: entry(project), plugins: [resolve(options), commonjs()] });
    await bundle.write({ dir, format: "es", entryFileNames: "main.mjs" });
    return dir;
  }
  const page = await inPage(await bundle("page", { browser: true }), sandbox, "main.mjs");
  const node = await inNode(await bundle("node", { exportConditions: ["node"] }), sandbox, "main.mjs");
  return { version: await version(import.meta.url, "rollup"), outcomes: { page, node } };
};
