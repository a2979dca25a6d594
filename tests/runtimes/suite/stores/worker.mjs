// A worker whose token lies in Workers KV or in a Durable Object: one of several that share it.

import { Client } from "latchkey";
import { fromDurableObject, fromKV } from "latchkey/stores";
import { fencing } from "./fencing.mjs";

export { TokenStoreObject } from "latchkey/stores";

const clients = {};

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    const store = { kv: () => fromKV(env.KV), object: () => fromDurableObject(env.OBJECTS) }[searchParams.get("store")];
    const client = (clients[searchParams.get("store")] ??= new Client({
      provider: "masivo",
      baseUrl: searchParams.get("masivo"),
      apiKey: searchParams.get("key"),
      encryptionKey: new Uint8Array(32).fill(7),
      // A binding belongs to no request, so it can be kept.
      store: store(),
    }));
    const waitUntil = (work) => context.waitUntil(work);
    switch (pathname) {
      case "/token":
        return new Response(await client.token({ waitUntil }));
      case "/token-alone":
        return new Response(await client.token());
      case "/invalidate":
        client.invalidate();
        return new Response(await client.token({ waitUntil }));
      case "/ready":
        return new Response("ready");
      case "/fencing":
        return new Response(await fencing(store()));
      default:
        return new Response("nothing here", { status: 404 });
    }
  },
};
