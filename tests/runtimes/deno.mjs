import { bothWays, program, version } from "./tools.mjs";

export default async (given) => ({
  version: await version(import.meta.url, "deno"),
  outcomes: await bothWays(program(import.meta.url, "deno"), ["run", "--quiet", "--no-remote", "--allow-all"], given),
});
