// Node's entry: the core is inside, and compiled when the module is loaded.

import core from "./core.hex";
import { instantiate } from "./index.js";

instantiate(new WebAssembly.Module(Buffer.from(core, "hex")));

/** The core is there as soon as the module is: this only tells so. */
export async function ready() {}

export { Client, LatchkeyError, Secret, decode, expiresAt, isExpired, sessionId } from "./index.js";
