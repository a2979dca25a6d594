// What every client can do, as JavaScript sees it. It is done in the core; here it gets its shape.

import { Driver, tellsNoDate } from "./driver.js";
import { withSignal } from "./effects.js";
import { encode, functionOf, mustBeText, signalOf, wrong } from "./encode.js";
import { freshId } from "./host.js";
import { Keys } from "./keys.js";
import { Outgoing } from "./outgoing.js";
import { LatchkeyError, inUnits, inspect, key } from "./values.js";

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
      const waitUntil = functionOf(options, "waitUntil");
      return withSignal(signalOf(options, "options.signal"), () => driver.call(name, options, waitUntil));
    };
    const methods = {
      token: (options) => (options === undefined ? driver.token() : ask("token", options)),
      headers: (options) => ask("headers", options),
      async fetch(input, init) {
        const request = new Outgoing(input, init);
        return withSignal(request.signal, () => driver.fetch(request));
      },
    };
    // Bound, so that they can be passed around; not listed, so that a client prints as what it is.
    for (const [name, call] of Object.entries(methods)) Object.defineProperty(this, name, { value: checked(call) });
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
    return Object.defineProperty(this, "keys", { value: new Keys(this.#core, this.#driver) }).keys;
  }

  session(id = sessionId()) {
    return this[DERIVE](this.constructor, "session", { id: mustBeText(id, "id") });
  }

  invalidate() {
    // One that was freed holds nothing.
    if (!this.#left) this.#driver.invalidate();
  }

  logout() {
    return this.#driver.call("logout");
  }

  free() {
    if (this.#left) return;
    const { expiresAt: _expiresAt, scopes: _scopes, ...left } = JSON.parse(this.#core.state(0));
    this.#left = left;
    // There are credentials in it.
    this.#config = undefined;
    this.#driver.close();
  }

  async [CALL](name, id, options) {
    return key(await this.#driver.change(name, options, id));
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
    const { provider, expiresAt, scopes } = inUnits(this[STATE]());
    return { provider, expiresAt, scopes: scopes?.match(/\S+/g) ?? undefined };
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
  throw new LatchkeyError("ERR_UNSUPPORTED", "there is no crypto.getRandomValues here");
}
