// For Deno, Bun, browsers and their bundlers: the core is inside, so no file of it can be lost on the way.

import core from "./core.txt";
import { provide } from "./module.js";

provide(() => bytes(core));

/** The bytes of the core. `xtask/src/inline.rs` says how they are written: so that the least is to be downloaded. */
function bytes(text) {
  const codes = new TextEncoder().encode(text);
  const meant = Uint8Array.from({ length: 128 }, (_, code) => code);
  codes.subarray(0, 32).forEach((code, byte) => (meant[code] = byte));
  const [above, high] = codes.subarray(32);
  let size = 0;
  for (let at = 34, bit = 0; at < codes.length; at++) {
    const code = codes[at];
    if (code === high) {
      bit = 128;
    } else {
      // What is read is never behind what is written, so one array does for both.
      codes[size++] = (code === above ? codes[++at] + 1 : meant[code]) | bit;
      bit = 0;
    }
  }
  return codes.subarray(0, size);
}

export * from "./index.js";
