import { perform } from "./peers.mjs";

export default {
  fetch: async () => Response.json(await perform()),
};
