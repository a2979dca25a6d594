// Runs the suite in this page or worker, with the module as a browser takes it without any bundler.

import * as latchkey from "../../node_modules/latchkey/dist/inline.js";
import { early, run } from "../suite.mjs";

export const outcome = run(latchkey, new URLSearchParams(location.search).get("sandbox"), early(latchkey));

const tell = async () => new BroadcastChannel("outcome").postMessage(await outcome);
const told = tell();
// A service worker that is installed is stopped as soon as it is idle.
globalThis.addEventListener?.("install", (event) => event.waitUntil(told));
