// What the tests of rotation share: a key that is rotated, whoever looks at what became of it, and a road on which each
// request can be struck.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { inspect } from "node:util";
import { LatchkeyError } from "latchkey";
import { look, world } from "./support.mjs";

const { fetch } = globalThis;

export const GENERATIONS = [
  { apiVersion: "0.28", service: "masumi" },
  { apiVersion: "0.25", service: "masumi-0.25" },
];

/** An address at which nobody listens. */
const nowhere = await (async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}/`;
})();

/** All that can go wrong with a request. Nobody listens where it is `refused`, so that is no fault of the sandbox's. */
export const FAILURES = {
  refused: {},
  "cut before the service acted": { kind: "cut" },
  "cut after the service acted": { kind: "cutAfter" },
  "half an answer": { kind: "truncated" },
  500: { kind: "status", status: 500, body: { status: "error", error: { message: "Internal Server Error" } } },
  401: { kind: "status", status: 401, body: { status: "error", error: { message: "Unauthorized, no luck" } } },
  "a page of HTML": { kind: "html" },
  "too late, before the service acted": { kind: "delay", seconds: 600 },
  "too late, after the service acted": { kind: "delayAfter", seconds: 600 },
};

/** How long to wait for an answer, in seconds: long on a busy machine, and not for one that is known not to come. */
const timeoutFor = (failure) => (failure?.startsWith("too late") ? 3 : 30);

/**
 * Every failure at every one of so many steps, at that one alone and from there on; `strike` is told which. Few at a time, as
 * each has a world and time limits of its own.
 */
export async function everywhere(steps, strike) {
  assert.ok(steps > 0);
  const cases = Object.keys(FAILURES).flatMap((failure) =>
    // What comes too late once is waited for once.
    (failure.startsWith("too late") ? [false] : [false, true]).flatMap((all) =>
      Array.from({ length: steps }, (_, step) => ({
        failure,
        step,
        all,
        timeout: timeoutFor(failure),
        where: `${failure}, step ${step + 1} of ${steps}${all ? " and all that follow" : ""}`,
      })),
    ),
  );
  const next = async () => {
    for (let given; (given = cases.shift()); ) await strike(given);
  };
  await Promise.all(Array.from({ length: 8 }, next));
}

/** The way of one client's requests to the service. They are counted, and can be struck from a certain one on. */
class Road {
  /** Of each request: its method and path. */
  passed = [];
  #world;
  #service;
  #first = Infinity;
  #last = Infinity;
  #failure;

  constructor(w, service) {
    this.#world = w;
    this.#service = service;
  }

  fetch = async (input, init) => {
    const { pathname } = new URL(input);
    const number = this.passed.push(`${init.method} ${pathname}`);
    // A text that is made here is the caller's only once it is given.
    if (pathname.endsWith("/api-key") && init.body) this.sentText ??= JSON.parse(init.body).token;
    if (number < this.#first || number > this.#last) return fetch(input, init);
    if (this.#failure === "refused") return fetch(nowhere, init);
    await this.#world.fault({ service: this.#service, ...FAILURES[this.#failure] });
    return fetch(input, init);
  };

  /** Strikes the request that so many others come before, or all from there on. */
  strike(failure, after, all = false) {
    this.#failure = failure;
    this.#first = this.passed.length + after + 1;
    this.#last = all ? Infinity : this.#first;
  }

  clear() {
    this.#first = Infinity;
  }
}

/**
 * A key to rotate: the client's own, which is an admin's, or another with credits. `root` is a second admin who sees all
 * without being struck.
 */
export async function scene(t, { service, apiVersion }, { own, ...config }) {
  const w = await world(t);
  const root = w.client("masumi", { service, apiVersion });
  const wanted = own
    ? { permission: "Admin" }
    : { permission: "ReadAndPay", networks: ["Preprod"], credits: [coin(10n), coin(5n, "abc")] };
  const old = await root.keys.create(wanted);
  const road = new Road(w, service);
  const apiKey = own ? old.secret.reveal() : w.credentials[service].apiKey;
  const client = w.client("masumi", { service, apiVersion, apiKey, fetch: road.fetch, retries: 0, ...config });
  const before = await rows(root);
  return { w, root, old, road, client, service, before: new Set(before.map(({ id }) => id)) };
}

export const coin = (amount, unit = "") => ({ unit, amount });

/** Every key that there is. */
export async function rows({ keys }) {
  const all = [];
  for await (const key of keys.list({ pageSize: 100 })) all.push(key);
  return all;
}

/** The keys that were made since the scene was set. */
export async function made({ root, before }) {
  return (await rows(root)).filter(({ id }) => !before.has(id));
}

export async function find(root, id) {
  return (await rows(root)).find((key) => key.id === id);
}

/** Whether the service takes this key. */
export async function works({ w, service }, secret) {
  const headers = { token: typeof secret === "string" ? secret : secret.reveal() };
  const response = await fetch(`${w.services[service]}/api-key-status`, { headers });
  await response.arrayBuffer();
  assert.ok([200, 401].includes(response.status), `${response.status}`);
  return response.status === 200;
}

/** Amounts by unit. */
export const amounts = ({ credits }) => Object.fromEntries(credits.map(({ unit, amount }) => [unit, amount]));

/** What came of it: `{ value }`, or `{ error }`, which is one of the module's own and shows no secret. */
export async function outcome(promise) {
  try {
    return { value: await promise };
  } catch (error) {
    assert.ok(error instanceof LatchkeyError, inspect(error));
    look(error);
    return { error };
  }
}
