// The classes of what is given out. The core makes them; nobody else does.

export const inspect = Symbol.for("nodejs.util.inspect.custom");

/** Gives an object a member that is there, but not listed when it is printed. */
function unlisted(object, name, value) {
  return Object.defineProperty(object, name, { value, configurable: true, writable: true });
}

/** What every rejection is: see `ErrorCode` for each `code`. */
export class LatchkeyError extends Error {
  // A minifier renames the class, and loggers tell its name.
  static name = "LatchkeyError";

  constructor(code, message, { cause, ...details } = {}) {
    super(message);
    Object.assign(this, { code, retryable: false }, details);
    // As `new Error(message, { cause })` has it.
    if (cause !== undefined) unlisted(this, "cause", cause);
  }

  toJSON() {
    return { name: this.name, message: this.message, ...this };
  }
}
// On the prototype, so that a stack starts with it and no instance lists it.
unlisted(LatchkeyError.prototype, "name", "LatchkeyError");

/** A text that prints as `[redacted]`, wherever it is printed. */
export class Secret {
  static name = "Secret";
  #text;

  constructor(text) {
    this.#text = text;
  }

  reveal() {
    return this.#text;
  }

  toString() {
    return "[redacted]";
  }

  toJSON() {
    return "[redacted]";
  }

  [inspect]() {
    return "[redacted]";
  }
}

const INSTANTS = "at createdAt expiresAt expiry until updatedAt".split(" ");
const SPANS = "delay retryAfter took".split(" ");
const SECRETS = "secret rpcProviderApiKey".split(" ");

/** Takes the milliseconds of the core to what a developer is told: an instant to a `Date`, a duration to seconds. */
export function inUnits(fields) {
  for (const name of INSTANTS) if (typeof fields[name] === "number") fields[name] = new Date(fields[name]);
  for (const name of SPANS) if (name in fields) fields[name] /= 1000;
  return fields;
}

/** The fields of a key with `bigint` as string. */
function toJSON() {
  const { credits, ...rest } = this;
  return credits ? { ...rest, credits: credits.map(({ unit, amount }) => ({ unit, amount: `${amount}` })) } : rest;
}

/** A key, or each of a list, as it is given out: amounts are bigint, a text is a `Secret`. */
export function key(fields) {
  if (Array.isArray(fields)) return fields.map(key);
  if (fields.credits) fields.credits = fields.credits.map(({ unit, amount }) => ({ unit, amount: BigInt(amount) }));
  for (const name of SECRETS) if (name in fields) fields[name] = new Secret(fields[name]);
  return unlisted(inUnits(fields), "toJSON", toJSON);
}
