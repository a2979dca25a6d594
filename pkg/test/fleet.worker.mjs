// One machine of a fleet: many clients that call all the time. It tells its parent how far it has come.

import { Client } from "latchkey";
import { fromRedis } from "latchkey/stores";
import { nodeRedis } from "./redis.mjs";

const { redis, clients: count, config, encryptionKey, pause } = JSON.parse(process.argv[2]);
const store = fromRedis(await nodeRedis({ after() {} }, redis));

const tokens = new Set();
let calls = 0;
let served = 0;

const wait = (time) => new Promise((resolve) => setTimeout(resolve, time));

async function live() {
  const client = new Client({
    ...config,
    store,
    encryptionKey: Uint8Array.from(encryptionKey),
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
