import { CHROMIUM, everywhere } from "./browsers.mjs";

const PLACES = ["page", "worker", "shared worker", "service worker"];

export default (given) => everywhere(CHROMIUM, PLACES, given);
