// decode, expiresAt and isExpired: what they read, and the many things that they refuse.

import assert from "node:assert/strict";
import test from "node:test";
import { inspect } from "node:util";
import { decode, expiresAt, isExpired } from "latchkey";
import { throws } from "./support.mjs";

const base64url = (bytes) => Buffer.from(bytes).toString("base64url");
const HEADER = base64url('{"alg":"HS256"}');

/** A token of this payload: a JSON text, bytes, or a value. */
function make(payload, header = HEADER) {
  const plain = typeof payload === "object" && !Buffer.isBuffer(payload);
  return `${header}.${base64url(plain ? JSON.stringify(payload) : payload)}.c2ln`;
}

/** That all three refuse it, with the same words. */
function refused(token, message) {
  for (const read of [decode, expiresAt, isExpired]) {
    throws(() => read(token), { code: "ERR_TOKEN_MALFORMED", retryable: false, provider: undefined, message });
  }
}

test("the example of RFC 7519 is read as it stands there", () => {
  const token =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." +
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ." +
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  assert.deepEqual(decode(token), {
    header: { typ: "JWT", alg: "HS256" },
    claims: { iss: "joe", exp: 1300819380, "http://example.com/is_root": true },
  });
  assert.deepEqual(expiresAt(token), new Date("2011-03-22T18:43:00Z"));
  assert.equal(isExpired(token), true);
});

test("claims come as they are: numbers, nulls, depths and names of any kind", () => {
  const claims = {
    sub: "größe 日本 \u{1F511}\0",
    n: 1.5e-7,
    list: [null, true, [[]]],
    "": { exp: "never" },
    constructor: 1,
  };
  assert.deepEqual(decode(make(claims)).claims, claims);
  const odd = decode(make('{"__proto__": {"admin": true}}')).claims;
  assert.equal(odd.admin, undefined);
  assert.equal(Object.getPrototypeOf(odd), Object.prototype);
});

test("a token without exp never expires", () => {
  assert.equal(expiresAt(make({})), undefined);
  assert.equal(isExpired(make({}), { now: new Date(8.64e15) }), false);
});

test("a token expires at its very second, fractions included, and leeway lengthens its life", () => {
  const token = make({ exp: 1000.5 });
  const at = (ms, options) => isExpired(token, { now: new Date(ms), ...options });
  assert.deepEqual(expiresAt(token), new Date(1_000_500));
  assert.deepEqual([at(1_000_499), at(1_000_500)], [false, true]);
  assert.deepEqual([at(1_005_499, { leeway: 5 }), at(1_005_500, { leeway: 5 })], [false, true]);
});

test("without now, the clock of the machine judges", () => {
  const now = Date.now() / 1000;
  assert.equal(isExpired(make({ exp: now + 600 })), false);
  assert.equal(isExpired(make({ exp: now - 600 })), true);
  assert.equal(isExpired(make({ exp: now - 600 }), { leeway: 1200 }), false);
  assert.equal(isExpired(make({ exp: now + 600 }), undefined), false);
});

test("the last instant that a Date can hold is an instant, and the one after is none", () => {
  assert.deepEqual(expiresAt(make({ exp: 8.64e12 })), new Date(8.64e15));
  assert.deepEqual(expiresAt(make({ exp: 0 })), new Date(0));
  refused(make({ exp: 8.64e12 + 1 }), "is no date");
});

const NO_STRINGS = [
  [undefined, "undefined"],
  [null, "null"],
  [5, "a number"],
  [5n, "a bigint"],
  [true, "a boolean"],
  [{}, "an object"],
  [["a.b.c"], "an array"],
  [Symbol("t"), "a symbol"],
  [() => {}, "a function"],
  [Promise.resolve("t"), "a promise"],
  [new String(make({})), "a string"],
  [Buffer.from(make({})), "an object"],
];

for (const [value, kind] of NO_STRINGS) {
  test(`${kind} is no token, and is not made one`, () => refused(value, `the token must be a string, not ${kind}`));
}

const REFUSED = {
  "an empty text": ["", "empty"],
  "an opaque token": ["opaque-token", "no dot: it is opaque"],
  "two parts": ["a.b", "2 parts"],
  "four parts": ["a.b.c.d", "4 parts"],
  "five parts": ["a.b.c.d.e", "encrypted (JWE)"],
  "an empty payload": [`${HEADER}..c2ln`, "payload"],
  "an empty header": [`.${base64url("{}")}.c2ln`, "header"],
  "a Bearer prefix": [`Bearer ${make({})}`, 'starts with "Bearer "'],
  "a bearer prefix": [`bearer ${make({})}`, 'starts with "Bearer "'],
  "a line break at the end": [`${make({})}\n`, "white space"],
  "white space at the start": [` ${make({})}`, "white space"],
  "white space in a part": [make({ a: 1 }).replace(".", ". "), "white space"],
  "a byte order mark": [`\u{feff}${make({})}`, "white space"],
  padding: [`${HEADER}.${Buffer.from('{"a":1}').toString("base64")}.c2ln`, "padded with '='"],
  "the standard alphabet": [
    `${HEADER}.${Buffer.from('{"a":"?>?>??>>"}').toString("base64").replaceAll("=", "")}.c2ln`,
    "standard alphabet",
  ],
  "the standard alphabet in the signature": [`${HEADER}.${base64url("{}")}.a+b/`, "standard alphabet"],
  "bits that mean nothing": [`${HEADER}.${base64url('{"a":1}').slice(0, -1)}R.c2ln`, "bits that mean nothing"],
  "bits that mean nothing in the signature": [`${HEADER}.${base64url("{}")}.c2lnYR`, "bits that mean nothing"],
  "a length that no bytes have": [`${HEADER}.eyJhI.c2ln`, "whole bytes"],
  "a letter of no alphabet": [`${HEADER}.é.c2ln`, "wrong character"],
  "invalid UTF-8": [make(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), "not UTF-8"],
  "half a surrogate in UTF-8": [make(Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d])), "not UTF-8"],
  "a byte order mark in the payload": [make(Buffer.from('\u{feff}{"a":1}')), "byte order mark"],
  "no JSON": [make("{'a': 1}"), "payload"],
  "two JSON texts": [make("{}{}"), "payload"],
  "an array": [make([]), "not an object"],
  "a string": [make('"text"'), "not an object"],
  null: [make("null"), "not an object"],
  "a header that is no object": [make({}, base64url("[]")), "the header"],
  "a member that stands twice": [make('{"exp":1,"exp":2}'), '"exp" stands twice'],
  "a member that stands twice by an escape": [make('{"a":1,"\\u0061":2}'), "stands twice"],
  "a member that stands twice deep down": [make('{"a":[{"b":1,"b":1}]}'), "stands twice"],
  "a header member that stands twice": [make({}, base64url('{"alg":"none","alg":"RS256"}')), "stands twice"],
  "exp as a string": [make({ exp: "1300819380" }), '"exp"'],
  "exp as null": [make({ exp: null }), '"exp"'],
  "nbf as a boolean": [make({ nbf: true }), '"nbf"'],
  "iat as an array": [make({ iat: [1] }), '"iat"'],
  "exp as 1e400": [make('{"exp":1e400}'), "payload"],
  "exp before 1970": [make({ exp: -1 }), "is no date"],
  "exp in milliseconds of the year 300000": [make({ exp: 9.4e15 }), "is no date"],
  "nesting beyond the bound": [make(`{"a":${"[".repeat(32)}${"]".repeat(32)}}`), "nested more than 32 deep"],
  "nesting that would break a stack": [make(`{"a":${"[".repeat(20_000)}`), "nested more than 32 deep"],
  "a length beyond the bound": [make({ a: "x".repeat(65_536) }), "more than 65536"],
};

for (const [what, [token, message]] of Object.entries(REFUSED)) {
  test(`${what} is refused, and is told by name`, () => refused(token, message));
}

test("nesting and length up to the bound are read", () => {
  decode(make(`{"a":${"[".repeat(31)}${"]".repeat(31)}}`));
  decode(make({ a: "x".repeat(48_000) }));
});

test("a message holds nothing of the token's payload", () => {
  const { message } = throws(() => decode(make('{"password":"hunter22","password":"hunter22"}')), {});
  assert.ok(!message.includes("hunter22"));
});

const OPTIONS = [
  [{ leeway: -1 }, ["leeway"]],
  [{ leeway: "30" }, ["leeway"]],
  [{ leeway: NaN }, ["leeway"]],
  [{ leeway: Infinity }, ["leeway"]],
  [{ now: Date.now() }, ["now"]],
  [{ now: "2026-01-01" }, ["now"]],
  [{ now: new Date(NaN) }, ["now"]],
  [{ leeway: -1, now: 5, leeWay: 1 }, ["leeWay", "leeway", "now"]],
  [30, ["options"]],
  [null, ["options"]],
];

for (const [options, paths] of OPTIONS) {
  test(`isExpired with ${inspect(options)} is ERR_CONFIG at ${paths}`, () => {
    const { issues } = throws(() => isExpired(make({ exp: 1 }), options), { code: "ERR_CONFIG" });
    assert.deepEqual(issues.map(({ path }) => path).sort(), paths);
    assert.equal(isExpired(make({ exp: 1 })), true);
  });
}

test("options are read from their own properties", () => {
  const inherited = Object.create({ leeway: -1 });
  assert.equal(isExpired(make({ exp: 1 }), inherited), true);
});
