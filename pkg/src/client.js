// The clients by their providers.

import { BaseClient } from "./base-client.js";
import { Core, start } from "./core.js";
import { encode, tag } from "./encode.js";
import { MasvClient } from "./masv.js";
import { encodeStore } from "./store.js";

/** The class of each provider. Named by a field: a minifier renames the class itself, and loggers tell the name. */
const classes = Object.fromEntries(
  ["Masivo", "Login", "Brifle", "Masumi", "OAuth2", "Custom", "Token"].map((name) => [
    name.toLowerCase(),
    class extends BaseClient {
      static name = `${name}Client`;
    },
  ]),
);
classes.masv = MasvClient;

/** `new Client({ provider: "masv", … })` is a `MasvClient`, and so on. */
export class Client {
  static name = "Client";

  constructor(config) {
    start();
    // Its own members, each read once: a getter may give another value the next time.
    const isObject = tag(config) === "Object";
    const given = isObject ? { ...config } : config;
    const functions = [];
    const core = Core.open(encode(isObject ? { ...given, ...encodeStore(given) } : given, functions));
    return new classes[given.provider](core, functions, given);
  }

  static [Symbol.hasInstance](value) {
    return value instanceof BaseClient;
  }
}
