import { readFile } from "node:fs/promises";
import { build } from "esbuild";
import { output, program, suite, version } from "../runtimes/tools.mjs";

export default async ({ project, sandbox }) => {
  const rootDir = suite(project, "jest");
  const entryPoints = [suite(project, "suite.mjs")];
  await build({ entryPoints, outfile: `${rootDir}/suite.cjs`, bundle: true, format: "cjs", platform: "node" });
  const config = JSON.stringify({ rootDir, testMatch: ["**/*.test.?js"], moduleFileExtensions: ["mjs", "cjs", "js", "json"] });
  async function tested(file, options) {
    const env = { ...process.env, SANDBOX: sandbox, OUTCOME: `${rootDir}/${file}.json`, NODE_OPTIONS: options };
    await output(program(import.meta.url, "jest"), ["--config", config, "--no-cache", file], { cwd: rootDir, env });
    return JSON.parse(await readFile(env.OUTCOME, "utf8"));
  }
  const outcomes = {
    require: await tested("require.test.cjs", ""),
    // Jest's own condition for modules.
    import: await tested("import.test.mjs", "--experimental-vm-modules"),
  };
  return { version: await version(import.meta.url, "jest"), outcomes };
};
