// The keys of a service as JavaScript sees them: the core's pages become an AsyncIterable.

import { encode, encodeOptions, key, kind, wrong } from "./host.js";

export class Keys {
  #core;

  constructor(core) {
    this.#core = core;
  }

  status() {
    return this.#call("status");
  }

  list(options) {
    const core = this.#core;
    return {
      async *[Symbol.asyncIterator]() {
        const pages = core.pages(encodeOptions(options));
        for (let page; (page = await pages.next()); ) yield* JSON.parse(page).map(key);
      },
      page: (after) => this.#call("page", after, options),
    };
  }

  create(options) {
    return this.#call("create", undefined, options ?? null);
  }

  update(id, changes) {
    return this.#call("update", id ?? null, changes ?? null);
  }

  revoke(id, options) {
    return this.#call("revoke", id ?? null, options);
  }

  async *rpc(options) {
    for (let after; ; ) {
      const page = await this.#call("rpc", after, options);
      if (page.length === 0) return;
      yield* page;
      after = page[page.length - 1].id;
    }
  }

  async #call(method, id, options) {
    if (id !== undefined && typeof id !== "string") {
      throw wrong(method === "page" ? "after" : "id", `must be a string, not ${kind(id)}`);
    }
    const answer = JSON.parse(await this.#core.keys(method, id, options === null ? encode(null) : encodeOptions(options)));
    return Array.isArray(answer) ? answer.map(key) : key(answer);
  }
}
