// A store that clients on many machines share, as one client sees it: names and records on their way there and back. What is
// read when, and what is believed of it, is decided in the core (`src/store.rs`).
//
// A record is a text: a byte for the version, then what that version says. With a key it is encrypted by AES-256-GCM, with the
// version and its own name as associated data, so that one which was copied from elsewhere is none.

import { Refusal, deadline, isEdge } from "./effects.js";
import { Mark, tag } from "./encode.js";

const PLAIN = "0";
const SEALED = "1";
/** No record is longer: some stores take no more, and no token is nearly so long. */
const LONGEST = 65536;
/** How long the store may take, each time: ms. */
const DEADLINE = 3000;
const IV = 12;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

const isStore = (value) =>
  ["get", "set", "delete"].every((name) => typeof value?.[name] === "function") &&
  ["function", "undefined"].includes(typeof value.lease);

/** Whether each of them can encrypt and decrypt by AES-256-GCM. */
const isKeys = (keys) =>
  keys.length > 0 &&
  keys.every((key) => {
    if (tag(key) === "Uint8Array") return key.length === 32;
    if (tag(key) !== "CryptoKey") return false;
    const { algorithm, usages } = key;
    return algorithm.name === "AES-GCM" && algorithm.length === 256 && usages.includes("encrypt") && usages.includes("decrypt");
  });

/** The members of a configuration that concern the store, as the core reads them. */
export const encodeStore = ({ store, encryptionKey }) => ({
  store: isStore(store) ? new Mark("store", !!store.lease) : store,
  encryptionKey: isKeys([encryptionKey].flat()) ? new Mark("other", "a key") : encryptionKey,
});

/** What the clients of a store have in common: what was made of their keys, and, by record, the look under way and who leads. */
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
  const key = given.usages ? given : await subtle.importKey("raw", given, "AES-GCM", false, ["encrypt", "decrypt"]);
  // What it makes of nothing, under an IV that no record has, is a secret as good as the key, and one that HMAC takes.
  const secret = await subtle.encrypt({ name: "AES-GCM", iv: new Uint8Array(IV) }, key, new Uint8Array(32));
  return [key, await subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"])];
}

export class Shared {
  #store;
  #common;
  #given;
  #keys;
  /** Where the record lies: under its first name, and before a key was changed for another, under the next. */
  #names;
  /** All of them, by which clients of this process that share a record know each other. */
  #id;
  #lease;
  #until;
  /** How often a lease was given up, be it one that is still to come. */
  #givenUp = 0;
  /** While this client leads: what the others wait for, and what ends that. */
  #over;
  #finish;
  /** Each ends the wait for an answer. */
  #waits = new Set();
  #closed = false;

  constructor(store, encryptionKey = []) {
    this.#store = store;
    this.#common = common.get(store) ?? { keys: new Map(), looks: new Map(), leaders: new Map() };
    common.set(store, this.#common);
    // Whoever gave the bytes may wipe them.
    this.#given = [encryptionKey].flat().map((key) => (key.usages ? key : key.slice()));
  }

  /** Does what the core asks for. */
  async do({ op, name, record, ttl }) {
    this.#names ??= await this.#prepare(encoder.encode(name));
    this.#id = this.#names.join();
    const leader = op === "lease" ? this.#leader() : this;
    let end;
    const late = new Promise((resolve, reject) => {
      end = () => {
        cancel();
        // Who waits for another one has waited long enough, and looks for himself.
        if (leader !== this) return resolve(0);
        this.#givenUp++;
        this.#common.looks.delete(this.#id);
        reject();
      };
    });
    this.#waits.add(end);
    const cancel = deadline(DEADLINE, end);
    const work = leader === this ? this[op](Math.ceil(ttl / 1000), record) : leader.#over;
    if (this.#closed) end();
    try {
      return await Promise.race([work, late]);
    } catch (error) {
      // Each of the others would have to wait as long to hear the same.
      if (op === "lease") this.over(!this.#closed);
      throw error;
    } finally {
      cancel();
      this.#waits.delete(end);
    }
  }

  /** The client is freed: nobody waits for an answer any more, and no timer is left behind. */
  close() {
    this.#closed = true;
    for (const end of this.#waits) end();
  }

  async #prepare(name) {
    const { subtle } = crypto;
    const keys = await Promise.all(this.#given.map((given) => keysOf(this.#common.keys, given)));
    this.#keys = keys.map(([key]) => key);
    const digests = keys.length ? keys.map(([, mac]) => subtle.sign("HMAC", mac, name)) : [subtle.digest("SHA-256", name)];
    const hex = (byte) => byte.toString(16).padStart(2, "0");
    const named = async (digest) => `latchkey:${Array.from(new Uint8Array(await digest), hex).join("")}`;
    return Promise.all(digests.map(named));
  }

  // ---- what the clients of a process do for each other. In a worker, the promise of one request is of no use to another

  /** Who asks for the lease: of those who share a record, the first who would, until its flight is over. */
  #leader() {
    const { leaders } = this.#common;
    const leader = isEdge() ? this : leaders.get(this.#id);
    // One whose lease has ended may sleep for long.
    if (leader && !(leader.#until < Date.now())) return leader;
    leaders.set(this.#id, this);
    this.#until = undefined;
    this.#over = new Promise((resolve) => (this.#finish = resolve));
    // There may be nobody else.
    this.#over.catch(() => {});
    return this;
  }

  /** The flight is over, or the store has failed it: whoever waits for it looks what it left, or fails with it. */
  over(failed) {
    const { leaders } = this.#common;
    if (leaders.get(this.#id) !== this) return;
    leaders.delete(this.#id);
    this.#finish(failed ? Promise.reject() : 0);
  }

  // ---- by the names that the core gives them

  /** One look for all who come while another one is under way. It begins after that, so it is older than none of them. */
  get() {
    const { looks } = this.#common;
    const id = this.#id;
    const last = isEdge() ? undefined : looks.get(id);
    if (last) return (last.next ??= last.answer.then(() => this.get()));
    const look = { answer: this.#look().finally(() => looks.get(id) === look && looks.delete(id)) };
    looks.set(id, look);
    return look.answer;
  }

  async #look() {
    for (const name of this.#names) {
      const value = await this.#store.get(name);
      if (value !== undefined && value !== null) return this.#open(name, value);
    }
    return "";
  }

  async set(ttl, record) {
    const [name] = this.#names;
    const value = await this.#seal(name, record);
    if (value.length > LONGEST) throw new Refusal("ERR_STORE", "a token too long for a store");
    await this.#store.set(name, value, ttl, this.#lease);
  }

  async erase() {
    await Promise.all(this.#names.map((name) => this.#store.delete(name)));
  }

  /** Whether it is this client's turn. It is if it was, as where one request of a worker goes on with what another began. */
  async lease(ttl) {
    const now = Date.now();
    if (this.#lease && now < this.#until) return 1;
    const givenUp = this.#givenUp;
    const lease = await this.#store.lease(this.#names[0], ttl);
    if (!lease) return 0;
    if (givenUp !== this.#givenUp) {
      // Nobody here waits for it any more, and others would wait until it ends.
      await lease.release();
      return 0;
    }
    this.#lease = lease;
    this.#until = now + ttl * 1000;
    return 1;
  }

  async release() {
    this.over();
    const lease = this.#lease;
    this.#lease = undefined;
    this.#givenUp++;
    await lease?.release();
  }

  // ---- records

  #sealing = (name, iv) => ({ name: "AES-GCM", iv, additionalData: encoder.encode(SEALED + name) });

  async #seal(name, record) {
    const [key] = this.#keys;
    if (!key) return PLAIN + name + record;
    const iv = crypto.getRandomValues(new Uint8Array(IV));
    const sealed = await crypto.subtle.encrypt(this.#sealing(name, iv), key, encoder.encode(record));
    const bytes = [...iv, ...new Uint8Array(sealed)];
    return SEALED + btoa(bytes.map((byte) => String.fromCharCode(byte)).join(""));
  }

  /** The record in a value; for what is none, something that is no record. */
  async #open(name, value) {
    const nothing = "?";
    if (typeof value !== "string" || value.length > LONGEST) return nothing;
    if (!this.#keys.length) return value.startsWith(PLAIN + name) ? value.slice((PLAIN + name).length) : nothing;
    if (!value.startsWith(SEALED)) return nothing;
    for (const key of this.#keys) {
      try {
        const bytes = Uint8Array.from(atob(value.slice(1)), (char) => char.charCodeAt(0));
        const sealing = this.#sealing(name, bytes.subarray(0, IV));
        return decoder.decode(await crypto.subtle.decrypt(sealing, key, bytes.subarray(IV)));
      } catch {
        // It is another key's, or nobody's.
      }
    }
    return nothing;
  }
}
