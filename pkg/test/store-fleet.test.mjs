// Processes of many clients each, over one Redis, with tokens that live for seconds of real time. `store-herd.test.mjs` has more
// of them, and kills them.

import assert from "node:assert/strict";
import { fork } from "node:child_process";
import test from "node:test";
import { world } from "./support.mjs";
import { redis } from "./redis.mjs";
import { KEY, until } from "./stores.mjs";

const LIFE = 15;

class Fleet {
  machines = [];
  failures = [];
  #given;

  constructor(given) {
    this.#given = given;
  }

  start(count) {
    for (let n = 0; n < count; n++) {
      const child = fork(new URL("fleet.worker.mjs", import.meta.url), [JSON.stringify(this.#given)]);
      const machine = { child, calls: 0, served: 0, found: 0, came: 0 };
      child.on("message", ({ failed, found, came, ...told }) => {
        if (failed) this.failures.push(failed);
        machine.found += found ?? 0;
        machine.came += came ?? 0;
        Object.assign(machine, told);
      });
      this.machines.push(machine);
    }
  }

  sum(name) {
    return this.machines.reduce((sum, machine) => sum + machine[name], 0);
  }

  end() {
    for (const { child } of this.machines) child.kill("SIGKILL");
  }

  /** Until every client has had a token. */
  allServed(seconds) {
    const served = () => this.machines.every(({ served }) => served === this.#given.clients);
    return until(() => this.failures.length > 0 || served(), "a token for each", seconds);
  }
}

async function fleet(t, { machines, clients, pause = 2000, timeout = 2 }) {
  const server = await redis(t);
  const w = await world(t, { lifetime: { masivo: LIFE } });
  const { apiKey } = w.credentials.masivo;
  const config = { provider: "masivo", baseUrl: w.services.masivo, apiKey, timeout };
  const made = new Fleet({ redis: server.url, clients, config, encryptionKey: [...KEY], pause });
  t.after(() => made.end());
  made.start(machines);
  const asked = () => w.count("masivo", "token");
  return { w, server, made, asked };
}

/** The times at which tokens were asked for, in seconds. */
async function times(w) {
  return (await w.log()).filter(({ purpose }) => purpose === "token").map(({ at }) => Date.parse(at) / 1000);
}

test("Redis that is cut off and comes back, empty, costs one more request at most", { timeout: 120_000 }, async (t) => {
  const { made, server, asked, w } = await fleet(t, { machines: 8, clients: 25 });
  await until(() => made.sum("came") + made.sum("found") >= 2 * 8 * 25, "two tokens for each", 60);
  const before = await asked();
  await server.stop();
  await server.start();
  await until(async () => (await asked()) >= before + 2, "the next tokens", 60);
  const at = await times(w);
  const gaps = at.slice(1).map((time, n) => time - at[n]);
  assert.ok(gaps.filter((gap) => gap < LIFE * 0.75).length <= 1, `tokens after ${gaps} s`);
  assert.deepEqual(made.failures, []);
});

test("while Redis is gone each client asks for itself, once, and none fails", { timeout: 120_000 }, async (t) => {
  const { made, server, asked } = await fleet(t, { machines: 4, clients: 5, pause: 500 });
  await made.allServed(60);
  const before = await asked();
  await server.stop();
  const clients = 4 * 5;
  const came = made.sum("came");
  await until(() => made.sum("came") >= came + clients, "a token for each", 60);
  assert.ok((await asked()) <= before + 2 * clients, `${await asked()} requests`);
  await server.start();
  const found = made.sum("found");
  await until(() => made.sum("found") > found, "a token in the store", 60);
  assert.deepEqual(made.failures, []);
});
