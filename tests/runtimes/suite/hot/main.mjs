// A page while it is developed: what stays, beside what is reloaded hot.

import { Client } from "latchkey";
import "./reloaded.mjs";

const stays = new Client({ provider: "masumi", apiKey: "stays" });

/** What a client of the part that stays gives, and one of each time that the other part was loaded. */
globalThis.keys = () => Promise.all([stays, ...globalThis.made].map((client) => client.token().catch(({ code }) => code)));
globalThis.loads = (globalThis.loads ?? 0) + 1;
globalThis.isSame = () => globalThis.classes.every((found) => found === Client);
