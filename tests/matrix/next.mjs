// Next.js: a server component, a route handler and an edge route. The application lies here, since Next.js takes no
// dependency from outside of its folder.

import { once } from "node:events";
import { cp, rm } from "node:fs/promises";
import { createInterface } from "node:readline";
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

export default async ({ project, sandbox }) => {
  for (const made of [".next", "suite", "node_modules"]) await rm(`${cwd}/${made}`, { recursive: true, force: true });
  await cp(suite(project, "."), `${cwd}/suite`, { recursive: true });
  await cp(`${project}/node_modules`, `${cwd}/node_modules`, { recursive: true });
  const next = program(import.meta.url, "next");
  await output(next, ["build"], { cwd, env });
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
