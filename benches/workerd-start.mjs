// How soon a new isolate of workerd answers first: `node workerd-start.mjs ROUNDS`. Prints the contest. A process of workerd goes on, as
// an edge's do, and a worker in it has isolates made, each from its code on; the request that causes it is timed from outside.

import { interleaved, time } from "./contest.mjs";
import { GOOGLE, JOSE, JWT_DECODE, LATCHKEY, contest } from "./starts.mjs";
import { Miniflare, RUNTIME, ask, bundled } from "./workers.mjs";

const rounds = Number(process.argv[2]);
const NOTHING = { name: "a worker that has nothing", script: "" };
const peers = [GOOGLE, JOSE, JWT_DECODE, NOTHING];

const workers = [];
for (const script of [LATCHKEY, ...peers.map(({ script }) => script)]) {
  workers.push(await bundled(`export default { async fetch() { ${script}; return new Response(); } };`));
}

/** As what the worker that makes isolates has the code of the others: the texts of scripts, the bytes of modules. */
const carried = workers.flatMap((files, at) =>
  files.map(({ path, contents }) => ({ type: path.endsWith(".wasm") ? "Data" : "Text", path: `${at}/${path}`, contents })),
);
const imports = carried.map(({ path }, at) => `import file${at} from "./${path}";`);
const codes = workers.map((files, at) => {
  const named = files.map(({ path }) => {
    const file = `file${carried.findIndex((one) => one.path === `${at}/${path}`)}`;
    return `"${path}": ${path.endsWith(".wasm") ? `{ wasm: ${file} }` : file}`;
  });
  return `{ ...${JSON.stringify(RUNTIME)}, mainModule: "${files[0].path}", modules: { ${named.join(", ")} } }`;
});
const maker = `${imports.join("\n")}
const codes = [${codes.join(",\n")}];
export default {
  fetch({ url }, { LOADER }) {
    const code = codes[new URL(url).searchParams.get("who")];
    return LOADER.get(crypto.randomUUID(), () => code).getEntrypoint().fetch("http://worker/");
  },
};`;

const worker = new Miniflare({
  ...RUNTIME,
  modules: [{ type: "ESModule", path: "maker.js", contents: maker }, ...carried],
  workerLoaders: { LOADER: {} },
});
const url = await worker.ready;
const fresh = (_, who) => () => time(() => ask(url, { who }));
const all = await interleaved(rounds, workers.map(fresh));
console.log(JSON.stringify([contest("a new isolate's first `isExpired`", peers, all)]));
await worker.dispose();
