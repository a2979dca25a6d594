// client.fetch as a fetch: what it takes, what arrives, what it gives.

import assert from "node:assert/strict";
import test from "node:test";
import { rejects, serve, whoami, world } from "./support.mjs";

test("a path, an address, a URL and a Request all reach the service, with the credential", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  const address = `${w.services.masivo}/whoami?page=2`;
  for (const input of ["/whoami?page=2", address, new URL(address), new Request(address)]) {
    const { headers, query, method } = await whoami(client, input);
    assert.deepEqual([headers.authorization, query, method], ["present", "page=2", "GET"]);
  }
});

test("a slash at the end of baseUrl is none too many", async (t) => {
  const w = await world(t);
  await whoami(w.client("masivo", { baseUrl: `${w.services.masivo}/` }));
});

test("method, headers in any form, and body arrive", async (t) => {
  const w = await world(t);
  const client = w.client("masv");
  const plain = { "X-One": "1", "content-type": "text/plain; charset=utf-8" };
  for (const headers of [plain, Object.entries(plain), new Headers(plain)]) {
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "post"]) {
      const seen = await whoami(client, "/whoami", { method, headers, body: "größer" });
      assert.equal(seen.method, method.toUpperCase());
      assert.equal(seen.body, "größer");
      assert.equal(seen.headers["x-one"], "1");
      assert.equal(seen.headers["content-type"], plain["content-type"]);
      assert.equal(seen.headers["x-user-token"], "present");
    }
  }
});

test("what was given to fetch is not changed by it", async (t) => {
  const w = await world(t);
  const headers = new Headers({ "x-one": "1" });
  const init = Object.freeze({ method: "POST", headers, body: "text" });
  await whoami(w.client("masivo"), "/whoami", init);
  assert.deepEqual([...headers], [["x-one", "1"]]);
});

test("a Request brings its method, headers and body, and init overrides them", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  const make = () =>
    new Request(`${w.services.masivo}/whoami`, { method: "POST", headers: { "x-one": "1" }, body: "mine" });
  const plain = await whoami(client, make());
  assert.deepEqual([plain.method, plain.body, plain.headers["x-one"]], ["POST", "mine", "1"]);
  const changed = await whoami(client, make(), { method: "PUT", headers: { "x-two": "2" }, body: "yours" });
  assert.deepEqual([changed.method, changed.body], ["PUT", "yours"]);
  assert.deepEqual([changed.headers["x-one"], changed.headers["x-two"]], [undefined, "2"]);
  assert.equal(changed.headers.authorization, "present");
});

test("the client's credential takes the place of one that the caller gave", async (t) => {
  const w = await world(t);
  for (const name of ["authorization", "AUTHORIZATION"]) {
    await whoami(w.client("masivo"), "/whoami", { headers: { [name]: "Bearer mine" } });
  }
});

test("the answer is a Response as fetch gives it, whatever its status, and nothing is tried again", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  for (const status of [400, 403, 404, 429, 500, 503]) {
    await w.fault({
      service: "masivo",
      on: "resource",
      kind: "status",
      status,
      headers: { "x-why": "a fault" },
      body: "so",
    });
    const response = await client.fetch("/whoami");
    assert.ok(response instanceof Response);
    assert.equal(response.status, status);
    assert.equal(response.headers.get("x-why"), "a fault");
    assert.equal(await response.text(), "so");
  }
  assert.equal(await w.count("masivo", "resource"), 6);
});

test("bodies stream both ways: each part arrives before the next is sent", async (t) => {
  const w = await world(t);
  const { readable, writable } = new TransformStream();
  const writer = writable.getWriter();
  const encoder = new TextEncoder();
  const started = w.client("masivo").fetch("/echo", { method: "POST", body: readable, duplex: "half" });
  writer.write(encoder.encode("one"));
  const reader = (await started).body.pipeThrough(new TextDecoderStream()).getReader();
  assert.equal((await reader.read()).value, "one");
  writer.write(encoder.encode("two"));
  assert.equal((await reader.read()).value, "two");
  writer.close();
  assert.equal((await reader.read()).done, true);
});

test("a connection that breaks is ERR_NETWORK, and the next call works", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  await client.token();
  await w.fault({ service: "masivo", on: "resource", kind: "cut" });
  const error = await rejects(client.fetch("/whoami"), { code: "ERR_NETWORK", provider: "masivo", retryable: true });
  assert.ok(error.cause instanceof Error);
  assert.equal(error.cause.name, "TypeError");
  await whoami(client);
});

test("what fetch itself refuses is ERR_INVALID_REQUEST or ERR_NETWORK with its words, and the next call works", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  for (const init of [
    { body: "of a GET" },
    { headers: { "bad name": "x" } },
    { headers: { x: "a\nb" } },
    { method: "TRACE" },
  ]) {
    const error = await rejects(client.fetch("/whoami", init), { provider: "masivo" });
    assert.match(error.code, /^ERR_(INVALID_REQUEST|NETWORK)$/);
    assert.ok(error.message.length > 10);
  }
  assert.equal(await w.count("masivo", "resource"), 0);
  await whoami(client);
});

test("an own fetch is called with an address and an init, for tokens and for requests", async (t) => {
  const w = await world(t);
  const calls = [];
  const own = (...given) => {
    calls.push(given);
    return fetch(...given);
  };
  const client = w.client("masivo", { fetch: own });
  await whoami(client, "/whoami", { method: "POST", body: "text" });
  assert.equal(calls.length, 2);
  for (const [url, init] of calls) {
    assert.ok(url.startsWith(w.services.masivo));
    assert.equal(init.redirect, "manual");
  }
  assert.equal(calls[0][1].method, "GET");
  assert.equal(calls[1][1].method, "POST");
  assert.equal(calls[1][1].body, "text");
});

test("an own fetch may throw, reject, or give something that is no Response", async (t) => {
  const w = await world(t);
  const broken = [
    () => {
      throw new TypeError("no network here");
    },
    async () => {
      throw new TypeError("no network here");
    },
  ];
  for (const fetch of broken) {
    const client = w.client("masivo", { fetch, retries: 0 });
    const { cause } = await rejects(client.fetch("/whoami"), { code: "ERR_NETWORK", provider: "masivo" });
    assert.equal(cause.message, "no network here");
  }
});

test("a global fetch that is put in place later is the one that is used", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  await whoami(client);
  const replaced = t.mock.method(globalThis, "fetch");
  await whoami(client);
  assert.equal(replaced.mock.callCount(), 1);
});

test("token, headers and fetch work without their client, and are not listed", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  const { token, headers, fetch } = client;
  assert.equal((await fetch("/whoami")).status, 200);
  assert.deepEqual(await headers(), { Authorization: `Bearer ${await token()}` });
  assert.deepEqual(Object.keys(client), []);
});

test("input and init of the wrong kind are named", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  for (const input of [undefined, null, 7, {}, [], Symbol("x")]) {
    const { issues } = await rejects(client.fetch(input), {
      code: "ERR_CONFIG",
      message: "must be a path, a URL or a Request",
    });
    assert.deepEqual(
      issues.map(({ path }) => path),
      ["input"],
    );
  }
  const wrong = await rejects(client.fetch("/whoami", "POST"), { code: "ERR_CONFIG", message: "must be an object" });
  assert.equal(wrong.issues[0].path, "init");
  const signal = await rejects(client.fetch("/whoami", { signal: 5 }), { code: "ERR_CONFIG", message: "AbortSignal" });
  assert.equal(signal.issues[0].path, "init.signal");
  assert.equal((await client.fetch("/whoami", null)).status, 200);
});

test("a response that is far larger than Latchkey's own bound is the caller's to read", async (t) => {
  const w = await world(t);
  const bytes = 5_000_000;
  await w.fault({ service: "masivo", on: "resource", kind: "big", bytes });
  const response = await w.client("masivo").fetch("/whoami");
  assert.equal((await response.arrayBuffer()).byteLength, bytes);
});

test("an address with a fragment or a query in baseUrl's own origin is sent as fetch would", async (t) => {
  const base = await serve(t, (request, response) => response.end(request.url));
  const w = await world(t);
  const client = w.client("token", { baseUrl: `${base}/v1`, acquire: async () => ({ token: "t", expiresIn: 60 }) });
  assert.equal(await (await client.fetch("/a%2Fb?q=1&q=%20#part")).text(), "/v1/a%2Fb?q=1&q=%20");
  assert.equal(await (await client.fetch(`${base}/elsewhere`)).text(), "/elsewhere");
});
