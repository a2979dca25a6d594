// The same at the edge. Turbopack loads a .wasm asynchronously, and what is asynchronous can be imported but not required.

import { perform } from "../../suite/bundled/handed-on.mjs";

export async function GET(request) {
  return Response.json(await perform(new URL(request.url).searchParams.get("sandbox")));
}

export const runtime = "edge";
