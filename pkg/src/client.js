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

// Named by a field: a minifier renames the class itself, and loggers tell the name.
const classes = {
  masivo: class extends BaseClient {
    static name = "MasivoClient";
  },
  masv: class extends BaseClient {
    static name = "MasvClient";
  },
  login: class extends BaseClient {
    static name = "LoginClient";
  },
  brifle: class extends BaseClient {
    static name = "BrifleClient";
  },
  masumi: class extends BaseClient {
    static name = "MasumiClient";
  },
  oauth2: class extends BaseClient {
    static name = "OAuth2Client";
  },
  custom: class extends BaseClient {
    static name = "CustomClient";
  },
  token: class extends BaseClient {
    static name = "TokenClient";
  },
};

/** `new Client({ provider: "masv", … })` is a `MasvClient`, and so on. */
export class Client {
  static name = "Client";

  constructor(config) {
    const core = new Core(config);
    return new classes[core.provider](core);
  }

  static [Symbol.hasInstance](value) {
    return value instanceof BaseClient;
  }
}
