// For Cloudflare's workerd, which compiles no bytes: it brings modules compiled.

import core from "./core.wasm";
import { instantiate } from "./core.js";

instantiate(core);

export * from "./index.js";

/** There is nothing left to do, and nothing else that could be compiled. */
export async function ready() {}
