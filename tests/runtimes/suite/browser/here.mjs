// Runs the suite in this page or worker, with the module as a browser takes it without any bundler.

import * as latchkey from "../../node_modules/latchkey/dist/inline.js";
import * as copy from "../../node_modules/latchkey/dist/inline.js?copy";
import * as slim from "../../node_modules/latchkey/dist/slim.js";
import { early, run } from "../suite.mjs";
import { check, judge, same } from "../world.mjs";

export const outcome = perform();

async function perform() {
  const outcome = await run(latchkey, new URLSearchParams(location.search).get("sandbox"), early(latchkey));
  return judge(outcome, "several copies, of one entry and of another, leave each other alone", leaveAlone);
}

async function leaveAlone() {
  await slim.ready(new URL("../../node_modules/latchkey/dist/core.wasm", import.meta.url));
  const copies = [latchkey, copy, slim];
  same(new Set(copies.map(({ Client }) => Client)).size, copies.length, "how many there are");
  const clients = copies.map(({ Client }, at) => new Client({ provider: "masumi", apiKey: `key-${at}` }));
  const tokens = () => Promise.all(clients.map((client) => client.token().catch(({ code }) => code)));
  same(await tokens(), ["key-0", "key-1", "key-2"]);
  clients[1].free();
  same(await tokens(), ["key-0", "ERR_CLOSED", "key-2"]);
  for (const { Client, LatchkeyError } of copies) {
    try {
      new Client({});
    } catch (error) {
      check(error instanceof LatchkeyError, "the error is another copy's");
    }
  }
}

const tell = async () => new BroadcastChannel("outcome").postMessage(await outcome);
const told = tell();
// A service worker that is installed is stopped as soon as it is idle.
globalThis.addEventListener?.("install", (event) => event.waitUntil(told));
