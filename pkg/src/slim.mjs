// Wraps what `require` gives, so that whoever imports and whoever requires has one and the same module.
import latchkey from "./slim.cjs";

export const { Client, LatchkeyError, Secret, decode, expiresAt, isExpired, jwks, ready, sessionId, verify } = latchkey;
