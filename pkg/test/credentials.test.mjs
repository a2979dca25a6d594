// Credentials and tokens that functions of the caller's give.

import assert from "node:assert/strict";
import test from "node:test";
import { rejects, whoami, world } from "./support.mjs";

test("a credential function is asked for each token, and may give a promise", async (t) => {
  const w = await world(t);
  const { apiKey } = w.credentials.masivo;
  let asked = 0;
  for (const give of [() => apiKey, async () => apiKey, () => ({ then: (resolve) => resolve(apiKey) })]) {
    asked = 0;
    const client = w.client("masivo", { apiKey: () => (asked++, give()) });
    assert.equal(asked, 0, "the constructor asks nothing");
    await client.token();
    await client.token();
    assert.equal(asked, 1);
    await client.token({ forceRefresh: true });
    assert.equal(asked, 2);
  }
});

test("a credential that was rotated is read afresh after it was refused", async (t) => {
  const w = await world(t);
  let apiKey = w.credentials.masivo.apiKey;
  const client = w.client("masivo", { apiKey: () => apiKey });
  await client.token();
  await w.change("masivo", { apiKey: "another-key-of-masivo" });
  await rejects(client.token({ forceRefresh: true }), { code: "ERR_UNAUTHORIZED", status: 401, retryable: false });
  apiKey = "another-key-of-masivo";
  await client.token({ forceRefresh: true });
});

test("a refused credential is not sent again until it changes or is invalidated", async (t) => {
  const w = await world(t);
  const client = w.client("masivo", { apiKey: "an-unknown-key" });
  for (let call = 0; call < 3; call++) await rejects(client.token(), { code: "ERR_UNAUTHORIZED", status: 401 });
  assert.equal(await w.count("masivo", "token"), 1);
  client.invalidate();
  await rejects(client.token(), { code: "ERR_UNAUTHORIZED" });
  await w.advance(61);
  await rejects(client.token(), { code: "ERR_UNAUTHORIZED" });
  assert.equal(await w.count("masivo", "token"), 3);
});

const THROWN = [
  [
    "an error",
    () => {
      throw new RangeError("the vault is sealed");
    },
    "RangeError",
    "the vault is sealed",
  ],
  [
    "a rejection",
    async () => {
      throw new Error("the vault is sealed");
    },
    "Error",
    "the vault is sealed",
  ],
  [
    "a string",
    () => {
      throw "sealed";
    },
    "a string",
    "sealed",
  ],
  [
    "nothing",
    () => {
      throw undefined;
    },
    "undefined",
    "what was thrown is no Error",
  ],
  [
    "an error with a cause",
    () => {
      throw new Error("no", { cause: new Error("DNS") });
    },
    "Error",
    "no: DNS",
  ],
];

for (const [what, apiKey, name, message] of THROWN) {
  test(`a credential function that throws ${what} is ERR_CREDENTIAL with a copy of it, and is asked again next time`, async (t) => {
    const w = await world(t);
    const functions = [apiKey, () => w.credentials.masivo.apiKey];
    const client = w.client("masivo", { apiKey: () => functions.shift()() });
    const error = await rejects(client.token(), {
      code: "ERR_CREDENTIAL",
      provider: "masivo",
      retryable: false,
      message: "apiKey: the function threw",
    });
    assert.equal(error.cause.name, name);
    assert.ok(error.cause.message.startsWith(message), error.cause.message);
    assert.ok(!Object.keys(error).includes("cause"));
    await whoami(client);
  });
}

const WRONG = [
  [undefined, "gave undefined, not a string"],
  [null, "gave null, not a string"],
  [7, "gave a number, not a string"],
  [new String("x"), "not a string"],
  [{ apiKey: "x" }, "not a string"],
  ["", "is empty"],
  ["key\n", "line break"],
  ["kéy→", "visible ASCII"],
];

for (const [given, message] of WRONG) {
  test(`a credential function that gives ${JSON.stringify(given)} is ERR_CREDENTIAL, and is asked again next time`, async (t) => {
    const w = await world(t);
    const answers = [given, w.credentials.masivo.apiKey];
    const client = w.client("masivo", { apiKey: async () => answers.shift() });
    await rejects(client.token(), { code: "ERR_CREDENTIAL", message });
    await whoami(client);
    assert.equal(await w.count("masivo", "token"), 1);
  });
}

test("a credential function that never answers is given up at the timeout", async (t) => {
  const w = await world(t);
  const functions = [() => new Promise(() => {}), () => w.credentials.masivo.apiKey];
  const client = w.client("masivo", { apiKey: () => functions.shift()(), timeout: 0.02 });
  await rejects(client.token(), { code: "ERR_TIMEOUT", retryable: true, message: "apiKey" });
});

test("a credential function may use the client itself", async (t) => {
  const w = await world(t);
  let asked = 0;
  const client = w.client("masivo", {
    apiKey() {
      if (asked++ === 0) client.invalidate();
      assert.equal(client.expiresAt, undefined);
      return w.credentials.masivo.apiKey;
    },
  });
  await client.token();
  assert.equal(asked, 2, "whoever waited for the token that was given up asks for another");
});

test("acquire is told by its signal when it takes longer than the timeout", async (t) => {
  const w = await world(t);
  const signals = [];
  const client = w.client("token", {
    timeout: 0.02,
    acquire(signal) {
      signals.push(signal);
      return new Promise(() => {});
    },
  });
  await rejects(client.token(), { code: "ERR_TIMEOUT", provider: "token", message: "acquire gave no token" });
  assert.equal(signals.length, 1);
  assert.ok(signals[0] instanceof AbortSignal);
  assert.ok(signals[0].aborted);
});

test("acquire's signal is not aborted once it has given a token", async (t) => {
  const w = await world(t);
  let kept;
  const client = w.client("token", { acquire: (signal) => ((kept = signal), { token: "opaque", expiresIn: 60 }) });
  assert.equal(await client.token(), "opaque");
  assert.equal(kept.aborted, false);
});

/** What has itself in it, more often than anybody can follow. */
const endless = {};
Object.assign(endless, { a: endless, b: endless, c: endless });
endless.toJSON = () => "itself";

const NO_GRANTS = [
  [undefined, "acquire gave undefined"],
  ["text", "acquire gave a string"],
  [{}, "no token that can stand in a header"],
  [{ token: 7 }, "no token that can stand in a header"],
  [{ token: new URL("https://a.example/token") }, "no token that can stand in a header"],
  [{ token: endless }, "no token that can stand in a header"],
  [{ token: "" }, "no token that can stand in a header"],
  [{ token: "a\r\nb: c" }, "no token that can stand in a header"],
  [{ token: "a", expiresIn: "60" }, "no number of seconds"],
  [{ token: "a", expiresIn: -1 }, "no number of seconds"],
  [{ token: "a", expiresIn: NaN }, "no number of seconds"],
];

for (const [given, message] of NO_GRANTS) {
  test(`an acquire that gives ${JSON.stringify(given)} is ERR_CREDENTIAL, and is asked again next time`, async (t) => {
    const w = await world(t);
    const answers = [given, { token: "good", expiresIn: 60 }];
    const client = w.client("token", { acquire: async () => answers.shift() });
    await rejects(client.token(), { code: "ERR_CREDENTIAL", provider: "token", message });
    assert.equal(await client.token(), "good");
  });
}

test("an acquire that throws is ERR_CREDENTIAL with a copy of what it threw", async (t) => {
  const w = await world(t);
  const client = w.client("token", {
    async acquire() {
      throw Object.assign(new TypeError("no backend"), { token: "secret" });
    },
  });
  const { cause } = await rejects(client.token(), { code: "ERR_CREDENTIAL", message: "the function threw" });
  assert.equal(cause.name, "TypeError");
  assert.equal(cause.message, "no backend");
  assert.equal(cause.token, undefined, "only its words are copied");
});
