// `latchkey/slim`, to which the caller brings the core, and engines that lack what the inline entry likes to use.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { serve } from "./support.mjs";

const require = createRequire(import.meta.url);
const core = await readFile(require.resolve("latchkey/core.wasm"));
const TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE4OTM0NTYwMDB9.c2lnbmF0dXJl";
const NOW = { now: new Date("2029-01-01") };

let instances = 0;

/** A module of its own, in which nothing has happened yet. */
const fresh = (entry) => import(`../dist/${entry}.js?${(instances += 1)}`);

/** A server that answers every request with this. */
const answering = (t, status, body) => serve(t, (_, response) => response.writeHead(status).end(body));

async function refuses({ ready, LatchkeyError }, source, fields) {
  const error = await ready(source).catch((thrown) => thrown);
  assert.ok(error instanceof LatchkeyError, `${error}`);
  const found = Object.fromEntries(Object.keys(fields).map((name) => [name, error[name]]));
  assert.deepEqual(found, fields, error.message);
}

test("without a core every use says what comes first", async () => {
  const { Client, LatchkeyError, decode, isExpired, ready } = await fresh("slim");
  for (const use of [() => new Client({}), () => decode(TOKEN), () => isExpired(TOKEN)]) {
    assert.throws(use, (error) => {
      return error instanceof LatchkeyError && error.code === "ERR_UNSUPPORTED" && error.message.includes("ready(source)");
    });
  }
  await refuses({ ready, LatchkeyError }, undefined, { code: "ERR_CONFIG" });
});

test("the core comes as a module, as bytes, by an answer, from an address, or as a promise of each", async (t) => {
  const url = await answering(t, 200, core);
  const sources = {
    module: new WebAssembly.Module(core),
    bytes: core,
    buffer: core.buffer.slice(core.byteOffset, core.byteOffset + core.byteLength),
    answer: await fetch(url),
    address: new URL(url),
  };
  for (const [name, source] of Object.entries(sources)) {
    const { isExpired, ready } = await fresh("slim");
    assert.equal(await ready(source), undefined);
    assert.equal(isExpired(TOKEN, NOW), false, name);
  }
  const { isExpired, ready } = await fresh("slim");
  await ready(fetch(url));
  assert.equal(isExpired(TOKEN, NOW), false);
});

test("it is compiled once, however many ask and whatever they bring", async (t) => {
  const { isExpired, ready } = await fresh("slim");
  const compile = t.mock.method(WebAssembly, "compile");
  await Promise.all([ready(core), ready(core), ready("nothing of the kind")]);
  await ready(5);
  assert.equal(compile.mock.callCount(), 1);
  assert.equal(isExpired(TOKEN, NOW), false);
});

test("after a failure the next source has its turn, also of those that waited", async (t) => {
  const module = await fresh("slim");
  const missing = new URL(await answering(t, 404, "no such file"));
  const [first, second] = await Promise.allSettled([module.ready(missing), module.ready(core)]);
  assert.deepEqual([first.status, first.reason.code, second.status], ["rejected", "ERR_RESPONSE", "fulfilled"]);
  assert.equal(module.isExpired(TOKEN, NOW), false);
});

test("ready can be called again after a failure, also where the core is inside", async (t) => {
  const { isExpired, ready, LatchkeyError } = await fresh("inline");
  t.mock.method(WebAssembly, "compile", () => Promise.reject(new WebAssembly.CompileError("no room")), { times: 1 });
  await refuses({ ready, LatchkeyError }, undefined, { code: "ERR_UNSUPPORTED" });
  await Promise.all([ready(), ready(), ready()]);
  assert.equal(isExpired(TOKEN, NOW), false);
});

test("what cannot be had, or is no core, is told by a code", async (t) => {
  const module = await fresh("slim");
  await refuses(module, new URL(await answering(t, 503, "")), { code: "ERR_RESPONSE", status: 503 });
  await refuses(module, new URL("http://127.0.0.1:9/core.wasm"), { code: "ERR_NETWORK", retryable: true });
  await refuses(module, Promise.reject(new Error("no")), { code: "ERR_NETWORK", message: "the core could not be had: no" });
  await refuses(module, new URL(await answering(t, 200, "<html>")), { code: "ERR_UNSUPPORTED" });
  const message = "must be a WebAssembly.Module, its bytes, a Response or a URL, not a string";
  await refuses(module, "core.wasm", { code: "ERR_CONFIG", issues: [{ path: "source", message }] });
  await module.ready(core);
  assert.equal(module.isExpired(TOKEN, NOW), false);
});

test("require and import of slim give one instance", async () => {
  assert.equal((await import("latchkey/slim")).Client, require("latchkey/slim").Client);
});

test("the inline entry brings the module as it is", async (t) => {
  const { Module } = WebAssembly;
  t.after(() => (WebAssembly.Module = Module));
  let brought;
  WebAssembly.Module = function (bytes) {
    brought = Buffer.from(bytes);
    return new Module(bytes);
  };
  const { isExpired } = await fresh("inline");
  assert.equal(isExpired(TOKEN, NOW), false);
  assert.deepEqual(brought, core);
});

test("what require gives decodes its core with what the engine has", async (t) => {
  const { Buffer } = globalThis;
  t.after(() => (globalThis.Buffer = Buffer));
  const file = require.resolve("latchkey");
  for (const buffer of [Buffer, undefined]) {
    delete require.cache[file];
    const { isExpired } = require(file);
    globalThis.Buffer = buffer;
    assert.equal(isExpired(TOKEN, NOW), false);
    globalThis.Buffer = Buffer;
  }
});

test("a call that comes before ready has compiled needs nobody's patience", async () => {
  const { isExpired, ready } = await fresh("inline");
  const pending = ready();
  assert.equal(isExpired(TOKEN, NOW), false);
  await pending;
  assert.equal(isExpired(TOKEN, NOW), false);
});

test("several copies of the module in one process leave each other alone", async () => {
  const copies = await Promise.all([fresh("inline"), fresh("inline"), fresh("slim"), import("latchkey")]);
  await Promise.all(copies.map(({ ready }) => ready(core)));
  const clients = copies.map(({ Client }) => new Client({ provider: "masumi", apiKey: "key" }));
  for (const client of clients) assert.deepEqual(await client.headers(), { token: "key" });
  clients[0].free();
  assert.equal((await clients[0].headers().catch((error) => error)).code, "ERR_CLOSED");
  for (const client of clients.slice(1)) assert.deepEqual(await client.headers(), { token: "key" });
});
