// Eight processes with a thousand clients each over one Redis: all look at once, whenever a lifetime is over, and one asks.

import assert from "node:assert/strict";
import { fork } from "node:child_process";
import test from "node:test";
import { world } from "./support.mjs";
import { redis } from "./redis.mjs";
import { KEY, until } from "./stores.mjs";

const MACHINES = 8;
const CLIENTS = 1000;
/** Of a token, in seconds: from a fifth before its end on it is renewed, at the latest when half of that is over. */
const LIFETIME = 30;
/** Seconds after the end of a token, up to one more: then all look for the next while they use it still, or they have to wait for it. */
const WHILE_IT_IS_GOOD = -2;
const WHEN_IT_IS_NOT = 1;
/** For how long the test waits for anything, in seconds: others may be at work on the machine. */
const PATIENCE = 120;

class Herd {
  machines = new Set();
  failures = [];
  standing;
  #given;
  #world;
  #told = {};
  #ends;

  constructor(world, given) {
    this.#world = world;
    this.#given = JSON.stringify(given);
  }

  /** Starts so many machines, and has them join in what the others do. */
  async start(count) {
    const started = Array.from({ length: count }, () => {
      const child = fork(new URL("herd.worker.mjs", import.meta.url), [this.#given]);
      const machine = { child };
      child.on("message", ({ failed, standing, ...told }) => {
        if (failed) this.failures.push(failed);
        if (standing) this.standing = machine;
        Object.assign(machine, told);
      });
      this.machines.add(machine);
      return machine;
    });
    await until(() => started.every(({ ready }) => ready), "its machines", PATIENCE);
    if (this.#told.ahead !== undefined) for (const { child } of started) child.send(this.#told);
  }

  #tell(told) {
    Object.assign(this.#told, told);
    for (const { child } of this.machines) child.send(this.#told);
  }

  /** For all at once it is so long before or after the end of the token that they have; the first time, they have none. */
  async go(seconds, standAt) {
    if (this.#ends) await this.#world.advance(Math.ceil((this.#ends - this.#world.now()) / 1000) + seconds);
    this.standing = undefined;
    this.#tell({ ahead: this.#world.now() - Date.now(), standAt });
  }

  /** A machine stands where it is told to. */
  async stands() {
    await until(() => this.standing, "a holder of the lease", PATIENCE);
    return this.standing;
  }

  goOn() {
    this.#tell({ standAt: undefined });
  }

  /** As a power cut does; another one comes in its place. */
  async kill(machine) {
    this.machines.delete(machine);
    machine.child.kill("SIGKILL");
    this.goOn();
    await this.start(1);
  }

  /** Until every client has a token of this lifetime; the tokens that there are. */
  async seen() {
    const all = () => [...this.machines].every(({ seen }) => seen === this.#told.ahead);
    await until(() => this.failures.length > 0 || all(), "a token for each client", PATIENCE);
    assert.deepEqual(this.failures, []);
    this.#ends = Math.min(...[...this.machines].map(({ ends }) => ends));
    return new Set([...this.machines].flatMap(({ tokens }) => tokens));
  }

  get faults() {
    return [...this.machines].reduce((sum, { faults }) => sum + faults, 0);
  }

  end() {
    for (const { child } of this.machines) child.kill("SIGKILL");
  }
}

async function herd(t, { timeout }) {
  const server = await redis(t);
  const w = await world(t, { lifetime: { masivo: LIFETIME } });
  const { apiKey } = w.credentials.masivo;
  const config = { provider: "masivo", baseUrl: w.services.masivo, apiKey, timeout };
  const given = { redis: server.url, clients: CLIENTS, config, encryptionKey: [...KEY], lifetime: LIFETIME };
  const herd = new Herd(w, given);
  t.after(() => herd.end());
  await herd.start(MACHINES);
  let before = 0;
  /** How often a token was asked for since this was called last. */
  const asked = async () => {
    const count = await w.count("masivo", "token");
    return [count - before, (before = count)][0];
  };
  return { herd, server, asked };
}

test("eight thousand clients ask once a lifetime, also once Redis was cut off and is back, empty", { timeout: 300_000 }, async (t) => {
  const { herd: fleet, server, asked } = await herd(t, { timeout: 10 });
  for (const time of [0, WHILE_IT_IS_GOOD, WHEN_IT_IS_NOT]) {
    await fleet.go(time);
    const tokens = await fleet.seen();
    assert.deepEqual([await asked(), tokens.size, fleet.faults], [1, 1, 0], `${time} s`);
  }
  await server.stop();
  await server.start();
  await fleet.go(WHEN_IT_IS_NOT);
  await fleet.seen();
  assert.ok((await asked()) <= 2);
});

test("a holder of the lease that is killed costs one more request at most, and none of eight thousand clients anything", { timeout: 300_000 }, async (t) => {
  const { herd: fleet, asked } = await herd(t, { timeout: 4 });
  // What is lost with it: nothing that was asked for, or the answer.
  for (const [place, most] of Object.entries({ leased: 1, asked: 2, answered: 2, written: 1 })) {
    await fleet.go(WHEN_IT_IS_NOT, place);
    await fleet.kill(await fleet.stands());
    await fleet.seen();
    const count = await asked();
    assert.ok(count <= most, `killed once it had ${place}: ${count} requests`);
  }
});
