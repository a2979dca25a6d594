// Values on their way in. They cross as JSON text: one string is copied faster than an object is taken apart, and it takes a
// fraction of the code.

import { LatchkeyError } from "./values.js";

/** Before the name of what JSON does not know; no configuration starts a member's name so. */
const MARK = "\u0000";
const MAX_DEPTH = 16;

/** What `Object.prototype.toString` says, which holds across realms where `instanceof` does not. */
export function tag(value) {
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (tag !== "Object" && tag !== "EventTarget") return tag;
  // Some runtimes give their platform's classes no tag of their own: workerd before 2024-09-26, Vercel's edge runtime.
  const made = Object.getPrototypeOf(value)?.constructor;
  return made && globalThis[made.name] === made ? made.name : tag;
}

/** What a value is, for a message. */
export function kind(value) {
  if (value === undefined || value === null) return String(value);
  if (typeof value !== "object") return `a ${typeof value}`;
  const name = tag(value);
  if (["Date", "Map", "Set"].includes(name)) return `a ${name}`;
  if (["Promise", "String"].includes(name)) return `a ${name.toLowerCase()}`;
  return name === "Array" ? "an array" : "an object";
}

/** Something that stands for a value which does not cross: what kind that is, and what of it the core decides by. */
export class Mark {
  constructor(name, what) {
    this.text = JSON.stringify({ [MARK + name]: what });
  }
}

/** A configuration or the options of a call, as the core reads them: own members only. Functions go by their number. */
export function encode(value, functions, depth = MAX_DEPTH) {
  const mark = (name, what) => new Mark(name, what).text;
  const other = (what) => mark("other", what);
  const name = tag(value);
  if (value instanceof Mark) return value.text;
  if (["string", "boolean"].includes(typeof value) || value === null || Number.isFinite(value)) return JSON.stringify(value);
  if (typeof value === "number") return other(String(value));
  if (typeof value === "bigint") return mark("bigint", String(value));
  if (typeof value === "function") return mark("function", functions ? functions.push(value) - 1 : 0);
  if (name === "URL") return JSON.stringify(value.href);
  if (name === "Date") {
    // A kind of Date of somebody's own may write itself otherwise.
    const at = value.getTime();
    return isNaN(at) ? other("an invalid Date") : mark("date", [at, new Date(at).toISOString()]);
  }
  if (name !== "Array" && name !== "Object") return other(kind(value));
  if (depth === 0) return other("something nested too deep");
  const inner = (item) => encode(item, functions, depth - 1);
  if (name === "Array") return `[${Array.from(value, inner)}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([member, item]) => `${JSON.stringify(member)}:${inner(item)}`)}}`;
}

/** The options of a call without those that are JavaScript's own business; none for nothing. */
export function encodeOptions(options) {
  if (options === undefined) return "{}";
  if (tag(options) !== "Object") return encode(options);
  const { signal: _signal, waitUntil: _waitUntil, ...rest } = options;
  return encode(rest);
}

/** A function among the options of a call. */
export function functionOf(options, name) {
  const value = options?.[name];
  return must(value === undefined || typeof value === "function", value, `options.${name}`, "a function");
}

/** The signal among the options of a call. */
export function signalOf(options, path) {
  const signal = options?.signal;
  return must(signal === undefined || signal === null || tag(signal) === "AbortSignal", signal, path, "an AbortSignal");
}

/** The argument that stands there, if it is what it must be. */
export function must(isSo, value, path, what) {
  if (isSo) return value;
  throw wrong(path, `must be ${what}, not ${kind(value)}`);
}

export const mustBeObject = (value, path) => must(tag(value) === "Object", value, path, "an object");

export const mustBeText = (value, path) => must(typeof value === "string", value, path, "a string");

/** `ERR_CONFIG` for one argument. */
export const wrong = (path, message) =>
  new LatchkeyError("ERR_CONFIG", `${path}: ${message}`, { issues: [{ path, message }] });
