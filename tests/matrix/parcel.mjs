import { join } from "node:path";
import { emptied, entry, inPage } from "../runtimes/bundles.mjs";
import { output, program, version } from "../runtimes/tools.mjs";

export default async ({ project, sandbox }) => {
  const folder = await emptied(project, "parcel");
  const page = join(entry(project), "../index.html");
  const parcel = program(import.meta.url, "parcel");
  await output(parcel, ["build", page, "--dist-dir", folder, "--no-cache"], { cwd: project });
  return { version: await version(import.meta.url, "parcel"), outcomes: { page: await inPage(folder, sandbox) } };
};
