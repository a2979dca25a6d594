// Stores in the memory of the test, and what the tests of stores share.

import { setTimeout as wait } from "node:timers/promises";

/** Waits until this holds, for no longer than any of it may take. */
export async function until(holds, what = "it", seconds = 20) {
  const end = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`${what} did not come`);
    await wait(2);
  }
}

export const KEY = Uint8Array.from({ length: 32 }, (_, at) => at);
export const OTHER_KEY = KEY.map((byte) => 255 - byte);

/** A store as a user may write one. What is done to it is counted. */
export class MemoryStore {
  values = new Map();
  counts = { get: 0, set: 0, delete: 0 };
  /** Done before each operation, as a store does that is slow or down. */
  before = async () => {};

  async get(key) {
    this.counts.get++;
    await this.before("get");
    return this.values.get(key);
  }

  async set(key, value, ttl) {
    this.counts.set++;
    this.ttl = ttl;
    await this.before("set");
    this.values.set(key, value);
  }

  async delete(key) {
    this.counts.delete++;
    await this.before("delete");
    this.values.delete(key);
  }

  /** The one record in it. */
  get record() {
    return [...this.values.values()][0];
  }

  set record(value) {
    this.values.set([...this.values.keys()][0], value);
  }

  /** Until a token was written. */
  written(times = 1) {
    return until(() => this.counts.set >= times && this.values.size > 0, "a record");
  }
}

/** The same store as another machine sees it: what clients of one process do for each other, these do not. */
export const elsewhere = (store) => new Proxy(store, {});

/** The same with leases, each of which is a number. */
export class LeasingStore extends MemoryStore {
  leases = new Map();
  granted = 0;
  released = 0;

  async lease(key, ttl) {
    await this.before("lease");
    const now = Date.now();
    if ((this.leases.get(key)?.end ?? 0) > now) return null;
    const own = { end: now + ttl * 1000, number: ++this.granted };
    this.leases.set(key, own);
    return {
      release: async () => {
        await this.before("release");
        if (this.leases.get(key) === own) this.leases.delete(key);
        this.released++;
      },
    };
  }
}
