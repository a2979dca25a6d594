// The documentation is held to what it says: each snippet of it is run, and each link leads somewhere.

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { judge } from "../../pkg/test/snippets.mjs";
import { blocks, read } from "../../pkg/test/texts.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const here = fileURLToPath(new URL(".", import.meta.url));
/** What is made or installed, and so is nobody's text here. */
const SKIPPED = ["node_modules", "target", "dist", ".git", ".next"];
/** The copies of these that npm packs. */
const PACKED = ["pkg/README.md", "pkg/CHANGELOG.md"];

/** The texts of the repository in Markdown, by their paths. */
async function* texts(folder = "") {
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !SKIPPED.includes(entry.name)) yield* texts(path);
    else if (entry.name.endsWith(".md") && !PACKED.includes(path)) yield [path, await read(path)];
  }
}

const all = new Map();
for await (const [path, text] of texts()) all.set(path, text);
const docs = [...all].filter(([path]) => path.startsWith("docs/"));

/** What a fenced block may be in: run here, held against a file that is run, or drawn. */
const LANGUAGES = ["js", "ts", "text", "mermaid"];

// Most of the time each waits for a Node to start, or for an answer.
describe("snippets", { concurrency: 4 }, () => {
  for (const [path, text] of docs) {
    const found = [...blocks(text)];
    test(`${path}: every block is in a language that is judged`, () => {
      for (const { language, heading } of found) assert.ok(LANGUAGES.includes(language), `"${language}" in ${heading}`);
    });
    for (const { heading, code } of found.filter(({ language }) => language === "js")) {
      test(`${path}: ${heading}`, (t) => judge(t, code, here));
    }
  }
});

test("a program that brings the core itself is the one that the suite runs", async () => {
  const snippets = docs.flatMap(([, text]) => [...blocks(text)].filter(({ language }) => language === "ts"));
  const main = await read("tests/runtimes/suite/slim/main.mjs");
  assert.equal(snippets.length, 1);
  const [, from] = /from ("latchkey\/core\.wasm\?url");/.exec(snippets[0].code);
  assert.ok(main.includes(`import core from ${from};`) && main.includes('from "latchkey/slim";'));
  assert.ok(snippets[0].code.includes("await ready(fetch(core));") && main.includes(".ready(fetch(core))"));
});

test("the policies are those of the browsers that run the suite, and of the demo page", async () => {
  const policies = [...blocks(all.get("docs/browsers.md"))].filter(({ language }) => language === "text");
  const [least, page] = policies.map(({ code }) => code.trim());
  const [, ofBrowsers] = /POLICY = "(.*)";/.exec(await read("tests/runtimes/browsers.mjs"));
  assert.ok(ofBrowsers.split("; ").includes(least), ofBrowsers);
  assert.ok((await read("www/index.html")).includes(`content="${page}"`), page);
});

test("every code of an error has its cause and its cure, in the order of the sources", async () => {
  const codes = (text, pattern) => [...text.matchAll(pattern)].map(([, code]) => code);
  const rust = codes(await read("src/error.rs"), /^ {4}\w+ = "(ERR_\w+)",$/gm);
  const types = codes(await read("pkg/types/error.d.cts"), /^ {2}\| "(ERR_\w+)"/gm);
  const text = all.get("docs/errors.md");
  assert.deepEqual(types, rust);
  assert.deepEqual(codes(text, /^## (ERR_\w+)$/gm), rust);
  for (const part of text.split(/^## (?=ERR_)/m).slice(1)) {
    assert.match(part, /^ERR_\w+\n\n\*\*Cause\.\*\* .+\n(?:.+\n)*?\*\*Cure\.\*\* ./, part);
  }
});

test("the diagram of a token's life has the states that its machine has", async () => {
  const [{ code }] = [...blocks(all.get("docs/token-life.md"))].filter(({ language }) => language === "mermaid");
  const states = [...code.matchAll(/^ {4}\w+ : ([^,\n]*)/gm)].map(([, state]) => state).sort();
  const [, drawn] = /```text\n([^]*?)```/.exec(await read("src/lifecycle.rs"));
  assert.deepEqual(states, ["backing off", "empty", "expired", "fresh", "in flight", "stale"]);
  for (const state of states) assert.ok(drawn.includes(state), state);
});

/** How GitHub names a heading: https://github.com/gjtorikian/html-pipeline has the rule. */
const anchor = (heading) => heading.toLowerCase().replace(/[^\p{L}\p{N}_ -]/gu, "").replaceAll(" ", "-");

/** The text without what stands in code. */
const prose = (text) => text.replace(/^```[^]*?^```$/gm, "").replace(/`[^`\n]*`/g, "");

const anchors = (text) => [...text.replace(/^```[^]*?^```$/gm, "").matchAll(/^#+ (.*)$/gm)].map(([, title]) => anchor(title));

async function exists(path) {
  const names = await readdir(join(root, dirname(path)));
  return path === "." || names.includes(path.split("/").at(-1));
}

describe("links", () => {
  for (const [path, text] of all) {
    test(path, async () => {
      for (const [, target] of prose(text).matchAll(/\]\(([^)\s]+)\)|<(?=\w+:)([^>\s]+)>/g)) {
        if (/^\w+:/.test(target)) {
          assert.equal(new URL(target).protocol, "https:", target);
          continue;
        }
        const [file, hash] = target.split("#");
        const found = file ? normalize(join(dirname(path), file)).replace(/\/$/, "") : path;
        assert.ok(!found.startsWith("..") && (await exists(found)), `${target}: there is no ${found}`);
        if (hash) assert.ok(anchors(all.get(found) ?? "").includes(hash), `${target}: ${found} has no such heading`);
      }
    });
  }
});

test("every text of the documentation is in its index", () => {
  const index = all.get("docs/README.md");
  for (const [path] of docs) {
    if (path !== "docs/README.md") assert.ok(index.includes(`(${path.slice("docs/".length)})`), path);
  }
});
