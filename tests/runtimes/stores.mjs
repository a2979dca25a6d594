// Stores in the engines that a runtime brings: Workers KV and Durable Objects in workerd, Deno KV, and the storage of two tabs.

import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import puppeteer from "puppeteer-core";
import { CHROMIUM } from "./browsers.mjs";
import { emptied } from "./bundles.mjs";
import { serve } from "./serve.mjs";
import { check, createWorld, same } from "./suite/world.mjs";
import { output, program, suite, version } from "./tools.mjs";
import { DATES, WORKER, modules } from "./workerd.mjs";

/** How long the service takes, so that others ask meanwhile: seconds. */
const SLOW = 0.4;

/** Two workers that share what they are bound to; `get` asks one of them. */
async function workers(project, compatibilityDate, world) {
  const outdir = join(project, "out/stores");
  const worker = (name) => ({
    ...modules(outdir, "worker.js"),
    name,
    compatibilityDate,
    kvNamespaces: { KV: "tokens" },
    durableObjects: { OBJECTS: { className: "TokenStoreObject", scriptName: "one" } },
  });
  const both = new Miniflare({ workers: [worker("one"), worker("two")] });
  const fetches = { one: await both.getWorker("one"), two: await both.getWorker("two") };
  const get = async (name, path, store) => {
    const query = new URLSearchParams({ store, masivo: world.services.masivo, key: world.credentials.masivo.apiKey });
    const response = await fetches[name].fetch(`http://worker${path}?${query}`);
    const text = await response.text();
    check(response.ok, `${path}: ${response.status} ${text}`);
    return text;
  };
  // An isolate that has yet to be compiled is slow to answer its first request.
  for (const name of ["one", "two"]) same(await get(name, "/ready", "object"), "ready");
  return { get, end: () => both.dispose() };
}

const inWorkerd = {
  async "the isolates of a worker ask once, by a Durable Object"({ get, asked }) {
    const names = Array.from({ length: 50 }, (_, at) => (at % 2 ? "one" : "two"));
    const tokens = await Promise.all(names.map((name) => get(name, "/token", "object")));
    same(new Set(tokens).size, 1, "different tokens");
    same(await asked(), 1, "token requests");
  },

  async "an isolate writes what came before it answers, where nothing keeps it alive"({ get, asked }) {
    const token = await get("one", "/token-alone", "object");
    same(await get("two", "/token-alone", "object"), token);
    same(await asked(), 1, "token requests");
  },

  async "what one isolate invalidates another does not read"({ get, asked }) {
    const token = await get("one", "/token", "object");
    const next = await get("one", "/invalidate", "object");
    check(next !== token, "the same token");
    same(await get("two", "/token", "object"), next);
    same(await asked(), 2, "token requests");
  },

  async "the leases of a Durable Object are fenced"({ get }) {
    same(await get("two", "/fencing", "object"), "fenced");
  },

  async "isolates share a token by Workers KV"({ get, asked }) {
    const token = await get("one", "/token-alone", "kv");
    same(await get("two", "/token-alone", "kv"), token);
    same(await asked(), 1, "token requests");
  },
};

const inDeno = {
  async "twenty clients ask once, by Deno KV, and so does a process that starts later"({ project, world, asked }) {
    const folder = await mkdtemp(join(tmpdir(), "latchkey-"));
    const given = [join(folder, "kv"), world.services.masivo, world.credentials.masivo.apiKey];
    const flags = ["run", "--quiet", "--no-remote", "--allow-all", "--unstable-kv", suite(project, "stores/deno.mjs")];
    const run = () => output(program(import.meta.url, "deno"), [...flags, ...given], { cwd: project });
    // One after the other: two processes at one file are told by SQLite that it is locked.
    const told = [await run(), await run()].map((line) => JSON.parse(line));
    same(told.map(({ said }) => said), ["fenced", "fenced"]);
    same(new Set(told.flatMap(({ tokens }) => tokens)).size, 1, "different tokens");
    same(told.map(({ faults }) => faults), [0, 0]);
    same(await asked(), 1, "token requests");
  },
};

/** Two tabs of a page. */
async function tabs(browser, origin, world, more = {}) {
  const query = new URLSearchParams({ masivo: world.services.masivo, key: world.credentials.masivo.apiKey, ...more });
  return Promise.all(
    [0, 1].map(async () => {
      const page = await browser.newPage();
      await page.goto(`${origin}/suite/stores/page.html?${query}`);
      await page.waitForFunction(() => globalThis.ready);
      return page;
    }),
  );
}

const token = (page) => page.evaluate(() => globalThis.client.token());
const reasons = (page) => page.evaluate(() => globalThis.events.map(({ reason, type }) => reason ?? type));

const inChromium = {
  async "two tabs that start at once ask once, by Web Locks"({ open, asked }) {
    const [one, two] = await open();
    same(new Set(await Promise.all([token(one), token(two)])).size, 1, "different tokens");
    same(await asked(), 1, "token requests");
    same((await Promise.all([one, two].map(reasons))).flat().sort(), ["first", "store"]);
  },

  async "a tab that is closed while it asks is succeeded at once"({ open, asked, world }) {
    const [one, two] = await open();
    await one.evaluate(() => void globalThis.client.token().catch(() => {}));
    while ((await asked()) === 0);
    await one.close();
    check((await token(two)).startsWith("eyJ"), "no token");
    check((await asked()) <= 2, `${await asked()} token requests`);
    check(world, "no world");
  },

  async "without Web Locks the tabs share a token all the same"({ open, asked }) {
    const [one, two] = await open({ "without-locks": "" });
    const first = await token(one);
    await one.waitForFunction(() => localStorage.length > 0);
    same(await token(two), first);
    same(await asked(), 1, "token requests");
  },

  async "Web Locks and what is written under them are fenced"({ open }) {
    const [one] = await open();
    same(await one.evaluate(() => globalThis.fencing()), "fenced");
  },
};

async function run(cases, sandbox, make) {
  const failures = [];
  let passed = 0;
  for (const [name, work] of Object.entries(cases)) {
    const world = await createWorld(undefined, sandbox);
    await world.fault({ kind: "delay", seconds: SLOW, service: "masivo", on: "token", times: null });
    const { end, ...given } = await make(world);
    try {
      await work({ ...given, world, asked: () => world.count("masivo", "token") });
      passed += 1;
    } catch (thrown) {
      failures.push({ name, message: String(thrown?.stack ?? thrown) });
    }
    await end?.();
  }
  return { passed, failures };
}

export default async ({ project, sandbox }) => {
  const outdir = await emptied(project, "stores");
  await build({ ...WORKER, entryPoints: [suite(project, "stores/worker.mjs")], outdir });
  const outcomes = {};
  for (const date of DATES) {
    outcomes[`workerd, ${date}`] = await run(inWorkerd, sandbox, (world) => workers(project, date, world));
  }
  outcomes["Deno KV"] = await run(inDeno, sandbox, () => ({ project }));
  const origin = await serve(project);
  outcomes["two tabs"] = await run(inChromium, sandbox, async (world) => {
    const browser = await puppeteer.launch(CHROMIUM);
    return { open: (more) => tabs(browser, origin, world, more), end: () => browser.close() };
  });
  return { version: await version(import.meta.url, "workerd"), outcomes };
};
