// Answers with what Masivo says. The client is made once for the isolate; its token is shared by all isolates of the worker, by way
// of a Durable Object, encrypted.

import { env } from "cloudflare:workers";
import { Client } from "latchkey";
import { fromDurableObject } from "latchkey/stores";

export { TokenStoreObject } from "latchkey/stores";

const masivo = new Client({
  provider: "masivo",
  apiKey: env.MASIVO_KEY,
  baseUrl: env.MASIVO_URL,
  store: fromDurableObject(env.TOKENS),
  encryptionKey: Uint8Array.from(atob(env.STORE_KEY), (char) => char.charCodeAt(0)),
});

export default {
  fetch: () => masivo.fetch("/customers"),
};
