// A Cloudflare worker, whose clients are made in global scope. Each request runs the suite against the sandbox that it names.

import * as latchkey from "latchkey";
import { early, run } from "./suite.mjs";

const made = early(latchkey);

export default {
  async fetch(request) {
    const sandbox = new URL(request.url).searchParams.get("sandbox");
    return Response.json(await run(latchkey, sandbox, made));
  },
};
