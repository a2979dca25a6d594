import type { LatchkeyError } from "./error.cjs";
import type { Claims, Header } from "./jwt.cjs";

/**
 * An algorithm of a signature (RFC 7518 section 3.1, RFC 8037 section 3.1). There is no `none`.
 *
 * @example
 * ```ts
 * const algorithms: Algorithm[] = ["ES256", "EdDSA"];
 * ```
 */
export type Algorithm =
  | "HS256"
  | "HS384"
  | "HS512"
  | "RS256"
  | "RS384"
  | "RS512"
  | "PS256"
  | "PS384"
  | "PS512"
  | "ES256"
  | "ES384"
  | "ES512"
  | "EdDSA";

/**
 * A key set at its address, as {@link jwks} gives it: kept for as long as its `Cache-Control` says, from a minute to a day, and
 * shared by all who name the same address.
 *
 * @example
 * ```ts
 * const keys: Jwks = jwks("https://issuer.example/jwks");
 * ```
 */
export class Jwks {
  private constructor();
  #set;
}

/**
 * What is asked of a token. The key comes from exactly one of `key`, `jwks` and `jwksUrl`; without any, from the document of
 * `issuer`, which then is one.
 *
 * @example
 * ```ts
 * const options: VerifyOptions = { jwksUrl: "https://issuer.example/jwks", issuer: "https://issuer.example", audience: "api" };
 * ```
 */
export interface VerifyOptions {
  /**
   * The key: the bytes of a secret, a public key in PEM (`-----BEGIN PUBLIC KEY-----`), a JWK, or a `CryptoKey`. It serves one
   * algorithm. RSA has at least 2048 bits, and a secret as many bytes as its hash.
   */
  key?: Uint8Array | string | JsonWebKey | CryptoKey;
  /** The address of the issuer's keys: https, or this machine. */
  jwksUrl?: string | URL;
  /** The issuer's keys, as {@link jwks} gave them. */
  jwks?: Jwks;
  /** The algorithms that are allowed; may be left out where the key names its own, or is bound to it by its curve. */
  algorithms?: Algorithm[];
  /** Who may have issued it (`iss`): one of these. */
  issuer?: string | string[];
  /** Whom it has to be for (`aud`): one of these. A token with an `aud` is refused where this is left out. */
  audience?: string | string[];
  /** Whom it has to be about (`sub`). */
  subject?: string;
  /** The type that its header has to name (`typ`), as `at+jwt`. */
  typ?: string;
  /** The most seconds since it was issued (`iat`). */
  maxAge?: number;
  /** Seconds by which clocks may differ; default 0. */
  leeway?: number;
  /** Claims that have to be there. */
  required?: string[];
  /** The instant to judge at; default: the local clock's. */
  now?: Date;
  /** Ends the wait for keys, and for nobody else. */
  signal?: AbortSignal;
}

/**
 * Verifies a JWT: its header, its signature, its claims, in this order.
 *
 * @typeParam C - what the caller expects of the payload; an assertion, which nothing checks.
 * @param token - the bare token, without `Bearer `.
 * @throws {@link LatchkeyError} `ERR_TOKEN_MALFORMED`: no JWT, or one whose header wants more than there is. `ERR_SIGNATURE`: the
 * signature is not that of the key, or there is no such key. `ERR_TOKEN_EXPIRED`: `exp` or `maxAge` has passed. `ERR_CLAIM`:
 * another claim is not as asked. `ERR_CONFIG`: the options or the key are wrong. `ERR_UNSUPPORTED`: the platform has no such
 * algorithm. Where keys have to be fetched also `ERR_NETWORK`, `ERR_TIMEOUT`, `ERR_RESPONSE` and what else a request ends in.
 *
 * @example
 * ```ts
 * const { claims } = await verify(token, { issuer: "https://issuer.example", audience: "api", algorithms: ["ES256"] });
 * console.log(claims.sub);
 * ```
 */
export function verify<C = Claims>(token: string, options: VerifyOptions): Promise<{ header: Header; claims: C }>;

/**
 * The key set at an address: for {@link VerifyOptions.jwks}, where the request for it is to be sent in a way of its own. Nothing is
 * sent before a token is verified.
 *
 * @param options.fetch - what sends the request; default: the global one.
 * @param options.timeout - seconds for the request; default 10.
 * @throws {@link LatchkeyError} `ERR_CONFIG`: an address that is not https, unless it is this machine's, or an option that is wrong.
 *
 * @example
 * ```ts
 * const keys = jwks("https://issuer.example/jwks", { timeout: 3 });
 * const { claims } = await verify(token, { jwks: keys, algorithms: ["RS256"], audience: "api" });
 * ```
 */
export function jwks(url: string | URL, options?: { fetch?: typeof globalThis.fetch; timeout?: number }): Jwks;
