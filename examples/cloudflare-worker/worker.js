// Answers with what Masivo says. The client is made once for the isolate, and so is its token.

import { env } from "cloudflare:workers";
import { Client } from "latchkey";

const masivo = new Client({ provider: "masivo", apiKey: env.MASIVO_KEY, baseUrl: env.MASIVO_URL });

export default {
  fetch: () => masivo.fetch("/customers"),
};
