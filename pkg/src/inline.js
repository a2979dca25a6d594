// For Deno, Bun, browsers and their bundlers: the core is inside, so no file of it can be lost on the way.

import core from "./core.txt";
import { provide } from "./module.js";

provide(() => bytes(core));

/** The bytes of the core. `xtask/src/inline.rs` says how they are written: so that the least is to be downloaded. */
function bytes(text) {
  const codes = new TextEncoder().encode(text);
  const meant = Uint8Array.from({ length: 128 }, (_, code) => code);
  const shifts = new Uint8Array(128);
  codes.subarray(0, 32).forEach((code, byte) => (meant[code] = byte));
  codes.subarray(32, 35).forEach((code, at) => (shifts[code] = 95 * (at + 1)));
  let size = 0;
  for (let at = 35; at < codes.length; at++) {
    const shift = shifts[codes[at]];
    // What is read is never behind what is written, so one array does for both.
    codes[size++] = shift ? codes[++at] + shift : meant[codes[at]];
  }
  return codes.subarray(0, size);
}

export * from "./index.js";
