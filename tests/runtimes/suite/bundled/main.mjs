// What a bundler is given, for a page or for Node.

import older from "older";
import { perform } from "./handed-on.mjs";

globalThis.outcome = perform(
  globalThis.location ? new URLSearchParams(location.search).get("sandbox") : globalThis.process.argv[2],
  older,
);
if (!globalThis.location) globalThis.outcome.then((outcome) => console.log(JSON.stringify(outcome)));
