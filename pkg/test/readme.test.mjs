// Every snippet of the README is run, and asks the services no more often than it has to. The rest of the documentation
// is judged in tests/docs, where the packages are that it compares with.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { judge } from "./snippets.mjs";
import { blocks, read } from "./texts.mjs";

/** What the services have counted when the snippet below a heading is done. */
const COUNTS = {
  Latchkey: { "masivo.token": 1, "masivo.resource": 1 },
  Masivo: { "masivo.token": 1 },
  MASV: { "masv.token": 1 },
  "A service with `/auth/login`": { "login.token": 1, "login.resource": 1, "login.logout": 1 },
  Brifle: { "brifle.token": 1, "brifle.resource": 1 },
  Masumi: { "masumi.resource": 1 },
  "OAuth 2": { "oauth2.discovery": 1, "oauth2.token": 1, "oauth2.resource": 1 },
  "Any other service": { "custom.token": 1, "custom.resource": 1 },
  // Its backend is a resource of the service, too.
  "A function of your own": { "masivo.resource": 2 },
  "Verifying a token": { "oauth2.token": 1, "oauth2.keys": 1 },
  "Many machines": { "masivo.token": 1, "masivo.resource": 1 },
  "When it fails": { "masivo.token": 1 },
};

const readme = await read("README.md");
const snippets = [...blocks(readme)].filter(({ language }) => language === "js");
const pkg = fileURLToPath(new URL("..", import.meta.url));

test("the README's snippets are those that are judged here", () => {
  for (const { language, heading } of blocks(readme)) assert.ok(["js", "sh"].includes(language), `"${language}" in ${heading}`);
  assert.deepEqual(snippets.map(({ heading }) => heading), Object.keys(COUNTS));
});

describe("README", { concurrency: 2 }, () => {
  for (const { heading, code } of snippets) {
    test(heading, async (t) => assert.deepEqual(await judge(t, code, pkg), COUNTS[heading]));
  }
});

test("the README's commands are xtask's, and CI's", async () => {
  const shell = [...blocks(readme)].filter(({ language }) => language === "sh");
  const commands = shell.flatMap(({ code }) => code.trim().split("\n"));
  assert.deepEqual(commands, ["npm install ../latchkey/pkg", "cargo xtask demo", "cargo xtask test"]);
  const [, help] = /^const HELP: &str = "\\\n([^"]*)"/m.exec(await read("xtask/src/main.rs"));
  for (const command of ["build", "demo", "test"]) assert.match(help, new RegExp(`^  ${command} `, "m"));
  assert.equal((await read(".ci/run")).trim().split("\n").at(-1), "cargo xtask test");
});
