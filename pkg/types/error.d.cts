import type { ProviderName } from "./config.cjs";

/**
 * What went wrong, as a word that stays the same from version to version: switch on this, never on a message.
 *
 * @example
 * ```ts
 * catch (error) {
 *   if (error instanceof LatchkeyError && error.code === "ERR_UNAUTHORIZED") askForAnotherKey();
 * }
 * ```
 */
export type ErrorCode =
  /** The configuration or an argument is wrong; `issues` names every field. Thrown, not rejected, by a constructor. */
  | "ERR_CONFIG"
  /** A credential function threw or gave no usable string; `cause` says why. */
  | "ERR_CREDENTIAL"
  /** No answer came: DNS, a refused or cut connection, TLS, CORS. */
  | "ERR_NETWORK"
  /** An attempt took longer than `timeout`. */
  | "ERR_TIMEOUT"
  /** The service does not accept the credential: wrong, expired or revoked (mostly 401). */
  | "ERR_UNAUTHORIZED"
  /** The credential is good but has too few rights. Masumi says so with 401 "… access required". */
  | "ERR_FORBIDDEN"
  /** There is no such key, route or realm (404). */
  | "ERR_NOT_FOUND"
  /** The request contradicts the state of things: at the service (409), or here, as revoking the key in use does. */
  | "ERR_CONFLICT"
  /** The service calls the request wrong (400, 422); `issues` where it says which fields. */
  | "ERR_INVALID_REQUEST"
  /** Too many requests (429), or a wait of more than 30 s was asked for; `retryAfter` says how long. */
  | "ERR_RATE_LIMITED"
  /** The service failed (5xx), and still did after the retries. */
  | "ERR_SERVER"
  /** The answer is not what the service's guide promises: HTML, nothing, too long, no token in it. */
  | "ERR_RESPONSE"
  /** A redirect that is not followed: of a token request, from https to http, or any in a browser. */
  | "ERR_REDIRECT"
  /** The address is outside `baseUrl` and `allowedOrigins`, or plain http. Nothing was sent. */
  | "ERR_ORIGIN"
  /** The connection broke after a changing request was sent. It was not repeated; the message says how to find out. */
  | "ERR_OUTCOME_UNKNOWN"
  /** The text is not a JWT; the message says what is wrong with it. */
  | "ERR_TOKEN_MALFORMED"
  /** The token has expired and cannot be asked for again, or a new one lives shorter than `minValidity` asks. */
  | "ERR_TOKEN_EXPIRED"
  /** A signature does not match. */
  | "ERR_SIGNATURE"
  /** A claim is missing or not as required. */
  | "ERR_CLAIM"
  /** The provider, runtime or algorithm cannot do this; the message says what can. */
  | "ERR_UNSUPPORTED"
  /** A token store failed. */
  | "ERR_STORE"
  /** The client was freed. */
  | "ERR_CLOSED";

/**
 * Every rejection and every throw of this module, save an abort, which rejects with the signal's own reason.
 * Neither its message nor its cause holds a secret, so it can be logged as it is.
 *
 * @example
 * ```ts
 * try {
 *   await client.token();
 * } catch (error) {
 *   if (!(error instanceof LatchkeyError)) throw error;
 *   if (error.code === "ERR_RATE_LIMITED") console.warn(`again in ${error.retryAfter} s`);
 *   for (const { path, message } of error.issues ?? []) console.warn(`${path}: ${message}`);
 * }
 * ```
 */
export class LatchkeyError extends Error {
  private constructor();
  readonly name: "LatchkeyError";
  /** What went wrong. */
  readonly code: ErrorCode;
  /** Of the client that it happened to. */
  readonly provider?: ProviderName;
  /** The HTTP status of the answer, where one came. */
  readonly status?: number;
  /** Seconds to wait before another try, where the service says so (`Retry-After`, RFC 9110 section 10.2.3). */
  readonly retryAfter?: number;
  /** Whether the same call may succeed later with nothing changed. */
  readonly retryable: boolean;
  /** Which fields are wrong, and how: `path` is like `apiKey`, `request.path` or `credits[0].amount`. */
  readonly issues?: { path: string; message: string }[];
  /** What caused it: a copy, scrubbed of every secret that the client holds. */
  readonly cause?: unknown;
}

/**
 * A secret that this module hands out, such as a new key. It prints `[redacted]` in `console`, `util.inspect`,
 * `String`, `JSON.stringify` and errors; only {@link Secret.reveal} gives the text.
 *
 * @example
 * ```ts
 * const { secret } = await masumi.keys.create({ permission: "Read" });
 * console.log(secret);                  // [redacted]
 * await vault.write("masumi", secret.reveal());
 * ```
 */
export class Secret {
  private constructor();
  /**
   * The text itself. Whoever calls this answers for where it goes.
   *
   * @example
   * ```ts
   * await vault.write("masumi", secret.reveal());
   * ```
   */
  reveal(): string;
  /**
   * `[redacted]`
   *
   * @example
   * ```ts
   * `${secret}`; // "[redacted]"
   * ```
   */
  toString(): string;
  /**
   * `[redacted]`
   *
   * @example
   * ```ts
   * JSON.stringify({ secret }); // '{"secret":"[redacted]"}'
   * ```
   */
  toJSON(): string;
}
