// What a person does on the page, and what they must see.

import { check, same } from "../suite/world.mjs";

const SERVICES = ["masv", "login", "brifle", "oauth2", "custom", "token", "masivo"];

/** What a fault must come to: the verdict's text, what the list of the timeline must say, and what its picture must show. */
const FAULTS = {
  due: { verdict: /1 token request \(200\), 1 call \(200\)/, list: /token: early/ },
  expire: { verdict: /1 token request \(200\), 1 call \(200\)/, list: /token: expired/ },
  revoke: { verdict: /1 token request \(200\), 2 calls \(401, 200\)/, list: /401, replayed/, picture: ".replay" },
  limit: { verdict: /2 token requests \(429, 200\)/, list: /retry 1 in 2\.0 s after 429/, picture: ".bar.failed" },
  outage: { verdict: /token requests \(503, 200\), \d+ calls \(200\)/, list: /back-off .* after ERR_SERVER/, picture: ".wait" },
  slow: { verdict: /1 token request \(200\)/, list: /fault: delay/ },
  skew: { verdict: /1 token request \(200\), 1 call \(200\)/, list: /token: first/ },
  crowd: { verdict: /1 token request \(200\), 100 calls \(200\)/, list: /100 × GET \S*\/whoami → 200/ },
};

const base64url = (text) => Buffer.from(text).toString("base64url");
const HEADER = base64url('{"alg":"HS256"}');
const jwt = (claims, signature = "c2ln") => `${HEADER}.${base64url(claims)}.${signature}`;

/** A token, the words of its refusal, the character that is marked, and the text before it. */
const REFUSED = [
  [jwt('{"exp":"17"}'), /"exp" is no date/, '"', '{"exp":'],
  [jwt('{"é":1,"b" 2}'), /no colon/, "2", '{"é":1,"b" '],
  [`${HEADER}.e+yJ.c2ln`, /wrong character at 1/, "+", `${HEADER}.e`],
  [jwt("{}", "c2ln="), /padded/, "=", `${jwt("{}")}`],
  [` ${jwt("{}")}`, /white space/, " ", ""],
  [`Bearer ${jwt("{}")}`, /starts with "Bearer "/, "Bearer ", ""],
];

export const CASES = {
  async "warns that a key does not belong in a page"(visit) {
    await visit.sees(".warning", /A real API key does not belong in a page/);
  },

  async "shows a token of each service"(visit) {
    for (const service of SERVICES) {
      await visit.pick(service);
      await visit.sees("#ring-state", /^Fresh$/);
      await visit.sees("#ring-left", /^(2:00|1:5\d)$/);
      await visit.sees("#claims", /exp20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC(2:00|1:5\d) left/);
      await visit.sees("#header", service === "masv" ? /^X-User-Token: eyJ/ : service === "custom" ? /^X-Session: Token eyJ/ : /^Authorization: Bearer eyJ/);
      await visit.sees("#timeline-list", /onEvent · token: first/);
      check((await visit.count("#timeline .bar.token")) > 0, `${service}: no request for a token is drawn`);
    }
  },

  async "shows that Masumi’s key is static"(visit) {
    await visit.pick("masumi");
    await visit.sees("#ring-state", /^Static key$/);
    await visit.sees("#header", /^token: abcdef…$/);
    same(await visit.page.$eval("#fault-revoke", (button) => button.disabled), true, "whether a static key’s token can be revoked");
    check(/2 calls \(429, 200\)/.test(await visit.strike("limit")), "429 of a static key");
  },

  async "draws the ring as far as the token has life"(visit) {
    await visit.pick("masivo");
    const share = () => visit.page.$eval(".ring-remaining", (arc) => Number(arc.getAttribute("stroke-dasharray").split(" ")[0]));
    const fresh = await share();
    check(fresh > 0.95 && fresh <= 1, `a fresh token’s share is ${fresh}`);
    same(await visit.page.$eval(".ring-window", (arc) => arc.getAttribute("stroke-dasharray")), "0.2 1", "the refresh window");
    await visit.page.waitForFunction(
      (before) => Number(document.querySelector(".ring-remaining").getAttribute("stroke-dasharray").split(" ")[0]) < before,
      {},
      fresh,
    );
  },

  ...Object.fromEntries(
    Object.entries(FAULTS).map(([fault, { verdict, list, picture }], at) => [
      `shows what comes of ${fault}`,
      async (visit) => {
        // Another service each time, for an empty timeline.
        await visit.pick(at % 2 === 0 ? "login" : "masivo");
        const said = await visit.strike(fault);
        check(verdict.test(said), `the verdict is “${said}”`);
        await visit.sees("#timeline-list", list);
        if (picture) check((await visit.count(`#timeline ${picture}`)) > 0, `no ${picture} is drawn`);
        if (fault === "slow") {
          const widest = await visit.page.$$eval("#timeline .bar.token", (bars) => Math.max(...bars.map((bar) => bar.getBBox().width)));
          check(widest > 100, `two seconds are ${widest} wide`);
        }
        if (fault === "crowd") same(await visit.count("#timeline .bar.calls"), 100, "the calls that are drawn");
        if (fault === "skew") {
          await visit.sees("#claims", /this machine’s is two hours ahead/);
          await visit.sees("#ring-left", /^(2:00|1:5\d)$/);
        }
      },
    ]),
  ),

  async "logs out, and then has no token"(visit) {
    await visit.pick("login");
    await visit.click("#logout");
    await visit.sees("#verdict", /^logout\(\): 1 call/);
    await visit.sees("#ring-state", /^No token$/);
    await visit.sees("#claims", /There is no token now/);
    await visit.pick("masivo");
  },

  async "creates a key, and shows its secret once"(visit) {
    await visit.click("#key-create");
    await visit.page.waitForSelector("#key-dialog[open]");
    await visit.axe("with the form open");
    await visit.click("#key-form button[type=submit]");
    await visit.sees("#keys-status", /^Created \*{5}\w{4}\./);
    const secret = await visit.text(".secret-text");
    check(/^masumi-payment-\w+$/.test(secret), "the secret is no key");
    const key = await visit.row((await visit.count("#keys tr")) - 1);
    same([key.status, key.hint], ["Active", `*****${secret.slice(-4)}`], "the new row");
    check(/ReadAndPay[^]*10 ADA[^]*Preprod/.test(key.text), `the row says ${key.text}`);
    await visit.click("#secret .buttons button:first-child");
    await visit.sees("#secret .buttons button:first-child", /^Copied$/);
    await visit.click("#secret .buttons .quiet");
    check(!(await visit.page.content()).includes(secret), "the secret is still in the page");
  },

  async "edits a key, and revokes it"(visit) {
    const key = await visit.row((await visit.count("#keys tr")) - 1);
    await visit.onKey(key, "Edit");
    await visit.page.waitForSelector("#key-dialog[open]");
    await visit.click("#key-form [name=mainnet]");
    await visit.page.$eval("#key-form [name=amount]", (input) => (input.value = "-4"));
    await visit.click("#key-form button[type=submit]");
    await visit.sees("#keys-status", /changed addCredits, networks\.$/);
    await visit.sees(`tr[data-id="${key.id}"]`, /6 ADA.*Mainnet/);
    await visit.onKey(key, "Edit");
    await visit.page.$eval("#key-form [name=amount]", (input) => (input.value = "-40"));
    await visit.click("#key-form button[type=submit]");
    await visit.sees("#key-error", /ERR_CONFIG: addCredits/);
    await visit.page.keyboard.press("Escape");
    await visit.page.waitForSelector("#key-dialog:not([open])");
    await visit.onKey(key, "Revoke");
    await visit.sees("#keys-status", /: Revoked\.$/);
    same(await visit.page.$eval(`tr[data-id="${key.id}"]`, (row) => row.dataset.status), "Revoked", "its state");
  },

  async "refuses to revoke the key in use"(visit) {
    const own = await visit.row(0);
    check(own.text.includes("in use here"), "the first key is not the one in use");
    await visit.onKey(own, "Revoke");
    await visit.sees("#keys-status", /ERR_CONFLICT/);
  },

  async "rotates a key a step at a time"(visit) {
    const old = await visit.row(1);
    await visit.onKey(old, "Rotate");
    await visit.sees("#keys-status", /both keys work now/);
    same(await visit.texts("#rotation li.done > code"), [
      "GET /api/v1/api-key-status → 200",
      "GET /api/v1/api-key → 200",
      "GET /api/v1/api-key → 200",
      "POST /api/v1/api-key → 200",
      "GET /api/v1/api-key-status → 200",
    ], "the steps and their requests");
    check(/^masumi-payment-/.test(await visit.text("#rotation .secret-text")), "the new secret is not shown");
    await visit.axe("in a rotation");
    await visit.onKey(await visit.row(2), "Rotate");
    await visit.sees("#keys-status", /Finish or abort the rotation that is under way first/);
    await visit.click("#rotation-finish");
    await visit.sees("#keys-status", /is revoked; \*{5}\w{4} has taken its place/);
    await visit.sees("[data-step=finish]", /DELETE \/api\/v1\/api-key → 200/);
    same(await visit.page.$eval(`tr[data-id="${old.id}"]`, (row) => row.dataset.status), "Revoked", "the old key");
  },

  async "aborts a rotation, and the old key stays"(visit) {
    const old = await visit.row(2);
    await visit.onKey(old, "Rotate");
    await visit.page.waitForSelector("#rotation-abort");
    await visit.sees("#keys-status", /both keys work now/);
    await visit.click("#rotation-abort");
    await visit.sees("#keys-status", /stays; the new key is revoked/);
    same(await visit.page.$eval(`tr[data-id="${old.id}"]`, (row) => row.dataset.status), "Active", "the old key");
    same((await visit.row((await visit.count("#keys tr")) - 1)).status, "Revoked", "the new key");
  },

  async "reads a token, and marks where one is refused"(visit) {
    const paste = (text) =>
      visit.page.$eval("#jwt", (area, text) => {
        area.value = text;
        area.dispatchEvent(new Event("input", { bubbles: true }));
      }, text);
    await paste(jwt('{"sub":"you","exp":4102444800}'));
    await visit.sees("#jwt-result", /A JWT, to the letter: .* left[^]*2100-01-01 00:00:00 UTC/);
    for (const [token, words, character, before] of REFUSED) {
      await paste(token);
      await visit.sees("#jwt-result .verdict", words);
      same(await visit.text("#jwt-result mark"), character, `what is marked in ${token}`);
      same(await visit.page.$eval("#jwt-result mark", (mark) => mark.previousSibling?.textContent ?? ""), before, "what stands before it");
    }
    await visit.axe("with a token refused");
    await visit.click("#inspect");
    await visit.sees("#jwt-result", /storefront-demo/);
  },

  async "is used by the keyboard alone"(visit) {
    const { page } = visit;
    const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.className);
    await page.evaluate(() => {
      document.activeElement.blur();
      scrollTo(0, 0);
    });
    await page.focus("#service-masivo");
    await page.keyboard.press("ArrowRight");
    await visit.sees("#code", /provider: "masv"/);
    await visit.sees("#verdict", /^token\(\): 1 token request/);
    const reached = [];
    for (let at = 0; at < 13; at += 1) {
      await page.keyboard.press("Tab");
      reached.push(await focused());
    }
    same(reached.join(" "), "call refresh logout inspect keep-calling fault-due fault-expire fault-revoke fault-limit fault-outage fault-slow fault-skew fault-crowd", "where Tab leads");
    await page.focus("#fault-revoke");
    await page.keyboard.press("Enter");
    await visit.sees("#verdict", /^Revoke: 1 token request/);
    same(await focused(), "fault-revoke", "where the focus is afterwards");
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    same(outline, "solid", "the outline of what has the focus");
  },

  async "has no finding of axe-core, in each light and on a phone"(visit) {
    await visit.axe("as it stands");
    if (visit.chromium) {
      await visit.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }, { name: "prefers-reduced-motion", value: "reduce" }]);
      await visit.axe("in the dark");
      same(await visit.page.$eval(".ring-remaining", (arc) => getComputedStyle(arc).transitionDuration), "0s", "its motion, where less is asked for");
      await visit.page.emulateMediaFeatures([]);
    }
    await visit.phone();
    await visit.axe("on a phone");
    const beyond = await visit.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    same(beyond, 0, "how far it reaches beyond a phone’s edge");
    await visit.desktop();
  },

  async "asks nobody but the sandbox, and says nothing in the console"(visit) {
    same([...visit.origins].filter((origin) => origin !== "null"), [visit.sandbox], "where requests went");
    same(visit.said, [], "what the console says");
    const refused = await visit.page.evaluate(async () => {
      const elsewhere = new Promise((resolve) => {
        document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective), { once: true });
        setTimeout(() => resolve("nothing"), 5000);
      });
      await fetch("http://localhost:9/").catch(() => {});
      return elsewhere;
    });
    same(refused, "connect-src", "what its policy refuses");
  },
};
