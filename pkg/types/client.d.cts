/// <reference lib="esnext.disposable" />
import type { CommonConfig, ConfigMap, ProviderName, WaitUntil } from "./config.cjs";
import type { ErrorCode, LatchkeyError } from "./error.cjs";
import type { MasumiKeys } from "./keys.cjs";
import type { MasvClient } from "./masv.cjs";

/**
 * Compiles the core at a moment of the caller's choosing, without blocking. Never needed: it is compiled by the first
 * call that needs it, and in workers of an edge on import. Only `latchkey/slim` has no core of its own, and there
 * `ready(source)` comes first. Resolves at once when it is done already; after a failure it can be called again.
 *
 * @throws {@link LatchkeyError} `ERR_NETWORK` and `ERR_RESPONSE` if the source cannot be had, `ERR_CONFIG` if it is
 * nothing that can be compiled, `ERR_UNSUPPORTED` where compiling fails or is not allowed.
 *
 * @example
 * ```ts
 * await ready();
 * ```
 *
 * @example
 * ```ts
 * import { ready } from "latchkey/slim";
 * await ready(new URL("./core.wasm", import.meta.url));
 * ```
 */
export function ready(source?: CoreSource | PromiseLike<CoreSource>): Promise<void>;

/**
 * What the core can be taken from: compiled, as bytes, or as what leads to them.
 *
 * @example
 * ```ts
 * const core: CoreSource = await readFile(require.resolve("latchkey/core.wasm"));
 * ```
 */
export type CoreSource = WebAssembly.Module | BufferSource | Response | URL;

/**
 * What a call that needs a token may ask for.
 *
 * @example
 * ```ts
 * await client.token({ minValidity: 600, signal: AbortSignal.timeout(2_000) });
 * ```
 */
export interface TokenOptions {
  /** Asks the service for a new token though the one held is good; default false. */
  forceRefresh?: boolean | undefined;
  /** Seconds that the token must still be good for; default 0. */
  minValidity?: number | undefined;
  /** Gives this call up, with the signal's own reason; a refresh that others wait for goes on. */
  signal?: AbortSignal | undefined;
  /** As in the configuration, for the refresh that this call starts: `(work) => context.waitUntil(work)`. */
  waitUntil?: WaitUntil | undefined;
}

/**
 * What every client can do. It holds at most one token, in memory, asks for one when it is first needed, refreshes it
 * before it expires, and however many callers wait, asks once. No timer is left behind.
 *
 * Whatever needs a token rejects with a {@link LatchkeyError}: `ERR_CREDENTIAL`, `ERR_NETWORK`, `ERR_TIMEOUT`,
 * `ERR_UNAUTHORIZED`, `ERR_FORBIDDEN`, `ERR_NOT_FOUND`, `ERR_INVALID_REQUEST`, `ERR_RATE_LIMITED`, `ERR_SERVER`,
 * `ERR_RESPONSE`, `ERR_REDIRECT`, `ERR_TOKEN_EXPIRED`, `ERR_CLOSED`; `ERR_CONFIG` for wrong options.
 *
 * @example
 * ```ts
 * using client = new Client({ provider: "masivo", apiKey: process.env.MASIVO_KEY ?? "" });
 * const response = await client.fetch("/customers");
 * ```
 */
export interface BaseClient {
  /** As configured. */
  readonly provider: ProviderName;

  /**
   * When the token now held expires; `undefined` if none is held or it is not known to.
   *
   * @example
   * ```ts
   * client.expiresAt?.toISOString();
   * ```
   */
  readonly expiresAt: Date | undefined;

  /**
   * The scopes that came with the token now held (RFC 6749 section 5.1); `undefined` if none did.
   *
   * @example
   * ```ts
   * client.scopes?.includes("write");
   * ```
   */
  readonly scopes: readonly string[] | undefined;

  /**
   * A token that is good for at least `minValidity` seconds, or a rejection. Bound: pass it around freely.
   *
   * @example
   * ```ts
   * const { token } = client;
   * socket.send(await token({ minValidity: 60 }));
   * ```
   */
  readonly token: (options?: TokenOptions) => Promise<string>;

  /**
   * What to put on a request that is made by other means. Bound.
   *
   * @example
   * ```ts
   * axios.get(url, { headers: await client.headers() });
   * ```
   */
  readonly headers: (options?: TokenOptions) => Promise<Record<string, string>>;

  /**
   * `fetch` with the credential attached. A 401 refreshes the token and replays the request once, if its body can be
   * sent again: a string, bytes, `URLSearchParams`, `FormData` or `Blob`, but no stream. Bound.
   *
   * Any status is a `Response`, as with `fetch` itself. Besides {@link BaseClient}'s codes it rejects with `ERR_ORIGIN`
   * before anything is sent elsewhere than to `baseUrl` or `allowedOrigins`, and with `ERR_REDIRECT` for a hop to
   * plain http.
   *
   * @param input - a path, which starts with `/` and is appended to `baseUrl`; or an absolute address.
   *
   * @example
   * ```ts
   * const response = await client.fetch("/orders", { method: "POST", body: JSON.stringify(order) });
   * ```
   */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

  /**
   * Forgets the token, and any error of the service that was remembered; the next call acquires anew.
   *
   * @example
   * ```ts
   * client.invalidate();
   * ```
   */
  invalidate(): void;

  /**
   * Ends the session at the service, where it can be ended, and here in any case.
   *
   * @example
   * ```ts
   * await client.logout();
   * ```
   */
  logout(): Promise<void>;

  /**
   * Gives up the client and its memory: callers in flight, and all later calls, reject with `ERR_CLOSED`. Calling it
   * again does nothing.
   *
   * @example
   * ```ts
   * client.free();
   * ```
   */
  free(): void;

  /**
   * The same as {@link BaseClient.free}, for `using`.
   *
   * @example
   * ```ts
   * using client = new Client({ provider: "brifle", key, secret });
   * ```
   */
  [Symbol.dispose](): void;
}

/**
 * A client of a service that has sessions: each is a client with a token of its own.
 *
 * @example
 * ```ts
 * const login: LoginClient = new Client({ provider: "login", baseUrl, apiKey });
 * const tenants = [login.session("tenant-1"), login.session("tenant-2")];
 * ```
 */
export interface LoginClient extends BaseClient {
  readonly provider: "login" | "brifle";

  /**
   * Another client with the same credentials and configuration, which keeps a token of its own: `logout()` and
   * `free()` of one leave the others alone. Brifle itself knows no sessions, and gives the same token to all of them
   * while it is valid.
   *
   * @param id - sent as `session_id` by `login`; default a fresh {@link sessionId}.
   *
   * @example
   * ```ts
   * const session = login.session();
   * await session.fetch("/orders");
   * await session.logout();
   * ```
   */
  session(id?: string): LoginClient;
}

/**
 * An id for a session that nobody can guess: 128 bits of the platform's randomness, as 32 hexadecimal digits.
 *
 * @example
 * ```ts
 * const session = login.session(sessionId());
 * ```
 */
export function sessionId(): string;

/**
 * A client of a Masumi payment service, which can manage its keys.
 *
 * @example
 * ```ts
 * const masumi: MasumiClient = new Client({ provider: "masumi", apiKey });
 * await masumi.keys.status();
 * ```
 */
export interface MasumiClient extends BaseClient {
  readonly provider: "masumi";
  /** The service's API keys. */
  readonly keys: MasumiKeys;
}

/**
 * Which client `new Client` gives for which provider.
 *
 * @example
 * ```ts
 * const report = async (client: ClientMap["masumi"]) => console.log(await client.keys.status());
 * ```
 */
export interface ClientMap {
  masivo: BaseClient;
  masv: MasvClient;
  login: LoginClient;
  brifle: LoginClient;
  masumi: MasumiClient;
  oauth2: BaseClient;
  custom: BaseClient;
  token: BaseClient;
}

/**
 * What `onEvent` is told. Durations are seconds, and none of it is ever a secret.
 *
 * @example
 * ```ts
 * onEvent(event) {
 *   if (event.type === "token") console.log(event.provider, event.reason, `${event.took} s`);
 * }
 * ```
 */
export type ClientEvent = {
  provider: ProviderName;
  /** When it happened. */
  at: Date;
} & (
  | {
      /** A token came. */
      type: "token";
      /** None was held, it was about to expire, it had expired, the caller forced it, or a 401 came. */
      reason: "first" | "early" | "expired" | "forced" | "unauthorized";
      expiresAt?: Date;
      took: number;
    }
  | {
      /** One of Latchkey's own requests failed and is made again after `delay`. */
      type: "retry";
      /** 1 for the first repetition. */
      attempt: number;
      delay: number;
      status?: number;
      code?: ErrorCode;
    }
  | {
      /** Tokens could not be had, and are not asked for until then. */
      type: "backoff";
      until: Date;
      code: ErrorCode;
    }
  | {
      /** A request of the caller's was answered 401. */
      type: "unauthorized";
      /** Whether it was made again with a new token. */
      replayed: boolean;
    }
  | {
      /** A key was changed through this client. */
      type: "key";
      action: "create" | "update" | "revoke" | "rotate";
      /** Of the key; of the new one if it was rotated. */
      id: string;
    }
);

/**
 * A client of one service with one credential; `provider` says which service, and so what else must be told.
 * The constructor does no I/O and may run in global scope.
 *
 * @throws {@link LatchkeyError} `ERR_CONFIG`, whose `issues` name all fields that are wrong, missing or unknown.
 *
 * @example
 * ```ts
 * const client = new Client({
 *   provider: "masv",
 *   email: "me@example.com",
 *   password: () => vault.read("masv"),
 * });
 * const teams = await (await client.fetch("/v1/teams")).json();
 * ```
 */
export const Client: {
  new <P extends ProviderName>(config: { provider: P } & ConfigMap[P] & CommonConfig): ClientMap[P];
};
