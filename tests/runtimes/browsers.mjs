// Opens pages of the project in a browser that puppeteer drives, and gives what the suite says there.

import puppeteer from "puppeteer-core";
import { serve } from "./serve.mjs";

/** What a browser must allow: the module's own origin, and to compile WebAssembly. Nothing else is needed. */
export const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src *; img-src data:";

/** The suite in each of these places, each in a page of its own. */
export async function everywhere(launch, places, { project, sandbox }) {
  const origin = await serve(project, { "content-security-policy": POLICY });
  const browser = await puppeteer.launch(launch);
  const outcomes = {};
  for (const place of places) {
    outcomes[place] = await outcomeOf(browser, address(origin, place, sandbox));
  }
  const version = (await browser.version()).replace(/^\D*/, "");
  await browser.close();
  return { version, outcomes };
}

/** The page that runs the suite in a place of the browser. */
export const address = (origin, place, sandbox) =>
  `${origin}/suite/browser/index.html?${new URLSearchParams({ in: place, sandbox })}`;

/** What a page keeps as its `outcome`. */
export async function outcomeOf(browser, address) {
  const page = await browser.newPage();
  const said = [];
  // Where a page goes is seen by whoever reads a log.
  page.on("request", (request) => said.push(request.url()));
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  await page.goto(address);
  try {
    await page.waitForFunction(() => "outcome" in globalThis, { timeout: 60_000 });
    const outcome = await page.evaluate(() => globalThis.outcome);
    // But for the address that a service of the canaries' redirects to, which is its own words.
    const own = said.filter((text) => !text.includes("/elsewhere?"));
    const sung = own.find((text) => /canary(\+|%2B)|eyJ[\w-]{8}/i.test(text));
    if (sung) outcome.failures.push({ name: "no address and no word of the page's has a secret", message: sung });
    return outcome;
  } catch (error) {
    throw new Error(`${address}: ${error.message}\n${said.join("\n")}`);
  } finally {
    await page.close();
  }
}

// The sandbox of Chromium's own refuses to run as root; the rest keeps it from calling home.
export const CHROMIUM = {
  executablePath: "/usr/bin/chromium",
  args: [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

export const FIREFOX = {
  browser: "firefox",
  executablePath: "/usr/bin/firefox-esr",
  args: ["-headless"],
};
