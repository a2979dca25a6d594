// For Node, and whoever else requires: the core is inside, in the form that Node reads at once.

import core from "./core.bin";
import { provide } from "./module.js";

provide(() => globalThis.Buffer?.from(core, "base64") ?? Uint8Array.from(atob(core), (char) => char.charCodeAt(0)));

export * from "./index.js";
