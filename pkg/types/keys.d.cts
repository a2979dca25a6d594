/// <reference lib="esnext.disposable" />
import type { LatchkeyError, Secret } from "./error.cjs";

/**
 * Cardano's networks, as Masumi names them.
 *
 * @inline
 */
type Network = "Preprod" | "Mainnet";

/**
 * How much of what: `unit` is policy id and asset name joined, or `""` for lovelace.
 *
 * @inline
 */
interface Credit {
  unit: string;
  /** In the unit's smallest part, so 1_000_000n lovelace is 1 ADA. Up to 64 bits: never a JavaScript number. */
  amount: bigint;
}

/**
 * An API key of a Masumi payment service, without its secret.
 *
 * @example
 * ```ts
 * const key = await masumi.keys.status();
 * const ada = key.credits.find(({ unit }) => unit === "")?.amount ?? 0n;
 * ```
 */
export interface ApiKey {
  readonly id: string;
  /** The rights in one word. Servers of 0.27 and later have finer ones: `canRead`, `canPay`, `canAdmin`. */
  readonly permission: "Read" | "ReadAndPay" | "Admin";
  readonly status: "Active" | "Revoked";
  /** Whether it may only spend its `credits`. */
  readonly usageLimited: boolean;
  /** What is left; a unit that was used up is absent. */
  readonly credits: readonly Readonly<Credit>[];
  /** The Cardano networks that it may use. */
  readonly networks: readonly Network[];
  /** The chains that it may use, by CAIP-2 id such as `"cardano:preprod"`. Since 0.27. */
  readonly chains?: readonly string[];
  /** Since 0.27. */
  readonly canRead?: boolean;
  /** Since 0.27. */
  readonly canPay?: boolean;
  /** Since 0.27. */
  readonly canAdmin?: boolean;
  /** Whether it may only use the wallets of `walletScopes`. Since 0.27. */
  readonly walletScopeEnabled?: boolean;
  /** The ids of those hot wallets. Since 0.27. */
  readonly walletScopes?: readonly string[];
  /** The masked key, to tell it from others: `"*****abcd"`. */
  readonly hint?: string;
  /**
   * The same with every `bigint` as a decimal string, for `JSON.stringify`.
   *
   * @example
   * ```ts
   * Response.json(await masumi.keys.status());
   * ```
   */
  toJSON(): Omit<ApiKey, "credits" | "toJSON"> & { credits: { unit: string; amount: string }[] };
}

/**
 * A key that was just made. This is the only time that the service shows its secret.
 *
 * @example
 * ```ts
 * const key = await masumi.keys.create({ permission: "Read" });
 * await vault.write(key.id, key.secret.reveal());
 * ```
 */
export interface CreatedKey extends ApiKey {
  /** The key itself; it prints `[redacted]`. */
  readonly secret: Secret;
}

/**
 * The key to make. What is left out is as the service has it: a `Read` key for all networks that may spend nothing.
 *
 * @example
 * ```ts
 * const wanted: NewApiKey = {
 *   permission: "ReadAndPay",
 *   credits: [{ unit: "", amount: 10_000_000n }], // 10 ADA
 *   networks: ["Preprod"],
 * };
 * ```
 */
export interface NewApiKey {
  /** Default `"Read"`. */
  permission?: "Read" | "ReadAndPay" | "Admin" | undefined;
  /** Default true; for an `Admin` key false, which is all that it can be. */
  usageLimited?: boolean | undefined;
  /** What it may spend; default nothing. Amounts are not negative. */
  credits?: readonly Credit[] | undefined;
  /** Default both. */
  networks?: readonly Network[] | undefined;
  /** Chains besides those of `networks`, by CAIP-2 id such as `"eip155:84532"`. Since 0.27. */
  chains?: readonly string[] | undefined;
  /** The ids of the only hot wallets that it may use; default: any. Since 0.27. */
  walletScopes?: readonly string[] | undefined;
}

/**
 * What to change of a key; what is not named stays as it is.
 *
 * @example
 * ```ts
 * await masumi.keys.update(id, { addCredits: [{ unit: "", amount: -2_000_000n }] });
 * ```
 */
export interface ApiKeyChanges {
  /** Since 0.27, as the other two. An older server has no way to change a key's rights. */
  canRead?: boolean | undefined;
  canPay?: boolean | undefined;
  /** True needs `usageLimited: false`. */
  canAdmin?: boolean | undefined;
  usageLimited?: boolean | undefined;
  /** At most 25 amounts to add, or to take if negative. One that would go below zero undoes the whole change. */
  addCredits?: readonly Credit[] | undefined;
  /** Replaces the networks. */
  networks?: readonly Network[] | undefined;
  /** Replaces the chains. Since 0.27. */
  chains?: readonly string[] | undefined;
  /** `"Active"` brings a revoked key back. */
  status?: "Active" | "Revoked" | undefined;
  /** Replaces the hot wallets that it may use, `[]` being none; `null` lifts the restriction. Since 0.27. */
  walletScopes?: readonly string[] | null | undefined;
}

/**
 * A key that the payment service itself holds, for a blockchain provider.
 *
 * @example
 * ```ts
 * for await (const { network, provider } of masumi.keys.rpc()) console.log(network, provider);
 * ```
 */
export interface RpcKey {
  readonly id: string;
  /** Whose key it is: `"Blockfrost"`. */
  readonly provider: string;
  readonly network: Network;
  /** The key itself; it prints `[redacted]`. */
  readonly rpcProviderApiKey: Secret;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /**
   * The same with instants in ISO 8601 and the key as `[redacted]`, for `JSON.stringify`.
   *
   * @example
   * ```ts
   * for await (const key of masumi.keys.rpc()) console.log(JSON.stringify(key));
   * ```
   */
  toJSON(): {
    id: string;
    provider: string;
    network: Network;
    rpcProviderApiKey: string;
    createdAt: string;
    updatedAt: string;
  };
}

/**
 * A rotation under way: the new key works, and so does the old one until {@link Rotation.finish}. While both do, their
 * credits add up.
 *
 * @example
 * ```ts
 * await using rotation = await masumi.keys.rotate(id);
 * await vault.write("masumi", rotation.key.secret.reveal());
 * await rotation.finish(); // without this, leaving the block goes back to the old key
 * ```
 */
export interface Rotation {
  /** The new key; after `inPlace` the same key, with its new secret. */
  readonly key: CreatedKey;

  /**
   * Revokes the old key, and then takes from the new one what the old has spent since it was read. Calling it again
   * after a failure does only what is left. After `inPlace` there is nothing left to do.
   *
   * @example
   * ```ts
   * await rotation.finish();
   * ```
   */
  finish(): Promise<void>;

  /**
   * Goes back: the client uses the old key again, and the new one is revoked. Calling it again does nothing, nor does
   * calling it after `finish()`. After `inPlace` it puts the key's old text back where that is known: that of this
   * client's own key, or with `apiVersion: "0.25"` of any. `ERR_UNSUPPORTED` otherwise.
   *
   * @example
   * ```ts
   * await rotation.abort();
   * ```
   */
  abort(): Promise<void>;

  /**
   * The same as {@link Rotation.abort} if it was not finished, for `await using`.
   *
   * @example
   * ```ts
   * await using rotation = await masumi.keys.rotate(id);
   * ```
   */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * The keys of a Masumi payment service, as its API at `/api-key`, `/api-key-status` and `/rpc-api-keys` has them. All
 * but `status` need an `Admin` key: `ERR_FORBIDDEN` otherwise.
 *
 * Every method rejects with a {@link LatchkeyError} of these codes besides its own: `ERR_CONFIG` for arguments out of
 * bounds (nothing is sent), `ERR_CREDENTIAL`, `ERR_NETWORK`, `ERR_TIMEOUT`, `ERR_UNAUTHORIZED`, `ERR_FORBIDDEN`,
 * `ERR_INVALID_REQUEST` with `issues`, `ERR_RATE_LIMITED`, `ERR_SERVER`, `ERR_RESPONSE`, `ERR_REDIRECT`,
 * `ERR_CLOSED`; the changing ones with `ERR_OUTCOME_UNKNOWN`.
 *
 * @example
 * ```ts
 * const { keys } = new Client({ provider: "masumi", apiKey: process.env.MASUMI_KEY ?? "" });
 * for await (const key of keys.list()) console.log(key.id, key.permission, key.hint);
 * ```
 */
export interface MasumiKeys {
  /**
   * The key in use.
   *
   * @example
   * ```ts
   * const { permission, credits } = await masumi.keys.status();
   * ```
   */
  status(): Promise<ApiKey>;

  /**
   * All keys, page by page as they are asked for; or one page. A key that is there from beginning to end comes once,
   * whichever others are deleted meanwhile.
   *
   * @param options.pageSize - 1 to 100; default 10.
   * @returns an iterable of keys. Its `page(after)` is the page that follows the key with that id: the first without
   * one, and empty where there is no more. It rejects with `ERR_NOT_FOUND` if there is no such key any more.
   *
   * @example
   * ```ts
   * for await (const key of masumi.keys.list({ pageSize: 100 })) console.log(key.id);
   *
   * const keys = masumi.keys.list({ pageSize: 20 });
   * const first = await keys.page();
   * const second = await keys.page(first.at(-1)?.id);
   * ```
   */
  list(options?: { pageSize?: number | undefined }): AsyncIterable<ApiKey> & { page(after?: string): Promise<ApiKey[]> };

  /**
   * Makes a key.
   *
   * @example
   * ```ts
   * const { id, secret } = await masumi.keys.create({ permission: "ReadAndPay", usageLimited: false });
   * ```
   */
  create(options: NewApiKey): Promise<CreatedKey>;

  /**
   * Changes what is named, and nothing else: the service itself would re-activate and limit the key besides, so it is
   * read first. Rejects with `ERR_NOT_FOUND` for an unknown id, and with `ERR_CONFLICT` where it would revoke the key in use.
   *
   * @example
   * ```ts
   * await masumi.keys.update(id, { networks: ["Preprod"] });
   * ```
   */
  update(id: string, changes: ApiKeyChanges): Promise<ApiKey>;

  /**
   * Revokes a key; revoking it again is no error. Rejects with `ERR_CONFLICT` for the key in use, unless `evenIfInUse`,
   * and with `ERR_NOT_FOUND` for an unknown id.
   *
   * @example
   * ```ts
   * const { status } = await masumi.keys.revoke(id); // "Revoked"
   * ```
   */
  revoke(id: string, options?: { evenIfInUse?: boolean | undefined }): Promise<ApiKey>;

  /**
   * Puts a new key in the place of one: with the same rights, networks, chains, limits, wallet scopes and what is
   * left of the credits, and never more. It is proved to work before it is given, and used by this client from then
   * on if the old one is this client's own; requests in flight are not disturbed. The old key works until {@link
   * Rotation.finish}.
   *
   * Whatever fails leaves the old key working, and the message says which keys there are now. Rejects with
   * `ERR_OUTCOME_UNKNOWN` if nobody knows whether a key was made: the message names those that are new since.
   * `ERR_CONFLICT` if the key is revoked, `ERR_NOT_FOUND` for an unknown id.
   *
   * @param options.adopt - false leaves this client on its old key. True, the default for the client's own key, is
   * `ERR_CONFIG` for another.
   * @param options.inPlace - gives the key itself a new secret, made here of 256 random bits, instead of making
   * another key. The old secret is void at once, for everybody; a request of this client's that is refused for it is
   * sent once more with the new one, if its body can be.
   *
   * @example
   * ```ts
   * const { id } = await masumi.keys.status();
   * const rotation = await masumi.keys.rotate(id);
   * await vault.write("masumi", rotation.key.secret.reveal());
   * await rotation.finish();
   * ```
   */
  rotate(id: string, options?: { adopt?: boolean | undefined; inPlace?: boolean | undefined }): Promise<Rotation>;

  /**
   * The keys for blockchain providers that the service holds.
   *
   * @param options.pageSize - 1 to 100; default 100.
   *
   * @example
   * ```ts
   * for await (const key of masumi.keys.rpc()) console.log(key.network, key.updatedAt);
   * ```
   */
  rpc(options?: { pageSize?: number | undefined }): AsyncIterable<RpcKey>;
}
