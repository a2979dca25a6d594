import { cp, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import puppeteer from "puppeteer-core";
import { build, createServer } from "vite";
import { CHROMIUM } from "./browsers.mjs";
import { emptied, entry, inPage, opened } from "./bundles.mjs";
import { check, judge, same } from "./suite/world.mjs";
import { suite, version } from "./tools.mjs";

const COMMON = { configFile: false, logLevel: "error" };

async function built(root, outDir, sandbox) {
  await build({ ...COMMON, root, build: { outDir } });
  return inPage(outDir, sandbox);
}

/** Vite's own server while it is developed; where it listens. */
async function developing(root) {
  const server = await createServer({ ...COMMON, root, server: { port: 0, host: "127.0.0.1" } });
  await server.listen();
  return { server, origin: `http://127.0.0.1:${server.httpServer.address().port}` };
}

async function served(root, sandbox) {
  const { server, origin } = await developing(root);
  const outcome = await opened(origin, sandbox);
  await server.close();
  return outcome;
}

/** Edits a module of a page that is open. What it made before is given up, and what stays goes on with the same package. */
async function reloaded(from, root) {
  await cp(from, root, { recursive: true });
  const { server, origin } = await developing(root);
  const browser = await puppeteer.launch(CHROMIUM);
  const page = await browser.newPage();
  const keys = () => page.evaluate(() => globalThis.keys());
  const outcome = await judge({ passed: 0, failures: [] }, "a hot reload", async () => {
    await page.goto(origin);
    await page.waitForFunction(() => "keys" in globalThis);
    same(await keys(), ["stays", "first"]);
    const edited = join(root, "reloaded.mjs");
    await writeFile(edited, (await readFile(edited, "utf8")).replace('"first"', '"second"'));
    // One edit may be seen as two, and then there are two reloads.
    const found = await page.waitForFunction(async () => {
      const keys = await globalThis.keys();
      return keys.at(-1) === "second" && keys;
    });
    const [stays, ...given] = await found.jsonValue();
    same([stays, given.pop()], ["stays", "second"]);
    check(given.length > 0 && given.every((code) => code === "ERR_CLOSED"), `what was replaced gives ${given}`);
    same(await page.evaluate(() => globalThis.loads), 1, "how often the page was loaded");
    check(await page.evaluate(() => globalThis.isSame()), "the package was loaded again");
  });
  await browser.close();
  await server.close();
  return outcome;
}

export default async ({ project, sandbox }) => {
  const root = dirname(entry(project));
  const outcomes = {
    build: await built(root, await emptied(project, "vite"), sandbox),
    dev: await served(root, sandbox),
    slim: await built(suite(project, "slim"), await emptied(project, "vite-slim"), sandbox),
    "hot reload": await reloaded(suite(project, "hot"), await emptied(project, "vite-hot")),
  };
  return { version: await version(import.meta.url, "vite"), outcomes };
};
