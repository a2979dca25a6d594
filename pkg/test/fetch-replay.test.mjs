// A 401: one refresh and one replay, of whatever can be sent again.

import assert from "node:assert/strict";
import { Buffer, File } from "node:buffer";
import { once } from "node:events";
import test from "node:test";
import { rejects, serve, whoami, world } from "./support.mjs";

const TEXT = "a body: größer, 日本\r\n\0";
const BYTES = new Uint8Array([0, 255, 128, 10, 13, 127]);

function form() {
  const form = new FormData();
  form.append("text", TEXT);
  form.append("file", new File([BYTES], "bytes.bin", { type: "application/x-bytes" }));
  return form;
}

const REPLAYED = {
  "a string": TEXT,
  "an empty string": "",
  "a Uint8Array": BYTES,
  "a Buffer": Buffer.from(TEXT),
  "an ArrayBuffer": BYTES.buffer,
  "a part of a buffer": new DataView(BYTES.buffer, 1, 3),
  "a Float64Array": new Float64Array([1.5, -2]),
  URLSearchParams: new URLSearchParams([
    ["a b", "c&d"],
    ["a b", "é"],
  ]),
  FormData: form(),
  "a Blob": new Blob([TEXT, BYTES], { type: "image/x-none" }),
  "a File": new File([BYTES], "name.bin"),
};

/** A service that refuses the first token that it sees, and keeps what arrived. */
async function refusing(t) {
  const arrived = [];
  const baseUrl = await serve(t, async (request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    await once(request, "end");
    const { authorization, "content-type": type } = request.headers;
    // The boundary of a form is made anew each time that it is sent.
    const boundary = type?.match(/boundary=(.*)$/)?.[1];
    const body = Buffer.concat(chunks).toString("latin1");
    const fixed = (text) => (boundary ? text?.replaceAll(boundary, "BOUNDARY") : text);
    arrived.push({ method: request.method, authorization, type: fixed(type), body: fixed(body) });
    response.statusCode = authorization === "Bearer token-1" ? 401 : 200;
    response.end("the answer");
  });
  const w = await world(t);
  let given = 0;
  const acquire = async () => ({ token: `token-${++given}`, expiresIn: 3600 });
  return { w, arrived, baseUrl, client: w.client("token", { baseUrl, acquire }) };
}

for (const [kind, body] of Object.entries(REPLAYED)) {
  test(`${kind} as the body is sent again byte for byte after a 401`, async (t) => {
    const { client, arrived } = await refusing(t);
    const response = await client.fetch("/orders", { method: "POST", body });
    assert.equal(response.status, 200);
    assert.equal(arrived.length, 2);
    const [{ authorization: first, ...before }, { authorization: second, ...after }] = arrived;
    assert.deepEqual([first, second], ["Bearer token-1", "Bearer token-2"]);
    assert.deepEqual(after, before);
    const sent = await new Response(body).arrayBuffer();
    if (!(body instanceof FormData)) assert.equal(after.body, Buffer.from(sent).toString("latin1"));
    else assert.ok(after.body.includes(Buffer.from(BYTES).toString("latin1")));
  });
}

const stream = () => new Blob([TEXT]).stream();
async function* generated() {
  yield new TextEncoder().encode(TEXT);
}

for (const [kind, make] of [
  ["a ReadableStream", stream],
  ["an async iterable", generated],
]) {
  test(`${kind} is not sent again: its 401 comes back whole, and the token is dropped`, async (t) => {
    const { w, client, arrived } = await refusing(t);
    const send = () => client.fetch("/orders", { method: "POST", body: make(), duplex: "half" });
    const response = await send();
    assert.equal(response.status, 401);
    assert.equal(await response.text(), "the answer");
    assert.equal(arrived.length, 1);
    assert.equal(client.expiresAt, undefined);
    assert.deepEqual(
      w.events.map(({ type, replayed }) => [type, replayed]),
      [
        ["token", undefined],
        ["unauthorized", false],
      ],
    );
    assert.equal((await send()).status, 200);
    assert.equal(arrived[1].authorization, "Bearer token-2");
    assert.equal(arrived[1].body, arrived[0].body);
  });
}

test("a Request without a body is sent again", async (t) => {
  const { client, arrived, baseUrl } = await refusing(t);
  assert.equal((await client.fetch(new Request(`${baseUrl}/orders`, { method: "DELETE" }))).status, 200);
  assert.deepEqual(
    arrived.map(({ method }) => method),
    ["DELETE", "DELETE"],
  );
});

test("a Request's own body is not kept to be sent again: its 401 comes back", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  await client.token();
  await w.revoke("masivo");
  const request = new Request(`${w.services.masivo}/whoami`, { method: "POST", body: TEXT });
  assert.equal((await client.fetch(request)).status, 401);
  assert.equal(await w.count("masivo", "resource"), 1);
  assert.equal(client.expiresAt, undefined);
  const again = new Request(`${w.services.masivo}/whoami`, { method: "POST", body: TEXT });
  assert.equal((await whoami(client, again)).body, TEXT);
});

test("what init brings for a Request can be sent again", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  await client.token();
  await w.revoke("masivo");
  const request = new Request(`${w.services.masivo}/whoami`, { method: "POST", body: "not this" });
  assert.equal((await whoami(client, request, { body: "but this" })).body, "but this");
});

test("a second 401 is the service's last word, and comes back", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  const refuse = { service: "masivo", on: "resource", kind: "status", status: 401, body: "no" };
  await w.fault({ ...refuse, times: 3 });
  assert.equal(await (await client.fetch("/whoami")).text(), "no");
  assert.equal(await w.count("masivo", "resource"), 2);
  assert.equal(await w.count("masivo", "token"), 2);
  assert.equal((await client.fetch("/whoami")).status, 401);
  assert.equal(await w.count("masivo", "resource"), 3, "a token that a 401 has just fetched is not fetched again");
  await whoami(client);
});

test("ten 401s at once cause one refresh", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  await client.token();
  await w.revoke("masivo");
  const seen = await Promise.all(Array.from({ length: 10 }, () => whoami(client)));
  assert.deepEqual(
    seen.map(({ tokenNumber }) => tokenNumber),
    Array(10).fill(2),
  );
  assert.equal(await w.count("masivo", "token"), 2);
});

test("a 401 or 403 for too few rights comes back as it is and drops nothing", async (t) => {
  const w = await world(t);
  for (const [provider, status] of [
    ["masivo", 403],
    ["oauth2", 403],
    ["masumi", 401],
  ]) {
    const client = w.client(provider);
    const token = await client.token();
    const response = await client.fetch("/scoped");
    assert.equal(response.status, status, provider);
    assert.equal(await w.count(provider, "resource"), 1, provider);
    assert.equal(await client.token(), token);
  }
  await w.fault({
    service: "masivo",
    on: "resource",
    kind: "status",
    status: 401,
    headers: { "www-authenticate": 'Bearer error="insufficient_scope"' },
  });
  const client = w.client("masivo");
  assert.equal((await client.fetch("/whoami")).status, 401);
  assert.equal(await w.count("masivo", "token"), 2, "one for each client");
});

test("when the refresh after a 401 fails, the caller is told why", async (t) => {
  const w = await world(t);
  const client = w.client("masivo");
  await client.token();
  await w.change("masivo", { apiKey: "another-key-of-masivo" });
  await w.revoke("masivo");
  await rejects(client.fetch("/whoami"), {
    code: "ERR_UNAUTHORIZED",
    provider: "masivo",
    status: 401,
    message: "Invalid API key",
  });
});
