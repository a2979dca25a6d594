// Who brings the core, and when it is compiled: by itself at the first call that needs it, or by `ready` before that.

import { bringBy, instantiate as enter, isThere } from "./core.js";
import { kind, tag, wrong } from "./encode.js";
import { LatchkeyError } from "./values.js";

/** Gives the core, as bytes or compiled. `latchkey/slim` has none of its own. */
let inside;
let lastAttempt;

/** How an entry says where its core is, if it has one. Nothing is done with it yet. */
export function provide(core) {
  inside = core;
  bringBy(() => {
    if (!core) throw refusal("ERR_UNSUPPORTED", "the core is not there: in latchkey/slim, `await ready(source)` comes first");
    instantiate(core());
  });
}

/** Compiles the core without blocking, so that no later call has to. Safe to call at any time, and again after a failure. */
export async function ready(source) {
  // One after the other: the first compiles for all, and if it fails, the next one's own source has its turn.
  const attempt = Promise.resolve(lastAttempt).then(() => isThere() || load(source));
  lastAttempt = attempt.catch(() => {});
  await attempt;
}

async function load(source) {
  const core = await compile(source === undefined ? inside?.() : await follow(source));
  // A call may have needed it in the meantime.
  if (!isThere()) instantiate(core);
}

/** The module or the bytes that a source promises, holds or leads to. */
async function follow(source) {
  try {
    const given = await source;
    const response = tag(given) === "URL" ? await fetch(given) : given;
    if (tag(response) !== "Response") return given;
    if (response.ok) return await response.arrayBuffer();
    throw refusal("ERR_RESPONSE", `instead of the core, the answer is ${response.status}`, { status: response.status });
  } catch (thrown) {
    if (thrown instanceof LatchkeyError) throw thrown;
    throw refusal("ERR_NETWORK", "the core could not be had", { retryable: true }, thrown);
  }
}

async function compile(core) {
  if (tag(core) === "WebAssembly.Module") return core;
  const isBytes = ArrayBuffer.isView(core) || ["ArrayBuffer", "SharedArrayBuffer"].includes(tag(core));
  if (!isBytes) throw wrong("source", `must be a WebAssembly.Module, its bytes, a Response or a URL, not ${kind(core)}`);
  return WebAssembly.compile(core).catch(notCompiled);
}

function instantiate(core) {
  try {
    enter(tag(core) === "WebAssembly.Module" ? core : new WebAssembly.Module(core));
  } catch (thrown) {
    notCompiled(thrown);
  }
}

function notCompiled(thrown) {
  throw refusal("ERR_UNSUPPORTED", "the core cannot be compiled; a page's policy has to allow 'wasm-unsafe-eval'", {}, thrown);
}

function refusal(code, message, details, cause) {
  const why = cause && `: ${cause.message}`;
  return new LatchkeyError(code, message + (why ?? ""), { ...details, cause });
}
