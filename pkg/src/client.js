// The clients as JavaScript sees them. What they do is in the core; here it gets its shape.

import { Core } from "./core.js";
import { Driver, tellsNoDate } from "./driver.js";
import { encode, encodeOptions, signalOf, tag, wrong } from "./encode.js";
import { Keys } from "./keys.js";
import { start } from "./module.js";
import { Outgoing } from "./outgoing.js";

const inspect = Symbol.for("nodejs.util.inspect.custom");

class BaseClient {
  #core;
  #driver;

  constructor(core, functions, config) {
    const driver = new Driver(core, functions, config);
    this.#core = core;
    this.#driver = driver;
    let { now } = config;
    // Once, and not in the constructor: a worker's global scope has no clock.
    const checked = (call) => (...given) => {
      if (now && tellsNoDate(now)) return Promise.reject(wrong("now", "must give a Date: () => new Date()"));
      now = undefined;
      return call(...given);
    };
    const withOptions = (name) => async (options) => {
      const signal = signalOf(options, "options.signal");
      return withSignal(signal, () => driver.call(JSON.stringify(name), encodeOptions(options)));
    };
    const [token, headers] = ["token", "headers"].map(withOptions);
    const methods = {
      token: checked((options) => (options === undefined && driver.cached()) || token(options)),
      headers: checked(async (options) => JSON.parse(await headers(options))),
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

  invalidate() {
    this.#driver.invalidate();
  }

  logout() {
    return this.#driver.call('"logout"').then(() => {});
  }

  free() {
    this.#driver.close();
  }

  toJSON() {
    const { provider, expiresAt, scopes } = JSON.parse(this.#core.state(this.#driver.now()));
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
    start();
    // Its own members, each read once: a getter may give another value the next time.
    const given = tag(config) === "Object" ? { ...config } : config;
    const functions = [];
    const core = new Core(encode(given, functions));
    return new classes[given.provider](core, functions, given);
  }

  static [Symbol.hasInstance](value) {
    return value instanceof BaseClient;
  }
}

/** What comes of this, or the signal's own reason if that is first. The work goes on for whoever shares it. */
function withSignal(signal, start) {
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
