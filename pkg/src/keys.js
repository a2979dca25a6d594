// The keys of a service as JavaScript sees them: the core's pages become an AsyncIterable.

import { encodeOptions, mustBeText } from "./encode.js";
import { key } from "./values.js";

export class Keys {
  #core;
  #driver;

  constructor(core, driver) {
    this.#core = core;
    this.#driver = driver;
  }

  status() {
    return this.#call("status");
  }

  list(options) {
    return {
      [Symbol.asyncIterator]: () => this.#pages("list", options),
      page: (after) => (after === undefined ? this.#call("page", after, options) : this.#named("page", after, options)),
    };
  }

  create(options) {
    return this.#call("create", undefined, options ?? null);
  }

  update(id, changes) {
    return this.#named("update", id, changes ?? null);
  }

  revoke(id, options) {
    return this.#named("revoke", id, options);
  }

  async rotate(id, options) {
    const talk = this.#talk("rotation", mustBeText(id, "id"), options);
    const say = (step) => this.#driver.perform(talk.say(step));
    return new Rotation(await say(0), say);
  }

  rpc(options) {
    return this.#pages("rpc", options);
  }

  #talk(what, id, options) {
    return this.#core.talk(`["${what}",${encodeOptions(options)},${JSON.stringify(id)}]`);
  }

  async *#pages(what, options) {
    const pages = this.#talk(what, null, options);
    try {
      for (let page; (page = await this.#driver.perform(pages.say(0))).length; ) yield* key(page);
    } finally {
      pages.release();
    }
  }

  async #named(method, id, options) {
    return this.#call(method, mustBeText(id, method === "page" ? "after" : "id"), options);
  }

  async #call(method, id, options) {
    return key(await this.#driver.change(method, options, id));
  }
}

/** A rotation that was begun. Both keys work until `finish`. */
class Rotation {
  #say;

  constructor(made, say) {
    this.key = key(made);
    this.#say = say;
  }

  async finish() {
    return this.#say(1);
  }

  async abort() {
    return this.#say(2);
  }
}

// Symbol.asyncDispose is younger than Node 20.
if (Symbol.asyncDispose) Rotation.prototype[Symbol.asyncDispose] = Rotation.prototype.abort;
