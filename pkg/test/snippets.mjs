// What the README and the rest of the documentation are judged by: each snippet is run as it stands there, by a Node of
// its own, against a world of the sandbox, and prints what its comments say.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { world } from "./support.mjs";

/** Runs a snippet in a folder, where its packages are found; what the services have counted when it is done. */
export async function judge(t, code, cwd) {
  const sandbox = await world(t);
  const body = { token: await sandbox.client("masivo").token() };
  await sandbox.fault({ service: "masivo", on: "/backend", kind: "status", status: 200, body, times: null });
  sandbox.credentials.oauth2.refreshToken = await refreshToken(sandbox);
  await fetch(`${sandbox.url}/_sandbox/log`, { method: "DELETE" });
  assert.deepEqual(await run(code, sandbox, cwd), printed(code));
  return (await fetch(`${sandbox.url}/_sandbox/counters`)).json();
}

/** A token that asks for others, of somebody who has signed in. */
async function refreshToken(sandbox) {
  const { clientId, clientSecret } = sandbox.credentials.oauth2;
  await sandbox.set({ refreshTokens: true });
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: clientSecret,
  });
  const answer = await fetch(`${sandbox.services.oauth2}/token`, { method: "POST", body });
  return (await answer.json()).refresh_token;
}

/** The lines that a snippet prints, by its own account: `console.log(…); // 200`. */
function printed(code) {
  const lines = [...code.matchAll(/console\.log\(.*\)\)*[;,] \/\/ (.*)$/gm)].map(([, line]) => line);
  assert.notEqual(lines.length, 0, "it prints nothing");
  return lines;
}

async function run(code, { services, credentials }, cwd) {
  const node = spawn(process.execPath, ["--import", import.meta.resolve("./snippets.route.mjs"), "--input-type=module"], {
    cwd,
    env: { SNIPPET_ROUTES: JSON.stringify(routes(services)), ...variables(credentials) },
  });
  node.stdin.end(code);
  const [output, errors, [status]] = await Promise.all([text(node.stdout), text(node.stderr), once(node, "close")]);
  assert.deepEqual({ status, errors }, { status: 0, errors: "" });
  return output.trim().split("\n");
}

/** Where the documentation's addresses lead: its resources to what every service of the sandbox has, and first of all. */
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

/** The environment that it speaks of. */
function variables({ masivo, masv, login, brifle, masumi, oauth2, custom }) {
  return {
    MASIVO_KEY: masivo.apiKey,
    MASV_EMAIL: masv.email,
    MASV_PASSWORD: masv.password,
    MASV_KEY: masv.apiKey,
    LINK: "link-demo",
    LINK_SECRET: "link-demo-secret",
    LOGIN_KEY: login.apiKey,
    LOGIN_PASSWORD: login.password,
    BRIFLE_KEY: brifle.key,
    BRIFLE_SECRET: brifle.secret,
    MASUMI_KEY: masumi.apiKey,
    CLIENT_ID: oauth2.clientId,
    CLIENT_SECRET: oauth2.clientSecret,
    REFRESH_TOKEN: oauth2.refreshToken,
    SSO_USER: custom.user,
    SSO_SECRET: custom.secret,
  };
}
