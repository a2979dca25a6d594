// What is done at once because there is nothing to wait for, and what is shared because all would wait for the same.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "latchkey";

/** A client whose requests are answered when the test says so, and what was asked for. */
function stage() {
  const asked = { tokens: [], sent: [] };
  const acquire = () => new Promise((resolve) => asked.tokens.push(() => resolve({ token: `token-${asked.tokens.length}`, expiresIn: 3600 })));
  const fetch = (url, init) =>
    new Promise((resolve) => {
      const answer = (status, body = null) => resolve(new Response(body, { status }));
      asked.sent.push({ url, authorization: init.headers.get("authorization"), answer });
    });
  const client = new Client({ provider: "token", baseUrl: "https://api.example.com/v1", acquire, fetch });
  const until = async (what) => {
    while (!what()) await new Promise((resolve) => setImmediate(resolve));
  };
  const hold = async () => {
    const token = client.token();
    await until(() => asked.tokens.length > 0);
    asked.tokens.at(-1)();
    await token;
  };
  return { client, asked, until, hold };
}

test("a request with a token at hand has left when fetch returns", async () => {
  const { client, asked, hold } = stage();
  await hold();
  const response = client.fetch("/orders");
  assert.deepEqual([asked.sent[0].url, asked.sent[0].authorization], ["https://api.example.com/v1/orders", "Bearer token-1"]);
  asked.sent[0].answer(200);
  assert.equal((await response).status, 200);
  assert.equal(asked.sent.length, 1);
});

test("a path goes where the URL parser says, whatever paths went before it", async () => {
  const { client, asked, hold } = stage();
  await hold();
  const base = "https://api.example.com/v1";
  const paths = ["/a", "/b", "/a-b/c_d?e=f&g=", "/", "/a/", "/a/../b", "/a b", "/ä", "/%2e/a", "/a?b=c d", "/a#b", "/a\n", "/a//b", "/a"];
  for (const [at, path] of paths.entries()) {
    const response = client.fetch(path);
    assert.equal(asked.sent[at].url, new URL(base + path).href, path);
    asked.sent[at].answer(200);
    await response;
  }
  for (const path of ["//a", "/../a", "/%2e%2e/a", "/a/../../b", "a"]) await assert.rejects(client.fetch(path), { code: "ERR_ORIGIN" });
  assert.equal(asked.sent.length, paths.length);
});

test("an answer that is no success is handed back without a token being asked for, though the token has gone meanwhile", async () => {
  for (const forget of ["invalidate", "logout"]) {
    const { client, asked, hold } = stage();
    await hold();
    const response = client.fetch("/orders");
    await client[forget]();
    asked.sent[0].answer(404);
    assert.equal((await response).status, 404);
    assert.deepEqual([asked.sent.length, asked.tokens.length], [1, 1], forget);
  }
});

test("a late 401 takes away no token but the one that it was sent with", async () => {
  const { client, asked, hold, until } = stage();
  await hold();
  const response = client.fetch("/orders");
  client.invalidate();
  const renewed = client.token();
  await until(() => asked.tokens.length === 2);
  asked.tokens[1]();
  await renewed;
  asked.sent[0].answer(401);
  await until(() => asked.sent.length === 2);
  assert.equal(asked.sent[1].authorization, "Bearer token-2");
  asked.sent[1].answer(200);
  assert.equal((await response).status, 200);
  assert.equal(await client.token(), "token-2");
  assert.equal(asked.tokens.length, 2);
});

test("an answer that comes after the end of the client is read by nobody and let go of", async () => {
  const { client, asked, hold, until } = stage();
  await hold();
  const response = client.fetch("/orders");
  client.free();
  await assert.rejects(response, { code: "ERR_CLOSED" });
  let cancelled = false;
  asked.sent[0].answer(200, new ReadableStream({ cancel: () => (cancelled = true) }));
  await until(() => cancelled);
});

test("callers who come while nothing happens share the wait, and nobody shares what another has given up", async () => {
  const { client, asked, until } = stage();
  const first = client.token();
  assert.equal(client.token(), first);
  client.invalidate();
  const second = client.token();
  assert.notEqual(second, first);
  await until(() => asked.tokens.length === 2);
  asked.tokens[1]();
  assert.deepEqual(await Promise.all([first, second]), ["token-2", "token-2"]);

  client.invalidate();
  const waiting = client.token();
  const ended = client.logout();
  const after = client.token();
  await assert.rejects(waiting, { code: "ERR_UNAUTHORIZED" });
  await ended;
  await until(() => asked.tokens.length === 4);
  asked.tokens[3]();
  assert.equal(await after, "token-4");
});
