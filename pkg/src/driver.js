// Drives the tasks of one client: performs what each needs, one effect after the other, and tells the core what came of it.
// One task is not another's business: each is performed by the caller who started it, in that caller's own request, and only
// the flight, which brings the token, is shared.
//
// In an edge isolate not even that can be waited for: when a request has ended, what it had promised is never kept, and another
// request that awaits it hangs. There a caller looks by timers of its own whether the flight has landed, and after a while takes
// it over. `waitUntil` keeps the request of a flight alive until it has.

import { Task, errorOf } from "./core.js";
import { acquire, credential, describe, isEdge, send, sleep, within, wordsOf } from "./effects.js";
import { encodeOptions, tag } from "./encode.js";
import { Shared } from "./store.js";
import { inUnits } from "./values.js";

/** What came of an effect, as the core tells them apart. */
const NOTHING_YET = 0;
const DONE = 1;
const FAILED = 2;

/** In an edge isolate, how long a flight is waited for before another request takes it over, and how often it is looked at: ms. */
const PATIENCE = 1000;
const GLANCE = 20;

export class Driver {
  #core;
  #functions;
  /** What is the user's own: `fetch`, `now`, `onEvent`, `waitUntil`. */
  #own;
  /** What this client and others share, if there is a store. */
  #shared;
  /** Rejects the calls that end with the client. */
  #calls = new Set();
  #flight;
  /**
   * The promise of the token that can be given at once, or of the one that is on its way, and from when to when it can; and
   * once a request was sent with it, its first hop, of whose address all that stands before the path.
   */
  #kept;
  /** Whether a call has come to wait for the flight. */
  #joins;

  constructor(core, functions, { fetch, now, onEvent, waitUntil, store, encryptionKey }) {
    this.#core = core;
    this.#functions = functions;
    this.#own = { fetch, now, onEvent, waitUntil };
    this.#shared = store && new Shared(store, encryptionKey);
  }

  /** The instant in milliseconds. */
  now() {
    const told = this.#own.now && timeOf(this.#own.now);
    // A clock that tells no time is no clock; the machine's own is.
    return isNaN(told) ? Date.now() : told;
  }

  /** The promise of a token that is good by default: the same for all who ask while nothing happens, so that it costs nothing. */
  token(now = this.now()) {
    const kept = this.#keptAt(now);
    if (kept) return kept.promise;
    const cached = this.#core.cached(now);
    this.#joins = false;
    const promise = cached ? Promise.resolve(cached.token) : this.call("token");
    // Whoever comes before anything else happens would join the same flight, but in an edge isolate each looks for himself.
    if (cached || (this.#joins && !isEdge())) this.#kept = { promise, since: now, until: cached ? cached.until : Infinity };
    return promise;
  }

  #keptAt(now) {
    const kept = this.#kept;
    // Once the clock was set back, only the core knows how long the token is good.
    return kept?.since <= now && now < kept.until && kept;
  }

  /** Does a call of the core's to its end, or until the client ends. */
  async call(name, options, waitUntil) {
    return this.#ending(this.perform(this.#start(name, options), waitUntil && { waitUntil }));
  }

  /** The same for one that may change something: its answer counts, whatever becomes of the client. */
  change(name, options, id) {
    return this.perform(this.#start(name, options, id));
  }

  #start(name, options, id = null) {
    return this.#core.start(`["${name}",${encodeOptions(options)},${JSON.stringify(id)}]`);
  }

  /** Sends a request of the user's. */
  fetch(request) {
    return this.#ending(this.#exchange(request));
  }

  async #exchange(request) {
    try {
      // With a token at hand the core would have one thing sent, and nothing to say about a success of it.
      const hop = this.#ready(request.target);
      if (hop) {
        request.sent = request.send(this.#own.fetch, hop);
        await request.sent.catch(() => {});
      }
      if (!request.response?.ok || this.#core.open === undefined) {
        const given = ["fetch", ...request.describe(), ...(hop ?? []).slice(3)];
        await this.perform(this.#core.start(JSON.stringify(given)), { request });
      }
      return request.response;
    } catch (error) {
      request.discard();
      throw error;
    }
  }

  /** The first hop of a request to this target, if it can be sent at once. To one plain path and another they differ by that alone. */
  #ready(target) {
    const now = this.now();
    // No URL parser writes it in another way.
    const isPlain = /^(\/[\w-]+)+$/.test(target);
    const kept = isPlain && this.#keptAt(now);
    if (kept?.hop) return [kept.start + target, ...kept.hop];
    const hop = this.#core.ready(target, now);
    // There is a token, so its promise is kept from now on.
    if (isPlain && hop && this.token(now)) {
      this.#kept.hop = hop.slice(1);
      this.#kept.start = hop[0].slice(0, -target.length);
    }
    return hop;
  }

  invalidate() {
    this.#kept = undefined;
    const name = this.#core.invalidate();
    this.abandon();
    // Whoever looks into the store next is not to find it there.
    if (name) keepAlive(this.#own.waitUntil, this.store([name, "erase"], {}).catch(() => {}));
  }

  close() {
    this.#kept = undefined;
    this.#core.close();
    this.abandon();
    this.#shared?.close();
    for (const reject of this.#calls) reject(this.#core.closed);
  }

  /** What comes of the work, or the end of the client. */
  #ending(work) {
    return new Promise((resolve, reject) => {
      this.#calls.add(reject);
      work.then(resolve, reject).then(() => this.#calls.delete(reject));
    });
  }

  /** Does a task of the core's to its end. `about` is what its effects are about. */
  async perform(task, about) {
    const context = { waitUntil: this.#own.waitUntil, ...about };
    let came = NOTHING_YET;
    let text;
    try {
      while (!context.unneeded?.aborted) {
        // Whatever goes on here may change which token is good.
        this.#kept = undefined;
        const needs = JSON.parse(task.resume(this.now(), came, text));
        const name = needs.pop();
        if (name === "done") return needs[0];
        if (name === "fail") throw errorOf(needs[0]);
        try {
          const done = this[name](needs, context);
          text = `${(done && (await done)) ?? ""}`;
          came = DONE;
        } catch (thrown) {
          text = describe(thrown, "ERR_NETWORK");
          came = FAILED;
        }
      }
    } finally {
      task.release();
    }
  }

  // ---- effects, by the names that the core gives them: first comes what the core tells of one

  send([timeout, ...request], { unneeded }) {
    return within(timeout, "no whole answer", unneeded, (signal) => send(this.#own.fetch, request, signal));
  }

  async hop(hop, { request }) {
    const { sent } = request;
    request.sent = undefined;
    await (sent ?? request.send(this.#own.fetch, hop));
    return request.reply;
  }

  credential([timeout, id], { unneeded }) {
    return within(timeout, "the function gave nothing", unneeded, () => credential(this.#functions[id]));
  }

  acquire([timeout, id], { unneeded }) {
    return within(timeout, "acquire gave no token", unneeded, (signal) => acquire(this.#functions[id], signal));
  }

  sleep([time], { unneeded }) {
    return sleep(time, unneeded);
  }

  /** Goes on with the flight on its own. */
  fly([number], context) {
    const { waitUntil } = context;
    const controller = new AbortController();
    let wake;
    const landed = new Promise((resolve) => (wake = resolve));
    const land = () => {
      if (this.#flight === flight) this.#flight = undefined;
      wake();
    };
    const flight = { controller, landed, land, since: Date.now() };
    this.#flight = context.own = flight;
    const over = () => (land(), this.#shared?.over());
    const flying = this.perform(new Task(number), { unneeded: controller.signal, land, waitUntil }).finally(over);
    keepAlive(waitUntil, flying);
  }

  /** The token is there, and what is left is to share it. In an edge isolate that ends with its request, so it is waited for. */
  land(needs, { land, waitUntil }) {
    if (waitUntil || !isEdge()) land();
  }

  async store(call, { unneeded }) {
    try {
      return await this.#shared.do(call);
    } catch (thrown) {
      // A client that was freed has no state, and tells nothing: this throws that it is closed.
      const { provider } = JSON.parse(this.#core.state(this.now()));
      if (!unneeded?.aborted) this.tell([{ type: "store", provider, at: this.now(), code: "ERR_STORE" }]);
      throw thrown;
    }
  }

  async join(needs, { own }) {
    const flight = this.#flight;
    this.#joins = true;
    // Who started it drives it, in the same request.
    if (!flight || flight === own || !isEdge()) return flight?.landed;
    while (this.#flight === flight) {
      if (Date.now() - flight.since < PATIENCE) {
        await sleep(GLANCE);
      } else {
        this.#flight = undefined;
        this.#core.overtake();
      }
    }
  }

  abandon() {
    const flight = this.#flight;
    this.#flight = undefined;
    flight?.controller.abort();
    flight?.land();
    this.#shared?.release().catch(() => {});
  }

  tell([event]) {
    if (this.#own.onEvent) tellingOf("onEvent", () => this.#own.onEvent(inUnits(event)));
  }
}

/** Calls a function of the user's. What it throws is told here, as is what an async one rejects with: nobody else would hear of it. */
async function tellingOf(what, ask) {
  try {
    await ask();
  } catch (thrown) {
    const { name, message } = wordsOf(thrown);
    console.error(`latchkey: ${what} threw ${name}: ${message}`);
  }
}

/** Hands work to the `waitUntil` of a worker's request, or to the one that a function gives. */
function keepAlive(waitUntil, work) {
  if (!waitUntil) return;
  tellingOf("waitUntil", () => {
    const given = waitUntil(work);
    return typeof given === "function" ? given(work) : given;
  });
}

/** The instant in milliseconds that a clock of the user's tells; NaN where it tells none. */
function timeOf(now) {
  try {
    const told = now();
    if (tag(told) === "Date") return told.getTime();
    // One that is async tells no time, and what it rejects with is nobody's.
    Promise.resolve(told).catch(() => {});
  } catch {
    // It tells none either.
  }
  return NaN;
}

/** Whether a clock of the user's is none: `Date.now`, say, which gives milliseconds. */
export const tellsNoDate = (now) => isNaN(timeOf(now));
