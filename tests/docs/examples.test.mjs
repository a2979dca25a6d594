// The examples in the declarations compile as they stand, with what a program around them would have.

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { read } from "../../pkg/test/texts.mjs";

/** What the examples speak of: clients, ids, credentials, and a program's own vault and log. */
const AROUND = `
  declare const vault: { read(name: string): Promise<string>; write(name: string, text: string): Promise<void> };
  declare const log: { debug(what: unknown): void };
  declare const axios: { get(url: string, options: { headers: Record<string, string> }): Promise<unknown> };
  declare const socket: { send(text: string): void };
  declare const context: { waitUntil(work: Promise<unknown>): void };
  declare const process: { env: Record<string, string | undefined> };
  declare const require: { resolve(name: string): string };
  declare function readFile(path: string): Promise<Uint8Array<ArrayBuffer>>;
  declare function signIn(): Promise<void>;
  declare function askForAnotherKey(): void;
  declare const client: BaseClient;
  declare const login: LoginClient;
  declare const masumi: MasumiClient;
  declare const masv: MasvClient;
  declare const shared: MasvPackageClient;
  declare const ours: MasvPackageClient;
  declare const transfer: MasvTransferClient;
  declare const rotation: Rotation;
  declare const redis: { get(key: string): Promise<string | null>; del(key: string): Promise<number>; eval(...given: any[]): Promise<unknown> };
  declare const store: TokenStore;
  declare const encryptionKey: CryptoKey;
  declare const secret: string & Secret;
  declare const [url, baseUrl, apiKey, email, password, key, token, id, link, team, portal]: string[] & Record<number, string>;
  declare const [order, file]: unknown[];
  declare const init: RequestInit;
`;

const OPTIONS = {
  strict: true,
  noEmit: true,
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ESNext,
  lib: ["lib.esnext.d.ts", "lib.dom.d.ts"],
  types: [],
};

const MODULE = { languageVersion: ts.ScriptTarget.ESNext, impliedNodeFormat: ts.ModuleKind.ESNext };

/** The examples in a text of declarations. */
function* examples(text) {
  for (const [comment] of text.matchAll(/\/\*\*[^]*?\*\//g)) {
    for (const [, code] of comment.matchAll(/```ts\n([^]*?)```/g)) yield code.replace(/^ *\* ?/gm, "").trim();
  }
}

/** An example as a module: what is a part of something gets the rest of it. */
function whole(code, names) {
  if (code.startsWith("catch")) code = `try { await client.token(); } ${code}`;
  if (/^\w+(\(.*\) \{|:)/.test(code)) code = `const config: CommonConfig = {\n${code}\n};`;
  const imports = code.match(/^import .*$/gm) ?? [];
  const own = imports.join().match(/\w+/g) ?? [];
  const rest = names.filter((name) => !own.includes(name));
  const body = code.replace(/^import .*$/gm, "");
  return `${imports.join("\n")}\nimport { ${rest.join(", ")} } from "latchkey";\n${AROUND}\nexport async function example() {\n${body}\n}\n`;
}

test("every example of the declarations compiles", async () => {
  const index = await read("pkg/index.d.cts");
  const exported = [...index.matchAll(/export \{([^}]*)\}/g)].flatMap(([, list]) => list.split(","));
  const names = exported.map((name) => name.replace("type ", "").trim()).filter((name) => name !== "");
  const files = new Map();
  for (const file of await readdir(new URL("../../pkg/types", import.meta.url))) {
    for (const code of examples(await read(`pkg/types/${file}`))) {
      files.set(fileURLToPath(new URL(`example-${files.size}.mts`, import.meta.url)), whole(code, names));
    }
  }
  assert.ok(files.size > 80, `there are ${files.size}`);

  const host = ts.createCompilerHost(OPTIONS);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.getSourceFile = (name, ...rest) =>
    files.has(name) ? ts.createSourceFile(name, files.get(name), MODULE) : getSourceFile(name, ...rest);
  const wrong = ts.getPreEmitDiagnostics(ts.createProgram([...files.keys()], OPTIONS, host));
  const said = wrong.map(({ file, start, messageText }) => {
    const line = file && file.text.split("\n")[file.getLineAndCharacterOfPosition(start).line];
    return `${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  });
  assert.deepEqual(said, []);
});
