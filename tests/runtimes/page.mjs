// The demo page in real browsers, driven as a person does: what it shows, by keyboard and by mouse, and what axe-core finds.

import puppeteer from "puppeteer-core";
import { CHROMIUM, FIREFOX } from "./browsers.mjs";
import { CASES } from "./page/cases.mjs";
import { Visit } from "./page/visit.mjs";

/** Firefox is dark, since it can not be told so while it runs. */
const DARK = { extraPrefsFirefox: { "layout.css.prefers-color-scheme.content-override": 0 } };

export default async ({ sandbox }) => {
  const browsers = await Promise.all([tried(CHROMIUM, sandbox), tried({ ...FIREFOX, ...DARK }, sandbox)]);
  return {
    version: browsers.map(({ version }) => version).join(" and "),
    outcomes: Object.fromEntries(browsers.map(({ version, outcome }) => [version, outcome])),
  };
};

/** Every case in one browser, one after the other on one page, as a person goes through it. */
async function tried(launch, sandbox) {
  const browser = await puppeteer.launch(launch);
  const outcome = { passed: 0, failures: [] };
  const visit = await Visit.begin(browser, sandbox);
  for (const [name, work] of Object.entries(CASES)) {
    try {
      await work(visit);
      outcome.passed += 1;
    } catch (error) {
      outcome.failures.push({ name, message: error.stack ?? String(error) });
      // What it left behind must not fail the next one too.
      await visit.open();
    }
  }
  const version = (await browser.version()).replace("/", " ");
  await browser.close();
  return { version, outcome };
}
