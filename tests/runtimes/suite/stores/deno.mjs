// One process of several that share a token in Deno KV: `deno run … deno.mjs FILE MASIVO KEY`. Prints the tokens of its clients.

import { Client } from "latchkey";
import { fromDenoKv } from "latchkey/stores";
import { fencing } from "./fencing.mjs";

const [file, baseUrl, apiKey] = Deno.args;
const kv = await Deno.openKv(file);
const store = fromDenoKv(kv);
const config = { provider: "masivo", baseUrl, apiKey, store, encryptionKey: new Uint8Array(32).fill(7) };
let faults = 0;
const onEvent = ({ type }) => (faults += type === "store");
const clients = Array.from({ length: 20 }, () => new Client({ ...config, onEvent }));
const tokens = await Promise.all(clients.map((client) => client.token()));
console.log(JSON.stringify({ tokens: [...new Set(tokens)], faults, said: await fencing(store) }));
kv.close();
