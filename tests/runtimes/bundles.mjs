// What the runners of bundlers share: the application that they bundle, and what is asked of what they make of it.

import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { CHROMIUM, outcomeOf } from "./browsers.mjs";
import { serve } from "./serve.mjs";
import { outcome, suite } from "./tools.mjs";

/** The entry of the application; `index.html` beside it names it. */
export const entry = (project) => suite(project, "bundled/main.mjs");

/** An empty folder for what a bundler makes. */
export async function emptied(project, name) {
  const folder = join(project, "out", name);
  await rm(folder, { recursive: true, force: true });
  return folder;
}

/** Opens a page, and gives what the suite says there. */
export async function opened(origin, sandbox, path = "/", launch = CHROMIUM) {
  const browser = await puppeteer.launch(launch);
  const outcome = await outcomeOf(browser, `${origin}${path}?${new URLSearchParams({ sandbox })}`);
  await browser.close();
  return outcome;
}

/** Runs a bundle in a page: one that the bundler made, or one that loads this script. */
export async function inPage(folder, sandbox, script, launch) {
  await carriesOnce(folder);
  if (script) {
    const head = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">';
    await writeFile(join(folder, "index.html"), `${head}<script type="module" src="${script}"></script>`);
  }
  return opened(await serve(folder), sandbox, "/", launch);
}

/** Runs a bundle in Node. */
export async function inNode(folder, sandbox, script) {
  await carriesOnce(folder);
  return outcome(process.execPath, [join(folder, script), sandbox]);
}

/** How a module begins: as bytes or as the text of `inline.js`, where other characters stand for 0 and 1, and as base64. */
const BEGINNINGS = [/([^])asm[^]\1\1\1/g, /AGFzbQEAAAA/g];

/** Sees to it that the core is there once in a folder, in whatever form. */
export async function carriesOnce(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, path, name }) => join(parentPath ?? path, name));
  await carriesTimes(1, files);
}

/** Sees to it that the core is there so many times in these files. */
export async function carriesTimes(wanted, files) {
  const found = [];
  for (const file of files.filter((file) => !file.endsWith(".map"))) {
    const content = await readFile(file, "latin1");
    for (const beginning of BEGINNINGS) found.push(...(content.match(beginning) ?? []).map(() => file));
  }
  if (found.length !== wanted) throw new Error(`the core is in ${JSON.stringify(found)}, not in ${wanted}`);
}
