// What Latchkey does, said once for every runtime: plain cases over HTTP, that ask for nothing but what all runtimes have.

import { IDENTITIES, TOKEN, prints } from "./canary.mjs";
import { cases } from "./cases.mjs";
import { check, createWorld, judge } from "./world.mjs";

/**
 * Runs every case, each in a world of the sandbox of its own.
 *
 * @param latchkey - the module, however the runtime came by it.
 * @param sandbox - the address of a running sandbox.
 * @param made - clients that were made before anything ran, as in a worker's global scope: what `early` gave.
 * @returns what a runner hands on: `{ passed, failures: [{ name, message }] }`.
 */
export async function run(latchkey, sandbox, made) {
  const outcome = { passed: 0, failures: [] };
  const unheard = rejections();
  const { heard, secrets, hear } = listen();
  for (const [name, work] of Object.entries(cases)) {
    await judge(outcome, name, async () => {
      const world = await createWorld(latchkey, sandbox, hear);
      Object.values(world.credentials).forEach(secrets);
      await work(world, made);
      await world.end();
    });
  }
  await judge(outcome, "in all that was said no credential and no token shows", () => look(heard));
  return judge(outcome, "no rejection was left unheard", () => {
    const [first] = unheard.values();
    check(unheard.size === 0, `${unheard.size}, of which the first is ${first?.stack ?? first}`);
  });
}

/** The rejections that nobody has handled, by their promises. An old workerd tells of each, and then of those that are handled. */
function rejections() {
  const unheard = new Map();
  // At the edge, Next.js has a process of which every use is an error.
  const process = "EdgeRuntime" in globalThis ? undefined : globalThis.process;
  process?.on?.("unhandledRejection", (reason, promise) => unheard.set(promise, reason));
  process?.on?.("rejectionHandled", (promise) => unheard.delete(promise));
  globalThis.addEventListener?.("unhandledrejection", ({ reason, promise }) => unheard.set(promise, reason));
  globalThis.addEventListener?.("rejectionhandled", ({ promise }) => unheard.delete(promise));
  return unheard;
}

/** Ears for the whole run: for what the console is told, and for whatever else is handed to `hear`. */
function listen() {
  const heard = { texts: new Set(), secrets: new Set() };
  const hear = (...given) => given.flatMap(prints).forEach((text) => heard.texts.add(text));
  for (const name of ["log", "info", "warn", "error", "debug", "trace"]) {
    const { [name]: print } = console;
    console[name] = (...given) => (hear(...given), print.apply(console, given));
  }
  const secrets = (credentials) => {
    for (const [name, value] of Object.entries(credentials)) if (!IDENTITIES.includes(name)) heard.secrets.add(value);
  };
  return { heard, secrets, hear };
}

function look({ texts, secrets }) {
  check(texts.size > 50, `only ${texts.size} texts were heard`);
  for (const text of texts) {
    for (const secret of secrets) check(!text.includes(secret), `a secret shows in ${text}`);
    check(!TOKEN.test(text), `a token shows in ${text}`);
  }
}

/** Clients as people make them in a module's global scope, where an edge worker allows no clock, chance or request. */
export function early({ Client }) {
  const masivo = new Client({ provider: "masivo", apiKey: "unknown", baseUrl: "https://api.example.com" });
  const masumi = new Client({ provider: "masumi", apiKey: "admin-key", baseUrl: "https://keys.example.com" });
  return { masivo, masumi };
}
