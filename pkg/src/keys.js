// The keys of a service as JavaScript sees them: the core's pages become an AsyncIterable.

export class Keys {
  #core;

  constructor(core) {
    this.#core = core;
  }

  status() {
    return this.#core.status();
  }

  list(options) {
    const core = this.#core;
    return {
      async *[Symbol.asyncIterator]() {
        const pages = core.pages(options);
        for (let page; (page = await pages.next()); ) yield* page;
      },
      page: (after) => core.page(after, options),
    };
  }

  create(options) {
    return this.#core.create(options);
  }

  update(id, changes) {
    return this.#core.update(id, changes);
  }

  revoke(id, options) {
    return this.#core.revoke(id, options);
  }

  async *rpc(options) {
    let after;
    for (;;) {
      const page = await this.#core.rpcPage(after, options);
      if (page.length === 0) return;
      yield* page;
      after = page[page.length - 1].id;
    }
  }
}
