// For Vercel's edge runtime, which compiles no bytes: it brings modules compiled, if they are asked for in this way.

import core from "./core.wasm?module";
import { instantiate } from "./core.js";

instantiate(core);

export * from "./index.js";

/** There is nothing left to do, and nothing else that could be compiled. */
export async function ready() {}
