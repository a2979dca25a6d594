import { bothWays } from "./tools.mjs";

export default async (given) => ({
  version: process.versions.node,
  outcomes: await bothWays(process.execPath, [], given),
});
