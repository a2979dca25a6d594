// A canary for each credential and token of every provider: whatever succeeds or fails, none of them sings in an error, an event,
// the console, a print of a client, JSON, a stack or an address.

import assert from "node:assert/strict";
import test from "node:test";
import { inspect } from "node:util";
import { LatchkeyError } from "latchkey";
import { prints, world } from "./support.mjs";

/** What is made of the sandbox's secrets, by the names of each service's credentials. */
const SECRETS = {
  masivo: ["apiKey"],
  masv: ["password"],
  login: ["apiKey"],
  brifle: ["key", "secret"],
  masumi: ["apiKey"],
  oauth2: ["clientSecret"],
  custom: ["secret"],
};

/** The secret with characters that JSON, a form and a URL each write in another way. */
const canary = (provider, name) => `canary+${provider}/${name}&"%20'`;

/** Each way in which a text can be written. */
function written(text) {
  const form = new URLSearchParams({ "": text }).toString().slice(1);
  return [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text), form, btoa(text), encodeURI(text)];
}

const FAULTS = (secrets, token) => {
  const echo = secrets.concat(token ?? []).join(" ");
  return [
    { kind: "status", status: 400, body: { message: echo } },
    { kind: "status", status: 401, body: { error: { message: echo } } },
    { kind: "status", status: 403, body: { error: "denied", error_description: echo } },
    { kind: "status", status: 404, body: { detail: echo } },
    { kind: "status", status: 409, body: echo },
    { kind: "status", status: 500, body: { message: secrets.map(encodeURIComponent).join(), code: echo } },
    { kind: "retryAfter", text: echo.replace(/[^ -~]/g, "") },
    { kind: "redirect", location: `/elsewhere?${encodeURIComponent(echo)}` },
    { kind: "body", body: echo },
    { kind: "body", body: [echo], contentType: echo },
    { kind: "html" },
    { kind: "empty" },
    { kind: "cut" },
    { kind: "truncated" },
    { kind: "big", bytes: 2_000_000 },
    { kind: "expired" },
  ];
};

/** All that a client and its module can be seen to say. */
function listen(t) {
  const said = [];
  for (const name of ["log", "info", "warn", "error", "debug", "trace"]) {
    t.mock.method(console, name, (...given) => said.push(given.map((value) => inspect(value)).join(" ")));
  }
  const hear = (value) => said.push(...prints(value), ...(value?.cause === undefined ? [] : prints(value.cause)));
  return { said, hear };
}

for (const [provider, names] of Object.entries(SECRETS)) {
  test(`${provider}: no credential and no token shows, whatever happens`, async (t) => {
    const w = await world(t, { refreshTokens: true });
    const { said, hear } = listen(t);
    const secrets = names.map((name) => canary(provider, name));
    await w.change(provider, Object.fromEntries(names.map((name, index) => [name, secrets[index]])));
    Object.assign(w.credentials[provider], Object.fromEntries(names.map((name, index) => [name, secrets[index]])));
    const tokens = new Set();
    const config = { retries: 0, onEvent: hear };
    const outcome = (work) => work().then((given) => (typeof given === "string" && tokens.add(given), given), (error) => (hear(error), error));

    const steady = w.client(provider, config);
    await outcome(() => steady.token());
    assert.equal(tokens.size, 1, "the canary is good");
    let failed = 0;
    const strike = async (fault, client, options) => {
      for (const on of ["token", "resource", "keys"]) await w.fault({ ...fault, service: provider, on, times: null });
      const works = [() => client.token(options), () => client.fetch("/whoami")];
      if (provider === "masumi") works.push(() => client.keys.status());
      for (const work of works) failed += (await outcome(work)) instanceof LatchkeyError;
      await fetch(`${w.url}/_sandbox/faults`, { method: "DELETE" });
      hear(client);
    };
    for (const fault of FAULTS(secrets)) await strike(fault, w.client(provider, config));
    for (let index = 0; index < FAULTS([]).length; index++) {
      const held = await outcome(() => steady.token());
      await strike(FAULTS(secrets, typeof held === "string" ? held : undefined)[index], steady, { forceRefresh: true });
    }
    await outcome(() => steady.fetch(`https://other.example/?${encodeURIComponent(secrets[0])}`));
    await outcome(() => steady.logout());
    steady.free();
    hear(steady);
    await outcome(() => steady.token());

    assert.ok(failed >= 12, `only ${failed} calls failed`);
    assert.ok(said.length > 100, "little was heard");
    for (const text of said) {
      for (const secret of [...secrets, ...tokens].flatMap(written)) assert.ok(!text.includes(secret), `a secret shows in ${text}`);
    }
  });
}
