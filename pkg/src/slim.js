// For whoever brings the core: it is there once `ready(source)` has resolved.

import { provide } from "./module.js";

provide();

export * from "./index.js";
