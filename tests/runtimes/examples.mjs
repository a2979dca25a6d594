// The examples, as they stand, in place of the suite: each against a world of the sandbox in which Masivo has customers.

import { once } from "node:events";
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import puppeteer from "puppeteer-core";
import { createServer } from "vite";
import { CHROMIUM } from "./browsers.mjs";
import { check, createWorld, same } from "./suite/world.mjs";
import { output, program, started } from "./tools.mjs";
import { WORKER, modules } from "./workerd.mjs";

const EXAMPLES = new URL("../../examples", import.meta.url).pathname;
const CUSTOMERS = [{ name: "Ada" }, { name: "Grace" }];

/** A program of Node's that says where it listens. */
async function listening(cwd, file, env) {
  const child = started(process.execPath, [file], { cwd, env: { ...process.env, ...env, PORT: "0" } });
  const [address] = await once(createInterface(child.stdout), "line");
  return { address, end: () => child.kill() };
}

const examples = {
  async "Node server"(folder, world, env) {
    const { address, end } = await listening(join(folder, "node-server"), "server.js", env);
    const ask = async () => (await fetch(address)).json();
    same(await Promise.all([ask(), ask(), ask()]), [CUSTOMERS, CUSTOMERS, CUSTOMERS]);
    same(await world.count("masivo", "token"), 1, "the number of token requests");
    end();
  },

  async "Cloudflare worker"(folder, world, bindings) {
    const root = join(folder, "cloudflare-worker");
    const outdir = join(root, "out");
    await build({ ...WORKER, entryPoints: [join(root, "worker.js")], outdir });
    const config = JSON.parse((await readFile(join(root, "wrangler.jsonc"), "utf8")).replace(/^\s*\/\/.*$/gm, ""));
    const [{ name, class_name: className }] = config.durable_objects.bindings;
    // Two isolates, as Cloudflare has them in many places at once.
    const isolate = (isolate) => ({
      ...modules(outdir, "worker.js"),
      name: isolate,
      compatibilityDate: config.compatibility_date,
      bindings: { ...bindings, STORE_KEY: btoa("0123456789abcdef0123456789abcdef") },
      durableObjects: { [name]: { className, scriptName: "one", useSQLite: true } },
    });
    const worker = new Miniflare({ workers: ["one", "two"].map(isolate) });
    const ask = async (isolate) => (await (await worker.getWorker(isolate)).fetch("http://worker/")).json();
    same([await ask("one"), await ask("one"), await ask("two")], [CUSTOMERS, CUSTOMERS, CUSTOMERS]);
    same(await world.count("masivo", "token"), 1, "the number of token requests");
    await worker.dispose();
  },

  async "Deno script"(folder, world) {
    const { keys } = world.client("masumi");
    const { id } = await keys.create({ permission: "ReadAndPay", credits: [{ unit: "", amount: 5n }] });
    const env = { ...process.env, MASUMI_KEY: world.credentials.masumi.apiKey, MASUMI_URL: world.services.masumi };
    const deno = program(import.meta.url, "deno");
    const args = ["run", "--quiet", "--no-remote", "--allow-env", "--allow-net", "main.ts"];
    const said = await output(deno, args, { cwd: join(folder, "deno-script"), env });
    check(said.includes(`${id} ReadAndPay Active 5 lovelace\n`), `it says ${said}`);
  },

  async "Vite page"(folder, world, env) {
    const root = join(folder, "vite-page");
    const { address, end } = await listening(root, "backend.js", env);
    Object.assign(process.env, { BACKEND: new URL(address).origin, VITE_MASIVO_URL: env.MASIVO_URL });
    const vite = await createServer({ root, logLevel: "error", server: { port: 0, host: "127.0.0.1" } });
    await vite.listen();
    const browser = await puppeteer.launch(CHROMIUM);
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${vite.httpServer.address().port}`);
    await page.waitForFunction((count) => document.querySelectorAll("li").length === count, {}, CUSTOMERS.length);
    const names = await page.$$eval("li", (items) => items.map(({ textContent }) => ({ name: textContent })));
    same(names, CUSTOMERS);
    same(await world.count("masivo", "token"), 1, "the number of token requests");
    for (const close of [() => browser.close(), () => vite.close(), end]) await close();
  },
};

/** Its requests for customers carried a credential: the answer that is made here would not tell. */
async function carriedCredential(world) {
  const asked = (await world.log()).filter(({ path, purpose }) => path.endsWith("/customers") && purpose !== "preflight");
  check(asked.every(({ headers }) => headers.authorization), "a request came without its token");
}

export default async ({ project, sandbox }) => {
  const folder = join(project, "examples");
  await cp(EXAMPLES, folder, { recursive: true });
  const installed = join(project, "node_modules/latchkey");
  const latchkey = await import(join(installed, "dist/node.mjs"));
  const outcomes = {};
  for (const [name, work] of Object.entries(examples)) {
    const world = await createWorld(latchkey, sandbox);
    await world.fault({ service: "masivo", on: "/customers", kind: "status", status: 200, body: CUSTOMERS, times: null });
    const env = { MASIVO_KEY: world.credentials.masivo.apiKey, MASIVO_URL: world.services.masivo };
    try {
      await work(folder, world, env);
      await carriedCredential(world);
      outcomes[name] = { passed: 1, failures: [] };
    } catch (thrown) {
      outcomes[name] = { passed: 0, failures: [{ name, message: String(thrown?.stack ?? thrown) }] };
    }
  }
  return { version: JSON.parse(await readFile(join(installed, "package.json"), "utf8")).version, outcomes };
};
