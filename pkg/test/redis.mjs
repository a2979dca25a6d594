// A real Redis of the test's own: on a free port, with nothing on disk, and gone with the test.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { createClient } from "redis";
import { freePort } from "./free-port.mjs";

export class Redis {
  #child;

  constructor(port) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
  }

  /** Starts it, and again after `stop`: then empty, as one that has lost its memory. */
  async start() {
    const args = ["--port", this.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    this.#child = spawn("redis-server", args.map(String), { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(this.#child, "exit").then(() => assert.fail("redis-server ended before it was ready"));
    ended.catch(() => {});
    const ready = (async () => {
      for await (const line of createInterface(this.#child.stdout)) if (line.includes("Ready to accept")) return;
    })();
    await Promise.race([ready, ended]);
    this.#child.stdout.resume();
    return this;
  }

  /** Ends it at once, as a machine does that loses its power. */
  async stop() {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }
}

/** A client of node-redis for this test. */
export async function nodeRedis(t, url) {
  const client = createClient({ url });
  // It is told that the server has gone, and goes on trying.
  client.on("error", () => {});
  t.after(() => client.destroy());
  return client.connect();
}

/** One for this test. */
export async function redis(t) {
  const server = await new Redis(await freePort()).start();
  t.after(() => server.stop());
  return server;
}
