// What is asked over loopback, as a process of its own: `/orders` answers at once, a POST of `/auth/login` after so many
// milliseconds, with a token, and `/logins` with how many of those there were. Tells its parent where it listens.

import { createServer } from "node:http";
import { setTimeout } from "node:timers/promises";
import { TOKEN } from "./samples.mjs";

const [slowness] = process.argv.slice(2).map(Number);
let logins = 0;

const answers = {
  "/orders": () => [],
  "/logins": () => logins,
  "/auth/login": async () => {
    logins += 1;
    await setTimeout(slowness);
    return { access_token: TOKEN, expires_in: 7200, token_type: "Bearer" };
  },
};

const server = createServer(async (request, response) => {
  request.resume();
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(await answers[request.url]()));
});
server.listen(0, "127.0.0.1", () => process.send(`http://127.0.0.1:${server.address().port}`));
process.once("disconnect", () => process.exit());
