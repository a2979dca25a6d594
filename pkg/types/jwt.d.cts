import type { LatchkeyError } from "./error.cjs";

/**
 * The header of a JWT (RFC 7515 section 4.1). It comes from whoever made the token and is not verified.
 *
 * @example
 * ```ts
 * const { header } = decode(token);
 * header.kid; // string | undefined
 * ```
 */
export interface Header {
  /** The algorithm that the token claims to be signed with: never choose a verifier by it. */
  alg?: string;
  /** The media type of the token, mostly `"JWT"` or `"at+jwt"`. */
  typ?: string;
  /** The media type of the payload. */
  cty?: string;
  /** Which of the issuer's keys. */
  kid?: string;
  /** Header members that a verifier must understand. */
  crit?: string[];
  [member: string]: unknown;
}

/**
 * The payload of a JWT (RFC 7519 section 4.1) as it stands in the token: the three instants are JSON numbers,
 * **seconds** since 1970-01-01T00:00Z. For a `Date`, ask {@link expiresAt}. Only those three are checked to be what
 * they should be.
 *
 * @example
 * ```ts
 * const { claims } = decode<Claims & { tenant: string }>(token);
 * claims.tenant; // string
 * ```
 */
export interface Claims {
  /** Who issued the token. */
  iss?: string;
  /** Whom it is about. */
  sub?: string;
  /** Whom it is for. */
  aud?: string | string[];
  /** When it expires, in seconds since 1970. */
  exp?: number;
  /** Before when it does not hold, in seconds since 1970. */
  nbf?: number;
  /** When it was issued, in seconds since 1970. */
  iat?: number;
  /** The token's own id. */
  jti?: string;
  [claim: string]: unknown;
}

/**
 * Reads a JWT (RFC 7519, compact form of RFC 7515) strictly. It **verifies nothing**: neither signature nor expiry.
 *
 * @typeParam C - what the caller expects of the payload; an assertion, which nothing checks.
 * @param token - the bare token, without `Bearer `.
 * @throws {@link LatchkeyError} `ERR_TOKEN_MALFORMED`: not three segments; padding, white space or the standard
 * alphabet in one; invalid UTF-8 or JSON; a member named twice; a payload that is no object; an `exp`, `nbf` or `iat`
 * that is no number in range; nested or long beyond bounds. The message says which.
 *
 * @example
 * ```ts
 * const { header, claims } = decode(token);
 * console.log(header.alg, claims.sub);
 * ```
 */
export function decode<C = Claims>(token: string): { header: Header; claims: C };

/**
 * When a JWT expires (`exp`, RFC 7519 section 4.1.4); `undefined` if it never does. Verifies nothing.
 *
 * @throws {@link LatchkeyError} `ERR_TOKEN_MALFORMED`, as {@link decode}.
 *
 * @example
 * ```ts
 * expiresAt(token)?.toISOString(); // "2026-01-01T00:00:00.000Z"
 * ```
 */
export function expiresAt(token: string): Date | undefined;

/**
 * Whether a JWT has expired: at the instant `exp` itself it has (RFC 7519 section 4.1.4). Verifies nothing.
 *
 * @param options.leeway - seconds that the token is taken to live longer, for clocks that differ; default 0.
 * @param options.now - the instant to judge at; default: the local clock's.
 * @throws {@link LatchkeyError} `ERR_TOKEN_MALFORMED`, as {@link decode}; `ERR_CONFIG` for a leeway that is negative or
 * no number, or a `now` that is no valid `Date`.
 *
 * @example
 * ```ts
 * if (isExpired(token, { leeway: 30 })) await signIn();
 * ```
 */
export function isExpired(token: string, options?: { leeway?: number | undefined; now?: Date | undefined }): boolean;
