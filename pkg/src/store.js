// A store that clients on many machines share, as one client sees it: names and records on their way there and back. What is
// read when, and what is believed of it, is decided in the core (`src/store.rs`).
//
// A record is a text: a byte for the version, then what that version says. With a key it is encrypted by AES-256-GCM, with the
// version and its own name as associated data, so that one which was copied from elsewhere is none.

import { encoder } from "./core.js";
import { bytesOf } from "./crypto.js";
import { Refusal, isEdge } from "./effects.js";
import { Mark, tag } from "./encode.js";
import { hex, randomBytes } from "./host.js";

const PLAIN = "0";
const SEALED = "1";
/** No record is longer: some stores take no more, and no token is nearly so long. */
const LONGEST = 65536;
/** How long the store may take, each time: ms. */
const DEADLINE = 3000;
const IV = 12;
const USAGES = ["encrypt", "decrypt"];

const decoder = new TextDecoder("utf-8", { fatal: true });

const isStore = (value) =>
  ["get", "set", "delete"].every((name) => typeof value?.[name] === "function") &&
  ["function", "undefined"].includes(typeof value.lease);

/** Whether each of them can encrypt and decrypt by AES-256-GCM. */
const isKeys = (keys) =>
  keys.length > 0 &&
  keys.every((key) => {
    if (tag(key) !== "CryptoKey") return tag(key) === "Uint8Array" && key.length === 32;
    const { algorithm, usages } = key;
    return algorithm.name === "AES-GCM" && algorithm.length === 256 && USAGES.every((usage) => usages.includes(usage));
  });

/** The members of a configuration that concern the store, as the core reads them. */
export const encodeStore = ({ store, encryptionKey }) => ({
  store: isStore(store) ? new Mark("store", !!store.lease) : store,
  encryptionKey: isKeys([encryptionKey].flat()) ? new Mark("other", "a key") : encryptionKey,
});

/** What the clients of a store have in common: what was made of their keys, and, by a record's name, the end of who leads. */
const common = new WeakMap();

/** What encrypts, and what names: of the bytes of a key, or of a key. */
async function keysOf(known, given) {
  const id = given.usages ? given : given.join();
  const making = known.get(id) ?? make(given);
  // In a worker, the promise of one request is of no use to another.
  known.set(id, isEdge() ? await making : making);
  return making;
}

async function make(given) {
  const { subtle } = crypto;
  const key = given.usages ? given : await subtle.importKey("raw", given, "AES-GCM", false, USAGES);
  // What it makes of nothing, under an IV that no record has, is a secret as good as the key, and one that HMAC takes.
  const secret = await subtle.encrypt({ name: "AES-GCM", iv: new Uint8Array(IV) }, key, new Uint8Array(32));
  return [key, await subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"])];
}

/** How a record of this name is encrypted. */
const sealing = (name, iv) => ({ name: "AES-GCM", iv, additionalData: encoder.encode(SEALED + name) });

export class Shared {
  #store;
  #common;
  #given;
  #keys;
  /** Where the record lies: under its first name, and before a key was changed for another, under the next. */
  #names;
  #lease;
  #until;
  /** How often a lease was given up, be it one that is still to come. */
  #givenUp = 0;
  /** While this client leads: ends what the others of this process wait for. */
  #finish;
  /** Each ends the wait for an answer; nothing once the client is freed. */
  #waits = new Set();

  constructor(store, encryptionKey = []) {
    this.#store = store;
    this.#common = common.get(store) ?? new Map();
    common.set(store, this.#common);
    // Whoever gave the bytes may wipe them.
    this.#given = [encryptionKey].flat().map((key) => (key.usages ? key : key.slice()));
  }

  /** Does what the core asks for. */
  async do([name, op, record, ttl]) {
    this.#names ??= await this.#prepare(encoder.encode(name));
    const lead = op === "lease" && this.#lead();
    let timer, end;
    const late = new Promise((resolve, reject) => {
      end = () => {
        // Who waits for another client has waited long enough, and looks for himself.
        if (lead) return resolve();
        this.#givenUp++;
        reject();
      };
    });
    // Where the process was too busy to look, what has come by then is heard first.
    timer = setTimeout(() => (timer = setTimeout(end)), DEADLINE);
    this.#waits?.add(end) ?? end();
    return Promise.race([lead || this[op](this.#names, Math.ceil(ttl / 1000), record), late]).finally(() => {
      clearTimeout(timer);
      this.#waits?.delete(end);
    });
  }

  /** The client is freed: nobody waits for an answer any more, and no timer is left behind. */
  close() {
    for (const end of this.#waits) end();
    this.#waits = undefined;
  }

  /**
   * The end of the flight of another client of this process that wants the same: one asks for the lease, and the others look what
   * it has left, as a thousand who all ask and wait would keep the process from anything else. In a worker each asks, as the
   * promise of one request is of no use to another.
   */
  #lead() {
    const [name] = this.#names;
    if (isEdge() || this.#finish) return;
    const lead = this.#common.get(name);
    if (!lead) this.#common.set(name, new Promise((resolve) => (this.#finish = resolve)));
    return lead;
  }

  /** The flight is over. */
  over() {
    if (!this.#finish) return;
    this.#common.delete(this.#names[0]);
    this.#finish();
    this.#finish = undefined;
  }

  async #prepare(name) {
    const { subtle } = crypto;
    const keys = await Promise.all(this.#given.map((given) => keysOf(this.#common, given)));
    this.#keys = keys.map(([key]) => key);
    const digests = keys.length ? keys.map(([, mac]) => subtle.sign("HMAC", mac, name)) : [subtle.digest("SHA-256", name)];
    const named = (digest) => `latchkey:${hex(new Uint8Array(digest))}`;
    return (await Promise.all(digests)).map(named);
  }

  // ---- by the names that the core gives them

  async get(names) {
    for (const name of names) {
      const value = await this.#store.get(name);
      if (value !== undefined && value !== null) return this.#open(name, value);
    }
    return "";
  }

  async set([name], ttl, record) {
    const value = await this.#seal(name, record);
    if (value.length > LONGEST) throw new Refusal("ERR_STORE", "too long a token");
    await this.#store.set(name, value, ttl, this.#lease);
  }

  async erase(names) {
    await Promise.all(names.map((name) => this.#store.delete(name)));
  }

  /** Whether it is this client's turn. It is if it was, as where one request of a worker goes on with what another began. */
  async lease([name], ttl) {
    const now = Date.now();
    if (now < this.#until) return 1;
    const givenUp = this.#givenUp;
    const lease = await this.#store.lease(name, ttl);
    if (lease && givenUp === this.#givenUp) {
      this.#lease = lease;
      this.#until = now + ttl * 1000;
      return 1;
    }
    // Where nobody here waits for it any more, others would wait until it ends.
    await lease?.release();
    return 0;
  }

  async release() {
    this.over();
    const lease = this.#lease;
    this.#lease = this.#until = undefined;
    this.#givenUp++;
    await lease?.release();
  }

  // ---- records

  async #seal(name, record) {
    const [key] = this.#keys;
    if (!key) return PLAIN + name + record;
    const iv = randomBytes(IV);
    const sealed = await crypto.subtle.encrypt(sealing(name, iv), key, encoder.encode(record));
    return SEALED + btoa(String.fromCharCode(...iv, ...new Uint8Array(sealed)));
  }

  /** The record in a value; for what is none, something that is no record. */
  async #open(name, value) {
    const start = this.#keys.length ? SEALED : PLAIN + name;
    if (typeof value === "string" && value.length <= LONGEST && value.startsWith(start)) {
      const rest = value.slice(start.length);
      if (start !== SEALED) return rest;
      for (const key of this.#keys) {
        try {
          const bytes = bytesOf(rest);
          return decoder.decode(await crypto.subtle.decrypt(sealing(name, bytes.slice(0, IV)), key, bytes.slice(IV)));
        } catch {
          // It is another key's, or nobody's.
        }
      }
    }
    return "?";
  }
}
