// A process with a client whose store never answers: it tells what keeps the process alive before and after the client is freed,
// and does nothing to end it.

import { Client } from "latchkey";

const never = () => new Promise(() => {});
const [operation] = process.argv.slice(2);
/** Resolves when the store is asked what it never answers. */
let asked;
const stuck = new Promise((resolve) => (asked = resolve));
const stick = (name, well) => async (...given) => (name === operation ? (asked(), never()) : well(...given));

const store = {
  get: stick("get", () => null),
  set: stick("set", () => {}),
  delete: stick("delete", () => {}),
  lease: stick("lease", () => ({ release: stick("release", () => {}) })),
};
const acquire = async () => ({ token: "token", expiresIn: 3600 });
const config = { provider: "token", baseUrl: "https://api.example.com", acquire, store, plaintext: true, partition: "p" };
const client = new Client(config);
const others = [new Client(config), new Client(config)];

const settled = Promise.allSettled([client, ...others].map((each) => each.token()));
if (operation === "delete") {
  await settled;
  client.invalidate();
}
await stuck;
const alive = () => process.getActiveResourcesInfo().filter((what) => what === "Timeout").length;
const before = alive();
for (const each of [client, ...others]) each.free();
await settled;
// What is cleared is cleared by the time that other work is done.
await new Promise(setImmediate);
const after = alive();
console.log(JSON.stringify({ before, after }));
