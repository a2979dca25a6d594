// The main job, shown: every provider against the sandbox, step by step. Ends with 1 if a step went wrong.
//
//     node xtask/demo/main.mjs http://127.0.0.1:PORT

import { inspect } from "node:util";
import { Client, decode } from "../../pkg/dist/node.mjs";
import { keep, keepCredentials, shows } from "./guard.mjs";
import { keys, rotation, staticKey } from "./keys.mjs";
import { life } from "./life.mjs";
import { Steps, expect } from "./steps.mjs";
import { World } from "./world.mjs";

const steps = new Steps();
const world = await World.create(process.argv[2]);
const { services, credentials } = world;
keepCredentials(credentials);

console.log(`\nLatchkey in Node ${process.version}, over HTTP. The services count what they are asked; time passes when it is told to.`);

await life(steps, world, "masivo", "an API key, for tokens of an hour", {
  provider: "masivo",
  baseUrl: services.masivo,
  ...credentials.masivo,
});
const { email, password, apiKey } = credentials.masv;
await life(steps, world, "masv", "email and password, for tokens of some days", {
  provider: "masv",
  baseUrl: services.masv,
  email,
  password,
});
await staticKey(steps, world, "masv", "or an API key, which needs no exchange", {
  provider: "masv",
  baseUrl: services.masv,
  apiKey,
});
await life(steps, world, "login", "an API key, for sessions of two hours", {
  provider: "login",
  baseUrl: services.login,
  apiKey: credentials.login.apiKey,
});
await life(
  steps,
  world,
  "brifle",
  "key and secret, for one token until it expires",
  { provider: "brifle", baseUrl: services.brifle, ...credentials.brifle },
  { sameUntilExpiry: true },
);
await life(steps, world, "oauth2", "client credentials, the endpoint found by discovery", {
  provider: "oauth2",
  baseUrl: services.oauth2,
  issuer: services.oauth2,
  ...credentials.oauth2,
});
await world.set({ lifetime: { custom: 90 } });
await life(steps, world, "custom", "any other service, described as data; tokens of 90 seconds", {
  provider: "custom",
  baseUrl: services.custom,
  credentials: credentials.custom,
  request: { method: "POST", path: "/session", encoding: "json", body: { user: "{{user}}", secret: "{{secret}}" } },
  response: { token: "/result/tok", expiresIn: "/result/ttl" },
  attach: { header: "X-Session", scheme: "Token" },
});
await life(steps, world, "masivo", "tokens from a function of one's own", {
  provider: "token",
  baseUrl: services.masivo,
  acquire: async (signal) => {
    const headers = { "x-api-key": credentials.masivo.apiKey };
    const response = await fetch(`${services.masivo}/auth/authorize`, { headers, signal });
    return { token: (await response.json()).data };
  },
});
const masumi = { provider: "masumi", baseUrl: services.masumi, ...credentials.masumi };
await keys(steps, world, masumi, await staticKey(steps, world, "masumi", "a static key, and keys to manage", masumi));
await rotation(steps, world, masumi);
await crowd();
await refusals();
process.exitCode = steps.report() ? 0 : 1;

async function crowd() {
  steps.title("a crowd", "however many wait, the service is asked once");
  const client = new Client({ provider: "masivo", baseUrl: services.masivo, now: world.now, ...credentials.masivo });
  const counted = (name, wanted, work) => steps.counted(name, world, "masivo", wanted, work);
  await counted("10,000 × token()", 1, async () => {
    const tokens = await Promise.all(Array.from({ length: 10_000 }, () => client.token()));
    expect(new Set(tokens).size, 1, "different tokens");
    keep(tokens[0]);
    return "one token for all, in {time}";
  });
  await world.revoke("masivo");
  await counted("100 × fetch(), token revoked", 1, async () => {
    const responses = await Promise.all(Array.from({ length: 100 }, () => client.fetch("/whoami")));
    expect(responses.filter(({ status }) => status === 200).length, 100, "answers with 200");
    keep(await client.token());
    return "100 times 401, one refresh, 100 times 200";
  });
  await steps.step("console.log(client)", () => {
    const text = inspect(client, { showHidden: true, depth: 9 });
    expect(shows(text) || shows(JSON.stringify(client)), false, "a secret shows");
    return text.replace(/\s+/g, " ");
  });
}

async function refusals() {
  steps.title("errors", "what a developer reads when something is wrong");
  const client = (config) =>
    new Client({ provider: "masivo", baseUrl: services.masivo, now: world.now, ...credentials.masivo, ...config });
  await steps.rejects("wrong fields", "ERR_CONFIG", () => client({ apiKey: "", baseUrl: "api/v1", now: 0 }));
  await steps.rejects("a wrong key", "ERR_UNAUTHORIZED", () => client({ apiKey: keep("not-the-key") }).token());
  await world.fault({
    service: "masivo",
    on: "token",
    kind: "status",
    status: 403,
    body: { message: `${credentials.masivo.apiKey} is not allowed here` },
  });
  await steps.rejects("a service that repeats the key", "ERR_FORBIDDEN", () => client().token());
  await world.fault({ service: "masivo", on: "token", kind: "html" });
  await steps.rejects("a page instead of an answer", "ERR_RESPONSE", () => client().token());
  await steps.rejects("a foreign address", "ERR_ORIGIN", () => client().fetch("https://example.com/"));
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const jwt = (claims) => `${encode({ alg: "HS256" })}.${encode(claims)}.c2lnbmF0dXJl`;
  await steps.rejects("decode() a header's value", "ERR_TOKEN_MALFORMED", () => decode(`Bearer ${jwt({})}`));
  await steps.rejects("decode() a cut token", "ERR_TOKEN_MALFORMED", () => decode(jwt({ sub: "me" }).slice(0, -14)));
  await steps.rejects("decode() an exp that is text", "ERR_TOKEN_MALFORMED", () => decode(jwt({ exp: "1700000000" })));
}
