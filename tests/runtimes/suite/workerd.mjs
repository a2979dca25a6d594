// A Cloudflare worker, whose clients are made in global scope. Each request runs the suite against the sandbox that it names.

import older from "older";
import { perform } from "./bundled/handed-on.mjs";

export default {
  async fetch(request) {
    return Response.json(await perform(new URL(request.url).searchParams.get("sandbox"), older));
  },
};
