// One tab of several that share a token in localStorage.

import { Client } from "../../node_modules/latchkey/dist/inline.js";
import { fromWebStorage } from "../../node_modules/latchkey/dist/stores.js";
import { fencing } from "./fencing.mjs";

const query = new URLSearchParams(location.search);
const options = query.has("without-locks") ? { locks: null } : {};
const store = fromWebStorage(localStorage, options);
const events = [];

const client = new Client({
  provider: "masivo",
  baseUrl: query.get("masivo"),
  apiKey: query.get("key"),
  encryptionKey: new Uint8Array(32).fill(7),
  onEvent: (event) => events.push(event),
  store,
});

Object.assign(globalThis, { client, events, fencing: () => fencing(store), ready: true });
