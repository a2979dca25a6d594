import type { ClientEvent } from "./client.cjs";
import type { TokenStore } from "./store.cjs";

/**
 * A string, or a function that gives one or a promise of one. A function is asked whenever a token is, so that a vault
 * or a rotated secret is read afresh; if it throws, that is `ERR_CREDENTIAL`.
 *
 * @inline
 */
type Credential = string | (() => string | Promise<string>);

/**
 * In which header a token travels, and after which word: `{ header: "Authorization", scheme: "Bearer" }`.
 *
 * @inline
 */
interface Attach {
  header: string;
  scheme?: string | undefined;
}

/**
 * What JSON can say.
 *
 * @inline
 */
type Json = string | number | boolean | null | readonly Json[] | { readonly [member: string]: Json };

/**
 * For the services that live wherever they were installed.
 *
 * @inline
 */
interface BaseUrlRequired {
  /** Where the service is: an absolute address, and what paths given to `fetch` are appended to. */
  baseUrl: string | URL;
}

/**
 * Masivo's storefront API guide: the key is exchanged for a token of one hour.
 *
 * @inline
 */
interface MasivoConfig {
  /** The `x-api-key` of the storefront. */
  apiKey: Credential;
}

/**
 * MASV's API guide: a user's token lasts some days; an API key is sent as it is. Password login needs MFA off.
 *
 * @inline
 */
type MasvConfig =
  | { email: Credential; password: Credential; apiKey?: never }
  | { apiKey: Credential; email?: never; password?: never };

/**
 * A service of the `POST /auth/login` kind; its token lasts two hours.
 *
 * @inline
 */
type LoginConfig = BaseUrlRequired & {
  /** The start of every `session_id` that is sent: a fresh one is what makes the service give a new token. */
  session?: string | undefined;
  /** Default `/auth/login`. */
  loginPath?: string | undefined;
  /** Where `logout()` tells the service; without it, the token is only forgotten here. */
  logoutPath?: string | undefined;
} & (
    | { apiKey: Credential; username?: never; password?: never; credentials?: never }
    | { username: Credential; password: Credential; apiKey?: never; credentials?: never }
    | {
        /** Sent as the members of the login request's body, by these names. */
        credentials: Readonly<Record<string, Credential>>;
        apiKey?: never;
        username?: never;
        password?: never;
      }
  );

/**
 * Brifle's API guide, `POST /v1/auth/login`.
 *
 * @inline
 */
interface BrifleConfig {
  key: Credential;
  secret: Credential;
}

/**
 * Masumi's payment service: a static key in the header `token`, no exchange.
 *
 * @inline
 */
interface MasumiConfig {
  apiKey: Credential;
  /** What the server speaks: `"0.28"` (default) is 0.27 and later, `"0.25"` is 0.10 to 0.25. */
  apiVersion?: "0.28" | "0.25" | undefined;
}

/**
 * The client credentials grant (RFC 6749 section 4.4), and refresh (section 6) where a refresh token came.
 *
 * @inline
 */
type OAuth2Config = BaseUrlRequired & {
  clientId: Credential;
  clientSecret: Credential;
  /** RFC 6749 section 3.3; an array is joined by spaces. */
  scope?: string | readonly string[] | undefined;
  /** For the authorization servers that want one. */
  audience?: string | undefined;
  /** RFC 8707; an array is sent as one parameter each. */
  resource?: string | readonly string[] | undefined;
  /** How the client authenticates (RFC 6749 section 2.3.1): `"basic"` (default), or `"post"` in the body. */
  clientAuth?: "basic" | "post" | undefined;
} & (
    | { tokenUrl: string | URL; issuer?: never }
    | {
        /** Asked where its token endpoint is (RFC 8414, OpenID Connect Discovery). */
        issuer: string | URL;
        tokenUrl?: never;
      }
  );

/**
 * Any other service that gives a token for a request, described by data.
 *
 * @inline
 */
interface CustomConfig extends BaseUrlRequired {
  /** What `{{name}}` in the request stands for. */
  credentials: Readonly<Record<string, Credential>>;
  /** The request; `{{name}}` in a header or a string of the body stands for a credential. */
  request: {
    method: string;
    /** Starts with `/`; appended to `baseUrl`. */
    path: string;
    headers?: Readonly<Record<string, string>> | undefined;
  } & (
    | { encoding: "json"; body?: Json | undefined }
    | { encoding: "form"; body?: Readonly<Record<string, string>> | undefined }
  );
  /** Where in the answer things are, as JSON pointers (RFC 6901): `"/data/token"`. */
  response: {
    token: string;
    /** To a number of seconds. */
    expiresIn?: string | undefined;
    /** To an instant: seconds since 1970, or an ISO 8601 text. */
    expiresAt?: string | undefined;
  };
  attach: Attach;
}

/**
 * Tokens from the caller's own function: in a page, it asks the page's own backend, which holds the key.
 *
 * @inline
 */
interface TokenConfig extends BaseUrlRequired {
  /** Gives a token, and how many seconds it lasts if its own `exp` does not say. The signal aborts at the `timeout`. */
  acquire: (signal: AbortSignal) => Promise<{ token: string; expiresIn?: number | undefined }>;
  /** Default `Authorization: Bearer`. */
  attach?: Attach | undefined;
}

/**
 * What each provider must be told, besides {@link CommonConfig}. A credential is a string, or a function that gives one
 * or a promise of one.
 *
 * @example
 * ```ts
 * const config: ConfigMap["oauth2"] = {
 *   baseUrl: "https://api.example.com",
 *   issuer: "https://id.example.com",
 *   clientId: "reports",
 *   clientSecret: () => vault.read("reports"),
 *   scope: ["read", "write"],
 * };
 * ```
 */
export interface ConfigMap {
  /** `baseUrl` defaults to `https://app.masivo.ai/api/storefront/v1`. */
  masivo: MasivoConfig;
  /** `baseUrl` defaults to `https://api.massive.app`. */
  masv: MasvConfig;
  login: LoginConfig;
  /** `baseUrl` defaults to `https://api.brifle.de`. */
  brifle: BrifleConfig;
  /** `baseUrl` defaults to `http://localhost:3001/api/v1`. */
  masumi: MasumiConfig;
  oauth2: OAuth2Config;
  custom: CustomConfig;
  token: TokenConfig;
}

/**
 * The kinds of service that a client can be of.
 *
 * @example
 * ```ts
 * const provider: ProviderName = "masivo";
 * ```
 */
export type ProviderName = keyof ConfigMap;

/**
 * What every client may be told. All durations are seconds, all instants are `Date`.
 *
 * @example
 * ```ts
 * const common: CommonConfig = {
 *   refreshBefore: 60,
 *   timeout: 5,
 *   onEvent: (event) => log.debug(event),
 * };
 * ```
 */
export interface CommonConfig {
  /** Where the service is: an absolute address, and what paths given to `fetch` are appended to. */
  baseUrl?: string | URL | undefined;
  /** Where tokens are asked for, if not where `baseUrl` says. */
  tokenUrl?: string | URL | undefined;
  /** Seconds before expiry from which a token is refreshed; default 300, or a fifth of its lifetime if that is less. */
  refreshBefore?: number | undefined;
  /** Seconds for one attempt of Latchkey's own requests; default 10, at most 600. The caller's have the caller's signal. */
  timeout?: number | undefined;
  /** How often those of Latchkey's own requests that are safe to repeat are; default 3. No wait exceeds 30 s. */
  retries?: number | undefined;
  /**
   * What requests are made with; default `globalThis.fetch`.
   *
   * @example
   * ```ts
   * fetch: async (input, init) => Response.json({ data: "a.b.c" }), // for a test
   * ```
   */
  fetch?: typeof globalThis.fetch | undefined;
  /**
   * The clock, for tests. A `Date`, so not `Date.now`.
   *
   * @example
   * ```ts
   * now: () => new Date("2030-01-01T00:00:00Z"),
   * ```
   */
  now?: (() => Date) | undefined;
  /**
   * Where the token is shared with clients on other machines; default: it is kept here, in memory.
   *
   * @example
   * ```ts
   * import { fromRedis } from "latchkey/stores";
   *
   * const client = new Client({ provider: "masivo", apiKey, store: fromRedis(redis), encryptionKey });
   * ```
   */
  store?: TokenStore | undefined;
  /** Separates tenants in a store. Required with one where a credential is a function, or has a name of your own. */
  partition?: string | undefined;
  /**
   * What records in the store are encrypted by, AES-256-GCM: 32 bytes, or a `CryptoKey` that may encrypt and decrypt. Of several
   * the first encrypts and all decrypt, so that a key can be changed for another.
   */
  encryptionKey?: Uint8Array | CryptoKey | readonly (Uint8Array | CryptoKey)[] | undefined;
  /** Whether a store may be had without an `encryptionKey`: whoever reads it then has the tokens. Default false. */
  plaintext?: boolean | undefined;
  /** Origins besides that of `baseUrl` that the credential may be sent to: `"https://files.example.com"`. */
  allowedOrigins?: readonly string[] | undefined;
  /** Whether plain http to a host that is not loopback is allowed, as on a private network; default false. */
  allowHttp?: boolean | undefined;
  /**
   * Told what happens inside, without secrets. If it throws, that is reported and ignored.
   *
   * @example
   * ```ts
   * onEvent: ({ type, provider, at }) => log.debug({ type, provider, at }),
   * ```
   */
  onEvent?: ((event: ClientEvent) => void) | undefined;
  /**
   * Keeps a refresh alive in an edge worker, whose request would end it otherwise: the `waitUntil` of the current request, or a
   * function that gives it. Without it the next request takes the refresh over.
   */
  waitUntil?: WaitUntil | (() => WaitUntil | undefined) | undefined;
}

/**
 * The `waitUntil` of an edge worker's request: it lives on until the work has ended.
 *
 * @example
 * ```ts
 * const waitUntil: WaitUntil = (work) => context.waitUntil(work);
 * ```
 */
export type WaitUntil = (work: Promise<unknown>) => void;
