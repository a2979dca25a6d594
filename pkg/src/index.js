// All that the package exports. An entry adds where the core comes from.

export { sessionId } from "./base-client.js";
export { Client } from "./client.js";
export { decode, expiresAt, isExpired } from "./jwt.js";
export { ready } from "./module.js";
export { LatchkeyError, Secret } from "./values.js";
export { jwks, verify } from "./verify.js";
