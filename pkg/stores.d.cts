// The makers of stores: `latchkey/stores`. Each takes what it needs of a client, by its shape, so none of them is a dependency.
import type { TokenStore } from "./types/store.cjs";

/** What is used of a Keyv. */
interface KeyvLike {
  get(key: string): Promise<unknown>;
  set(key: string, value: string, ttl?: number): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}

/** What is used of an unstorage. */
interface UnstorageLike {
  getItem(key: string): Promise<unknown>;
  setItem(key: string, value: string, options?: { ttl?: number }): Promise<unknown>;
  removeItem(key: string): Promise<unknown>;
}

/** What is used of a Redis; how `eval` is called, each of the clients has its own way. */
interface RedisLike {
  get(key: string): Promise<unknown>;
  del(key: string): Promise<unknown>;
  // Overloads of three libraries, of which none is here.
  eval(script: any, ...given: any[]): Promise<unknown>;
}

/** What is used of a namespace of Workers KV. */
interface KVLike {
  get(key: string): Promise<string | null>;
  put(key: string, value: string, options?: { expirationTtl?: number }): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}

/** What is used of a namespace of Durable Objects. */
interface DurableObjectsLike {
  idFromName(name: string): any;
  get(id: any): { fetch(url: string, init: { method: string; body: string }): Promise<any> };
}

/** What is used of the state of a Durable Object. */
interface DurableObjectStateLike {
  storage: {
    get(key: string): Promise<any>;
    put(key: string, value: unknown): Promise<void>;
    delete(key: string): Promise<boolean>;
    deleteAll(): Promise<void>;
    setAlarm(time: number): Promise<void>;
  };
}

/** What is used of a Deno.Kv. */
interface DenoKvLike {
  get(key: string[]): Promise<any>;
  delete(key: string[]): Promise<void>;
  atomic(): any;
}

/** What is used of a page's storage. */
interface StorageLike {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** What is used of Web Locks. */
interface LocksLike {
  request(name: string, options: { ifAvailable: true }, granted: (lock: any) => any): Promise<unknown>;
}

/**
 * Keyv, with whatever lies beneath it. It has no leases.
 *
 * @example
 * ```ts
 * const store = fromKeyv(new Keyv(new KeyvPostgres(url)));
 * ```
 */
export function fromKeyv(keyv: KeyvLike): TokenStore;

/**
 * unstorage, with whatever driver. It has no leases, and whether a record ever ends is up to the driver.
 *
 * @example
 * ```ts
 * const store = fromUnstorage(useStorage("tokens"));
 * ```
 */
export function fromUnstorage(storage: UnstorageLike): TokenStore;

/**
 * A Redis, by node-redis, ioredis or Upstash's client over HTTP. Its leases are fenced.
 *
 * @example
 * ```ts
 * const store = fromRedis(await createClient({ url }).connect());
 * ```
 */
export function fromRedis(redis: RedisLike): Required<TokenStore>;

/**
 * Workers KV. It has no leases, and a record shows elsewhere within a minute: several isolates may ask for the same token.
 * Prefer {@link fromDurableObject}.
 *
 * @example
 * ```ts
 * const store = fromKV(env.TOKENS);
 * ```
 */
export function fromKV(namespace: KVLike): TokenStore;

/**
 * A namespace of Durable Objects, whose class is {@link TokenStoreObject}. Its leases are fenced.
 *
 * @example
 * ```ts
 * const store = fromDurableObject(env.TOKENS);
 * ```
 */
export function fromDurableObject(namespace: DurableObjectsLike): Required<TokenStore>;

/**
 * The class of those Durable Objects: export it from the worker, and name it in `wrangler.toml`.
 *
 * @example
 * ```ts
 * export { TokenStoreObject } from "latchkey/stores";
 * ```
 */
export class TokenStoreObject {
  constructor(state: DurableObjectStateLike, env?: unknown);
  fetch(request: Request): Promise<Response>;
  alarm(): Promise<void>;
}

/**
 * Deno KV. Its leases are fenced.
 *
 * @example
 * ```ts
 * const store = fromDenoKv(await Deno.openKv());
 * ```
 */
export function fromDenoKv(kv: DenoKvLike): Required<TokenStore>;

/**
 * A page's `localStorage`, which its tabs share. Web Locks are the leases where there are any.
 *
 * @example
 * ```ts
 * const store = fromWebStorage(localStorage);
 * ```
 */
export function fromWebStorage(storage: StorageLike, options?: { locks?: LocksLike }): TokenStore;
