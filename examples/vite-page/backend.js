// The page's backend: it holds the key. Ask here whether the caller may have a token, before giving one.

import { createServer } from "node:http";
import { Client } from "latchkey";

const { MASIVO_KEY, MASIVO_URL, PORT = "3000" } = process.env;
const masivo = new Client({ provider: "masivo", apiKey: MASIVO_KEY ?? "", baseUrl: MASIVO_URL });

const server = createServer(async (_request, response) => {
  const token = await masivo.token({ minValidity: 60 });
  const expiresIn = masivo.expiresAt && (masivo.expiresAt.getTime() - Date.now()) / 1000;
  response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify({ token, expiresIn }));
});

server.listen(Number(PORT), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}/token`);
});
