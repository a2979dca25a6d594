// What one request of a worker leaves to another, in workerd: there a promise of a request that has ended is never kept.

import { get as open } from "node:http";
import { Miniflare } from "miniflare";
import { Asking } from "./jose.mjs";
import { check, createWorld, judge, same } from "./suite/world.mjs";
import { version } from "./tools.mjs";
import { DATES, bundleWorker, modules } from "./workerd.mjs";

/** How long the service takes, so that a request can end before its answer is there: seconds. */
const SLOW = 0.3;
/** What has not answered by then hangs: milliseconds. */
const HANGS = 8000;

/** What the requests of an isolate share, and the request that brings it: a token, and the key set that verifies one. */
const SHARED = {
  token: { service: "masivo", purpose: "token" },
  keys: { service: "oauth2", purpose: "keys" },
};

/** The cases in which it takes longer than a flight is waited for: seconds. */
const SLOWER = {
  "a slow flight is left to the request that started it": 1.5,
  "the promise of a caller who disconnected hangs as well": 5,
};

/** Each case, of each that is shared, has an isolate of its own, whose requests `get` makes. `flights` counts what was asked for. */
const cases = {
  async "a request that starts a flight and answers at once leaves no other one hanging"({ get, flights }) {
    same(await get("/start"), "started");
    check((await get("/token")).startsWith("eyJ"), "no token");
    check((await flights()) <= 2, "it is taken over more than once");
    // And what it left behind is over: the next one finds at hand what it brought.
    const before = await flights();
    await get("/token");
    same(await flights(), before, "flights");
  },

  async "with waitUntil the flight is kept alive, and is the only one"({ get, flights }) {
    same(await get("/start-and-stay"), "started");
    check((await get("/token")).startsWith("eyJ"), "no token");
    same(await flights(), 1, "flights");
  },

  async "a hundred parallel requests share one flight"({ get, flights }) {
    const answers = await Promise.all(Array.from({ length: 100 }, () => get("/token")));
    same(new Set(answers).size, 1, "different tokens");
    same(await flights(), 1, "flights");
  },

  async "a slow flight is left to the request that started it"({ get, flights }) {
    check((await get("/token")).startsWith("eyJ"), "no token");
    same(await flights(), 1, "flights");
  },

  async "a caller who disconnects harms nobody"({ get, flights, comeAndGo }) {
    await comeAndGo("/token");
    const answers = await Promise.all(Array.from({ length: 10 }, () => get("/token")));
    check(answers.every((answer) => answer.startsWith("eyJ")), "no token");
    check((await flights()) <= 2, "it is taken over more than once");
  },
};

/** What all this is for: a promise shared by hand. */
const byHand = {
  async "the promise of a request that has answered hangs"({ get }) {
    same(await get("/start-by-hand"), "started");
    await hangs(get("/by-hand"));
  },

  async "the promise of a caller who disconnected hangs as well"({ get, comeAndGo }) {
    await comeAndGo("/by-hand");
    await hangs(get("/by-hand"));
  },
};

async function hangs(request) {
  const outcome = await request.then(
    () => "answered",
    ({ name }) => name,
  );
  same(outcome, "TimeoutError", "the outcome");
}

async function run(worker, sandbox) {
  const outcome = { passed: 0, failures: [] };
  const all = [...Object.keys(SHARED).map((of) => [of, cases]), ["token", byHand]];
  for (const [of, some] of all) {
    for (const [name, work] of Object.entries(some)) {
      await judge(outcome, `${of}: ${name}`, () => inIsolate(worker, sandbox, of, SLOWER[name] ?? SLOW, work));
    }
  }
  return outcome;
}

async function inIsolate(worker, sandbox, of, seconds, work) {
  const isolate = new Miniflare(worker);
  try {
    const { services, credentials, client, fault, count } = await createWorld({ Client: Asking }, sandbox);
    const given = { of, masivo: services.masivo, key: credentials.masivo.apiKey, jwks: `${services.oauth2}/jwks` };
    const query = new URLSearchParams({ ...given, token: await client("oauth2").token() });
    const address = async (path) => new URL(`${path}?${query}`, await isolate.ready);
    const get = async (path) => {
      const response = await fetch(await address(path), { signal: AbortSignal.timeout(HANGS) });
      const text = await response.text();
      check(response.ok, `${path}: ${response.status} ${text}`);
      return text;
    };
    const { service, purpose } = SHARED[of];
    await fault({ kind: "delay", seconds, service, on: purpose, times: null });
    const flights = () => count(service, purpose);
    /** Makes a request, and is gone once its flight is out. By a reset: workerd goes on for a client who has merely ended. */
    const comeAndGo = async (path) => {
      const request = open(await address(path), { agent: false }).on("error", () => {});
      while ((await flights()) === 0);
      request.socket.resetAndDestroy();
    };
    await work({ get, flights, comeAndGo });
  } finally {
    await isolate.dispose();
  }
}

export default async ({ project, sandbox }) => {
  const outdir = await bundleWorker(project, "isolate/worker.mjs", "isolate");
  // Side by side, as most of the time is waited.
  const inDate = async (date) => [date, await run({ ...modules(outdir, "worker.js"), compatibilityDate: date }, sandbox)];
  const outcomes = Object.fromEntries(await Promise.all(DATES.map(inDate)));
  return { version: await version(import.meta.url, "workerd"), outcomes };
};
