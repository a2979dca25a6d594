// A visit to the page: what a person does there, and what they see.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { check, same } from "../suite/world.mjs";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const DESKTOP = { width: 1200, height: 900 };
const PHONE = { width: 360, height: 740 };

/** A browser says so of every answer of this kind. The faults are meant to give such, and there is no other way to see none. */
const MEANT = /status of (400|401|429|503)|\b(401|429|503)\b.*(whoami|authorize|api-key)/;

export class Visit {
  /** What the console said that it should not have. */
  said = [];
  /** Where requests went. */
  origins = new Set();

  static async begin(browser, sandbox) {
    const visit = new Visit();
    visit.sandbox = sandbox;
    visit.chromium = (await browser.version()).startsWith("Chrome");
    const page = (visit.page = await browser.newPage());
    page.on("console", (message) => {
      if (/error|warn/.test(message.type()) && !MEANT.test(message.text())) visit.said.push(message.text());
    });
    page.on("pageerror", (error) => visit.said.push(String(error)));
    page.on("request", (request) => visit.origins.add(new URL(request.url()).origin));
    await page.setViewport(DESKTOP);
    await visit.open();
    return visit;
  }

  async open() {
    await this.page.goto(`${this.sandbox}/`);
    await this.page.waitForFunction(() => document.documentElement.dataset.ready === "true", { timeout: 15_000 });
  }

  text = (selector) => this.page.$eval(selector, (element) => element.textContent);
  texts = (selector) => this.page.$$eval(selector, (elements) => elements.map((element) => element.textContent));
  count = (selector) => this.page.$$eval(selector, (elements) => elements.length);

  /** Clicks what a selector finds, wherever on the page it is. */
  async click(selector) {
    const element = await this.page.$(selector);
    check(element !== null, `there is no ${selector}`);
    await element.evaluate((found) => found.scrollIntoView({ block: "center", behavior: "instant" }));
    await element.click();
  }

  /** Waits until a text matches, and gives it. */
  async sees(selector, pattern) {
    const seen = (selector, source) => new RegExp(source).test(document.querySelector(selector)?.textContent ?? "");
    try {
      await this.page.waitForFunction(seen, { timeout: 15_000, polling: 50 }, selector, pattern.source);
    } catch {
      throw new Error(`${selector} is “${await this.text(selector).catch(() => "not there")}”, not ${pattern}`);
    }
    return this.text(selector);
  }

  /** Picks a service and waits for what comes of it. */
  async pick(service) {
    await this.click(`#service-${service}`);
    await this.sees("#code", new RegExp(`provider: "${service}"`));
    await this.#idle();
  }

  /** Makes something go wrong; the verdict. */
  async strike(fault) {
    const title = await this.text(`#fault-${fault} strong`);
    await this.click(`#fault-${fault}`);
    const verdict = await this.sees("#verdict", new RegExp(`^${title}:`));
    await this.#idle();
    return verdict;
  }

  #idle() {
    return this.page.waitForFunction(() => !document.getElementById("workbench").hasAttribute("aria-busy"), { polling: 50 });
  }

  /** The key whose row is found by its place in the table, from 0. */
  row = (at) =>
    this.page.$eval(`#keys tr:nth-child(${at + 1})`, (row) => ({ ...row.dataset, text: row.innerText, hint: row.querySelector("code").textContent }));

  /** Presses a button of a key. */
  onKey = ({ id }, label) => this.click(`#keys tr[data-id="${id}"] button[aria-label^="${label}"]`);

  /** What axe-core finds wrong with the page as it stands. */
  async axe(when) {
    if (!(await this.page.evaluate(() => "axe" in globalThis))) await this.page.evaluate(await readFile(AXE, "utf8"));
    const found = await this.page.evaluate(async () => {
      const { violations, passes } = await globalThis.axe.run();
      const nodes = ({ id, nodes }) => `${id}: ${nodes.map(({ html, any }) => `${html} ${any[0]?.message ?? ""}`).join("; ")}`;
      return { violations: violations.map(nodes), passes: passes.length };
    });
    check(found.passes > 20, `axe looked at ${found.passes} rules only`);
    same(found.violations, [], `what axe finds ${when}`);
  }

  phone = () => this.page.setViewport(PHONE);
  desktop = () => this.page.setViewport(DESKTOP);
}
