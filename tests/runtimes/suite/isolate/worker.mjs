// A worker with one client for all of its requests, as people write it; and the same by hand, as they should not. `?world=` names
// the sandbox's.

import { Client } from "latchkey";

let client;
let shared;

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    const baseUrl = searchParams.get("masivo");
    client ??= new Client({ provider: "masivo", baseUrl, apiKey: searchParams.get("key") });
    const byHand = () => (shared ??= fetch(`${baseUrl}/auth/authorize`, { headers: { "x-api-key": searchParams.get("key") } }));
    switch (pathname) {
      case "/token":
        return new Response(await client.token());
      // Starts a refresh, and answers at once.
      case "/start":
        client.token().catch(() => {});
        return new Response("started");
      case "/start-and-stay":
        client.token({ waitUntil: (work) => context.waitUntil(work) }).catch(() => {});
        return new Response("started");
      case "/start-by-hand":
        byHand().catch(() => {});
        return new Response("started");
      case "/by-hand":
        return new Response((await byHand()).status);
      default:
        return new Response("nothing here", { status: 404 });
    }
  },
};
