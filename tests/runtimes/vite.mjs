import { dirname } from "node:path";
import { build, createServer } from "vite";
import { emptied, entry, inPage, opened } from "./bundles.mjs";
import { suite, version } from "./tools.mjs";

const COMMON = { configFile: false, logLevel: "error" };

async function built(root, outDir, sandbox) {
  await build({ ...COMMON, root, build: { outDir } });
  return inPage(outDir, sandbox);
}

async function served(root, sandbox) {
  const server = await createServer({ ...COMMON, root, server: { port: 0, host: "127.0.0.1" } });
  await server.listen();
  const outcome = await opened(`http://127.0.0.1:${server.httpServer.address().port}`, sandbox);
  await server.close();
  return outcome;
}

export default async ({ project, sandbox }) => {
  const root = dirname(entry(project));
  const outcomes = {
    build: await built(root, await emptied(project, "vite"), sandbox),
    dev: await served(root, sandbox),
    slim: await built(suite(project, "slim"), await emptied(project, "vite-slim"), sandbox),
  };
  return { version: await version(import.meta.url, "vite"), outcomes };
};
