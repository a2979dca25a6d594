// What reads a token, in Chromium: `node chromium.mjs ROUNDS`. Prints the contests: calls that a page makes, and how soon a page has its
// first answer.

import { mkdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { CHROMIUM } from "../tests/runtimes/browsers.mjs";
import { serve } from "../tests/runtimes/serve.mjs";
import { interleaved } from "./contest.mjs";
import { JOSE, JWT_DECODE, LATCHKEY, contest } from "./starts.mjs";

const puppeteer = createRequire(new URL("../tests/runtimes/browsers.mjs", import.meta.url))("puppeteer-core");
const rounds = Number(process.argv[2]);
const peers = [JOSE, JWT_DECODE];

/** Where no other origin is in the process, a page has a clock of 5 µs. */
const ISOLATED = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

const folder = join(tmpdir(), `latchkey-bench-${process.pid}`);
await mkdir(folder);
await writeFile(join(folder, "index.html"), '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">');
await bundle("calls", 'export { contests } from "./jwt.mjs"; export { measured, timeOfCall } from "./contest.mjs";');
const starts = [LATCHKEY, ...peers.map(({ script }) => script)];
await Promise.all(starts.map((script, at) => bundle(`start${at}`, `${script};`)));
const origin = await serve(folder, ISOLATED);
const browser = await puppeteer.launch(CHROMIUM);
try {
  const called = await inPage(async (rounds) => {
    const { contests, measured, timeOfCall } = await import("/calls.js");
    if (!crossOriginIsolated) throw new Error("the page's clock is a coarse one");
    return measured(await contests(), rounds, timeOfCall);
  }, rounds);
  const started = await interleaved(rounds, starts.map((_, at) => () => inPage(timeOfImport, `/start${at}.js`)));
  console.log(JSON.stringify([...called, contest("import to first `isExpired`, in a new page", peers, started)]));
} finally {
  await browser.close();
  await rm(folder, { recursive: true });
}

/** What a page bundles. */
async function bundle(name, contents) {
  const stdin = { contents, resolveDir: import.meta.dirname };
  await build({ stdin, outfile: join(folder, `${name}.js`), bundle: true, minify: true, format: "esm", target: "es2022" });
}

/** What a function gives in a page that nothing else was done in: one that has nothing in its cache. */
async function inPage(work, ...given) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.goto(origin);
  const told = await page.evaluate(work, ...given);
  await context.close();
  return told;
}

async function timeOfImport(script) {
  const start = performance.now();
  await import(script);
  return performance.now() - start;
}
