// The effects of a task that leave JavaScript's own hands: functions of the user's, requests, time. Each comes to the text that
// `src/js/convert.rs` reads, or throws.

import { kind, tag } from "./encode.js";
import { LatchkeyError } from "./values.js";

/** Whether this is an edge isolate: workerd, or an edge runtime like Vercel's. */
export const isEdge = () => "WebSocketPair" in globalThis || "EdgeRuntime" in globalThis;

/** A failure that has a code of its own. */
export class Refusal extends LatchkeyError {}

const text = (value) => (typeof value === "string" ? value : "");

/**
 * What was thrown, as the core reads it: a code, then the name and the words of what lay behind it, and a status. `code` is for
 * what has none of its own.
 */
export function describe(thrown, code) {
  const { name, message } = wordsOf(thrown);
  let told = [code, name, message, message];
  try {
    if (thrown instanceof Refusal) {
      const { code, message, cause, status } = thrown;
      told = [code, text(cause?.name), message, text(cause?.message), status];
    }
  } catch {
    // Anything can be thrown, and nothing may be thrown into the core.
  }
  return JSON.stringify(told);
}

/** The name of what was thrown, and its words with those of what lay behind it. */
export function wordsOf(thrown) {
  try {
    const { name, message, cause } = Object(thrown);
    if (typeof message !== "string") {
      return { name: kind(thrown), message: text(thrown) || "what was thrown is no Error" };
    }
    // Node's `fetch failed` says why only in its cause.
    const behind = text(cause?.message) || text(cause?.code);
    return { name: text(name) || "Error", message: behind ? `${message}: ${behind}` : message };
  } catch {
    // Anything can be thrown: a proxy, say, that throws when it is looked at.
    return { name: "Error", message: "what was thrown cannot be read" };
  }
}

// ---- time

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

/** What comes of the work within so many milliseconds. It is aborted when they are over, or when nobody needs it any more. */
export function within(time, what, unneeded, work) {
  const controller = new AbortController();
  const { signal } = controller;
  const late = () => controller.abort(new Refusal("ERR_TIMEOUT", `${what} within ${time} ms (timeout)`));
  const leave = () => controller.abort(unneeded.reason);
  const timer = setTimeout(late, time);
  unneeded?.addEventListener("abort", leave);
  return withSignal(signal, () => work(signal)).finally(() => {
    clearTimeout(timer);
    unneeded?.removeEventListener("abort", leave);
  });
}

/** Waits so many milliseconds, or until nobody needs it any more. */
export const sleep = (time, unneeded) => within(time, "", unneeded, () => new Promise(() => {})).catch(() => {});

// ---- functions of the user's

async function call(ask, argument) {
  try {
    return await ask(argument);
  } catch (thrown) {
    if (thrown instanceof Refusal) throw thrown;
    throw new Refusal("ERR_CREDENTIAL", "the function threw", { cause: wordsOf(thrown) });
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
  const isSpan = Number.isFinite(expiresIn) && expiresIn >= 0;
  if (expiresIn !== undefined && !isSpan) throw refuse("an expiresIn that is no number of seconds");
  return JSON.stringify({ token, expiresIn });
}

// ---- requests of Latchkey's own

/** The headers of an answer that the core reads, in the order in which it does. */
const HEADERS = "content-type date age retry-after cache-control location www-authenticate".split(" ");

/** What the core reads of an answer: its status and those headers, each on a line, and the body. */
export const answered = ({ status, headers }, body) =>
  [[status, ...HEADERS.map((name) => headers.get(name) ?? "")].join("\n"), body].join("\0");

/** Sends a request, and gives what the core reads of the answer. */
export async function send(fetch, [method, url, headers, limit, body], signal) {
  const response = await fetched(fetch, url, { method, headers, body, redirect: "manual", signal });
  return answered(response, await read(response, limit));
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
      throw wrong("more than 1 MiB");
    }
    text += decode(value);
  }
  return text + decode();
}

/** Calls `fetch`, the user's or the platform's, and looks at what it gives. */
export async function fetched(fetch, input, init) {
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
