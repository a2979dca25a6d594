// Next.js: a server component, a route handler and an edge route. The application lies here, since Next.js takes no
// dependency from outside of its folder.

import { once } from "node:events";
import { cp, readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { carriesTimes } from "../runtimes/bundles.mjs";
import { output, program, started, suite, version } from "../runtimes/tools.mjs";

const cwd = new URL("./next-app", import.meta.url).pathname;
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" };

/** `next start`, once it says that it is ready; where it listens. */
async function serving(next) {
  const args = ["start", "--port", "0", "--hostname", "127.0.0.1"];
  const server = started(next, args, { cwd, env });
  let origin;
  for await (const line of createInterface(server.stdout)) {
    origin ??= /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (line.includes("Ready")) break;
  }
  server.stdout.resume();
  return { server, origin };
}

/** Sees to it that each output has the core once, by the lists that Next.js makes of what belongs to it, and the pages’ scripts never. */
async function carriedOnce() {
  const made = join(cwd, ".next");
  const json = async (file) => JSON.parse(await readFile(file, "utf8"));
  for (const output of ["page", "route/route"]) {
    const list = join(made, "server/app", `${output}.js.nft.json`);
    const { files } = await json(list);
    await carriesTimes(1, files.map((file) => join(list, "..", file)));
  }
  const { functions } = await json(join(made, "server/middleware-manifest.json"));
  const { files, wasm } = functions["/edge/route"];
  await carriesTimes(1, [...files, ...wasm.map(({ filePath }) => filePath)].map((file) => join(made, file)));
  const scripts = await readdir(join(made, "static/chunks"));
  await carriesTimes(0, scripts.map((file) => join(made, "static/chunks", file)));
}

export default async ({ project, sandbox }) => {
  for (const made of [".next", "suite", "node_modules"]) await rm(`${cwd}/${made}`, { recursive: true, force: true });
  await cp(suite(project, "."), `${cwd}/suite`, { recursive: true });
  await cp(`${project}/node_modules`, `${cwd}/node_modules`, { recursive: true });
  const next = program(import.meta.url, "next");
  await output(next, ["build"], { cwd, env });
  await carriedOnce();
  const { server, origin } = await serving(next);
  const asked = async (path) => (await fetch(`${origin}${path}?${new URLSearchParams({ sandbox })}`)).text();
  try {
    const [, page] = /<pre>([^<]*)<\/pre>/.exec(await asked("/"));
    const outcomes = {
      "server component": JSON.parse(decodeURIComponent(page)),
      "route handler": JSON.parse(await asked("/route")),
      "edge route": JSON.parse(await asked("/edge")),
    };
    return { version: await version(import.meta.url, "next"), outcomes };
  } finally {
    server.kill();
    await once(server, "exit");
  }
};
