// What the core asks of JavaScript, and what passes between them. Values cross as JSON text: one string is copied faster
// than an object is taken apart, and it takes a fraction of the code.

import { LatchkeyError, Secret, withJson } from "./values.js";

// ---- values in

/** Before the name of what JSON does not know; no configuration starts a member's name so. */
const MARK = "\u0000";
const MAX_DEPTH = 16;

/** What `Object.prototype.toString` says, which holds across realms where `instanceof` does not. */
const tag = (value) => Object.prototype.toString.call(value).slice(8, -1);

/** What a value is, for a message. */
export function kind(value) {
  if (value === undefined || value === null) return String(value);
  if (typeof value !== "object") return `a ${typeof value}`;
  const name = tag(value);
  if (["Date", "Map", "Set"].includes(name)) return `a ${name}`;
  if (["Promise", "String"].includes(name)) return `a ${name.toLowerCase()}`;
  return name === "Array" ? "an array" : "an object";
}

/** A configuration or the options of a call, as the core reads them: own members only. Functions go by their number. */
export function encode(value, functions, depth = MAX_DEPTH) {
  const mark = (name, what) => `{${JSON.stringify(MARK + name)}:${JSON.stringify(what)}}`;
  const name = tag(value);
  if (typeof value === "string" || typeof value === "boolean" || value === null) return JSON.stringify(value);
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : mark("other", String(value));
  if (typeof value === "bigint") return mark("bigint", String(value));
  if (typeof value === "function") return mark("function", functions ? functions.push(value) - 1 : 0);
  if (name === "URL") return JSON.stringify(value.href);
  if (name === "Date") return isNaN(value) ? mark("other", "an invalid Date") : mark("date", value.getTime());
  if (name !== "Array" && name !== "Object") return mark("other", kind(value));
  if (depth === 0) return mark("other", "something nested deeper than any configuration is");
  const inner = (item) => encode(item, functions, depth - 1);
  if (name === "Array") return `[${Array.from(value, inner).join()}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([member, item]) => `${JSON.stringify(member)}:${inner(item)}`).join()}}`;
}

/** The options of a call, of which `signal` is no plain value; nothing for none. */
export function encodeOptions(options) {
  if (options === undefined) return undefined;
  if (tag(options) !== "Object" || !("signal" in options)) return encode(options);
  const { signal: _, ...rest } = options;
  return encode(rest);
}

/** The signal among the options of a call. */
export function signalOf(options, path) {
  const signal = options?.signal;
  if (signal === undefined || signal === null || tag(signal) === "AbortSignal") return signal;
  throw wrong(path, `must be an AbortSignal, not ${kind(signal)}`);
}

/** `ERR_CONFIG` for one argument. */
export const wrong = (path, message) =>
  new LatchkeyError("ERR_CONFIG", `${path}: ${message}`, { retryable: false, issues: [{ path, message }] });

// ---- values out

/** A `LatchkeyError` of what the core says. */
export function error(text) {
  const { code, message, cause, retryAfter, ...details } = JSON.parse(text);
  if (retryAfter !== undefined) details.retryAfter = retryAfter / 1000;
  // A copy, whose stack would only say that it was copied.
  if (cause) details.cause = Object.assign(new Error(cause.message), { name: cause.name, stack: undefined });
  return new LatchkeyError(code, message, details);
}

const credit = ({ unit, amount }) => ({ unit, amount: BigInt(amount) });

/** A key as it is given out: amounts are bigint, a text is a `Secret`. */
export function key(fields) {
  if (fields.credits) fields.credits = fields.credits.map(credit);
  for (const name of ["secret", "rpcProviderApiKey"]) if (name in fields) fields[name] = new Secret(fields[name]);
  for (const name of ["createdAt", "updatedAt"]) if (name in fields) fields[name] = new Date(fields[name]);
  return withJson(fields);
}

// ---- what the core asks for

/** What was thrown: a code if it is one of ours, its name, and its words with those of what lay behind it. */
export function describe(thrown) {
  try {
    return JSON.stringify(told(thrown));
  } catch {
    // Anything can be thrown, and nothing may be thrown into the core.
    return JSON.stringify(["", "Error", "what was thrown cannot be read"]);
  }
}

function told(thrown) {
  const text = (value) => (typeof value === "string" ? value : "");
  const { code, name, message, cause } = Object(thrown);
  if (thrown instanceof Refusal) {
    return [code, text(cause?.name), message, text(cause?.message), thrown.status];
  }
  if (typeof message !== "string") return ["", kind(thrown), text(thrown) || "no error was thrown, but something else"];
  // Node's `fetch failed` says why only in its cause.
  const behind = text(cause?.message) || text(cause?.code);
  return ["", text(name) || "Error", behind ? `${message}: ${behind}` : message];
}

/** A failure that has a code of its own. */
class Refusal extends Error {
  constructor(code, message, { cause, status } = {}) {
    super(message, { cause });
    Object.assign(this, { code, status });
  }
}

/** The instant in milliseconds that a clock of the user's tells; NaN where it tells none. */
export function time(now) {
  try {
    const told = now();
    return tag(told) === "Date" ? told.getTime() : NaN;
  } catch {
    return NaN;
  }
}

/** Whether a clock of the user's is none: `Date.now`, say, which gives milliseconds. */
export const tellsNoDate = (now) => isNaN(time(now));

/** Tells `onEvent`. */
export function emit(onEvent, text) {
  const { type, provider, at, ...rest } = JSON.parse(text);
  for (const name of ["until", "expiresAt"]) if (name in rest) rest[name] = new Date(rest[name]);
  for (const name of ["took", "delay"]) if (name in rest) rest[name] /= 1000;
  const report = (thrown) => console.error(`latchkey: onEvent threw ${JSON.parse(describe(thrown)).slice(1).join(": ")}`);
  try {
    // One that is async rejects, and nobody else would hear of it.
    Promise.resolve(onEvent({ type, provider, at: new Date(at), ...rest })).catch(report);
  } catch (thrown) {
    report(thrown);
  }
}

/** The parts of a URL, each on a line; nothing for what is none. In a page, a URL may be relative to it. */
export function parseUrl(text, base) {
  const page = globalThis.location?.href;
  try {
    const url = new URL(text, base ?? (page?.startsWith("http") ? page : undefined));
    const { href, origin, protocol, hostname, pathname, search, username, password } = url;
    return [href, origin, protocol, hostname, pathname, search, username + password].join("\n");
  } catch {
    return undefined;
  }
}

/** A text of 128 bits that nobody can guess. */
export function freshId() {
  // Without Web Crypto a session is still told from the last one; it guards nothing.
  const bytes = new Uint8Array(16).map(() => Math.random() * 256);
  globalThis.crypto?.getRandomValues(bytes);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function call(ask, argument) {
  try {
    return await ask(argument);
  } catch (thrown) {
    const [, name, message] = JSON.parse(describe(thrown));
    throw new Refusal("ERR_CREDENTIAL", "the function threw", { cause: { name, message } });
  }
}

/** Asks a credential function. */
export async function credential(ask) {
  const given = await call(ask);
  if (typeof given === "string") return given;
  throw new Refusal("ERR_CREDENTIAL", `the function gave ${kind(given)}, not a string`);
}

/** Asks `acquire`. */
export async function acquire(ask, signal) {
  const given = await call(ask, signal);
  const refuse = (what) => new Refusal("ERR_CREDENTIAL", `acquire gave ${what}; it must give { token, expiresIn? }`);
  if (tag(given) !== "Object") throw refuse(kind(given));
  const { token, expiresIn } = given;
  if (typeof token !== "string") throw refuse("no token that can stand in a header");
  const isSpan = typeof expiresIn === "number" && expiresIn >= 0 && expiresIn < Infinity;
  if (expiresIn !== undefined && !isSpan) throw refuse("an expiresIn that is no number of seconds");
  return JSON.stringify({ token, expiresIn });
}

// ---- requests of Latchkey's own

/** Sends a request, and gives the status, those of the headers that are asked for, and the body. */
export async function send(fetch, signal, method, url, headers, body, wanted, limit) {
  const response = await fetched(fetch, url, { method, headers: JSON.parse(headers), body, redirect: "manual", signal });
  if (response.status === 0) {
    throw new Refusal("ERR_REDIRECT", "the service redirects, which a request with a credential does not follow: correct baseUrl");
  }
  const heads = wanted.split(",").map((name) => response.headers.get(name) ?? "");
  return [response.status, ...heads, await read(response, limit)].join("\n");
}

/** The body as text, no more than so many bytes of it. */
async function read(response, limit) {
  const { status } = response;
  const wrong = (what) => new Refusal("ERR_RESPONSE", `the service answered ${status} with ${what}`, { status });
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (bytes) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      throw wrong("a body that is not UTF-8");
    }
  };
  const reader = response.body?.getReader();
  let text = "";
  for (let size = 0; reader; ) {
    const { done, value } = await reader.read();
    if (done) break;
    if ((size += value.length) > limit) {
      reader.cancel().catch(() => {});
      throw wrong("more than 1 MiB, which no answer of it has");
    }
    text += decode(value);
  }
  return text + decode();
}

async function fetched(fetch, input, init) {
  if (!(fetch ??= globalThis.fetch)) {
    throw new Refusal("ERR_UNSUPPORTED", "there is no global fetch here: give one as config.fetch");
  }
  // Called bare, as `fetch(…)`: with another `this` a browser refuses.
  const response = await (0, fetch)(input, init);
  // Not every `fetch` gives the global Response: what counts is that it has what is used of one.
  const isResponse = typeof response?.status === "number" && typeof response.headers?.get === "function";
  if (isResponse && (!response.body || response.body.getReader)) return response;
  throw new Refusal("ERR_RESPONSE", `fetch gave ${kind(response)}, not a Response`);
}

// ---- requests of the user's

/** What a `Request` says of itself that a request to another address keeps. */
const KEPT = ["method", "credentials", "mode", "cache", "referrer", "referrerPolicy", "integrity", "keepalive", "signal"];
/** Headers that may hold a credential, of any service that is known here. */
const CREDENTIALS = [
  ..."authorization cookie proxy-authorization x-api-key token".split(" "),
  ..."x-user-token x-package-token x-transfer-token x-link-password".split(" "),
];
/** What Fetch takes off a request that has become a GET ("request-body-header name"). */
const OF_BODY = ["content-encoding", "content-language", "content-location", "content-type", "content-length"];
/** The kinds of body that can be sent again. */
const REPEATABLE = ["String", "ArrayBuffer", "SharedArrayBuffer", "URLSearchParams", "FormData", "Blob", "File"];

/** A request of the user's: what was given to `fetch`. */
export class Outgoing {
  constructor(input, init) {
    init ??= {};
    if (tag(init) !== "Object") throw wrong("init", `must be an object, not ${kind(init)}`);
    this.init = init;
    this.request = tag(input) === "Request" ? input : undefined;
    this.target = this.request?.url ?? (tag(input) === "URL" ? input.href : input);
    if (typeof this.target !== "string") throw wrong("input", `must be a path, a URL or a Request, not ${kind(input)}`);
    this.method = String(init.method ?? this.request?.method ?? "GET").toUpperCase();
    this.signal = signalOf("signal" in init ? init : this.request, "init.signal");
  }

  /** Whether there is a body, and whether it can be sent again. */
  get body() {
    const { body } = this.init;
    if (body !== undefined && body !== null) {
      return REPEATABLE.includes(tag(body)) || ArrayBuffer.isView(body) ? "repeatable" : "stream";
    }
    const none = !this.request || body === null || this.request.body === null || /^(GET|HEAD)$/.test(this.method);
    // Its source cannot be told from outside, and where `body` is missing, not even whether there is one.
    return none ? "none" : "stream";
  }

  /** All that the core decides by. */
  describe() {
    return [this.target, this.method, this.body, this.init.redirect ?? this.request?.redirect].join("\n");
  }

  headers(name, value, asGet) {
    const headers = new Headers(this.init.headers ?? this.request?.headers);
    const drop = (names) => names.forEach((header) => headers.delete(header));
    if (value === undefined) drop([...CREDENTIALS, name]);
    else headers.set(name, value);
    if (asGet) drop(OF_BODY);
    return headers;
  }

  /** Sends it there, with this header or without any credential, and follows no redirect. */
  send(fetch, url, name, value, asGet) {
    const stays = this.request && url === this.target && !asGet;
    const kept = stays || !this.request ? [] : KEPT.filter((member) => this.request[member] !== undefined);
    const init = Object.assign(Object.fromEntries(kept.map((member) => [member, this.request[member]])), this.init, {
      headers: this.headers(name, value, asGet),
      redirect: "manual",
    });
    if (asGet) Object.assign(init, { method: "GET", body: undefined });
    // A Request that goes where it says goes as it is, so that its body is sent as it was made.
    return stays ? fetched(fetch, new Request(this.request, init)) : fetched(fetch, url, init);
  }
}

/** A header of an answer. */
export const headerOf = (response, name) => response.headers.get(name) ?? undefined;

/** Frees the connection of an answer that nobody reads. */
export function discard(response) {
  // Whether the other side notices is of no interest, and must not end as an unhandled rejection.
  response.body?.cancel().catch(() => {});
}

// ---- callers

/** What comes of this, or the signal's own reason if that is first. The work goes on for whoever shares it. */
export function withSignal(signal, start) {
  if (!signal) return start();
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
    // A request fails because of its signal: then the reason is the answer, and not what became of it.
    const failed = (reason) => reject(signal.aborted ? signal.reason : reason);
    start().then(resolve, failed).finally(() => signal.removeEventListener("abort", abort));
  });
}
