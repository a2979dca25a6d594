// The inspector: a pasted JWT, read by the package, offline. A refusal is marked at the character where it is.

import { decode } from "./latchkey/inline.js";
import { byId, h, words } from "./dom.js";
import { rows } from "./ring.js";

const PARTS = ["header", "payload", "signature"];

export class Inspector {
  #input = byId("jwt");
  #result = byId("jwt-result");

  constructor() {
    this.#input.addEventListener("input", () => this.#read());
  }

  show(token) {
    this.#input.value = token;
    this.#read();
    this.#input.scrollIntoView({ block: "center" });
    this.#input.focus();
  }

  #read() {
    const token = this.#input.value;
    if (token === "") return this.#result.replaceChildren();
    try {
      const { header, claims } = decode(token);
      this.#input.removeAttribute("aria-invalid");
      this.#result.replaceChildren(...readable(token, header, claims));
    } catch (error) {
      this.#input.setAttribute("aria-invalid", "true");
      this.#result.replaceChildren(...refusal(token, error));
    }
  }
}

function readable(token, header, claims) {
  const described = rows(claims, new Date());
  const expiry = described.find(({ name }) => name === "exp")?.note ?? "it never expires";
  return [
    h("p", { className: "verdict good" }, `A JWT, to the letter: ${expiry}. Its signature was not verified.`),
    h("p", { className: "raw" }, ...coloured(token)),
    h("h3", {}, "Header"),
    h("pre", {}, JSON.stringify(header, null, 2)),
    h("h3", {}, "Claims"),
    table(described),
  ];
}

/** The rows of the claims as a list of terms. */
export const table = (described) =>
  h(
    "dl",
    { className: "claims" },
    ...described.flatMap(({ name, value, note }) => [
      h("dt", {}, name),
      h("dd", {}, value, ...(note ? [h("span", { className: "note" }, note)] : [])),
    ]),
  );

const coloured = (token) =>
  token.split(".").flatMap((part, at) => [...(at > 0 ? ["."] : []), h("span", { className: PARTS[at] ?? "signature" }, part)]);

function refusal(token, error) {
  const found = place(token, error.message);
  const shown = [h("p", { className: "verdict bad" }, words(error))];
  if (found === undefined) return [...shown, h("p", { className: "raw" }, token)];
  const { text, from, to, where } = found;
  const marked = h("mark", {}, text.slice(from, to) || "␣");
  return [
    ...shown,
    h("p", { className: "where" }, `${where}, character ${from}:`),
    h("p", { className: "raw" }, text.slice(0, from), marked, text.slice(to)),
  ];
}

/** Where a refusal is: in the token as it stands, or in what a part of it decodes to. Messages count bytes, from 0. */
export function place(token, message) {
  const [, part] = /^the (header|payload|signature)/.exec(message) ?? [];
  const number = Number(/(?:character|'=' at|byte at|, at) (?:at )?(\d+)/.exec(message)?.[1] ?? Number.NaN);
  if (message.startsWith('the token starts with "Bearer "')) return { text: token, from: 0, to: 7, where: "In the token" };
  if (part === undefined) return Number.isNaN(number) ? undefined : inText(token, number, "In the token");
  const before = token.split(".").slice(0, PARTS.indexOf(part)).join(".").length;
  const start = before + (before > 0 ? 1 : 0);
  const text = token.split(".")[PARTS.indexOf(part)];
  const length = new TextEncoder().encode(token.slice(0, start)).length;
  if (/cannot be whole bytes/.test(message)) return inText(token, length + text.length - 1, "In the token");
  if (/base64url|padded/.test(message)) return inText(token, length + number, "In the token");
  // Four characters of base64 are three bytes.
  if (/not UTF-8/.test(message)) return inText(token, length + Math.floor((number * 4) / 3), "In the token");
  const json = decoded(text);
  // What is wrong with a claim is told by its name.
  const [, name] = /"(\w+)" is no date/.exec(message) ?? [];
  const named = name && new RegExp(`"${name}"\\s*:\\s*`).exec(json);
  const byte = named ? new TextEncoder().encode(json.slice(0, named.index + named[0].length)).length : number;
  return Number.isNaN(byte) ? undefined : inText(json, byte, `In the ${part}, decoded`);
}

function inText(text, byte, where) {
  const bytes = new TextEncoder().encode(text);
  const from = new TextDecoder().decode(bytes.subarray(0, byte)).length;
  return { text, from, to: from + (String.fromCodePoint(text.codePointAt(from) ?? 32).length), where };
}

/** What a part says, which the package has found to be base64url and UTF-8. */
function decoded(part) {
  const binary = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
  return new TextDecoder().decode(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
}
