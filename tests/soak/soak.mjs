// A month of a server's life: clients of every service, called without a pause while the services misbehave at random. The
// same seed makes the same month, save for which of two answers on their way comes first.

import { getEventListeners, setMaxListeners } from "node:events";
import { PROVIDERS, check, createWorld } from "../runtimes/suite/world.mjs";
import { seeded } from "./chance.mjs";
import { memory } from "./memory.mjs";

/** So many calls are made at once, and so many seconds pass between them and the next: a million calls take a month. */
const AT_ONCE = 200;
const STEP = 520;

/** The refresh window: a step falls into every one. */
const WINDOW = 900;

/** What goes wrong, each once; one that says `times` is a storm. */
const FAULTS = [
  { kind: "status", status: 500 },
  { kind: "status", status: 503, times: 5 },
  { kind: "status", status: 401, body: { message: "not now" } },
  { kind: "status", status: 403 },
  { kind: "retryAfter", seconds: 0 },
  { kind: "retryAfter", seconds: 120 },
  { kind: "retryAfter", date: 90 },
  { kind: "cut" },
  { kind: "cutAfter" },
  { kind: "truncated" },
  { kind: "html" },
  { kind: "empty" },
  { kind: "body", body: [null] },
  { kind: "big", bytes: 900_000 },
  { kind: "big", bytes: 2_000_000 },
  { kind: "redirect", location: "/elsewhere" },
  { kind: "expired" },
  { kind: "date", offset: -43_200 },
  { kind: "date", offset: 43_200 },
  { kind: "delay", seconds: 600 },
];

/** Lives through so many calls; what came of them. It throws where something was left behind or asked too often. */
export async function soak(latchkey, sandbox, { calls, seed }) {
  const chance = seeded(seed);
  const oneOf = (list) => list[Math.floor(chance() * list.length)];
  const { random } = Math;
  // Waits between tries are real time here, so they are short. Those between flights are shorter than a step anyway.
  Math.random = () => chance() / 20;
  try {
    return await new Month(latchkey, await createWorld(latchkey, sandbox), chance, oneOf).live(calls);
  } finally {
    Math.random = random;
  }
}

class Month {
  #signal = new AbortController().signal;
  #clients = new Map();
  #now = 0;
  /** By code, or "ok". */
  #outcomes = {};
  /** Token requests that somebody gave a reason for, by service: beyond those that the lifetimes make. */
  #causes = Object.fromEntries(PROVIDERS.map((provider) => [provider, 1]));
  #faults = Object.fromEntries(PROVIDERS.map((provider) => [provider, 0]));

  constructor(latchkey, world, chance, oneOf) {
    Object.assign(this, { latchkey, world, chance, oneOf });
    setMaxListeners(0, this.#signal);
  }

  async live(calls) {
    const steps = calls / AT_ONCE;
    const size = () => memory().length;
    for (const provider of PROVIDERS) this.#renew(provider);
    // The largest answer that is read at all comes once, so that what it takes is there from the start.
    this.#faults.masivo += 1;
    await this.world.fault({ service: "masivo", on: "token", kind: "big", bytes: 1_000_000 });
    await this.#judge(this.world.client("masivo").token());
    let early;
    for (let step = 0; step < steps; step++) {
      await this.#misbehave();
      const made = Array.from({ length: AT_ONCE }, () => this.#call(this.oneOf(PROVIDERS)));
      await Promise.all(made.map((call) => this.#judge(call)));
      this.#now += STEP;
      await this.world.advance(STEP);
      if (step === Math.floor(steps / 10)) early = size();
    }
    const grown = size() - early;
    check(grown === 0, `the core's memory grew from ${early} bytes by ${grown}`);
    const requests = await this.#requests();
    for (const client of this.#clients.values()) client.free();
    await this.#nothingIsLeft();
    await this.world.end();
    return { calls, days: this.#now / 86_400, memory: early, outcomes: this.#outcomes, requests };
  }

  #renew(provider) {
    this.#clients.set(provider, this.world.client(provider, { timeout: 0.3, refreshBefore: WINDOW, onEvent: undefined }));
  }

  /** What happens to a service or a client before a step. */
  async #misbehave() {
    const provider = this.oneOf(PROVIDERS);
    const dice = this.chance();
    if (dice < 0.2) {
      const fault = { ...this.oneOf(FAULTS), service: provider, on: this.chance() < 0.8 ? "token" : "resource" };
      if (fault.on === "token" || fault.kind === "status") this.#faults[provider] += fault.times ?? 1;
      // A request of the caller's is not Latchkey's to give up.
      if (fault.kind !== "delay" || fault.on === "token") await this.world.fault(fault);
    } else if (dice < 0.22) {
      this.#causes[provider] += 1;
      await this.world.revoke(provider);
    } else if (dice < 0.24) {
      this.#causes[provider] += 1;
      this.#clients.get(provider).invalidate();
    } else if (dice < 0.26) {
      this.#causes[provider] += 1;
      this.#clients.get(provider).free();
      this.#renew(provider);
    }
  }

  #call(provider) {
    const { token, headers, fetch } = this.#clients.get(provider);
    const dice = this.chance();
    if (dice < 0.88) return token();
    if (dice < 0.96) return headers();
    if (dice < 0.98) return token({ signal: this.#signal });
    if (dice < 0.994) {
      const stop = new AbortController();
      const call = token({ signal: stop.signal });
      stop.abort("left");
      return call;
    }
    if (dice < 0.995) {
      this.#causes[provider] += 1;
      return token({ forceRefresh: true });
    }
    // Without the signal: what a fetch of the platform adds to it, it keeps until it is collected.
    return fetch("/whoami").then((response) => response.arrayBuffer());
  }

  async #judge(call) {
    const outcome = await call.then(
      () => "ok",
      (error) => this.#known(error),
    );
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1;
  }

  /** The code of an error; a body that breaks is Fetch's own to tell, and an abort the caller's. */
  #known(error) {
    if (error === "left") return error;
    if (error instanceof this.latchkey.LatchkeyError) return error.code;
    check(error instanceof TypeError && /terminated/.test(error.message), `no LatchkeyError but ${error?.stack ?? error}`);
    return "cut body";
  }

  /** How many token requests each service had, and how many it may have had. */
  async #requests() {
    const { lifetime } = await this.world.settings();
    const requests = {};
    for (const provider of PROVIDERS) {
      const asked = await this.world.count(provider, "token");
      const life = lifetime[provider];
      const window = Math.min(WINDOW, life / 2);
      // Brifle gives the token again that it gave: each step of the window may ask.
      const tries = provider === "brifle" ? 1 + Math.ceil(window / STEP) : 1;
      const allowed = Math.ceil(this.#now / (life - window)) * tries + this.#causes[provider] + 2 * this.#faults[provider];
      check(asked <= allowed, `${provider} was asked for ${asked} tokens, where ${allowed} are enough`);
      requests[provider] = { asked, allowed };
    }
    return requests;
  }

  async #nothingIsLeft() {
    const deadline = performance.now() + 5000;
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    while (timers() > 0) {
      check(performance.now() < deadline, `${timers()} timers are left`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const listeners = getEventListeners(this.#signal, "abort").length;
    check(listeners === 0, `${listeners} listeners are left on a signal that lived as long`);
  }
}
