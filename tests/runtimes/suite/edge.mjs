// A function of an edge runtime, as workerd.mjs is a worker.

import * as latchkey from "latchkey";
import { early, run } from "./suite.mjs";

const made = early(latchkey);

addEventListener("fetch", (event) => {
  const sandbox = new URL(event.request.url).searchParams.get("sandbox");
  event.respondWith(run(latchkey, sandbox, made).then((outcome) => Response.json(outcome)));
});
