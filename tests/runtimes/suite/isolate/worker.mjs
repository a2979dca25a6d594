// A worker with one client, and one key set, for all of its requests, as people write it; and the same by hand, as they should not.
// The query names the sandbox's services, and a token to verify.

import { Client, verify } from "latchkey";

let client;
let shared;

/** What its requests have in common. Each brings a token; that of `keys` was brought along, and is verified. */
const works = {
  token(given, waitUntil) {
    client ??= new Client({ provider: "masivo", baseUrl: given.get("masivo"), apiKey: given.get("key") });
    return client.token({ waitUntil });
  },
  async keys(given, waitUntil) {
    const verified = verify(given.get("token"), { jwksUrl: given.get("jwks"), leeway: 60 });
    waitUntil?.(verified);
    await verified;
    return given.get("token");
  },
};

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams: given } = new URL(request.url);
    const work = works[given.get("of")];
    const byHand = () => (shared ??= fetch(`${given.get("masivo")}/auth/authorize`, { headers: { "x-api-key": given.get("key") } }));
    switch (pathname) {
      case "/token":
        return new Response(await work(given));
      // Starts what the others are to share, and answers at once.
      case "/start":
        work(given).catch(() => {});
        return new Response("started");
      case "/start-and-stay":
        work(given, (promise) => context.waitUntil(promise)).catch(() => {});
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
