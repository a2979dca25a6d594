// The clients as JavaScript sees them. What they do is in the core; here it gets its shape.

import { Core } from "./core.js";
import { Outgoing, encode, encodeOptions, signalOf, tellsNoDate, withSignal, wrong } from "./host.js";
import { Keys } from "./keys.js";

const inspect = Symbol.for("nodejs.util.inspect.custom");

class BaseClient {
  #core;

  constructor(core, now) {
    this.#core = core;
    // Once, and not in the constructor: a worker's global scope has no clock.
    const checked = (call) => (...given) => {
      if (now && tellsNoDate(now)) return Promise.reject(wrong("now", "must give a Date: () => new Date()"));
      now = undefined;
      return call(...given);
    };
    const withOptions = (call) => async (options) =>
      withSignal(signalOf(options, "options.signal"), () => call(encodeOptions(options)));
    const token = withOptions((options) => core.token(options));
    const methods = {
      token: checked((options) => (options === undefined ? core.token() : token(options))),
      headers: checked(withOptions(async (options) => JSON.parse(await core.headers(options)))),
      fetch: checked(async (input, init) => {
        const request = new Outgoing(input, init);
        return withSignal(request.signal, () => core.fetch(request));
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
    const keys = new Keys(this.#core);
    Object.defineProperty(this, "keys", { value: keys });
    return keys;
  }

  invalidate() {
    this.#core.invalidate();
  }

  logout() {
    return this.#core.logout();
  }

  free() {
    this.#core.close();
  }

  toJSON() {
    const { provider, expiresAt, scopes } = JSON.parse(this.#core.state());
    return { provider, expiresAt: expiresAt === undefined ? expiresAt : new Date(expiresAt), scopes };
  }

  [inspect](depth, options, print) {
    return `${this.constructor.name} ${print(this.toJSON(), options)}`;
  }
}

// Symbol.dispose is younger than Node 20.
if (Symbol.dispose) BaseClient.prototype[Symbol.dispose] = BaseClient.prototype.free;

/** The class of each provider. Named by a field: a minifier renames the class itself, and loggers tell the name. */
const classes = Object.fromEntries(
  ["Masivo", "Masv", "Login", "Brifle", "Masumi", "OAuth2", "Custom", "Token"].map((name) => [
    name.toLowerCase(),
    class extends BaseClient {
      static name = `${name}Client`;
    },
  ]),
);

/** `new Client({ provider: "masv", … })` is a `MasvClient`, and so on. */
export class Client {
  static name = "Client";

  constructor(config) {
    const functions = [];
    const core = new Core(encode(config, functions), functions);
    return new classes[config.provider](core, config.now);
  }

  static [Symbol.hasInstance](value) {
    return value instanceof BaseClient;
  }
}
