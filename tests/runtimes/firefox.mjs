import { FIREFOX, everywhere } from "./browsers.mjs";

export default (given) => everywhere(FIREFOX, ["page", "worker", "shared worker"], given);
