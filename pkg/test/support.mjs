// What the tests share: the sandbox, a world of its own in it for each test, and eyes on whatever a client shows.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { inspect } from "node:util";
import { Client, LatchkeyError } from "latchkey";
import { IDENTITIES, TOKEN } from "../../tests/runtimes/suite/canary.mjs";
import { CONFIGS as SUITE_CONFIGS } from "../../tests/runtimes/suite/world.mjs";

// Some tests put another one in its place.
const { fetch } = globalThis;

// Nothing rejects unheard: not in a test, and not after it.
process.on("unhandledRejection", (reason) => {
  console.error("a rejection that nobody handled:", reason);
  process.exitCode = 1;
});

export const sandbox = await start();

async function start() {
  const program = process.env.LATCHKEY_SANDBOX;
  if (!program) throw new Error("LATCHKEY_SANDBOX must name the sandbox's program: `cargo xtask test` sets it");
  const child = spawn(program, ["--until-eof"], { stdio: ["pipe", "pipe", "inherit"] });
  const failed = once(child, "exit").then(() => assert.fail(`${program} ended before it listened`));
  const [line] = await Promise.race([once(createInterface(child.stdout), "line"), failed]);
  // It ends with this process, which need not wait for it.
  for (const handle of [child, child.stdin, child.stdout]) handle.unref();
  return JSON.parse(line).url;
}

async function ask(method, url, body) {
  const init = { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(url, init);
  const text = await response.text();
  assert.ok(response.ok, `${method} ${url}: ${response.status} ${text}`);
  return text && JSON.parse(text);
}

/** What may never be shown, of any world so far. */
const secrets = new Set();

/** What each provider is told besides `baseUrl`, from the credentials that the sandbox knows. */
const CONFIGS = {
  ...SUITE_CONFIGS,
  // Of Masivo's, as a backend would ask for them.
  token: ({ apiKey }, url) => ({
    async acquire(signal) {
      const response = await fetch(`${url}/auth/authorize`, { headers: { "x-api-key": apiKey }, signal });
      return { token: (await response.json()).data };
    },
  }),
};

class World {
  /** What its clients told `onEvent`. */
  events = [];
  #offset = 0;

  constructor({ url, services, credentials }) {
    Object.assign(this, { url, services, credentials });
  }

  /** The time, here and at the services. */
  now = () => new Date(Date.now() + this.#offset * 1000);

  async advance(seconds) {
    this.#offset += seconds;
    await this.set({ clockOffset: this.#offset });
  }

  /** A client of the provider's service, with the right credentials and whatever else is given. */
  client(provider, config = {}) {
    const { service = provider === "token" ? "masivo" : provider, ...rest } = config;
    return new Client({
      provider,
      baseUrl: this.services[service],
      ...CONFIGS[provider](this.credentials[service], this.services[service]),
      now: this.now,
      onEvent: (event) => this.events.push(event),
      ...rest,
    });
  }

  set(settings) {
    return ask("PATCH", `${this.url}/_sandbox/settings`, settings);
  }

  fault(...faults) {
    return ask("POST", `${this.url}/_sandbox/faults`, faults);
  }

  /** From now on nothing goes wrong. */
  unfault() {
    return ask("DELETE", `${this.url}/_sandbox/faults`);
  }

  /** All tokens that the service has given so far are refused from now on. */
  revoke(service, options) {
    return ask("POST", `${this.url}/_sandbox/revoke`, { service, ...options });
  }

  change(service, credentials) {
    keep(credentials);
    return ask("POST", `${this.url}/_sandbox/credentials`, { service, credentials });
  }

  rpcKeys(keys) {
    return ask("PUT", `${this.url}/_sandbox/rpc-keys`, keys);
  }

  /** So many more keys of a Masumi service; their ids. */
  async addKeys(service, count) {
    return (await ask("POST", `${this.url}/_sandbox/masumi/keys`, { service, count })).ids;
  }

  /** The rows of Masumi keys are gone, which the service itself never does. */
  deleteKeys(service, ids) {
    return ask("DELETE", `${this.url}/_sandbox/masumi/keys`, { service, ids });
  }

  /** A Masumi key pays with its credit. */
  spend(service, id, amount, unit = "") {
    return ask("POST", `${this.url}/_sandbox/masumi/spend`, { service, id, unit, amount: `${amount}` });
  }

  wallets(ids) {
    return ask("PUT", `${this.url}/_sandbox/masumi/wallets`, ids);
  }

  /** A package that MASV has sent, and a link to it: `{ package, link, secret }`. */
  async sentPackage(options = {}) {
    const sent = await ask("POST", `${this.url}/_sandbox/masv/packages`, options);
    const { password = sent.secret } = options;
    keep({ secret: sent.secret, password });
    return sent;
  }

  masvRoutes() {
    return ask("GET", `${this.url}/_sandbox/masv/routes`);
  }

  log() {
    return ask("GET", `${this.url}/_sandbox/log`);
  }

  /** How many requests of this purpose have reached the service. */
  async count(service, purpose) {
    const counters = await ask("GET", `${this.url}/_sandbox/counters`);
    return counters[`${service}.${purpose}`] ?? 0;
  }
}

/** A world of the test's own. When the test ends, none of its events may have shown a secret. */
export async function world(t, settings) {
  const { url } = await ask("POST", `${sandbox}/worlds`);
  const made = new World(await ask("GET", `${url}/_sandbox`));
  Object.values(made.credentials).forEach(keep);
  if (settings) await made.set(settings);
  t.after(async () => {
    look(made.events);
    await ask("DELETE", url);
  });
  return made;
}

function keep(credentials) {
  for (const [name, value] of Object.entries(credentials)) {
    if (!IDENTITIES.includes(name)) secrets.add(value);
  }
}

/** Every way in which a value is printed. */
export function prints(value) {
  const options = [0, 2, Infinity].flatMap((depth) => [true, false].map((showHidden) => ({ depth, showHidden })));
  const texts = options.map((option) => inspect(value, option));
  return [...texts, String(value), `${JSON.stringify(value)}`, `${value?.stack}`];
}

/** Sees to it that no credential and no token shows in any of them. */
export function look(value) {
  for (const text of prints(value)) {
    for (const secret of secrets) assert.ok(!text.includes(secret), `a secret shows in ${text}`);
    assert.doesNotMatch(text, TOKEN, "a token shows");
  }
}

/** Whether a `LatchkeyError` has these fields; its message may be told in part, or by a pattern. */
export function expect(error, { message, ...fields }) {
  assert.ok(error instanceof LatchkeyError, `no LatchkeyError but ${inspect(error)}`);
  look(error);
  const found = Object.fromEntries(Object.keys(fields).map((name) => [name, error[name]]));
  assert.deepEqual(found, fields, error.message);
  if (typeof message === "string") assert.ok(error.message.includes(message), `${error.message} lacks: ${message}`);
  else if (message) assert.match(error.message, message);
  return error;
}

/** The `LatchkeyError` of a promise that rejects with one. */
export async function rejects(promise, fields) {
  const error = await promise.then(
    (value) => assert.fail(`it resolved, with ${inspect(value)}`),
    (error) => error,
  );
  return expect(error, fields);
}

/** The `LatchkeyError` of a function that throws one. */
export function throws(work, fields) {
  try {
    work();
  } catch (error) {
    return expect(error, fields);
  }
  return assert.fail("it did not throw");
}

/** A server of the test's own, for what no service does; its address. */
export async function serve(t, handler) {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

/** What the sandbox's `/whoami` says. */
export async function whoami(client, path = "/whoami", init) {
  const response = await client.fetch(path, init);
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}
