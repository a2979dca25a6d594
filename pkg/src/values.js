// The classes of what is given out. The core makes them; nobody else does.

const inspect = Symbol.for("nodejs.util.inspect.custom");

/** What every rejection is: see `ErrorCode` for each `code`. */
export class LatchkeyError extends Error {
  // A minifier renames the class, and loggers tell its name.
  static name = "LatchkeyError";

  constructor(code, message, details) {
    super(message);
    const { cause, ...rest } = details;
    Object.assign(this, { code }, rest);
    // As `new Error(message, { cause })` has it: there, but not listed.
    if (cause !== undefined) Object.defineProperty(this, "cause", { value: cause, configurable: true, writable: true });
  }

  toJSON() {
    return { name: this.name, message: this.message, ...this };
  }
}
// On the prototype, so that a stack starts with it and no instance lists it.
Object.defineProperty(LatchkeyError.prototype, "name", { value: "LatchkeyError", configurable: true, writable: true });

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

/** The same fields, with a `toJSON` that takes `bigint` to string. It is not listed among them. */
function withJson(fields) {
  return Object.defineProperty(fields, "toJSON", { value: toJson, configurable: true, writable: true });
}

function toJson() {
  const { credits, ...rest } = this;
  return credits ? { ...rest, credits: credits.map(({ unit, amount }) => ({ unit, amount: `${amount}` })) } : rest;
}

const credit = ({ unit, amount }) => ({ unit, amount: BigInt(amount) });

/** A key as it is given out: amounts are bigint, a text is a `Secret`. */
export function key(fields) {
  if (fields.credits) fields.credits = fields.credits.map(credit);
  for (const name of ["secret", "rpcProviderApiKey"]) if (name in fields) fields[name] = new Secret(fields[name]);
  for (const name of ["createdAt", "updatedAt", "expiry"]) {
    if (name in fields && fields[name] !== "never") fields[name] = new Date(fields[name]);
  }
  return withJson(fields);
}
