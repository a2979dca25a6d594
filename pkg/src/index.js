// All that the package exports, for an entry that brings the core.

export { sessionId } from "./base-client.js";
export { Client } from "./client.js";
export { decode, expiresAt, isExpired } from "./jwt.js";
export { LatchkeyError, Secret } from "./values.js";
export { instantiate } from "./core.js";
