// For Node, Deno, Bun, browsers and their bundlers: the core is inside, so no file of it can be lost on the way.

import core from "./core.hex";
import { provide } from "./module.js";

provide(() => Uint8Array.fromHex?.(core) ?? globalThis.Buffer?.from(core, "hex") ?? bytes(core));

/** The same for engines that have neither. */
function bytes(hex) {
  // A letter has bit 6 set, and counts from 1.
  const digit = (at) => (hex.charCodeAt(at) & 15) + (hex.charCodeAt(at) >> 6) * 9;
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) => digit(2 * at) * 16 + digit(2 * at + 1));
}

export * from "./index.js";
