// The REST interface that Upstash's client speaks, before a real Redis: npm has no server of it. A command is a POST of its words
// as a JSON array, the answer `{ result }` or `{ error }`; several come to `/pipeline`; a client that asks for base64 gets it
// (https://upstash.com/docs/redis/features/restapi).

import { nodeRedis } from "./redis.mjs";
import { serve } from "./support.mjs";

const base64 = (value) =>
  Array.isArray(value) ? value.map(base64) : typeof value === "string" && value !== "OK" ? Buffer.from(value).toString("base64") : value;

/** Starts it for this test; its address and token. */
export async function upstash(t, url) {
  const redis = await nodeRedis(t, url);
  const token = "upstash-token";
  const one = async (command, encode) => {
    try {
      return { result: encode(await redis.sendCommand(command.map(String))) };
    } catch (error) {
      return { error: error.message };
    }
  };
  const address = await serve(t, async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const given = JSON.parse(Buffer.concat(chunks).toString());
    const encode = request.headers["upstash-encoding"] === "base64" ? base64 : (value) => value;
    const answer = (status, body) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (request.headers.authorization !== `Bearer ${token}`) return answer(401, { error: "Unauthorized" });
    if (request.url === "/pipeline") return answer(200, await Promise.all(given.map((command) => one(command, encode))));
    const told = await one(given, encode);
    return answer(told.error ? 400 : 200, told);
  });
  return { url: address, token };
}
