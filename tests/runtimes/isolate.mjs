// What one request of a worker leaves to another, in workerd: there a promise of a request that has ended is never kept.

import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { emptied } from "./bundles.mjs";
import { check, createWorld, same } from "./suite/world.mjs";
import { suite, version } from "./tools.mjs";
import { WORKER, modules } from "./workerd.mjs";

const DATES = ["2023-10-30", "2026-04-01"];
/** How long the service takes, so that a request can end before its answer is there: seconds. */
const SLOW = 0.3;
/** What has not answered by then hangs: milliseconds. */
const HANGS = 8000;

/** The cases in which it takes longer than a flight is waited for: seconds. */
const SLOWER = { "a slow refresh is left to the request that started it": 1.5 };

/** Each case has an isolate of its own, whose requests `get` makes. */
const cases = {
  async "a request that starts a refresh and answers at once leaves no other one hanging"({ get, tokens }) {
    same(await get("/start"), "started");
    check((await get("/token")).startsWith("eyJ"), "no token");
    check((await tokens()) <= 2, "it is taken over once");
    // And what it left behind is over: the next one finds the token at hand.
    const before = await tokens();
    await get("/token");
    same(await tokens(), before, "token requests");
  },

  async "with waitUntil the refresh is kept alive, and is the only one"({ get, tokens }) {
    same(await get("/start-and-stay"), "started");
    check((await get("/token")).startsWith("eyJ"), "no token");
    same(await tokens(), 1, "token requests");
  },

  async "a hundred parallel requests make one token request"({ get, tokens }) {
    const answers = await Promise.all(Array.from({ length: 100 }, () => get("/token")));
    same(new Set(answers).size, 1, "different tokens");
    same(await tokens(), 1, "token requests");
  },

  async "a slow refresh is left to the request that started it"({ get, tokens }) {
    check((await get("/token")).startsWith("eyJ"), "no token");
    same(await tokens(), 1, "token requests");
  },

  async "a caller who disconnects harms nobody"({ get, tokens }) {
    const controller = new AbortController();
    const left = get("/token", controller.signal).catch(() => "left");
    while ((await tokens()) === 0);
    const others = Array.from({ length: 10 }, () => get("/token"));
    controller.abort();
    await left;
    const answers = await Promise.all(others);
    check(answers.every((answer) => answer.startsWith("eyJ")), "no token");
    check((await tokens()) <= 2, "it is taken over once");
  },

  async "the promise shared by hand hangs, which is what all this is for"({ get }) {
    same(await get("/start-by-hand"), "started");
    const outcome = await get("/by-hand").then(
      () => "answered",
      () => "hung",
    );
    same(outcome, "hung");
  },
};

async function run(worker, sandbox) {
  const failures = [];
  let passed = 0;
  for (const [name, work] of Object.entries(cases)) {
    const isolate = new Miniflare(worker);
    const world = await createWorld(undefined, sandbox);
    const query = new URLSearchParams({ masivo: world.services.masivo, key: world.credentials.masivo.apiKey });
    const get = async (path, signal = AbortSignal.timeout(HANGS)) => {
      const response = await fetch(new URL(`${path}?${query}`, await isolate.ready), { signal });
      const text = await response.text();
      check(response.ok, `${path}: ${response.status} ${text}`);
      return text;
    };
    try {
      await world.fault({ kind: "delay", seconds: SLOWER[name] ?? SLOW, service: "masivo", on: "token", times: null });
      await work({ get, tokens: () => world.count("masivo", "token") });
      passed += 1;
    } catch (thrown) {
      failures.push({ name, message: String(thrown?.stack ?? thrown) });
    }
    await isolate.dispose();
  }
  return { passed, failures };
}

export default async ({ project, sandbox }) => {
  const outdir = await emptied(project, "isolate");
  await build({ ...WORKER, entryPoints: [suite(project, "isolate/worker.mjs")], outdir });
  const outcomes = {};
  for (const date of DATES) {
    outcomes[date] = await run({ ...modules(outdir, "worker.js"), compatibilityDate: date }, sandbox);
  }
  return { version: await version(import.meta.url, "workerd"), outcomes };
};
