// What is called and answers at once, in workerd: `node workerd.mjs ROUNDS`. Prints the contests. A turn is a request that the worker
// answers when it has made so many calls, less a request for none.

import { measured, timeOfCall, time } from "./contest.mjs";
import { Miniflare, RUNTIME, ask, bundled } from "./workers.mjs";

const rounds = Number(process.argv[2]);

/** The least that a turn takes, in milliseconds: long beside a request, which takes one. */
const TURN = 200;

const files = await bundled('export { default } from "./worker.mjs";');
const type = (path) => (path.endsWith(".wasm") ? "CompiledWasm" : "ESModule");
const worker = new Miniflare({ ...RUNTIME, modules: files.map(({ path, contents }) => ({ type: type(path), path, contents })) });
const url = await worker.ready;
const told = JSON.parse(await ask(url, {}));
const contests = told.map(({ what, peers, runs }, contest) => ({
  what,
  peers,
  runs: Array.from({ length: runs }, (_, who) => (count) => ask(url, { contest, who, count })),
}));
console.log(JSON.stringify(await measured(contests, rounds, (call) => timeOfCall(call, TURN, () => time(() => call(0))))));
await worker.dispose();
