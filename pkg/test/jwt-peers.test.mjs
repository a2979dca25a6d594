// Where other readers of a JWT read otherwise, exactly: a large set of tokens with and without the traits of docs/jwt.md's table,
// read by Latchkey, by jose and by jwt-decode, as they are on npm. What a trait does is told by the table, and no token is read
// otherwise than its traits tell. `tests/fuzz` holds the core against a strict reader of JSON and base64url in the same way.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { jwtDecode } from "jwt-decode";
import { seeded } from "../../tests/soak/chance.mjs";
import { LatchkeyError, decode, expiresAt, isExpired } from "latchkey";

/** Tokens in a run. A failure tells the seed of its token: `LATCHKEY_SEED=<seed> node --test …` makes that one again. */
const TOKENS = 10_000;

const READERS = {
  Latchkey: (token) => {
    const read = decode(token);
    // They refuse what it refuses, and nothing else.
    isExpired(token);
    expiresAt(token);
    return read;
  },
  jose: (token) => ({ header: decodeProtectedHeader(token), claims: decodeJwt(token) }),
  "jwt-decode": (token) => ({ header: jwtDecode(token, { header: true }), claims: jwtDecode(token) }),
};

/** One token on its way: JSON texts, then their bytes, then the parts of the token, then its text; each trait acts on one of these. */
class Making {
  constructor(seed) {
    this.chance = seeded(seed);
    this.claims = { ...this.object(2), sub: this.text(), exp: this.below(4e9), iat: this.below(4e9), nbf: this.below(2e9) + this.chance() };
    for (const name of ["exp", "iat", "nbf"]) if (this.chance() < 0.3) delete this.claims[name];
    this.header = { alg: this.oneOf(["HS256", "none", "ES256"]), ...(this.chance() < 0.5 && { typ: "JWT" }), ...this.object(1) };
  }

  below = (end) => Math.floor(this.chance() * end);
  oneOf = (list) => list[this.below(list.length)];
  text = () => Array.from({ length: this.below(12) }, () => this.oneOf(["a", "Z", "9", " ", '"', "\\", "/", "é", "語", "🔑", "\n", "\u0000", "\u2028"])).join("");

  value(depth) {
    const kinds = [this.text, () => this.below(1e15), () => this.chance() * 1e6 - 5e5, () => this.oneOf([true, false, null]), () => -this.below(100)];
    if (depth > 0) kinds.push(() => this.object(depth - 1), () => Array.from({ length: this.below(4) }, () => this.value(depth - 1)));
    return this.oneOf(kinds)();
  }

  object(depth) {
    const members = Array.from({ length: this.below(5) }, (_, at) => [`m${at}${this.text()}`, this.value(depth)]);
    return Object.fromEntries(members);
  }

  /** The token with these traits, and what is in it. */
  token(traits) {
    const act = (stage, given) => traits.reduce((made, trait) => (trait[stage] ? trait[stage](made, this) : made), given);
    const { header, claims } = act("values", { header: this.header, claims: this.claims });
    const space = this.oneOf(["", "", " ", "\n  "]);
    const texts = act("texts", [header, claims].map((value) => JSON.stringify(value, null, space)));
    const bytes = act("bytes", texts.map((text) => Buffer.from(text)));
    const signature = Buffer.from(Array.from({ length: this.below(70) }, () => this.below(256)));
    const parts = act("parts", [...bytes, signature].map((part) => part.toString("base64url")));
    return { token: act("token", parts.join(".")), ...JSON.parse(JSON.stringify({ header, claims })) };
  }
}

/** The same list with another item at this place. */
const with1 = (list, at, change) => list.map((item, index) => (index === at ? change(item) : item));
const [HEADER, CLAIMS, SIGNATURE] = [0, 1, 2];
/** JSON of an object with one more member at its start. */
const member = (text, more) => text.replace("{", text === "{}" ? `{${more}` : `{${more},`);
const nested = (depth) => "[".repeat(depth) + "]".repeat(depth);

/** Bytes until a length that base64 would pad, which white space makes of a JSON text. */
const unaligned = (bytes) => (bytes.length % 3 === 0 ? Buffer.concat([bytes, Buffer.from(" ")]) : bytes);
const padded = (part) => part + "=".repeat(-part.length & 3);
/** The last character, with bits set that stand for nothing. */
const loose = (part) => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return part.slice(0, -1) + alphabet[alphabet.indexOf(part.at(-1)) + 1];
};

/** The rows of the table. `readers` are those that take a token of this trait. */
const TRAITS = [
  {
    row: "none of those below",
    readers: ["Latchkey", "jose", "jwt-decode"],
  },
  {
    row: "a member that stands twice",
    readers: ["jose", "jwt-decode"],
    texts: (texts, making) => with1(texts, making.oneOf([HEADER, CLAIMS]), (text) => member(text, '"twice":1,"twice":2')),
  },
  {
    row: "`exp`, `nbf` or `iat` that is no number",
    readers: ["jose", "jwt-decode"],
    values: ({ header, claims }, making) => ({
      header,
      claims: { ...claims, [making.oneOf(["exp", "nbf", "iat"])]: making.oneOf(["1893456000", null, true, {}, []]) },
    }),
  },
  {
    row: "`exp`, `nbf` or `iat` that no `Date` can be: below 0, above 8.64e12",
    readers: ["jose", "jwt-decode"],
    values: ({ header, claims }, making) => ({
      header,
      claims: { ...claims, [making.oneOf(["exp", "nbf", "iat"])]: making.oneOf([-1, -0.5, 8.65e12, 1e300]) },
    }),
  },
  {
    row: "padding with `=`",
    readers: ["jose", "jwt-decode"],
    bytes: (bytes) => with1(bytes, CLAIMS, unaligned),
    parts: (parts) => with1(parts, CLAIMS, padded),
  },
  {
    row: "the standard alphabet, `+` and `/`",
    readers: ["jwt-decode"],
    texts: (texts) => with1(texts, CLAIMS, (text) => member(text, '"standard":"???>>>~~~"')),
    parts: (parts) => with1(parts, CLAIMS, (part) => part.replaceAll("-", "+").replaceAll("_", "/")),
  },
  {
    row: "bits in a last character that stand for nothing",
    readers: ["jose", "jwt-decode"],
    bytes: (bytes) => with1(bytes, CLAIMS, unaligned),
    parts: (parts) => with1(parts, CLAIMS, loose),
  },
  {
    row: "white space at the end, as a copy from a terminal has it",
    readers: ["jose", "jwt-decode"],
    token: (token, making) => token + making.oneOf([" ", "\n", "\r\n", "\t"]),
  },
  {
    row: "a signature that is not base64url",
    readers: ["jose", "jwt-decode"],
    parts: (parts, making) => with1(parts, SIGNATURE, (part) => part + making.oneOf(["!", "=", "+", "ü"])),
  },
  {
    row: "claims that are not UTF-8",
    readers: ["jwt-decode"],
    bytes: (bytes) => with1(bytes, CLAIMS, (text) => Buffer.concat([Buffer.from('{"bytes":"'), Buffer.from([0xff]), Buffer.from('",'), text.subarray(1)])),
  },
  {
    row: "a byte order mark before the claims",
    readers: ["jose"],
    bytes: (bytes) => with1(bytes, CLAIMS, (text) => Buffer.concat([Buffer.from("\ufeff"), text])),
  },
  {
    row: "half of a surrogate pair, as `\\ud800`",
    readers: ["jose", "jwt-decode"],
    texts: (texts) => with1(texts, CLAIMS, (text) => member(text, '"half":"\\ud800"')),
  },
  {
    row: "a number that a double does not hold, as `1e400`",
    readers: ["jose", "jwt-decode"],
    texts: (texts) => with1(texts, CLAIMS, (text) => member(text, '"large":1e400')),
  },
  {
    row: "values nested deeper than 32",
    readers: ["jose", "jwt-decode"],
    texts: (texts) => with1(texts, CLAIMS, (text) => member(text, `"deep":${nested(40)}`)),
  },
  {
    row: "an object of more than 1000 members",
    readers: ["jose", "jwt-decode"],
    texts: (texts) => with1(texts, CLAIMS, (text) => member(text, `"wide":{${Array.from({ length: 1001 }, (_, at) => `"${at}":0`)}}`)),
  },
  {
    row: "more than 65,536 characters",
    readers: ["jose", "jwt-decode"],
    texts: (texts) => with1(texts, CLAIMS, (text) => member(text, `"long":"${"x".repeat(50_000)}"`)),
  },
  {
    row: "claims that are no object",
    readers: ["jwt-decode"],
    texts: (texts, making) => with1(texts, CLAIMS, () => making.oneOf(["5", '"text"', "true", "[1]", "[]"])),
  },
  {
    row: "a header that is no object",
    readers: ["jwt-decode"],
    texts: (texts, making) => with1(texts, HEADER, () => making.oneOf(["5", '"text"', "true", "[1]", "[]"])),
  },
  {
    row: "two parts, or four",
    readers: ["jwt-decode"],
    token: (token, making) => making.oneOf([token.slice(0, token.lastIndexOf(".")), `${token}.e30`]),
  },
  {
    row: "JSON that is none: a comma at its end, a comment, a name without quotes",
    readers: [],
    texts: (texts, making) => with1(texts, CLAIMS, (text) => making.oneOf([`${text.slice(0, -1)},}`, `${text}//`, member(text, "name:1")])),
  },
  {
    row: "a character that no base64 has",
    readers: [],
    parts: (parts, making) => with1(parts, making.oneOf([HEADER, CLAIMS]), (part) => `${part.slice(0, 4)}${making.oneOf(["!", "é", "%", "~"])}${part.slice(5)}`),
  },
];

const reads = (reader, token) => {
  try {
    return READERS[reader](token);
  } catch (error) {
    if (reader === "Latchkey") assert.ok(error instanceof LatchkeyError && error.code === "ERR_TOKEN_MALFORMED", `${error?.stack}`);
    return undefined;
  }
};

/** Makes one token, and holds what each reader makes of it against its trait. */
function judge(seed, tally) {
  const making = new Making(seed);
  // Half of them have none.
  const trait = making.chance() < 0.5 ? TRAITS[0] : making.oneOf(TRAITS);
  const { token, header, claims } = making.token([trait]);
  const why = `LATCHKEY_SEED=${seed}, ${trait.row}: ${token.length > 3000 ? `${token.slice(0, 3000)}…` : token}`;
  for (const reader of Object.keys(READERS)) {
    const read = reads(reader, token);
    assert.equal(read !== undefined, trait.readers.includes(reader), `${reader} ${read ? "reads" : "refuses"} it; ${why}`);
    if (trait === TRAITS[0]) assert.deepEqual(read, { header, claims }, `${reader}: ${why}`);
  }
  tally.set(trait, (tally.get(trait) ?? 0) + 1);
}

test("tokens are read as JSON and base64url have it, and others differ exactly where the table says", () => {
  const tally = new Map();
  if (process.env.LATCHKEY_SEED) return judge(Number(process.env.LATCHKEY_SEED), tally);
  for (let seed = 0; seed < TOKENS; seed++) judge(seed, tally);
  for (const trait of TRAITS) assert.ok(tally.get(trait) > TOKENS / 100, `few tokens have ${trait.row}`);
});

test("the table of docs/jwt.md is that of this file", async () => {
  const columns = Object.keys(READERS);
  const rows = TRAITS.map(({ row, readers }) => [row, ...columns.map((reader) => (readers.includes(reader) ? "read" : "refused"))]);
  const lines = [["a token with", ...columns], ["---", ...columns.map(() => "---")], ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  const words = await readFile(new URL("../../docs/jwt.md", import.meta.url), "utf8");
  const found = words.split("\n").filter((line) => line.startsWith("| "));
  assert.deepEqual(found, lines);
});
