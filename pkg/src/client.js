// The clients by their providers.

import { BaseClient } from "./base-client.js";
import { openClient, start } from "./core.js";
import { encode, mustBeObject } from "./encode.js";
import { MasvClient } from "./masv.js";
import { encodeStore } from "./store.js";

/** The class of each provider. Named by a field: a minifier renames the class itself, and loggers tell the name. */
const classes = { masv: MasvClient };
for (const name of "Masivo Login Brifle Masumi OAuth2 Custom Token".split(" ")) {
  classes[name.toLowerCase()] = class extends BaseClient {
    static name = `${name}Client`;
  };
}

/** `new Client({ provider: "masv", … })` is a `MasvClient`, and so on. */
export class Client {
  static name = "Client";

  constructor(config) {
    start();
    // Its own members, each read once: a getter may give another value the next time.
    const given = { ...mustBeObject(config, "config") };
    const functions = [];
    const core = openClient(encode({ ...given, ...encodeStore(given) }, functions));
    return new classes[given.provider](core, functions, given);
  }

  static [Symbol.hasInstance](value) {
    return value instanceof BaseClient;
  }
}
