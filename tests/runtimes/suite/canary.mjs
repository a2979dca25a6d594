// A canary for each credential and token of a provider: whatever succeeds or fails, none of them may sing.

import { check } from "./world.mjs";

/** What is made of the sandbox's secrets, by the names of each service's credentials. */
export const SECRETS = {
  masivo: ["apiKey"],
  masv: ["password"],
  login: ["apiKey"],
  brifle: ["key", "secret"],
  masumi: ["apiKey"],
  oauth2: ["clientSecret"],
  custom: ["secret"],
};

/** Credentials that are no secrets: an error may name who was refused. */
export const IDENTITIES = ["email", "username", "clientId", "user"];

/** How the tokens and keys begin that the sandbox makes. */
export const TOKEN = /eyJ[\w-]{8}|opaque-\w|refresh-\w|masumi-payment-\w|masv-key-\w/;

/** The secret with characters that JSON, a form and a URL each write in another way. */
const canary = (provider, name) => `canary+${provider}/${name}&"%20'`;

/** Each way in which a text can be written. */
function written(text) {
  const form = new URLSearchParams({ "": text }).toString().slice(1);
  return [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text), form, btoa(text), encodeURI(text)];
}

/** What goes wrong, and says all that it knows. */
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

/** Every way in which any runtime prints a value. */
export function prints(value) {
  return [String(value), `${JSON.stringify(value)}`, String(value?.stack), ...(Object(value) === value ? Object.values(value).map(String) : [])];
}

/**
 * A store that hands on what it is told, the names to `hear` and the values to `hearValue`. Once it `lies` it gives `echo`, and
 * once it `fails` it fails with all that it knows.
 */
function gossip(hear, hearValue, echo) {
  const values = new Map();
  const store = { values };
  const does = (work) => async (name, value) => {
    hear(name);
    if (store.fails) throw new Error([name, value, values.get(name), echo].join(" "));
    return work(name, value);
  };
  store.written = new Promise((resolve) => {
    store.set = does((name, value) => {
      hearValue(value);
      values.set(name, value);
      resolve();
    });
  });
  store.get = does((name) => (store.lies ? echo : values.get(name)));
  store.delete = does((name) => values.delete(name));
  store.lease = does(() => ({ release: does(() => {}) }));
  return store;
}

/** What a store hears of the provider's tokens, and what is heard of it when it lies and fails. */
async function share(world, provider, hear, outcome, secrets) {
  // A static key is not stored.
  const records = provider === "masumi" ? 0 : 1;
  let isOpen = false;
  const hearSealed = (value) => {
    const sealed = value[0] === "1" ? atob(value.slice(1)) : value;
    isOpen ||= TOKEN.test(sealed);
    hear(value);
    hear(sealed);
  };
  const ways = [
    [{ encryptionKey: new Uint8Array(32).fill(7) }, hearSealed],
    // There the values are open, and the names are not.
    [{ plaintext: true }, () => {}],
  ];
  for (const [sharing, hearValue] of ways) {
    const store = gossip(hear, hearValue, secrets.join(" "));
    let faults = 0;
    const onEvent = (event) => {
      if (event.type === "store") faults += 1;
      hear(event);
    };
    const client = () => world.client(provider, { retries: 0, partition: "canaries", store, onEvent, ...sharing });
    const token = await outcome(() => client().token());
    if (records) await store.written;
    check(store.values.size === records, `there are ${store.values.size} records`);
    check((await outcome(() => client().token())) === token, "it was not shared");
    check(faults === 0, "the store is no good");
    store.lies = true;
    await outcome(() => client().token());
    store.fails = true;
    const last = client();
    await outcome(() => last.token());
    last.invalidate();
    await outcome(() => last.fetch("/whoami"));
    await outcome(() => last.logout());
    check(!isOpen, "a token lies open in the store");
    check(faults >= 3 * records, `only ${faults} faults of the store were told`);
    hear(last);
  }
}

/** All that this provider's client can be made to say goes to `hear`. Gives the texts that must not be among it. */
export async function sing(world, provider, hear) {
  const names = SECRETS[provider];
  const secrets = names.map((name) => canary(provider, name));
  const canaries = Object.fromEntries(names.map((name, at) => [name, secrets[at]]));
  await world.change(provider, canaries);
  Object.assign(world.credentials[provider], canaries);
  const tokens = new Set();
  const config = { retries: 0, onEvent: hear };
  const outcome = async (work) => {
    try {
      const given = await work();
      if (typeof given === "string") tokens.add(given);
      return given;
    } catch (error) {
      hear(error);
      if (error?.cause !== undefined) hear(error.cause);
      return error;
    }
  };
  const steady = world.client(provider, config);
  await outcome(() => steady.token());
  check(tokens.size === 1, "the canary is no good");
  let failed = 0;
  const strike = async (fault, client, options) => {
    await world.fault(...["token", "resource", "keys"].map((on) => ({ ...fault, service: provider, on, times: null })));
    const works = [() => client.token(options), () => client.fetch("/whoami")];
    if (provider === "masumi") works.push(() => client.keys.status());
    for (const work of works) failed += (await outcome(work)) instanceof world.latchkey.LatchkeyError;
    await world.unfault();
    hear(client);
  };
  for (const fault of FAULTS(secrets)) await strike(fault, world.client(provider, config));
  for (let at = 0; at < FAULTS([]).length; at++) {
    const held = await outcome(() => steady.token());
    await strike(FAULTS(secrets, typeof held === "string" ? held : undefined)[at], steady, { forceRefresh: true });
  }
  await outcome(() => steady.fetch(`https://other.example/?${encodeURIComponent(secrets[0])}`));
  await outcome(() => steady.logout());
  steady.free();
  hear(steady);
  await outcome(() => steady.token());
  await share(world, provider, hear, outcome, secrets);
  check(failed >= 12, `only ${failed} calls failed`);
  for (const { path, query } of await world.log()) if (path !== "/elsewhere") hear(`${path}?${query}`);
  return [...secrets, ...tokens].flatMap(written);
}
