// For a page or for Node.

import { perform } from "./peers.mjs";

globalThis.outcome = perform();
if (!globalThis.location) globalThis.outcome.then((outcome) => console.log(JSON.stringify(outcome)));
