// The exports of the module, and how a text crosses: written into its memory, read out of it. What each call means is said in
// the Rust sources, in `src/js/`.

import { freshId, parseUrl, random } from "./host.js";
import { LatchkeyError, inUnits } from "./values.js";

/** What a call answers that failed; then the text that goes out says why. */
const FAILED = -1;

export const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

let wasm;

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
    parseUrl: (at, length, baseAt, baseLength) => write(parseUrl(read(at, length), read(baseAt, baseLength))),
  };
  wasm = new WebAssembly.Instance(module, { host }).exports;
}

/** So many bytes of the memory, which is another one whenever it has grown. */
const part = (at, length) => new Uint8Array(wasm.memory.buffer, at >>> 0, length);

/** Writes a text where the core reads it, and bytes after it, if there are any. Tells the length of it all. */
function write(text, after = "", most = text.length) {
  const place = part(wasm.room(most + after.length), most + after.length);
  const { read, written } = encoder.encodeInto(text, place);
  // What is not ASCII takes up to three bytes for each of JavaScript's characters.
  if (read < text.length || written > most) return write(text, after, text.length * 3);
  if (after) place.set(after, written);
  return written + after.length;
}

const read = (at, length) => decoder.decode(part(at, length));

/** The text that went out last, of so many bytes if the call told that. */
const output = (length = wasm.output_length()) => read(wasm.output(), length);

/** A `LatchkeyError` of what the core says of it. */
export function errorOf({ code, message, cause, ...details }) {
  // A copy, whose stack would only say that it was copied.
  if (cause) details.cause = Object.assign(new Error(cause.message), { name: cause.name, stack: undefined });
  return new LatchkeyError(code, message, inUnits(details));
}

function checked(answer) {
  if (answer === FAILED) throw errorOf(JSON.parse(output()));
  return answer;
}

/** The text that a call let go out, of this length. */
const told = (length) => output(checked(length));

// ---- JWT

export function decode(token) {
  return told(wasm.decode(write(token)));
}

export function expiresAt(token) {
  const end = wasm.expires_at(write(token));
  if (isNaN(end)) checked(FAILED);
  return end;
}

export function isExpired(token, options) {
  const length = write(token);
  return checked(wasm.is_expired(options ? write(token + options) : length, length, Date.now())) === 1;
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
  const after = isText ? encoder.encode(key) : key;
  const length = write(token, after);
  return told(wasm.verify(length - after.length, length, isText, Date.now()));
}

/** Verifies by the text of a key, or by a key set of this number. */
export function verifying(options, token, key, set = FAILED) {
  ask(options);
  return new Task(wasm.verifying(set, write(token), write(token + key)));
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

/** A client, by the text of its configuration. */
export const openClient = (config) => new Core(wasm.open(write(config)));

/** A client. Its methods are the exports that take one. */
class Core extends Held {
  /** The JSON text of why it is closed, once it is. */
  #why;

  derive(what) {
    return new Core(wasm.derive(this.open, write(what)));
  }

  state(now) {
    return told(wasm.state(this.open, now));
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
    return told(wasm.invalidate(this.open));
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
export const keySet = (where) => new Held(wasm.jwks(write(where)));

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
export class Task extends Held {
  /** What it needs next. `came` of the effect before is nothing yet (0), a result (1) or a failure (2), of this text. */
  resume(now, came, text) {
    return told(wasm.resume(this.number, came ? write(text) : 0, came, now));
  }
}
