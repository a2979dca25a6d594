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

const FOREVER = 600;

/** All that can go wrong with a request. The service is the sandbox's, so `refused` is no fault of its. */
export const FAILURES = {
  refused: {},
  "cut before the service acted": { kind: "cut" },
  "cut after the service acted": { kind: "cutAfter" },
  "half an answer": { kind: "truncated" },
  500: { kind: "status", status: 500, body: { status: "error", error: { message: "Internal Server Error" } } },
  401: { kind: "status", status: 401, body: { status: "error", error: { message: "Unauthorized, no luck" } } },
  "too late, before the service acted": { kind: "delay", seconds: FOREVER },
  "too late, after the service acted": { kind: "delayAfter", seconds: FOREVER },
  "a page of HTML": { kind: "html" },
};

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
    const number = this.passed.push(`${init.method} ${new URL(input).pathname}`);
    // A key's text that was made here is the caller's only once it is given.
    this.sentText = JSON.parse(init.body || "{}").token ?? this.sentText;
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
