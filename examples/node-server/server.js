// GET /customers answers with what Masivo says. One client serves every request: it holds the token for all of them.

import { createServer } from "node:http";
import { Client, LatchkeyError } from "latchkey";

const { MASIVO_KEY, MASIVO_URL, PORT = "3000" } = process.env;
const masivo = new Client({ provider: "masivo", apiKey: MASIVO_KEY ?? "", baseUrl: MASIVO_URL });

const server = createServer(async ({ url }, response) => {
  if (url !== "/customers") return response.writeHead(404).end();
  try {
    const answer = await masivo.fetch("/customers");
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(await answer.text());
  } catch (error) {
    if (!(error instanceof LatchkeyError)) throw error;
    // No secret is in it: it can be logged as it is.
    console.error(error);
    response.writeHead(502).end(error.code);
  }
});

server.listen(Number(PORT), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}/customers`);
});
