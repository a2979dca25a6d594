// The keys of a service as JavaScript sees them: the core's pages become an AsyncIterable.

import { encodeOptions, kind, wrong } from "./encode.js";
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
    const [core, driver] = [this.#core, this.#driver];
    return {
      async *[Symbol.asyncIterator]() {
        const pages = core.list(encodeOptions(options));
        try {
          for (let page; (page = await driver.perform(pages.next())); ) yield* JSON.parse(page).map(key);
        } finally {
          pages.release();
        }
      },
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
    if (typeof id !== "string") throw wrong("id", `must be a string, not ${kind(id)}`);
    const rotation = new Rotation(this.#core.rotation(`[${JSON.stringify(id)},${encodeOptions(options)}]`), this.#driver);
    return await rotation.begin();
  }

  async *rpc(options) {
    for (let after; ; ) {
      const page = await this.#call("rpc", after, options);
      if (page.length === 0) return;
      yield* page;
      after = page[page.length - 1].id;
    }
  }

  async #named(method, id, options) {
    if (typeof id === "string") return this.#call(method, id, options);
    throw wrong(method === "page" ? "after" : "id", `must be a string, not ${kind(id)}`);
  }

  async #call(method, id, options) {
    const parts = [JSON.stringify(method), JSON.stringify(id ?? null), encodeOptions(options)];
    const answer = JSON.parse(await this.#driver.change(...parts));
    return Array.isArray(answer) ? answer.map(key) : key(answer);
  }
}

/** A rotation that was begun. Both keys work until `finish`. */
class Rotation {
  #held;
  #driver;

  constructor(held, driver) {
    this.#held = held;
    this.#driver = driver;
  }

  async begin() {
    const made = key(JSON.parse(await this.#driver.perform(this.#held.begin())));
    return Object.defineProperty(this, "key", { value: made, enumerable: true });
  }

  async finish() {
    await this.#driver.perform(this.#held.finish());
  }

  async abort() {
    await this.#driver.perform(this.#held.abort());
  }
}

// Symbol.asyncDispose is younger than Node 20.
if (Symbol.asyncDispose) Rotation.prototype[Symbol.asyncDispose] = Rotation.prototype.abort;
