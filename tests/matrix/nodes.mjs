// A Node.js from its npm package, which npm installed under this name.

import { bothWays, output } from "../runtimes/tools.mjs";

export const nodeOf = (name) => async (given) => {
  const node = new URL(`./node_modules/${name}/bin/node`, import.meta.url).pathname;
  return { version: (await output(node, ["--version"])).trim().slice(1), outcomes: await bothWays(node, [], given) };
};
