import { dirname } from "node:path";
import { build, createServer } from "vite";
import { emptied, entry, inPage, opened } from "./bundles.mjs";
import { version } from "./tools.mjs";

export default async ({ project, sandbox }) => {
  const common = { root: dirname(entry(project)), configFile: false, logLevel: "error" };
  const outDir = await emptied(project, "vite");
  await build({ ...common, build: { outDir } });
  const server = await createServer({ ...common, server: { port: 0, host: "127.0.0.1" } });
  await server.listen();
  const dev = await opened(`http://127.0.0.1:${server.httpServer.address().port}`, sandbox);
  await server.close();
  return { version: await version(import.meta.url, "vite"), outcomes: { build: await inPage(outDir, sandbox), dev } };
};
