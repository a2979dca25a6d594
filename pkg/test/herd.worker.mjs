// One machine of a herd: a thousand clients, each of which wants the same token at the same time. Its clock is as far ahead as
// its parent says, so that a lifetime is over when all have seen it. It tells how far it has come, and stands still where it is
// told to.

import { setTimeout as wait } from "node:timers/promises";
import { Redis } from "ioredis";
import { Client } from "latchkey";
import { fromRedis } from "latchkey/stores";

const { redis, clients: count, config, encryptionKey, lifetime } = JSON.parse(process.argv[2]);
const connection = new Redis(redis);
// It is told that the server has gone, and goes on trying.
connection.on("error", () => {});
const store = fromRedis(connection);

/** By how many milliseconds the clock is ahead, and the place to stand at. */
let ahead;
let standAt;

const now = () => Date.now() + ahead;

/** Tells that a step is done; goes on once that is no longer the place to stand. */
async function step(name) {
  if (standAt === name) process.send({ standing: name });
  while (standAt === name) await wait(20);
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

let faults = 0;
const clients = Array.from(
  { length: count },
  () =>
    new Client({
      ...config,
      store: watched,
      encryptionKey: Uint8Array.from(encryptionKey),
      fetch: watchedFetch,
      now: () => new Date(now()),
      onEvent: ({ type }) => (faults += type === "store"),
    }),
);

const all = () => Promise.all(clients.map((client) => client.token()));

/** Every client calls, be its token still good or not, until each has one of this lifetime. */
async function live() {
  const seen = ahead;
  const least = now() + (lifetime * 1000) / 2;
  do await all();
  while (!clients.every(({ expiresAt }) => expiresAt > least) && (await wait(50, true)));
  const ends = Math.min(...clients.map(({ expiresAt }) => expiresAt));
  process.send({ seen, tokens: [...new Set(await all())], ends, faults });
}

process.on("message", (told) => {
  standAt = told.standAt;
  if (ahead === told.ahead) return;
  ahead = told.ahead;
  live().catch((error) => process.send({ failed: `${error.stack}` }));
});
process.send({ ready: true });
