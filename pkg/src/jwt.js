// The functions of a JWT: a text goes in, and what was read of it comes out.

import * as core from "./core.js";
import { encode, kind } from "./encode.js";
import { LatchkeyError } from "./values.js";

/** The text that the core reads, once there is a core. */
export function text(token) {
  core.start();
  if (typeof token === "string") return token;
  throw new LatchkeyError("ERR_TOKEN_MALFORMED", `the token must be a string, not ${kind(token)}`);
}

export function decode(token) {
  return JSON.parse(core.decode(text(token)));
}

export function expiresAt(token) {
  const end = core.expiresAt(text(token));
  return end === Infinity ? undefined : new Date(end);
}

export function isExpired(token, options) {
  return core.isExpired(text(token), options === undefined ? "" : encode(options));
}
