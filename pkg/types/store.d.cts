/**
 * A store that clients on many machines share a token by: anything that keeps texts by name. `latchkey/stores` makes one of
 * what you have. Whatever it does wrong costs a token request, and no caller: it is told as an event of the type `"store"`.
 *
 * Two clients share a token if they are made alike: the same provider, addresses, account, scope, session and partition.
 *
 * @example
 * ```ts
 * const texts = new Map<string, string>();
 * const store: TokenStore = {
 *   get: async (key) => texts.get(key),
 *   set: async (key, value, ttl) => texts.set(key, value),
 *   delete: async (key) => texts.delete(key),
 * };
 * ```
 */
export interface TokenStore {
  /**
   * The text of that name; nothing if there is none, or if it has outlived its time.
   *
   * @example
   * ```ts
   * const text = await store.get("name");
   * ```
   */
  get(key: string): Promise<string | null | undefined>;
  /**
   * Keeps a text for so many seconds. Where it is written under a lease, that comes along: whoever knows that a later one was
   * granted keeps the text that is there.
   *
   * @example
   * ```ts
   * await store.set("name", "text", 3600);
   * ```
   */
  set(key: string, value: string, ttl: number, lease?: Lease): Promise<unknown>;
  /**
   * Forgets the text of that name, if there is one.
   *
   * @example
   * ```ts
   * await store.delete("name");
   * ```
   */
  delete(key: string): Promise<unknown>;
  /**
   * The right to ask for the next token, for so many seconds at most; `null` while somebody else has it. With it one machine asks
   * and the others take what it gets; without it each may ask, and few do at the same time.
   *
   * @example
   * ```ts
   * const lease = await store.lease?.("name", 10);
   * ```
   */
  lease?(key: string, ttl: number): Promise<Lease | null>;
}

/**
 * The right to ask for the next token.
 *
 * @example
 * ```ts
 * const lease = await store.lease?.("name", 10);
 * await lease?.release();
 * ```
 */
export interface Lease {
  /**
   * Gives it back; what is granted to somebody else by then is theirs.
   *
   * @example
   * ```ts
   * const lease = await store.lease?.("name", 10);
   * await lease?.release();
   * ```
   */
  release(): Promise<unknown>;
}
