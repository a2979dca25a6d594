// Every snippet of the README is run as it stands there, by a Node of its own, and prints what its comments say.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { world } from "./support.mjs";

const read = (path) => readFile(new URL(`../../${path}`, import.meta.url), "utf8");

/** What the services have counted when the snippet below a heading is done. */
const COUNTS = {
  Latchkey: { "masivo.token": 1, "masivo.resource": 1 },
  Masivo: { "masivo.token": 1 },
  MASV: { "masv.token": 1 },
  "One package, one transfer": { "masv.token": 1, "masv.package": 3, "masv.resource": 2 },
  "A service with `/auth/login`": { "login.token": 1, "login.resource": 1, "login.logout": 1 },
  Sessions: { "login.token": 2 },
  Brifle: { "brifle.token": 1, "brifle.resource": 1 },
  Masumi: { "masumi.resource": 1 },
  "OAuth 2": { "oauth2.discovery": 1, "oauth2.token": 1, "oauth2.resource": 1 },
  "Any other service": { "custom.token": 1, "custom.resource": 1 },
  // Its backend is a resource of the service, too.
  "A function of your own": { "masivo.resource": 2 },
  JWT: {},
  // Two to create (which version is it?), two to update (it is read first), one to list, three to revoke (is it in use?).
  Keys: { "masumi.resource": 8 },
  // Status thrice (before, within, after), and to rotate: find it, list all, make, prove; then revoke.
  Rotation: { "masumi.resource": 8 },
  // List, make, read and change, delete, list; and the account.
  "MASV's keys": { "masv.token": 1, "masv.keys": 5, "masv.resource": 1 },
  Errors: { "masivo.token": 1 },
};

const readme = await read("README.md");
const snippets = [...blocks(readme, "js")];

test("the README's snippets are those that are judged here", () => {
  assert.deepEqual(snippets.map(({ heading }) => heading), Object.keys(COUNTS));
});

for (const { heading, code } of snippets) {
  test(`README: ${heading}`, async (t) => {
    const sandbox = await world(t);
    const body = { token: await sandbox.client("masivo").token() };
    await sandbox.fault({ service: "masivo", on: "/backend", kind: "status", status: 200, body });
    await fetch(`${sandbox.url}/_sandbox/log`, { method: "DELETE" });
    assert.deepEqual(await run(code, sandbox), printed(code));
    const counters = await fetch(`${sandbox.url}/_sandbox/counters`);
    assert.deepEqual(await counters.json(), COUNTS[heading]);
  });
}

test("the README's commands are xtask's, and CI's", async () => {
  const commands = [...blocks(readme, "sh")].flatMap(({ code }) => code.trim().split("\n"));
  assert.deepEqual(commands, ["cargo xtask demo", "cargo xtask test"]);
  const [, help] = /^const HELP: &str = "\\\n([^"]*)"/m.exec(await read("xtask/src/main.rs"));
  for (const command of commands) assert.match(help, new RegExp(`^  ${command.split(" ").at(-1)} `, "m"));
  assert.equal((await read(".ci/run")).trim().split("\n").at(-1), "cargo xtask test");
});

/** The fenced blocks of a language, each with the heading above it. */
function* blocks(markdown, language) {
  let heading;
  for (const [, title, fence, code] of markdown.matchAll(/^#+ (.*)$|^```(\w+)\n([^]*?)^```$/gm)) {
    if (title) heading = title;
    else if (fence === language) yield { heading, code };
  }
}

/** The lines that a snippet prints, by its own account: `console.log(…); // 200`. */
function printed(code) {
  const lines = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, line]) => line);
  assert.notEqual(lines.length, 0, "it prints nothing");
  return lines;
}

/** Runs a snippet in the package's folder, where "latchkey" is the package; the lines that it prints. */
async function run(code, { services, credentials }) {
  const node = spawn(process.execPath, ["--import", import.meta.resolve("./readme.route.mjs"), "--input-type=module"], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    env: { README_ROUTES: JSON.stringify(routes(services)), ...variables(credentials) },
  });
  node.stdin.end(code);
  const [output, errors, [status]] = await Promise.all([text(node.stdout), text(node.stderr), once(node, "close")]);
  assert.deepEqual({ status, errors }, { status: 0, errors: "" });
  return output.trim().split("\n");
}

/** Where the README's addresses lead: its resources to what every service of the sandbox has, and first of all. */
function routes({ masivo, masv, login, brifle, masumi, oauth2, custom }) {
  return {
    "https://app.masivo.ai/api/storefront/v1/customers": `${masivo}/whoami`,
    "https://app.masivo.ai/api/storefront/v1/orders": `${masivo}/whoami`,
    "https://app.masivo.ai/api/storefront/v1": masivo,
    "https://backend.example.com/token": `${masivo}/backend`,
    "https://api.massive.app": masv,
    "https://login.example.com/orders": `${login}/whoami`,
    "https://login.example.com": login,
    "https://api.brifle.de/v1/deliveries": `${brifle}/whoami`,
    "https://api.brifle.de": brifle,
    "http://localhost:3001/api/v1/payment": `${masumi}/whoami`,
    "http://localhost:3001/api/v1": masumi,
    "https://api.example.com/reports": `${oauth2}/whoami`,
    "https://id.example.com": oauth2,
    "https://sso.example.com/profile": `${custom}/whoami`,
    "https://sso.example.com": custom,
  };
}

/** The environment that the README speaks of. */
function variables({ masivo, masv, login, brifle, masumi, oauth2, custom }) {
  return {
    MASIVO_KEY: masivo.apiKey,
    MASV_EMAIL: masv.email,
    MASV_PASSWORD: masv.password,
    MASV_KEY: masv.apiKey,
    LINK: "link-demo",
    LINK_SECRET: "link-demo-secret",
    LOGIN_KEY: login.apiKey,
    BRIFLE_KEY: brifle.key,
    BRIFLE_SECRET: brifle.secret,
    MASUMI_KEY: masumi.apiKey,
    CLIENT_ID: oauth2.clientId,
    CLIENT_SECRET: oauth2.clientSecret,
    SSO_USER: custom.user,
    SSO_SECRET: custom.secret,
  };
}
