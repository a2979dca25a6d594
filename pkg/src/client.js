// The clients as JavaScript sees them. What they do is in the core; here it gets its shape.

import { Core } from "./core.js";
import { Keys } from "./keys.js";

const inspect = Symbol.for("nodejs.util.inspect.custom");

class BaseClient {
  #core;

  constructor(core) {
    this.#core = core;
    // Bound, so that they can be passed around; not listed, so that a client prints as what it is.
    for (const name of ["token", "headers", "fetch"]) {
      Object.defineProperty(this, name, { value: core[name].bind(core) });
    }
  }

  get provider() {
    return this.#core.provider;
  }

  get expiresAt() {
    return this.#core.expiresAt;
  }

  get scopes() {
    return this.#core.scopes;
  }

  get keys() {
    const keys = new Keys(this.#core.keys());
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
    return { provider: this.provider, expiresAt: this.expiresAt, scopes: this.scopes };
  }

  [inspect](depth, options, print) {
    return `${this.constructor.name} ${print(this.toJSON(), options)}`;
  }
}

// Symbol.dispose is younger than Node 20.
if (Symbol.dispose) BaseClient.prototype[Symbol.dispose] = BaseClient.prototype.free;

const classes = {
  masivo: class MasivoClient extends BaseClient {},
  masv: class MasvClient extends BaseClient {},
  login: class LoginClient extends BaseClient {},
  brifle: class BrifleClient extends BaseClient {},
  masumi: class MasumiClient extends BaseClient {},
  oauth2: class OAuth2Client extends BaseClient {},
  custom: class CustomClient extends BaseClient {},
  token: class TokenClient extends BaseClient {},
};

/** `new Client({ provider: "masv", … })` is a `MasvClient`, and so on. */
export class Client {
  constructor(config) {
    const core = new Core(config);
    return new classes[core.provider](core);
  }

  static [Symbol.hasInstance](value) {
    return value instanceof BaseClient;
  }
}
