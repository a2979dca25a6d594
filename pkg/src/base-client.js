// What every client can do, as JavaScript sees it. It is done in the core; here it gets its shape.

import { Driver, tellsNoDate } from "./driver.js";
import { encode, encodeOptions, functionOf, kind, signalOf, wrong } from "./encode.js";
import { freshId } from "./host.js";
import { Keys } from "./keys.js";
import { Outgoing } from "./outgoing.js";
import { LatchkeyError } from "./values.js";

const inspect = Symbol.for("nodejs.util.inspect.custom");

/** What the classes of the clients have in common, and nobody else has: calls of the core's, what it shows, and clients of its own. */
export const [CALL, STATE, DERIVE] = ["call", "state", "derive"].map(Symbol);

export class BaseClient {
  #core;
  #driver;
  #functions;
  #config;
  /** What is still told of it once it was freed. */
  #left;

  constructor(core, functions, config) {
    const driver = new Driver(core, functions, config);
    this.#core = core;
    this.#driver = driver;
    this.#functions = functions;
    this.#config = config;
    let { now } = config;
    // Once, and not in the constructor: a worker's global scope has no clock.
    const checked = (call) => (...given) => {
      if (now && tellsNoDate(now)) return Promise.reject(wrong("now", "must give a Date: () => new Date()"));
      now = undefined;
      return call(...given);
    };
    const ask = async (name, options) => {
      const signal = signalOf(options, "options.signal");
      const waitUntil = functionOf(options, "waitUntil");
      return withSignal(signal, () => driver.call([name, encodeOptions(options)], waitUntil));
    };
    const methods = {
      token: checked((options) => (options === undefined ? driver.token() : ask('"token"', options))),
      headers: checked(async (options) => JSON.parse(await ask('"headers"', options))),
      fetch: checked(async (input, init) => {
        const request = new Outgoing(input, init);
        return withSignal(request.signal, () => driver.fetch(request));
      }),
    };
    // Bound, so that they can be passed around; not listed, so that a client prints as what it is.
    for (const [name, value] of Object.entries(methods)) Object.defineProperty(this, name, { value });
  }

  get provider() {
    return this.toJSON().provider;
  }

  get expiresAt() {
    return this.toJSON().expiresAt;
  }

  get scopes() {
    return this.toJSON().scopes;
  }

  get keys() {
    this.#core.checkKeys();
    const keys = new Keys(this.#core, this.#driver);
    Object.defineProperty(this, "keys", { value: keys });
    return keys;
  }

  session(id = sessionId()) {
    if (typeof id !== "string") throw wrong("id", `must be a string, not ${kind(id)}`);
    return this[DERIVE](this.constructor, "session", { id });
  }

  invalidate() {
    // One that was freed holds nothing.
    if (!this.#left) this.#driver.invalidate();
  }

  logout() {
    return this.#driver.call(['"logout"']).then(() => {});
  }

  free() {
    if (this.#left) return;
    this.#left = { ...JSON.parse(this.#core.state(0)), expiresAt: undefined, scopes: undefined };
    // There are credentials in it.
    this.#config = undefined;
    this.#driver.close();
  }

  [CALL](name, id, options) {
    return this.#driver.change(JSON.stringify(name), JSON.stringify(id ?? null), encodeOptions(options));
  }

  [STATE]() {
    return this.#left ?? JSON.parse(this.#core.state(this.#driver.now()));
  }

  /** A client of something that belongs to the same service. It has the functions of this one; its own are among the options. */
  [DERIVE](Class, what, options) {
    const functions = [...this.#functions];
    const core = this.#core.derive(`[${JSON.stringify(what)},${encode(options, functions)}]`);
    return new Class(core, functions, this.#config);
  }

  toJSON() {
    const { provider, expiresAt, scopes } = this[STATE]();
    const date = expiresAt === undefined ? expiresAt : new Date(expiresAt);
    return { provider, expiresAt: date, scopes: scopes?.match(/\S+/g) ?? undefined };
  }

  [inspect](depth, options, print) {
    return `${this.constructor.name} ${print(this.toJSON(), options)}`;
  }
}

// Symbol.dispose is younger than Node 20.
if (Symbol.dispose) BaseClient.prototype[Symbol.dispose] = BaseClient.prototype.free;

/** A text of 128 random bits, to name a session by. */
export function sessionId() {
  const id = freshId();
  if (id) return id;
  throw new LatchkeyError("ERR_UNSUPPORTED", "there is no crypto.getRandomValues here", { retryable: false });
}

/** What comes of this, or the signal's own reason if that is first. The work goes on for whoever shares it. */
export function withSignal(signal, start) {
  if (!signal) return start();
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
    // A request fails because of its signal: then the reason is the answer, and not what became of it.
    const failed = (reason) => reject(signal.aborted ? signal.reason : reason);
    start().then(resolve, failed).finally(() => signal.removeEventListener("abort", abort));
  });
}
