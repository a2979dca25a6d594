// The cases, by name. Each is handed a world of its own; see world.mjs.

import { ISSUED } from "./issued.mjs";
import { SECRETS, prints, sing } from "./canary.mjs";
import { PROVIDERS, check, same, whoami } from "./world.mjs";

const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ5b3UiLCJleHAiOjE4OTM0NTYwMDB9.c2lnbmF0dXJl";
const END = new Date("2030-01-01T00:00:00Z");

export const cases = {
  async "the module has what its declarations name"({ latchkey }) {
    const names = ["Client", "LatchkeyError", "Secret", "decode", "expiresAt", "isExpired", "jwks", "ready", "verify"];
    for (const name of names) same(typeof latchkey[name], "function", name);
  },

  async "ready resolves, from many places at once and again"({ latchkey: { ready } }) {
    same(await Promise.all([ready(), ready(), ready()]), [undefined, undefined, undefined]);
    same(await ready(), undefined);
  },

  async "a JWT is decoded, and its expiry told"({ latchkey: { decode, expiresAt, isExpired } }) {
    same(decode(JWT), { header: { alg: "HS256" }, claims: { sub: "you", exp: END.getTime() / 1000 } });
    same(expiresAt(JWT), END);
    const seconds = (count) => new Date(END.getTime() + count * 1000);
    same(isExpired(JWT, { now: seconds(-1) }), false);
    same(isExpired(JWT, { now: seconds(10) }), true);
    same(isExpired(JWT, { now: seconds(10), leeway: 30 }), false);
  },

  async "what is no JWT is refused"({ latchkey: { decode, isExpired }, refused }) {
    for (const text of ["", "a.b", `${JWT}=`, JWT.toUpperCase(), 5]) {
      await refused("ERR_TOKEN_MALFORMED", () => decode(text));
      await refused("ERR_TOKEN_MALFORMED", () => isExpired(text));
    }
  },

  async "a token that jose made is verified, of every algorithm"({ latchkey: { verify }, refused }) {
    const { tokens, issuer, audience } = ISSUED;
    for (const { alg, token, keys, bytes } of tokens) {
      // A signature that begins with another character, and so with other bits.
      const spoilt = token.replace(/\.[^.]([^.]*)$/, (signature, rest) => `.${signature[1] === "A" ? "B" : "A"}${rest}`);
      for (const key of bytes ? [...keys, new Uint8Array(bytes)] : keys) {
        const options = { key, algorithms: [alg], issuer, audience, leeway: 60 };
        same((await verify(token, options)).claims.alg, alg);
        await refused("ERR_SIGNATURE", () => verify(spoilt, options));
        await refused("ERR_CLAIM", () => verify(token, { ...options, audience: "others" }));
      }
    }
    same(tokens.length, 13, "the number of algorithms");
  },

  async "a crowd verifies an issuer's tokens by one request for its keys"({ client, count, set, services, latchkey, refused }) {
    const { jwks, verify } = latchkey;
    const jwksUrl = `${services.oauth2}/jwks`;
    const options = { jwksUrl, issuer: services.oauth2, typ: "at+jwt", leeway: 60 };
    for (const algorithm of ["ES256", "RS256", "EdDSA"]) {
      await set({ algorithm });
      const token = await client("oauth2").token();
      const verified = await Promise.all(Array.from({ length: 30 }, () => verify(token, options)));
      same(verified[29].header.alg, algorithm, "the algorithm");
      same((await verify(token, { jwks: jwks(jwksUrl), leeway: 60 })).claims.iss, services.oauth2, "the issuer");
      const forged = (kid) => token.replace(/^[^.]+/, btoa(JSON.stringify({ alg: algorithm, kid })).replace(/=+$/, ""));
      for (const kid of ["a", "b", "c"]) await refused("ERR_SIGNATURE", () => verify(forged(kid), options));
    }
    same(await count("oauth2", "keys"), 1, "the number of requests");
    same((await verify(await client("oauth2").token(), { issuer: services.oauth2, leeway: 60 })).header.alg, "EdDSA");
    same(await count("oauth2", "discovery"), 1, "the number of discoveries");
  },

  async "a client that was made before anything ran works"({ credentials, services, latchkey }, { masivo, masumi }) {
    same([masivo.provider, masumi.provider], ["masivo", "masumi"]);
    same(await masumi.headers(), { token: "admin-key" });
    check(masivo instanceof latchkey.Client, "it is no Client");
    const { apiKey } = credentials.masivo;
    const client = new latchkey.Client({ provider: "masivo", baseUrl: services.masivo, apiKey });
    same(typeof (await client.token()), "string");
  },

  async "every provider's token reaches its service"({ client }) {
    for (const provider of PROVIDERS) same((await whoami(client(provider))).service, provider, "the service");
  },

  async "a function of the user's own can bring the token"({ client, latchkey, services }) {
    const acquire = async () => ({ token: await client("masivo").token(), expiresIn: 600 });
    const own = new latchkey.Client({ provider: "token", baseUrl: services.masivo, acquire });
    same((await whoami(own)).service, "masivo", "the service");
  },

  async "a crowd makes one token request"({ client, count }) {
    const masivo = client("masivo");
    // Each address once: within a render, React sends the same request only once.
    const call = (at) => [masivo.token, masivo.headers, () => whoami(masivo, `/whoami?${at}`)][at % 3]();
    await Promise.all(Array.from({ length: 300 }, (_, at) => call(at)));
    same(await count("masivo", "token"), 1, "the number of token requests");
    same(await count("masivo", "resource"), 100, "the number of requests");
  },

  async "a token is kept, and asked for anew when it is forced or has expired"({ client, count, advance, events }) {
    const masivo = client("masivo");
    const first = await masivo.token();
    same(await masivo.token(), first);
    check((await masivo.token({ forceRefresh: true })) !== first, "the same token came again");
    await advance(7200);
    await masivo.token();
    same(await count("masivo", "token"), 3, "the number of token requests");
    const reasons = events.filter(({ type }) => type === "token").map(({ reason }) => reason);
    same(reasons, ["first", "forced", "expired"]);
    check(masivo.expiresAt instanceof Date, "expiresAt is no Date");
  },

  async "inside the window callers get the valid token while one refresh runs"({ client, count, advance, events }) {
    const masivo = client("masivo");
    const first = await masivo.token();
    await advance(3400);
    same(await Promise.all([masivo.token(), masivo.token(), masivo.token()]), [first, first, first]);
    // The refresh behind them is joined by whoever needs a longer one.
    check((await masivo.token({ minValidity: 1000 })) !== first, "the old token lives too short");
    same(await count("masivo", "token"), 2, "the number of token requests");
    same(events.filter(({ reason }) => reason === "early").length, 1, "the number of early refreshes");
  },

  async "a 401 costs one refresh and one replay, body and all"({ client, count, revoke, log }) {
    const masivo = client("masivo");
    await whoami(masivo);
    await revoke("masivo");
    const init = { method: "POST", body: "größer", headers: { "content-type": "text/x-mine" } };
    const seen = await Promise.all(Array.from({ length: 10 }, () => whoami(masivo, "/whoami", init)));
    for (const { body, method } of seen) same([method, body], ["POST", "größer"]);
    same(await count("masivo", "token"), 2, "the number of token requests");
    check((await log()).length >= 12, "nothing was replayed");
  },

  async "any body that can be sent again is"({ client, revoke }) {
    const form = new FormData();
    form.append("name", "value");
    const bodies = [new Uint8Array([104, 105]), new URLSearchParams({ a: "b c" }), new Blob(["blob"]), form];
    for (const body of bodies) {
      const masivo = client("masivo");
      await masivo.token();
      await revoke("masivo");
      const seen = await whoami(masivo, "/whoami", { method: "POST", body });
      check(/hi|a=b\+c|blob|value/.test(seen.body), `the body is ${seen.body}`);
    }
  },

  async "a Request and a URL go where they say"({ client, services }) {
    const masivo = client("masivo");
    const address = `${services.masivo}/whoami?a=b`;
    same((await whoami(masivo, new URL(address))).query, "a=b");
    const request = new Request(address, { method: "PUT", body: "text", headers: { "x-mine": "here" } });
    const seen = await whoami(masivo, request);
    same([seen.method, seen.body, seen.headers["x-mine"]], ["PUT", "text", "here"]);
  },

  async "another origin is refused before a byte leaves"({ client, refused, log }) {
    for (const path of ["https://example.com/", "//example.com/", "/../whoami", "whoami", "data:text/plain,x"]) {
      await refused("ERR_ORIGIN", () => client("masivo").fetch(path));
    }
    same(await log(), [], "the log");
  },

  async "a redirect is followed at home, and refused in a browser, which hides it"({ client, fault, refused, inBrowser }) {
    await fault({ service: "masivo", on: "/moved", kind: "redirect", location: "whoami?moved", times: null });
    const masivo = client("masivo");
    if (inBrowser) await refused("ERR_REDIRECT", () => masivo.fetch("/moved"));
    else same((await whoami(masivo, "/moved")).query, "moved");
  },

  async "no credential reaches another origin, whatever leads there"({ client, fault, refused, services, log, inBrowser }) {
    // The same server by another name is another origin.
    const abroad = (service) => services[service].replace("127.0.0.1", "localhost");
    for (const provider of PROVIDERS) {
      const here = client(provider);
      await here.token();
      await refused("ERR_ORIGIN", () => here.fetch(`${abroad(provider)}/whoami`));
      await fault({ service: provider, on: "/moved", kind: "redirect", location: `${abroad(provider)}/whoami?abroad`, status: 307 });
      const moved = () => here.fetch("/moved", { method: "POST", body: "mine", headers: { "x-api-key": "mine" } });
      if (inBrowser) {
        // Where the service allows the page no such request, it does not even get as far as the redirect.
        const { code } = await moved().catch((error) => error);
        check(["ERR_REDIRECT", "ERR_NETWORK"].includes(code), `${code} where a redirect is hidden`);
      } else {
        await (await moved()).arrayBuffer();
      }
      if (provider === "masumi") continue;
      await fault({ service: provider, on: "token", kind: "redirect", location: `${abroad(provider)}/whoami?abroad`, status: 307 });
      await refused("ERR_REDIRECT", () => client(provider).token());
    }
    const entries = await log();
    const strangers = entries.filter(({ headers, query }) => headers.host.startsWith("localhost") || query === "abroad");
    same(strangers.length, inBrowser ? 0 : PROVIDERS.length, "the number of requests that went abroad");
    for (const { credentials, path } of strangers) same(credentials, [], `what ${path} got`);
    const home = entries.filter(({ purpose, credentials }) => purpose === "resource" && credentials.length > 0);
    check(inBrowser ? home.length > 0 : home.length === PROVIDERS.length, `${home.length} requests had a credential`);
  },

  async "a redirect of a token request is followed nowhere"({ client, fault, refused, services, count }) {
    await fault({ service: "masivo", on: "token", kind: "redirect", location: `${services.masivo}/auth/authorize` });
    await refused("ERR_REDIRECT", () => client("masivo").token());
    same(await count("masivo", "token"), 1, "the number of token requests");
  },

  async "a credential that is refused is remembered, and told without a secret"({ client, refused, count }) {
    const masivo = client("masivo", { apiKey: "a-wrong-key-1234" });
    const error = await refused("ERR_UNAUTHORIZED", () => masivo.token());
    same([error.status, error.provider, error.retryable], [401, "masivo", false]);
    check(!`${error.stack}${JSON.stringify(error)}`.includes("a-wrong-key-1234"), "the key shows");
    await refused("ERR_UNAUTHORIZED", () => masivo.fetch("/whoami"));
    same(await count("masivo", "token"), 1, "the number of token requests");
  },

  async "a service that fails is asked again, with timers of the platform"({ client, fault, count, events }) {
    await fault({ service: "masivo", on: "token", kind: "status", status: 503, times: 2 });
    same((await whoami(client("masivo"))).service, "masivo", "the service");
    same(await count("masivo", "token"), 3, "the number of token requests");
    same(events.map(({ type }) => type), ["retry", "retry", "token"]);
  },

  async "an attempt that takes too long times out"({ client, fault, refused }) {
    await fault({ service: "masivo", on: "token", kind: "delay", seconds: 30, times: null });
    await refused("ERR_TIMEOUT", () => client("masivo", { timeout: 0.2, retries: 0 }).token());
  },

  async "an abort rejects with the signal's own reason, and leaves the others alone"({ client, fault }) {
    await fault({ service: "masivo", on: "token", kind: "delay", seconds: 0.3 });
    const masivo = client("masivo");
    const stop = new AbortController();
    const reason = new Error("enough");
    const other = masivo.token();
    const mine = masivo.token({ signal: stop.signal }).catch((thrown) => thrown);
    stop.abort(reason);
    check((await mine) === reason, "it is not the reason");
    same(typeof (await other), "string");
  },

  async "a wrong configuration names every field, and throws"({ latchkey: { Client }, refused }) {
    const { issues } = await refused("ERR_CONFIG", () => new Client({ provider: "masivo", apiKey: 5, surplus: 1 }));
    same(issues.map(({ path }) => path).sort(), ["apiKey", "surplus"]);
  },

  async "methods are bound, logout ends a session, and a client that was freed is closed"({ client, refused, count }) {
    const login = client("login");
    const { token } = login;
    same(typeof (await token()), "string");
    await login.logout();
    same([await count("login", "logout"), login.expiresAt ?? null], [1, null]);
    login.free();
    await refused("ERR_CLOSED", () => token());
  },

  async "keys: status, list, create, update, revoke"({ client, latchkey: { Client, Secret }, refused, services }) {
    const { keys } = client("masumi");
    same((await keys.status()).permission, "Admin");
    const credits = [{ unit: "", amount: 2n ** 62n }];
    const made = await keys.create({ permission: "ReadAndPay", credits, networks: ["Preprod"] });
    check(made.secret instanceof Secret, "it is no Secret");
    check(made.credits[0].amount === 2n ** 62n, "the amount is not what was asked for");
    check(JSON.stringify(made).includes(`"${2n ** 62n}"`), "JSON has no amount");
    const apiKey = made.secret.reveal();
    const theirs = new Client({ provider: "masumi", baseUrl: services.masumi, apiKey });
    same((await theirs.keys.status()).id, made.id);
    await refused("ERR_FORBIDDEN", () => theirs.keys.create({ permission: "Read" }));
    const changed = await keys.update(made.id, { addCredits: [{ unit: "", amount: -1n }] });
    check(changed.credits[0].amount === 2n ** 62n - 1n, "the amount has not changed");
    const ids = [];
    for await (const { id } of keys.list({ pageSize: 1 })) ids.push(id);
    check(ids.includes(made.id) && new Set(ids).size === ids.length, `the list is ${ids}`);
    same((await keys.revoke(made.id)).status, "Revoked");
    await refused("ERR_UNAUTHORIZED", () => theirs.keys.status());
  },

  async "another service has no keys, and says where they are"({ client, refused }) {
    await refused("ERR_UNSUPPORTED", () => client("brifle").keys);
  },

  async "no credential and no token of any service shows, whatever happens"(world) {
    for (const provider of Object.keys(SECRETS)) {
      const said = [];
      const secrets = await sing(world, provider, (value) => said.push(...prints(value)));
      check(said.length > 100, `${provider}: only ${said.length} texts were heard`);
      for (const secret of secrets) check(!said.some((text) => text.includes(secret)), `a secret of ${provider} shows: ${said.find((text) => text.includes(secret))}`);
    }
  },

  async "a secret prints as redacted"({ client }) {
    const { secret } = await client("masumi").keys.create({ permission: "Read" });
    same([String(secret), JSON.stringify({ secret }), `${secret}`], ["[redacted]", '{"secret":"[redacted]"}', "[redacted]"]);
  },
};
