// WebKitGTK, by its own WebDriver and on a display that nobody sees.

import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { freePort } from "../../pkg/test/free-port.mjs";
import { POLICY, address } from "../runtimes/browsers.mjs";
import { serve } from "../runtimes/serve.mjs";
import { started } from "../runtimes/tools.mjs";

/** Debian keeps the browser with the libraries of the machine's kind. */
const BROWSER = readdirSync("/usr/lib")
  .map((folder) => `/usr/lib/${folder}/webkit2gtk-4.1/MiniBrowser`)
  .find(existsSync);

const PLACES = ["page", "worker", "shared worker"];

/** Xvfb; it writes the number of the display that it found to be free. */
async function display() {
  const args = ["-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp"];
  const xvfb = started("Xvfb", args, { stdio: ["ignore", "pipe", "ignore"] });
  const [number] = await once(createInterface(xvfb.stdout), "line");
  return { xvfb, DISPLAY: `:${number}` };
}

async function command(url, method, body) {
  const init = { method, body: body && JSON.stringify(body), headers: { "content-type": "application/json" } };
  const { value } = await (await fetch(url, init)).json();
  if (value?.error) throw new Error(`${url}: ${value.error}: ${value.message}`);
  return value;
}

/** The driver, once it answers. */
async function driver(DISPLAY) {
  const port = await freePort();
  const env = { ...process.env, DISPLAY, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" };
  const child = started("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], { env, stdio: "ignore" });
  const origin = `http://127.0.0.1:${port}`;
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    try {
      await command(`${origin}/status`, "GET");
      return { child, origin };
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error("WebKitWebDriver does not answer");
}

export default async ({ project, sandbox }) => {
  const site = await serve(project, { "content-security-policy": POLICY });
  const { xvfb, DISPLAY } = await display();
  const { child, origin } = await driver(DISPLAY);
  try {
    const options = { binary: BROWSER, args: ["--automation"] };
    const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": options, timeouts: { script: 120_000 } } };
    const opened = await command(`${origin}/session`, "POST", { capabilities });
    const session = `${origin}/session/${opened.sessionId}`;
    const outcomes = {};
    for (const place of PLACES) {
      await command(`${session}/url`, "POST", { url: address(site, place, sandbox) });
      const script = "return globalThis.outcome";
      outcomes[place] = await command(`${session}/execute/sync`, "POST", { script, args: [] });
    }
    await command(session, "DELETE");
    return { version: opened.capabilities.browserVersion, outcomes };
  } finally {
    child.kill();
    xvfb.kill();
  }
};
