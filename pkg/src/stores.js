// Makers of stores, from what people already have. Each is a few lines: what a store is asked is four things, and the engines
// know how to do them. None is needed by the module itself, so they are a file of their own: `latchkey/stores`.
//
// A lease names who may ask for the next token. It is fenced: what was granted last is remembered, and who comes with an older
// one writes nothing, however late it wakes.

/** Keyv (https://keyv.org), with whatever lies beneath it. It has no leases. */
export const fromKeyv = (keyv) => ({
  get: (key) => keyv.get(key),
  set: (key, value, ttl) => keyv.set(key, value, ttl * 1000),
  delete: (key) => keyv.delete(key),
});

/** unstorage (https://unstorage.unjs.io), with whatever driver. It has no leases. */
export const fromUnstorage = (storage) => ({
  get: (key) => storage.getItem(key),
  set: (key, value, ttl) => storage.setItem(key, value, { ttl }),
  delete: (key) => storage.removeItem(key),
});

/** Workers KV. It has no leases, it keeps nothing for less than a minute, and what is written shows elsewhere within one. */
export const fromKV = (namespace) => ({
  get: (key) => namespace.get(key),
  set: (key, value, ttl) => namespace.put(key, value, { expirationTtl: Math.max(ttl, 60) }),
  delete: (key) => namespace.delete(key),
});

/** Who was granted a lease is remembered for so long, in seconds. */
const FENCE = 86_400;

// ---- Redis

const SET = `if ARGV[3] ~= "" and redis.call("GET", KEYS[2]) ~= ARGV[3] then return 0 end
redis.call("SET", KEYS[1], ARGV[1], "EX", ARGV[2])
return 1`;
const LEASE = `if not redis.call("SET", KEYS[1], ARGV[1], "NX", "PX", ARGV[2]) then return 0 end
redis.call("SET", KEYS[2], ARGV[1], "EX", ${FENCE})
return 1`;
const RELEASE = `if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call("DEL", KEYS[1])`;

/** A Redis, by node-redis, by ioredis or by Upstash's client, which goes over HTTP. */
export function fromRedis(redis) {
  const run = (script, keys, ...args) => {
    const texts = args.map(String);
    // Each of the three has its own way to pass the same.
    if (redis.defineCommand) return redis.eval(script, keys.length, ...keys, ...texts);
    return redis.sendCommand ? redis.eval(script, { keys, arguments: texts }) : redis.eval(script, keys, texts);
  };
  // In a cluster, what is in braces decides where a key lies: so all three lie together.
  const leaseOf = (key) => `{${key}}:lease`;
  const fenceOf = (key) => `{${key}}:fence`;
  return {
    get: (key) => redis.get(key),
    set: (key, value, ttl, lease) => run(SET, [key, fenceOf(key)], value, ttl, lease?.id ?? ""),
    delete: (key) => redis.del(key),
    async lease(key, ttl) {
      const id = crypto.randomUUID();
      if (!(await run(LEASE, [leaseOf(key), fenceOf(key)], id, ttl * 1000))) return null;
      return { id, release: () => run(RELEASE, [leaseOf(key)], id) };
    },
  };
}

// ---- Durable Objects

/** A namespace of Durable Objects whose class is {@link TokenStoreObject}: one object a record. */
export function fromDurableObject(namespace) {
  const ask = async (key, ...call) => {
    const stub = namespace.get(namespace.idFromName(key));
    const response = await stub.fetch("https://latchkey.invalid/", { method: "POST", body: JSON.stringify(call) });
    if (!response.ok) throw new Error(`the Durable Object answered ${response.status}`);
    return response.json();
  };
  return {
    get: (key) => ask(key, "get"),
    set: (key, value, ttl, lease) => ask(key, "set", value, ttl, lease?.id),
    delete: (key) => ask(key, "delete"),
    async lease(key, ttl) {
      const id = await ask(key, "lease", ttl);
      return id && { id, release: () => ask(key, "release", id) };
    },
  };
}

/** The class of those objects. What it does is done one after the other, as is all that a Durable Object does with its storage. */
export class TokenStoreObject {
  #storage;

  constructor({ storage }) {
    this.#storage = storage;
  }

  async fetch(request) {
    const [name, ...given] = await request.json();
    const call = { get: this.#get, set: this.#set, delete: this.#delete, lease: this.#lease, release: this.#release }[name];
    return Response.json((await call.apply(this, given)) ?? null);
  }

  /** What has ended is not kept. */
  alarm() {
    return this.#storage.deleteAll();
  }

  async #get() {
    const record = await this.#storage.get("record");
    return record?.end > Date.now() ? record.value : null;
  }

  async #set(value, ttl, id) {
    const lease = await this.#storage.get("lease");
    if (id && lease?.id !== id) return;
    const end = Date.now() + ttl * 1000;
    await this.#storage.put("record", { value, end });
    await this.#storage.setAlarm(end);
  }

  async #delete() {
    await this.#storage.delete("record");
  }

  async #lease(ttl) {
    const lease = await this.#storage.get("lease");
    if (lease?.end > Date.now()) return null;
    const id = crypto.randomUUID();
    await this.#storage.put("lease", { id, end: Date.now() + ttl * 1000 });
    return id;
  }

  async #release(id) {
    const lease = await this.#storage.get("lease");
    if (lease?.id === id) await this.#storage.put("lease", { id, end: 0 });
  }
}

// ---- Deno KV

/** Deno KV. Processes that share one file are told at times that it is locked: then each asks for itself. */
export function fromDenoKv(kv) {
  const at = (key, ...more) => ["latchkey", key, ...more];
  const put = (lease, value) => kv.atomic().check(lease).set(lease.key, value, { expireIn: FENCE * 1000 }).commit();
  return {
    // Deno drops what has ended when it gets to it.
    async get(key) {
      const { value } = await kv.get(at(key));
      return value?.end > Date.now() ? value.value : null;
    },
    async set(key, value, ttl, lease) {
      const held = await kv.get(at(key, "lease"));
      if (lease && held.value?.id !== lease.id) return;
      const record = { value, end: Date.now() + ttl * 1000 };
      await kv.atomic().check(held).set(at(key), record, { expireIn: ttl * 1000 }).commit();
    },
    delete: (key) => kv.delete(at(key)),
    async lease(key, ttl) {
      const held = await kv.get(at(key, "lease"));
      const id = crypto.randomUUID();
      if (held.value?.end > Date.now()) return null;
      if (!(await put(held, { id, end: Date.now() + ttl * 1000 })).ok) return null;
      const release = async () => {
        const own = await kv.get(at(key, "lease"));
        if (own.value?.id === id) await put(own, { id, end: 0 });
      };
      return { id, release };
    },
  };
}

// ---- a page's storage

/** How long a tab waits for another one's token before it looks: ms. */
const GLANCE = 1000;

/**
 * `localStorage`, which the tabs of a page share. Where there are Web Locks they are the leases, and a tab that waits is woken by
 * the other's write; where there are none, each asks for itself.
 */
export function fromWebStorage(storage, { locks = globalThis.navigator?.locks } = {}) {
  const fenceOf = (key) => `${key}:fence`;
  const store = {
    async get(key) {
      const [end, value] = JSON.parse(storage.getItem(key) ?? "[0]");
      return end > Date.now() ? value : null;
    },
    async set(key, value, ttl, lease) {
      if (lease && storage.getItem(fenceOf(key)) !== lease.id) return;
      storage.setItem(key, JSON.stringify([Date.now() + ttl * 1000, value]));
    },
    delete: async (key) => storage.removeItem(key),
  };
  if (!locks) return store;
  const lease = (key, ttl) =>
    new Promise((resolve, reject) => {
      const held = (lock) => {
        if (!lock) return void written(storage, key).then(() => resolve(null));
        const id = crypto.randomUUID();
        storage.setItem(fenceOf(key), id);
        // The lock is another tab's as soon as this promise is kept, or this tab is closed.
        return new Promise((free) => {
          const timer = setTimeout(free, ttl * 1000);
          resolve({ id, release: async () => (clearTimeout(timer), free()) });
        });
      };
      locks.request(key, { ifAvailable: true }, held).catch(reject);
    });
  return { ...store, lease };
}

/** Until another tab has written there, or a moment has passed. */
function written(storage, key) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      globalThis.removeEventListener?.("storage", heard);
      resolve();
    };
    const heard = (event) => event.storageArea === storage && event.key === key && end();
    const timer = setTimeout(end, GLANCE);
    globalThis.addEventListener?.("storage", heard);
  });
}
