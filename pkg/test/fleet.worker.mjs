// One machine of a fleet: many clients that call all the time. It tells its parent how far it has come, and stands still where
// it is told to.

import { Client } from "latchkey";
import { fromRedis } from "latchkey/stores";
import { nodeRedis } from "./redis.mjs";

const { redis, clients: count, config, encryptionKey, pause } = JSON.parse(process.argv[2]);
const store = fromRedis(await nodeRedis({ after() {} }, redis));

/** Where to stand still: whoever is there is killed there. */
let standAt;
process.on("message", (message) => (message === "end" ? process.exit() : (standAt = message.standAt)));

/** Tells that a step is done; never goes on where that is the place to stand. */
async function step(name) {
  if (standAt !== name) return;
  process.send({ standing: name });
  await new Promise(() => {});
}

const watched = {
  ...store,
  async lease(...given) {
    const lease = await store.lease(...given);
    if (!lease) return lease;
    await step("leased");
    return { ...lease, release: async () => (await step("written"), lease.release()) };
  },
  async set(...given) {
    await step("answered");
    return store.set(...given);
  },
};

async function watchedFetch(...request) {
  const answer = fetch(...request);
  await step("asked");
  return answer;
}

const tokens = new Set();
let calls = 0;
let served = 0;

const wait = (time) => new Promise((resolve) => setTimeout(resolve, time));

async function live() {
  const client = new Client({
    ...config,
    store: watched,
    encryptionKey: Uint8Array.from(encryptionKey),
    fetch: watchedFetch,
    onEvent: ({ type, reason }) => type === "token" && process.send({ [reason === "store" ? "found" : "came"]: 1 }),
  });
  for (let first = true; ; first = false) {
    tokens.add(await client.token());
    calls += 1;
    served += first;
    await wait(pause * Math.random());
  }
}

const all = Array.from({ length: count }, () => live());
Promise.race(all).catch((error) => process.send({ failed: `${error.stack}` }));
setInterval(() => process.send({ calls, served, tokens: tokens.size }), 200);
