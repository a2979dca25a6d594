// A function of an edge runtime, as workerd.mjs is a worker.

import older from "older";
import { perform } from "./bundled/handed-on.mjs";

addEventListener("fetch", (event) => {
  const sandbox = new URL(event.request.url).searchParams.get("sandbox");
  event.respondWith(perform(sandbox, older).then((outcome) => Response.json(outcome)));
});
