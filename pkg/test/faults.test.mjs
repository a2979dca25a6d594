// What a network and a service do at their worst, over real HTTP: answers that drip, break off or never end, storms, names that
// resolve to nothing. What is answered with something else than a token is in bad-answers.test.mjs, redirects in fetch-home and tls, and
// what is too large in bounded.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import test from "node:test";
import { expect, rejects, serve, whoami, world } from "./support.mjs";

/** A server that speaks no HTTP but what `handler` writes; its address. */
async function raw(t, handler) {
  const sockets = new Set();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    handler(socket);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

const head = (lines) => `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${lines.join("\r\n")}\r\n\r\n`;

/** What a peer does once it was asked, and what comes of it. */
const PEERS = [
  ["never answers", () => {}, "ERR_TIMEOUT"],
  ["sends its head and nothing more", (socket) => socket.write(head(["content-length: 20"])), "ERR_TIMEOUT"],
  [
    "drips, a byte every few milliseconds",
    (socket) => {
      socket.write(head(["content-length: 100000"]));
      const drip = setInterval(() => socket.write("x"), 5);
      socket.on("close", () => clearInterval(drip));
    },
    "ERR_TIMEOUT",
  ],
  ["closes its half without an answer", (socket) => socket.end(), "ERR_NETWORK"],
  ["closes its half in the head", (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-ty"), "ERR_NETWORK"],
  ["closes its half in the body", (socket) => socket.end(`${head(["content-length: 20"])}{"data":`), "ERR_NETWORK"],
  [
    "breaks off within a chunk",
    (socket) => socket.write(`${head(["transfer-encoding: chunked"])}8\r\n{"da`, () => socket.resetAndDestroy()),
    "ERR_NETWORK",
  ],
  ["ends its chunks too early", (socket) => socket.end(`${head(["transfer-encoding: chunked"])}4\r\n{"da\r\n`), "ERR_NETWORK"],
  ["speaks no HTTP", (socket) => socket.end("220 mail.example.com ESMTP\r\n"), "ERR_NETWORK"],
  [
    "says that a body is gzip which is none",
    (socket) => socket.end(`${head(["content-encoding: gzip", "content-length: 10"])}{"data":1}`),
    "ERR_NETWORK",
  ],
];

for (const [what, act, code] of PEERS) {
  test(`a token endpoint that ${what} is ${code}, and the next call works`, async (t) => {
    const w = await world(t);
    let closed;
    const ended = new Promise((resolve) => (closed = resolve));
    const address = await raw(t, (socket) => {
      socket.once("data", () => act(socket));
      for (const event of ["end", "error"]) socket.once(event, closed);
    });
    let tokenUrl = address;
    // The peer is cured by going to another: its name stays the same.
    const own = (url, init) => fetch(String(url).startsWith(address) ? String(url).replace(address, tokenUrl) : url, init);
    const client = w.client("masivo", { tokenUrl: `${address}/auth/authorize`, timeout: 0.4, retries: 0, fetch: own });
    await rejects(client.token(), { code, provider: "masivo", retryable: true });
    // The connection of what was given up is not kept.
    if (code === "ERR_TIMEOUT") await ended;
    tokenUrl = w.services.masivo;
    client.invalidate();
    await whoami(client);
  });
}

test("a name that does not resolve is ERR_NETWORK with the reason", async (t) => {
  const w = await world(t);
  const client = w.client("masivo", { baseUrl: "https://nowhere.invalid", retries: 0 });
  for (const call of [() => client.token(), () => client.fetch("/orders")]) {
    const { cause } = await rejects(call(), { code: "ERR_NETWORK", provider: "masivo", retryable: true });
    assert.match(cause.message, /nowhere\.invalid/);
  }
});

test("Retry-After as a date is heeded as it is in seconds, by the service's clock", async (t) => {
  const w = await world(t);
  for (const [given, hours] of [["seconds", 0], ["date", 0], ["date", 12], ["date", -12]]) {
    const client = w.client("masivo", { now: () => new Date(w.now().getTime() + hours * 3_600_000) });
    await w.fault({ kind: "retryAfter", [given]: 90, service: "masivo", on: "token" });
    const { retryAfter } = await rejects(client.token(), { code: "ERR_RATE_LIMITED", status: 429, retryable: true });
    assert.ok(retryAfter > 85 && retryAfter <= 91, `${given}, ${hours} h off: ${retryAfter}`);
    const before = await w.count("masivo", "token");
    await w.advance(80);
    await rejects(client.token(), { code: "ERR_RATE_LIMITED" });
    assert.equal(await w.count("masivo", "token"), before, "it came back too early");
    await w.advance(12);
    await client.token();
  }
});

test("a short Retry-After is waited for, in either notation", async (t) => {
  const w = await world(t);
  for (const wait of [{ seconds: 1 }, { date: 1 }]) {
    await w.fault({ kind: "retryAfter", status: 503, ...wait, service: "masivo", on: "token" });
    w.events.length = 0;
    await whoami(w.client("masivo"));
    const [{ type, delay, status }] = w.events;
    assert.deepEqual([type, status], ["retry", 503]);
    // A date has no fractions of a second.
    assert.ok(delay <= 1 && (delay === 1 || wait.date), `${delay}`);
  }
});

test("a storm of 503 costs a crowd the tries of one, and passes", async (t) => {
  t.mock.method(Math, "random", () => 0);
  const w = await world(t);
  await w.fault({ kind: "status", status: 503, service: "masivo", on: "token", times: null });
  const client = w.client("masivo");
  const crowd = () => Promise.allSettled(Array.from({ length: 200 }, () => client.token()));
  for (const { reason } of await crowd()) expect(reason, { code: "ERR_SERVER", status: 503, retryable: true });
  assert.equal(await w.count("masivo", "token"), 4, "one try, and three more");
  await fetch(`${w.url}/_sandbox/faults`, { method: "DELETE" });
  client.invalidate();
  for (const { status } of await crowd()) assert.equal(status, "fulfilled");
  assert.equal(await w.count("masivo", "token"), 5);
});

test("a storm of 503 at the resource is the caller's own to see: nothing is repeated", async (t) => {
  const w = await world(t);
  await w.fault({ kind: "status", status: 503, service: "masivo", on: "resource", times: 20 });
  const client = w.client("masivo");
  const answers = await Promise.all(Array.from({ length: 20 }, () => client.fetch("/whoami")));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([503]));
  assert.equal(await w.count("masivo", "resource"), 20);
  await whoami(client);
});

test("JSON is read whatever it is called, and what is called JSON is not believed", async (t) => {
  const w = await world(t);
  for (const contentType of ["text/plain", "text/html", "image/png", "application/problem+json"]) {
    const body = { data: "a-token" };
    await w.fault({ kind: "body", body, contentType, service: "masivo", on: "token" });
    assert.equal(await w.client("masivo").token(), "a-token", contentType);
  }
  await w.fault({ kind: "body", body: "<h1>Log in", service: "masivo", on: "token" });
  await rejects(w.client("masivo").token(), { code: "ERR_RESPONSE", message: "no JSON" });
});

test("at home, in a circle, and abroad: each hop of a redirect has the credential or has none", async (t) => {
  const w = await world(t);
  const abroad = w.services.masivo.replace("127.0.0.1", "localhost");
  await w.fault(
    { service: "masivo", on: "/first", kind: "redirect", location: "second", times: null },
    { service: "masivo", on: "/second", kind: "redirect", location: `${abroad}/third`, times: null },
    // Home again, by a stranger's word.
    { service: "masivo", on: "/third", kind: "redirect", location: `${w.services.masivo}/whoami`, times: null },
  );
  const response = await w.client("masivo").fetch("/first", { headers: { cookie: "a=b", "x-api-key": "mine" } });
  await response.arrayBuffer();
  const hops = (await w.log()).filter(({ purpose }) => purpose === "resource").map(({ path, credentials }) => [path.split("/").at(-1), credentials.sort()]);
  assert.deepEqual(hops, [
    ["first", ["authorization", "cookie", "x-api-key"]],
    ["second", ["authorization", "cookie", "x-api-key"]],
    ["third", []],
    ["whoami", []],
  ]);
});
