// The main job, shown: every provider against the sandbox, step by step. Ends with 1 if a step went wrong.
//
//     node xtask/demo/main.mjs http://127.0.0.1:PORT

import { Client, decode, expiresAt, isExpired } from "../../pkg/dist/node.mjs";
import { Steps, span, expect, ms } from "./steps.mjs";
import { World } from "./world.mjs";

const steps = new Steps();
const world = await World.create(process.argv[2]);
const { services, credentials } = world;
const now = () => world.now();

/** The life of a token: acquired, read, kept, refreshed at its end, and replaced when the service refuses it. */
async function life(title, service, config) {
  steps.title(title);
  const events = [];
  const client = new Client({ baseUrl: services[service], now, onEvent: (event) => events.push(event), ...config });
  let first;
  await steps.step("first call", async () => {
    const [token, time, requests] = await world.watch(service, () => client.token());
    expect(requests, 1, "token requests");
    first = token;
    return `1 request, ${ms(time)}; ${token.length} characters`;
  });
  await steps.step("claims", () => {
    const { header, claims } = decode(first);
    expect(isExpired(first, { now: now() }), false, "expired");
    return `${header.alg}, of ${claims.sub}, expires in ${span(expiresAt(first) - now())}`;
  });
  await steps.step("second call", async () => {
    const [token, time, requests] = await world.watch(service, () => client.token());
    expect(token === first, true, "the same token");
    expect(requests, 0, "token requests");
    return `no request, ${ms(time)}; the same token`;
  });
  await steps.step("a crowd, later", async () => {
    const passed = (expiresAt(first) - now()) / 1000 + 1;
    await world.pass(passed);
    expect(isExpired(first, { now: now() }), true, "expired");
    const crowd = () => Promise.all(Array.from({ length: 100 }, () => client.token()));
    const [tokens, , requests] = await world.watch(service, crowd);
    expect(new Set(tokens).size, 1, "different tokens");
    expect(requests, 1, "token requests");
    return `${span(passed * 1000)} on, 100 callers get one new token by 1 request`;
  });
  await steps.step("401", async () => {
    await world.revoke(service);
    const [response, time, requests] = await world.watch(service, () => client.fetch("/whoami"));
    expect(response.status, 200, "status");
    expect(requests, 1, "token requests");
    const replay = events.find((event) => event.type === "unauthorized");
    expect(replay?.replayed, true, "replayed");
    return `token revoked: refreshed and replayed unseen, ${response.status} in ${ms(time)}`;
  });
  client.free();
}

/** A static key: nothing to exchange, only a header to get right. */
async function staticKey(title, service, config) {
  steps.title(title);
  const client = new Client({ baseUrl: services[service], now, ...config });
  await steps.step("fetch", async () => {
    const [response, time, requests] = await world.watch(service, () => client.fetch("/whoami"));
    expect(response.status, 200, "status");
    expect(requests, 0, "token requests");
    return `no exchange, ${response.status} in ${ms(time)}`;
  });
  return client;
}

async function masumiKeys({ keys }) {
  const about = ({ permission, status, credits }) =>
    `${permission}, ${status}, ${credits.map(({ unit, amount }) => `${amount} ${unit || "lovelace"}`).join(" and ") || "no credits"}`;
  let made;
  await steps.step("keys.status", async () => about(await keys.status()));
  await steps.step("keys.create", async () => {
    made = await keys.create({ permission: "ReadAndPay", credits: [{ unit: "", amount: 9_007_199_254_740_993n }] });
    expect(String(made.secret), "[redacted]", "the secret as text");
    return `${about(made)}; its secret prints ${made.secret}`;
  });
  await steps.step("keys.update", async () =>
    about(await keys.update(made.id, { addCredits: [{ unit: "", amount: -1n }] })));
  await steps.step("keys.list", async () => {
    const found = [];
    for await (const key of keys.list({ pageSize: 1 })) found.push(key.id);
    expect(found.includes(made.id), true, "listed");
    return `${found.length} keys, page by page`;
  });
  await steps.step("keys.revoke", async () => about(await keys.revoke(made.id)));
}

/** What a developer reads when something is wrong. */
async function refusals() {
  steps.title("And when something is wrong");
  const baseUrl = services.masivo;
  const client = (config) => new Client({ provider: "masivo", baseUrl, now, apiKey: "wrong", ...config });
  await steps.rejects("wrong key", "ERR_UNAUTHORIZED", () => client().token());
  await steps.rejects("wrong config", "ERR_CONFIG", () => client({ apiKey: 7, refreshbefore: 5 }));
  await steps.rejects("another origin", "ERR_ORIGIN", () => client(credentials.masivo).fetch("https://example.com/"));
  await steps.rejects("a page of HTML", "ERR_RESPONSE", async () => {
    await world.fault({ service: "masivo", on: "token", kind: "html" });
    return client(credentials.masivo).token();
  });
}

await life("masivo: an API key for a token of an hour", "masivo", { provider: "masivo", ...credentials.masivo });
const { email, password, apiKey } = credentials.masv;
await life("masv: email and password for a token of some days", "masv", { provider: "masv", email, password });
await staticKey("masv: an API key", "masv", { provider: "masv", apiKey });
await life("login: an API key for a session", "login", { provider: "login", apiKey: credentials.login.apiKey });
await life("brifle: key and secret", "brifle", { provider: "brifle", ...credentials.brifle });
await life("oauth2: client credentials, found by discovery", "oauth2", {
  provider: "oauth2",
  issuer: services.oauth2,
  ...credentials.oauth2,
});
await life("custom: a service that is described, not coded", "custom", {
  provider: "custom",
  credentials: credentials.custom,
  request: { method: "POST", path: "/session", encoding: "json", body: { user: "{{user}}", secret: "{{secret}}" } },
  response: { token: "/result/tok", expiresIn: "/result/ttl" },
  attach: { header: "X-Session", scheme: "Token" },
});
await life("token: a function of one's own", "masivo", {
  provider: "token",
  acquire: async (signal) => {
    const headers = { "x-api-key": credentials.masivo.apiKey };
    const response = await fetch(`${services.masivo}/auth/authorize`, { headers, signal });
    return { token: (await response.json()).data };
  },
});
await masumiKeys(await staticKey("masumi: a static key, and keys to manage", "masumi", {
  provider: "masumi",
  ...credentials.masumi,
}));
await refusals();
process.exitCode = steps.report() ? 0 : 1;
