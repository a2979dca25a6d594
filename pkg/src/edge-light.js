// For Vercel's edge runtime, which compiles no bytes: it brings modules compiled, if they are asked for in this way.

import core from "./core.wasm?module";
import { provide, start } from "./module.js";

// It may be compiled in another realm than this one, and the glue asks whether it is an instance of this one's.
Object.setPrototypeOf(core, WebAssembly.Module.prototype);

provide(() => core);
start();

export * from "./index.js";

/** There is nothing left to do, and nothing else that could be compiled. */
export async function ready() {}
