// Node's entry: the core is inside, and compiled when the module is loaded.

import module from "./core.wasm";
import { initSync } from "./core.js";
import { Client } from "./client.js";
import { decode, expiresAt, isExpired } from "./jwt.js";
import { LatchkeyError, Secret } from "./values.js";

initSync({ module });

/** The core is there as soon as the module is: this only tells so. */
export async function ready() {}

export { Client, LatchkeyError, Secret, decode, expiresAt, isExpired };
