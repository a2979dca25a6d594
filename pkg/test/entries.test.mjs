// How the package is loaded, and that it lets go of a process.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as latchkey from "latchkey";
import { world } from "./support.mjs";

const PACKAGE = fileURLToPath(new URL("..", import.meta.url));

/** What a program prints that runs by itself in the package's folder, where the package is found by its own name. */
async function run(type, program, ...given) {
  const args = [`--input-type=${type}`, "--eval", program, ...given];
  // One that does not end would hold up the tests for as long: it is ended then, and that fails.
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: PACKAGE, timeout: 120_000 });
  assert.equal(stderr, "");
  return JSON.parse(stdout);
}

const SAME = `
  const same = Object.keys(required).filter((name) => required[name] === imported[name]);
  const known = Object.keys(required).length;
  const caught = (make) => { try { make() } catch (error) { return error } };
  const error = caught(() => new required.Client({}));
  console.log(JSON.stringify({ same: same.length === known && known > 6, instance: error instanceof imported.LatchkeyError }));
`;

test("require and import give one and the same instance, whichever comes first", async () => {
  const both = { same: true, instance: true };
  assert.deepEqual(
    await run("commonjs", `const required = require("latchkey"); import("latchkey").then((imported) => { ${SAME} })`),
    both,
  );
  assert.deepEqual(
    await run(
      "module",
      `import * as imported from "latchkey"; import { createRequire } from "node:module";
      const required = createRequire(import.meta.url)("latchkey"); ${SAME}`,
    ),
    both,
  );
});

test("an error that nobody catches is printed with a line that can be read, and not with all of the module", async () => {
  const error = await run("module", `import { Client } from "latchkey"; new Client({ provider: "masivo" })`).catch((error) => error);
  assert.match(error.stderr, /^LatchkeyError: apiKey: is required/m);
  const longest = Math.max(...error.stderr.split("\n").map((line) => line.length));
  assert.ok(longest < 200, `a line of ${longest} characters`);
});

test("the package gives what its declarations name, and nothing else", () => {
  const names = "Client LatchkeyError Secret decode expiresAt isExpired jwks ready sessionId verify".split(" ");
  assert.deepEqual(Object.keys(latchkey).sort(), names);
});

test("ready resolves with nothing, any number of times", async () => {
  assert.equal(await latchkey.ready(), undefined);
  assert.equal(await latchkey.ready(), undefined);
});

test("nothing but the entries and package.json can be reached", async () => {
  await assert.rejects(import("latchkey/dist/node.cjs"), { code: "ERR_PACKAGE_PATH_NOT_EXPORTED" });
  const { version } = (await import("latchkey/package.json", { with: { type: "json" } })).default;
  assert.match(version, /^\d+\.\d+\.\d+$/);
});

test("every error code is declared, and every declared one exists", async () => {
  const core = await readFile(new URL("../../src/error.rs", import.meta.url), "utf8");
  const codes = [...core.matchAll(/^ +\w+ = "(ERR_\w+)",/gm)].map(([, code]) => code);
  const declarations = await readFile(new URL("../types/error.d.cts", import.meta.url), "utf8");
  const declared = [...declarations.matchAll(/^ +\| "(ERR_\w+)"/gm)].map(([, code]) => code);
  assert.ok(declared.length > 20);
  assert.deepEqual(declared.sort(), codes.sort());
});

const USE = `
  const { Client } = await import("latchkey");
  const [provider, baseUrl, credentials] = process.argv.slice(1);
  const client = new Client({ provider, baseUrl, ...JSON.parse(credentials) });
  const response = await client.fetch("/whoami");
  await response.json();
  const { signal } = new AbortController();
  await client.token({ signal, forceRefresh: true });
  const timers = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  console.log(JSON.stringify({ left: (client.expiresAt - Date.now()) / 1000, timers }));
`;

test("a process that has used a client ends by itself, its token still good, and no timer left", async (t) => {
  const w = await world(t);
  for (const provider of ["masivo", "masv", "brifle"]) {
    const { left, timers } = await run(
      "module",
      USE,
      provider,
      w.services[provider],
      JSON.stringify(credentials(w, provider)),
    );
    assert.ok(left > 3000, `${left}`);
    assert.equal(timers, 0);
  }
});

function credentials(w, provider) {
  const { apiKey, ...rest } = w.credentials[provider];
  return provider === "masivo" ? { apiKey } : rest;
}

test("a process whose requests all failed ends by itself too", async () => {
  const program = `
    const { Client } = await import("latchkey");
    const client = new Client({ provider: "masivo", apiKey: "k", baseUrl: "http://127.0.0.1:9", retries: 0 });
    const outcomes = await Promise.allSettled([client.token(), client.fetch("/"), client.headers()]);
    console.log(JSON.stringify(outcomes.map(({ reason }) => reason.code)));
  `;
  assert.deepEqual(await run("module", program), ["ERR_NETWORK", "ERR_NETWORK", "ERR_NETWORK"]);
});

test("the constructor asks the platform for nothing: no clock, chance, timer or request", async () => {
  const program = `
    import { Client } from "latchkey";
    const asked = [];
    const watch = (object, name) => {
      const real = object[name];
      object[name] = function (...given) { asked.push(name); return real.apply(this, given) };
    };
    watch(Date, "now"); watch(Math, "random"); watch(globalThis, "setTimeout"); watch(globalThis, "setInterval");
    watch(globalThis, "fetch"); watch(globalThis, "queueMicrotask"); watch(crypto, "getRandomValues");
    const common = { baseUrl: "https://api.example.com", now: () => asked.push("now"), onEvent: () => asked.push("onEvent") };
    new Client({ ...common, provider: "masivo", apiKey: () => asked.push("apiKey") });
    new Client({ ...common, provider: "oauth2", clientId: "i", clientSecret: "s", issuer: "https://id.example.com" });
    new Client({ ...common, provider: "login", apiKey: "k", session: "s" });
    console.log(JSON.stringify(asked));
  `;
  assert.deepEqual(await run("module", program), []);
});

test("a module can be loaded in a worker too, with an instance of its own", async (t) => {
  const { Worker } = await import("node:worker_threads");
  const program = `
    const { parentPort } = require("node:worker_threads");
    const { isExpired } = require("latchkey");
    parentPort.postMessage(typeof isExpired);
  `;
  const here = process.cwd();
  process.chdir(PACKAGE);
  t.after(() => process.chdir(here));
  const worker = new Worker(program, { eval: true });
  const said = await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  assert.equal(said, "function");
});
