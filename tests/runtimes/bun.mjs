import { bothWays, program, version } from "./tools.mjs";

export default async (given) => ({
  version: await version(import.meta.url, "bun"),
  outcomes: await bothWays(program(import.meta.url, "bun"), [], given),
});
