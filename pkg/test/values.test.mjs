// How what is given out prints: secrets, errors, clients, keys.

import assert from "node:assert/strict";
import test from "node:test";
import { format, inspect } from "node:util";
import { Client, LatchkeyError, Secret } from "latchkey";
import { look, prints, rejects, throws, world } from "./support.mjs";

const failing = () => throws(() => new Client({ provider: "masivo" }), { code: "ERR_CONFIG" });

test("a secret prints [redacted] in every way but one", async (t) => {
  const w = await world(t);
  const { secret } = await w.client("masumi").keys.create({});
  assert.ok(secret instanceof Secret);
  const text = secret.reveal();
  assert.match(text, /^masumi-payment-/);
  for (const printed of [
    `${secret}`,
    String(secret),
    secret + "",
    [secret].join(),
    secret.toString(),
    JSON.parse(JSON.stringify(secret)),
    inspect(secret),
    format("%s", secret),
    format("%o", secret),
    secret.toLocaleString(),
  ]) {
    assert.equal(printed, "[redacted]");
  }
  const wrapped = {
    deep: { deeper: [new Map([[secret, new Set([secret])]])] },
    error: new Error("x", { cause: secret }),
  };
  for (const shown of [...prints(secret), ...prints(wrapped), ...prints(new Error(secret))]) {
    assert.ok(!shown.includes(text), shown);
  }
  assert.deepEqual(Object.keys(secret), []);
  assert.deepEqual(Object.getOwnPropertyNames(secret), []);
  assert.deepEqual({ ...secret }, {});
  assert.equal(structuredClone({ secret }).secret.text, undefined);
});

test("an error is an Error: its name, its code, and what else is known, all listed but the cause", async (t) => {
  const w = await world(t);
  const client = w.client("masivo", { baseUrl: "http://127.0.0.1:9", retries: 0 });
  const error = await rejects(client.token(), { code: "ERR_NETWORK" });
  assert.ok(error instanceof Error);
  assert.equal(error.constructor, LatchkeyError);
  assert.equal(error.name, "LatchkeyError");
  assert.equal(LatchkeyError.prototype.name, "LatchkeyError");
  assert.ok(error.stack.startsWith("LatchkeyError: "), error.stack);
  assert.deepEqual(Object.keys(error).sort(), ["code", "provider", "retryable"]);
  assert.equal(String(error), `LatchkeyError: ${error.message}`);
  assert.ok(error.cause instanceof Error);
  assert.equal(Object.getOwnPropertyDescriptor(error, "cause").enumerable, false);
  assert.match(inspect(error), /\[cause\]: /);
});

test("an error in JSON has its name and message, and no cause", async (t) => {
  const w = await world(t);
  await w.fault({ kind: "retryAfter", seconds: 90, service: "masivo", on: "token" });
  const error = await rejects(w.client("masivo").token(), { code: "ERR_RATE_LIMITED" });
  assert.deepEqual(JSON.parse(JSON.stringify({ error })), {
    error: {
      name: "LatchkeyError",
      message: error.message,
      code: "ERR_RATE_LIMITED",
      provider: "masivo",
      status: 429,
      retryAfter: 90,
      retryable: true,
    },
  });
  const { issues } = JSON.parse(JSON.stringify(failing()));
  assert.deepEqual(
    issues.map(({ path }) => path),
    ["apiKey"],
  );
});

test("what is not known of an error is not there", () => {
  const error = failing();
  for (const name of ["status", "retryAfter", "cause"]) assert.ok(!(name in error), name);
  assert.equal(error.retryable, false);
});

test("a cause is a copy: what else the thrown thing had does not come along", async (t) => {
  const w = await world(t);
  const { apiKey } = w.credentials.masivo;
  const thrown = Object.assign(new TypeError(`cannot use ${apiKey}`), { apiKey, cause: new Error(apiKey) });
  const own = async () => {
    throw thrown;
  };
  const { cause } = await rejects(w.client("masivo", { fetch: own, retries: 0 }).token(), { code: "ERR_NETWORK" });
  assert.notEqual(cause, thrown);
  assert.equal(cause.name, "TypeError");
  assert.match(cause.message, /^cannot use \[redacted\]/);
  look(cause);
});

test("a client prints what it is, and no secret, at any depth", async (t) => {
  const w = await world(t);
  for (const provider of ["masivo", "masv", "login", "brifle", "masumi", "oauth2", "custom", "token"]) {
    const client = w.client(provider);
    look(client);
    await client.token();
    for (const shown of [client, { client }, [[[client]]], Object.assign(new Error("x"), { client })]) look(shown);
    assert.match(inspect(client), new RegExp(`provider: '${provider}'`));
    const { provider: named, expiresAt } = JSON.parse(JSON.stringify(client));
    assert.equal(named, provider);
    assert.equal(expiresAt, client.expiresAt?.toISOString());
    assert.ok(client instanceof Client);
    if (provider === "masumi") look(client.keys);
  }
});

test("each provider's client has a class of its own, which tells its name", async (t) => {
  const w = await world(t);
  const names = {
    masivo: "MasivoClient",
    masv: "MasvClient",
    login: "LoginClient",
    brifle: "BrifleClient",
    masumi: "MasumiClient",
    oauth2: "OAuth2Client",
    custom: "CustomClient",
    token: "TokenClient",
  };
  for (const [provider, name] of Object.entries(names)) {
    const client = w.client(provider);
    assert.ok(inspect(client).startsWith(`${name} {`), inspect(client));
    assert.equal(client.constructor.name, name);
  }
  assert.deepEqual([Client.name, LatchkeyError.name, Secret.name], ["Client", "LatchkeyError", "Secret"]);
});

test("what is no client is no instance of Client", () => {
  for (const value of [{}, null, undefined, Client, () => {}]) assert.ok(!(value instanceof Client));
});

test("provider, expiresAt and scopes are read-only", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  for (const name of ["provider", "expiresAt", "scopes", "token", "headers", "fetch"]) {
    assert.throws(() => (client[name] = "other"), TypeError, name);
  }
});

test("a Date that is given out is the caller's own", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  await client.token();
  const before = client.expiresAt.getTime();
  client.expiresAt.setFullYear(1999);
  assert.equal(client.expiresAt.getTime(), before);
});
