// Over TLS as it is on the wire: what its certificate is worth, and where a redirect out of it leads. The client runs in a Node of
// its own, as NODE_EXTRA_CA_CERTS is read when one starts.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { promisify } from "node:util";
import { generate } from "selfsigned";
import { serve } from "./support.mjs";

const SECRETS = { masivo: "canary-masivo-api-key", masumi: "canary-masumi-api-key", custom: "canary-custom-secret" };
const TOKEN = "canary-token-of-the-service";

/** What every client here is told, besides where it is. */
const CONFIGS = {
  masivo: { apiKey: SECRETS.masivo },
  masumi: { apiKey: SECRETS.masumi },
  custom: {
    credentials: { secret: SECRETS.custom },
    request: { method: "POST", path: "/token", encoding: "json", body: { secret: "{{secret}}" } },
    response: { token: "/data" },
    attach: { header: "X-Session" },
  },
};

/** A service at both names of this machine, with a certificate for both; it keeps what it was asked. */
async function secure(t, plain) {
  const names = { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }, { type: 7, ip: "127.0.0.1" }] };
  const options = { keyType: "ec", algorithm: "sha256", extensions: [{ name: "basicConstraints", cA: true }, names] };
  const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }], options);
  const asked = [];
  const places = { down: () => `${plain}/whoami`, abroad: () => `https://localhost:${port}/whoami` };
  const server = createServer({ key, cert }, (request, response) => {
    asked.push(request);
    const [, where] = request.url.match(/\/(down|abroad)\b/) ?? [];
    if (where) response.writeHead(307, { location: places[where]() });
    response.end(JSON.stringify({ data: TOKEN }));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address();
  const folder = await mkdtemp(join(tmpdir(), "latchkey-tls-"));
  const authority = join(folder, "authority.pem");
  await writeFile(authority, cert);
  t.after(async () => {
    server.close();
    server.closeAllConnections();
    await rm(folder, { recursive: true });
  });
  return { url: `https://127.0.0.1:${port}`, asked, authority };
}

/** What comes of this, in a Node that trusts the authority if one is given: an expression over a client of each provider. */
async function outcomes(expression, { url, authority }, config = {}) {
  const program = `
    import { Client } from "latchkey";
    const outcomes = {};
    for (const [provider, config] of Object.entries(${JSON.stringify(CONFIGS)})) {
      const client = new Client({ provider, baseUrl: ${JSON.stringify(url)}, retries: 0, ...config, ...${JSON.stringify(config)} });
      outcomes[provider] = await (${expression}).then((given) => given.status ?? given, (error) => error.code);
    }
    console.log(JSON.stringify(outcomes));`;
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: authority ?? "" };
  const options = { env, cwd: new URL(".", import.meta.url) };
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], options);
  return JSON.parse(stdout);
}

const all = (outcome) => Object.fromEntries(Object.keys(CONFIGS).map((provider) => [provider, outcome]));

/** The requests that hold any secret, wherever in them. */
const telling = (asked) => asked.filter((request) => [...Object.values(SECRETS), TOKEN].some((secret) => JSON.stringify([request.url, request.rawHeaders]).includes(secret)));

test("over https tokens and requests go where they should", async (t) => {
  const service = await secure(t);
  assert.deepEqual(await outcomes('client.fetch("/whoami")', service), all(200));
  assert.equal(telling(service.asked).filter(({ url }) => url === "/whoami").length, 3, "each came with its credential");
});

test("a certificate that nobody vouches for is ERR_NETWORK, and nothing is sent", async (t) => {
  const service = await secure(t);
  assert.deepEqual(await outcomes('client.fetch("/whoami")', { url: service.url }), all("ERR_NETWORK"));
  assert.deepEqual(service.asked, []);
});

test("a redirect from https down to http is ERR_REDIRECT, and nothing is sent there", async (t) => {
  const heard = [];
  const plain = await serve(t, (request, response) => response.end(heard.push(request)));
  const service = await secure(t, plain);
  const moved = 'client.fetch("/down", { method: "POST", body: "mine", headers: { cookie: "canary=1" } })';
  assert.deepEqual(await outcomes(moved, service), all("ERR_REDIRECT"));
  const tokenUrl = `${service.url}/down`;
  const { masivo } = await outcomes("client.token()", service, { tokenUrl });
  assert.equal(masivo, "ERR_REDIRECT", "nor does a token request follow one");
  assert.equal(heard.length, 0);
});

test("a redirect from https to another https origin takes no credential along", async (t) => {
  const service = await secure(t);
  const headers = { cookie: TOKEN, authorization: TOKEN, "x-api-key": TOKEN, token: TOKEN };
  assert.deepEqual(await outcomes(`client.fetch("/abroad", { headers: ${JSON.stringify(headers)} })`, service), all(200));
  const abroad = service.asked.filter(({ headers }) => headers.host.startsWith("localhost"));
  assert.equal(abroad.length, 3);
  assert.deepEqual(abroad.map(({ headers }) => Object.values(headers).filter((value) => value.includes("canary"))), [[], [], []]);
});
