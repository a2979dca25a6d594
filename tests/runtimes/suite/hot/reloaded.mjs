// What a developer edits: each time it is loaded it makes a client, and gives up the one before.

import { Client } from "latchkey";

const client = new Client({ provider: "masumi", apiKey: "first" });

globalThis.made = [...(globalThis.made ?? []), client];
globalThis.classes = [...(globalThis.classes ?? []), Client];
import.meta.hot.dispose(() => client.free());
import.meta.hot.accept();
