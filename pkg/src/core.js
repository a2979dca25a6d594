// The exports of the module, and how a text crosses: written into its memory, read out of it. What each call means is said in
// the Rust sources, in `src/js/`.

import { freshId, parseUrl, random } from "./host.js";
import { LatchkeyError, inUnits } from "./values.js";

/** What a call answers that failed; then the text that goes out says why. */
const FAILED = 0xffffffff;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

let wasm;
let bytes = new Uint8Array();

/** Does that once it is needed, where an entry has not done it. */
let bring;

export function bringBy(how) {
  bring = how;
}

export const isThere = () => wasm !== undefined;

/** To be called before anything of the core is: afterwards it is there. Costs next to nothing when it already was. */
export function start() {
  if (!wasm) bring();
}

/** Brings the module in. Nothing works before. */
export function instantiate(module) {
  const host = {
    random,
    freshId: () => write(freshId()),
    parseUrl: (at, length, baseAt, baseLength) => {
      const url = parseUrl(read(at, length), baseLength ? read(baseAt, baseLength) : undefined);
      return url === undefined ? FAILED : write(url);
    },
  };
  wasm = new WebAssembly.Instance(module, { host }).exports;
}

/** So many bytes of the memory. When that grows, another one takes its place, and this one has no length any more. */
function part(at, length) {
  if (!bytes.length) bytes = new Uint8Array(wasm.memory.buffer);
  at >>>= 0;
  return bytes.subarray(at, at + length);
}

/** Writes a text where the core reads it, and bytes after it, if there are any. Tells the text's length there. */
function write(text, after, most = text.length) {
  const size = after ? most + after.length : most;
  const place = part(wasm.room(size), size);
  const { read, written } = encoder.encodeInto(text, place);
  // What is not ASCII takes up to three bytes for each of JavaScript's characters.
  if (read < text.length || written > most) return write(text, after, text.length * 3);
  if (after) place.set(after, written);
  return written;
}

const read = (at, length) => decoder.decode(part(at, length));

const output = () => read(wasm.output(), wasm.output_length());

/** A `LatchkeyError` of what the core says of it. */
export function errorOf({ code, message, cause, ...details }) {
  // A copy, whose stack would only say that it was copied.
  if (cause) details.cause = Object.assign(new Error(cause.message), { name: cause.name, stack: undefined });
  return new LatchkeyError(code, message, inUnits(details));
}

function checked(answer, failed = answer >>> 0 === FAILED) {
  if (failed) throw errorOf(JSON.parse(output()));
  return answer;
}

// ---- JWT

export function decode(token) {
  checked(wasm.decode(write(token)));
  return output();
}

export function expiresAt(token) {
  const end = wasm.expires_at(write(token));
  return checked(end, isNaN(end));
}

export function isExpired(token, options = "") {
  const length = write(token);
  const expired = wasm.is_expired(options ? write(token + options) : length, length, Date.now());
  return checked(expired, expired === 2) === 1;
}

/** What is asked of tokens, as the core last read it. */
let policy;

function ask(options) {
  if (options === policy) return;
  policy = undefined;
  checked(wasm.policy(write(options)));
  policy = options;
}

/** Verifies by a secret: bytes, or the text of a JWK. */
export function verify(options, token, key) {
  ask(options);
  const isText = typeof key === "string";
  const length = write(token, isText ? undefined : key);
  const whole = isText ? write(token + key) : length + key.length;
  checked(wasm.verify(length, whole, isText, Date.now()));
  return output();
}

/** Verifies by the text of a key, or by a key set of this number. */
export function verifying(options, token, key, set = FAILED) {
  ask(options);
  const length = write(token);
  return new Task(wasm.verifying(set, length, write(token + key)));
}

// ---- clients

/** Gives back what nobody can reach any more: a client that was dropped, work whose promises an edge isolate has orphaned. */
const orphans = globalThis.FinalizationRegistry && new FinalizationRegistry((number) => wasm.release(number));

/** Something that the core holds, by its number. */
class Held {
  constructor(number) {
    this.number = checked(number);
    orphans?.register(this, number, this);
  }

  /** Gives the flight up that is out. */
  overtake() {
    wasm.overtake(this.number);
  }

  release() {
    orphans?.unregister(this);
    wasm.release(this.number);
  }
}

/** A client. Its methods are the exports that take one. */
export class Core extends Held {
  /** The JSON text of why it is closed, once it is. */
  #why;

  static open(config) {
    return new Core(wasm.open(write(config)));
  }

  derive(what) {
    return new Core(wasm.derive(this.open, write(what)));
  }

  state(now) {
    checked(wasm.state(this.open, now));
    return output();
  }

  /** The token that can be given at once, and up to when it can; nothing if there is none. */
  cached(now) {
    const until = wasm.cached(this.number, now);
    return isNaN(until) ? undefined : { token: output(), until };
  }

  /** The first hop of a request to this target, then the generation of the token in it; nothing if it cannot be sent at once. */
  ready(target, now) {
    const generation = wasm.ready(this.number, write(target), now);
    if (isNaN(generation)) return undefined;
    return [...JSON.parse(output()).slice(0, -1), generation];
  }

  start(call) {
    return new Task(wasm.start(this.open, write(call)));
  }

  talk(what) {
    return new Talk(this, wasm.talk(this.open, write(what)));
  }

  checkKeys() {
    this.talk('["status",{},null]').release();
  }

  invalidate() {
    checked(wasm.invalidate(this.open));
    return output();
  }

  /** Ends it. Its number is nobody's from now on, or another's. */
  close() {
    orphans?.unregister(this);
    wasm.close(this.number);
    this.#why = output();
    this.number = FAILED;
  }

  /** What fails because it is closed fails with this. */
  get closed() {
    return errorOf(JSON.parse(this.#why));
  }

  /** Its number, for what it has to be open for. */
  get open() {
    if (this.#why) throw this.closed;
    return this.number;
  }
}

/** A key set, at its endpoint. */
export class KeySet extends Held {
  static open(where) {
    return new KeySet(wasm.jwks(write(where)));
  }
}

/** The pages of a list, or the steps of a rotation: they belong to a client, and end with it. */
class Talk extends Held {
  #core;

  constructor(core, number) {
    super(number);
    this.#core = core;
  }

  say(step) {
    return this.#core.open, new Task(wasm.say(this.number, step));
  }
}

/** Work that is going on. */
class Task extends Held {
  /** What it needs next. `came` of the effect before is nothing yet (0), a result (1) or a failure (2), of this text. */
  resume(now, came, text) {
    checked(wasm.resume(this.number, came ? write(text) : 0, came, now));
    return output();
  }

  /** Work of this number, which this one wants to go on on its own. */
  other(number) {
    return new Task(number);
  }
}
