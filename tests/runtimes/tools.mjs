// What the runners share.

import { execFile, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";

/** What a program prints. It may take as long as any of them does, and no longer. */
export async function output(command, args, options) {
  const { stdout } = await promisify(execFile)(command, args, { timeout: 300_000, maxBuffer: 1 << 26, ...options });
  return stdout;
}

/** A program that goes on by itself. It ends with the runner, whatever becomes of that. */
export function started(command, args, options) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], ...options });
  process.once("exit", () => child.kill());
  return child;
}

/** What the suite prints as its last line, when a program runs it. */
export async function outcome(command, args, options) {
  return JSON.parse((await output(command, args, options)).trim().split("\n").at(-1));
}

/** Where a bundler finds what is installed beside the runners, besides what is in the project. */
export const BESIDE = new URL("./node_modules", import.meta.url).pathname;

/** The program of a package that is installed beside the runner. */
export const program = (runner, name) => new URL(`./node_modules/.bin/${name}`, runner).pathname;

/** The version of a package that is installed beside the runner, whatever it exports. */
export async function version(runner, name) {
  const [folder] = createRequire(runner).resolve.paths(name);
  return JSON.parse(await readFile(join(folder, name, "package.json"), "utf8")).version;
}

/** The folder of the project where the suite lies. */
export const suite = (project, file) => join(project, "suite", file);

/** Loads the package by `import` and by `require`, in a program that takes a file as Node does. */
export async function bothWays(command, args, { project, sandbox }) {
  const cwd = project;
  return {
    import: await outcome(command, [...args, suite(project, "node.mjs"), sandbox], { cwd }),
    require: await outcome(command, [...args, suite(project, "node.cjs"), sandbox], { cwd }),
  };
}
