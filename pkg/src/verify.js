// Verification as a developer sees it. The core decides; here the platform's Web Crypto does what it asks for, and what was paid for
// is kept: keys that were imported, and key sets.

import * as core from "./core.js";
import { checkSignature, describeKey, importKey } from "./crypto.js";
import { Driver } from "./driver.js";
import { withSignal } from "./effects.js";
import { encode, functionOf, must, mustBeObject, signalOf, tag, wrong } from "./encode.js";
import { text } from "./jwt.js";

/** How many keys, and how many key sets, are kept: more than a program has that serves many tenants. */
const MOST = 200;

/** Keeps what a name stands for, and as many others. */
function keep(kept, name, value) {
  if (kept.size === MOST) kept.delete(kept.keys().next().value);
  kept.set(name, value);
  return value;
}

// ---- keys

/** Keys that were imported, by what was imported: where that is the same, so is the key. */
const imported = new Map();

/** Drives the verification of a token: what a client's driver does, and Web Crypto. */
class Verifier extends Driver {
  async import([alg, key], about) {
    const name = alg + key;
    about.key = imported.get(name) ?? keep(imported, name, await importKey(alg, key));
    return describeKey(about.key);
  }

  check([alg], { token, key }) {
    return checkSignature(alg, key, token);
  }
}

const verifier = new Verifier(undefined, [], {});

// ---- key sets

/** The sets by where they are, so that whoever names the same has the same. */
const sets = new Map();

/** A key set. There is nothing to see of it. */
class Jwks {
  static name = "Jwks";
  #core;
  #verifier;

  constructor(where, fetch) {
    this.#core = core.keySet(where);
    this.#verifier = new Verifier(this.#core, [], { fetch });
  }

  /** Verifies a token by this set. */
  static verify(set, policy, token) {
    must(#core in Object(set), set, "jwks", "what jwks(url) gave");
    return set.#verifier.perform(core.verifying(policy, token, "", set.#core.number), { token });
  }
}

function setAt(where, fetch) {
  const name = encode(where);
  const kept = sets.get(name);
  return kept && kept.fetch === fetch ? kept.set : keep(sets, name, { set: new Jwks(name, fetch), fetch }).set;
}

export function jwks(url, options = {}) {
  core.start();
  const { fetch: _fetch, ...rest } = mustBeObject(options, "options");
  return setAt({ ...rest, url }, functionOf(options, "fetch"));
}

/** The set that is to have the key, where none was given. */
function setOf(jwks, url, issuer) {
  if (jwks !== undefined) return jwks;
  if (url !== undefined) return setAt({ url });
  if (typeof issuer === "string") return setAt({ issuer });
  throw wrong("key", "is required: give one of key, jwks and jwksUrl, or one issuer");
}

// ---- verify

/** What was asked of the last token, and its text as the core reads it. */
let last = {};

/** What is no part of that. */
const APART = "key jwks jwksUrl signal".split(" ");

/** The options as the core reads them. Most programs ask the same of every token, and to see that is quicker than to write it again. */
function policyOf(options) {
  const names = Object.keys(options);
  const isLast = (name, at) => name === last.names[at] && (APART.includes(name) || isSame(options[name], last.asked[name]));
  if (names.length !== last.names?.length || !names.every(isLast)) {
    const { key: _key, jwks: _jwks, jwksUrl: _jwksUrl, signal: _signal, ...asked } = options;
    const policy = encode(asked);
    // What was undefined is not there, and is not to be found at what every object has.
    last = { names, policy, asked: { __proto__: null, ...JSON.parse(policy) } };
  }
  return last.policy;
}

/** Whether this is what was kept. Any object but a list may have changed within, and is not. */
function isSame(value, kept) {
  if (!Array.isArray(value) || !Array.isArray(kept)) return value === kept;
  return value.length === kept.length && kept.every((item, at) => isSame(value[at], item));
}

export async function verify(token, options) {
  text(token);
  // Most are plain, which is told faster so.
  if (options?.constructor !== Object) mustBeObject(options, "options");
  const { key, jwks, jwksUrl, issuer } = options;
  const policy = policyOf(options);
  if ((key !== undefined) + (jwks !== undefined) + (jwksUrl !== undefined) > 1) throw wrong("key", "give one of key, jwks and jwksUrl");
  // HMAC is of the core, and done at once.
  if (key?.[Symbol.toStringTag] === "Uint8Array") return JSON.parse(core.verify(policy, token, key));
  if (key?.kty === "oct") return JSON.parse(core.verify(policy, token, encode(key)));
  const work = () => {
    if (key === undefined) return Jwks.verify(setOf(jwks, jwksUrl, issuer), policy, token);
    const said = tag(key) === "CryptoKey" ? describeKey(key) : typeof key === "string" ? key : encode(key);
    return verifier.perform(core.verifying(policy, token, said), { token, key });
  };
  return withSignal(signalOf(options, "options.signal"), work);
}
