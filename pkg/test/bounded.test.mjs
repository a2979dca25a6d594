// Bodies that are too large to be an answer: no more of them is read than a MiB, unpacked, and no more is kept in memory. The client
// runs in a Node of its own, whose memory is nobody else's.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import test from "node:test";
import { promisify } from "node:util";
import { constants, createGzip } from "node:zlib";
import { serve } from "./support.mjs";

const MIB = 1024 * 1024;

/** A gzip of so many zeros. */
async function bomb(bytes) {
  const gzip = createGzip({ level: constants.Z_BEST_COMPRESSION });
  const packed = gzip.toArray();
  for (let written = 0; written < bytes; written += MIB) gzip.write(Buffer.alloc(MIB));
  gzip.end();
  return Buffer.concat(await packed);
}

/** What a body is sent as, a chunk at a time as fast as it is taken, and how much of it. */
const BODIES = {
  "100 MB, with their length": () => ({ headers: { "content-length": `${100 * MIB}` }, total: 100 * MIB }),
  "100 MB, nobody says how many": () => ({ total: 100 * MIB }),
  "what never ends": () => ({ total: Infinity }),
  "a gzip bomb of 200 MiB": async () => {
    const chunk = await bomb(200 * MIB);
    assert.ok(chunk.length < MIB / 2, "it is small on the wire");
    return { headers: { "content-encoding": "gzip" }, total: chunk.length, chunk };
  },
};

/** A service whose every answer but the first token is that body; its address, and how many bytes it has sent. */
async function flood(t, { headers = {}, total, chunk = Buffer.alloc(64 * 1024, "x") }) {
  const sent = { bytes: 0 };
  const address = await serve(t, (request, response) => {
    if (request.url === "/small") return response.end('{"data":"a-token"}');
    response.writeHead(200, headers);
    let written = 0;
    const more = () => {
      if (response.destroyed || written >= total) return response.end();
      written += chunk.length;
      sent.bytes += chunk.length;
      response.write(chunk, more);
    };
    more();
  });
  return { address, sent };
}

/** What each kind of request of Latchkey's own comes to, and by how much the process grew at its peak: bytes. */
async function outcome(address) {
  const program = `
    import { Client } from "latchkey";
    const client = (provider, baseUrl, more) => new Client({ provider, baseUrl, apiKey: "k", retries: 0, ...more });
    const small = client("masivo", ${JSON.stringify(address)}, { tokenUrl: ${JSON.stringify(`${address}/small`)} });
    await small.token();
    // Whatever takes memory the first time has taken it.
    await (await small.fetch("/small")).text();
    const before = process.resourceUsage().maxRSS;
    const failed = (call) => call.then(() => "nothing", ({ code, message }) => \`\${code} \${message}\`);
    const outcomes = [];
    for (let times = 0; times < 5; times++) {
      outcomes.push(await failed(client("masivo", ${JSON.stringify(address)}).token()));
      outcomes.push(await failed(client("masumi", ${JSON.stringify(address)}).keys.status()));
    }
    console.log(JSON.stringify({ outcomes, grown: (process.resourceUsage().maxRSS - before) * 1024 }));`;
  const cwd = new URL(".", import.meta.url);
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], { cwd });
  return JSON.parse(stdout);
}

for (const [what, make] of Object.entries(BODIES)) {
  test(`of ${what}, no more is read and kept than the bound`, async (t) => {
    const { address, sent } = await flood(t, await make());
    const { outcomes, grown } = await outcome(address);
    assert.equal(outcomes.length, 10);
    for (const said of outcomes) assert.match(said, /^ERR_RESPONSE .*more than 1 MiB/);
    // Each was stopped at a MiB, and what the system and both ends of the connection buffer is a few more.
    assert.ok(sent.bytes < 10 * 10 * MIB, `${sent.bytes} bytes were sent`);
    // Ten times the bound would be ten of its texts kept, of two bytes a character.
    assert.ok(grown < 48 * MIB, `the process grew by ${grown} bytes`);
  });
}
