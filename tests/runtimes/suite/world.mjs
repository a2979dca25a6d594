// A world of the sandbox, and what the cases say of what they find there.

/** Fails unless this holds. */
export function check(holds, message) {
  if (!holds) throw new Error(message);
}

/** Fails unless both print the same. */
export function same(found, wanted, what = "the value") {
  const [left, right] = [found, wanted].map((value) => JSON.stringify(value));
  check(left === right, `${what} is ${left}, not ${right}`);
}

/** Runs one case, and counts it; the outcome. */
export async function judge(outcome, name, work) {
  try {
    await work();
    outcome.passed += 1;
  } catch (thrown) {
    outcome.failures.push({ name, message: String(thrown?.stack ?? thrown) });
  }
  return outcome;
}

async function ask(method, url, body) {
  // React remembers a GET for as long as it renders a page, but one that could be aborted: what is counted is to be read anew.
  const { signal } = new AbortController();
  const init = { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal };
  // A runtime may take a connection out of its pool that a fault has cut meanwhile: what only reads is asked again.
  const response = await fetch(url, init).catch((lost) => (method === "GET" ? fetch(url, init) : Promise.reject(lost)));
  const text = await response.text();
  check(response.ok, `${method} ${url}: ${response.status} ${text}`);
  return text && JSON.parse(text);
}

/** What each provider is told besides `baseUrl`, from the credentials that the sandbox knows. */
export const CONFIGS = {
  masivo: ({ apiKey }) => ({ apiKey }),
  masv: ({ email, password }) => ({ email, password }),
  login: ({ apiKey }) => ({ apiKey, logoutPath: "/auth/logout" }),
  brifle: ({ key, secret }) => ({ key, secret }),
  masumi: ({ apiKey }) => ({ apiKey }),
  oauth2: ({ clientId, clientSecret }, url) => ({
    clientId,
    clientSecret,
    tokenUrl: `${url}/token`,
    scope: "read write",
  }),
  custom: (credentials) => ({
    credentials,
    request: { method: "POST", path: "/session", encoding: "json", body: { user: "{{user}}", secret: "{{secret}}" } },
    response: { token: "/result/tok", expiresIn: "/result/ttl" },
    attach: { header: "X-Session", scheme: "Token" },
  }),
};

export const PROVIDERS = Object.keys(CONFIGS);

/** A world of its own. `hear` is given whatever its clients say: what they tell `onEvent`, and how they fail. */
export async function createWorld(latchkey, sandbox, hear = () => {}) {
  const { url } = await ask("POST", `${sandbox}/worlds`);
  const { services, credentials } = await ask("GET", `${url}/_sandbox`);
  const events = [];
  const onEvent = (event) => (events.push(event), hear(event));
  let offset = 0;
  return {
    latchkey,
    services,
    credentials,
    events,
    /** In a page or its workers, where `fetch` hides where a redirect leads. */
    inBrowser: globalThis.location?.protocol === "http:",
    client(provider, config) {
      return new latchkey.Client({
        provider,
        baseUrl: services[provider],
        ...CONFIGS[provider](credentials[provider], services[provider]),
        now: () => new Date(Date.now() + offset * 1000),
        onEvent,
        ...config,
      });
    },
    /** Moves the clocks, here and there. */
    advance(seconds) {
      offset += seconds;
      return ask("PATCH", `${url}/_sandbox/settings`, { clockOffset: offset });
    },
    fault: (...faults) => ask("POST", `${url}/_sandbox/faults`, faults),
    set: (settings) => ask("PATCH", `${url}/_sandbox/settings`, settings),
    /** From now on nothing goes wrong. */
    unfault: () => ask("DELETE", `${url}/_sandbox/faults`),
    change: (service, credentials) => ask("POST", `${url}/_sandbox/credentials`, { service, credentials }),
    revoke: (service) => ask("POST", `${url}/_sandbox/revoke`, { service }),
    settings: async () => (await ask("GET", `${url}/_sandbox`)).settings,
    log: () => ask("GET", `${url}/_sandbox/log`),
    async count(service, purpose) {
      return (await ask("GET", `${url}/_sandbox/counters`))[`${service}.${purpose}`] ?? 0;
    },
    /** The `LatchkeyError` with this code that the work ends in. */
    async refused(code, work) {
      const outcome = await Promise.resolve()
        .then(work)
        .then(
          (value) => ({ value }),
          (error) => ({ error }),
        );
      check("error" in outcome, `it succeeds instead of ${code}`);
      const { error } = outcome;
      hear(error);
      check(error instanceof latchkey.LatchkeyError, `no LatchkeyError but ${error?.stack ?? error}`);
      check(error.code === code, `${error.code} instead of ${code}: ${error.message}`);
      return error;
    },
    end: () => ask("DELETE", url),
  };
}

/** What the sandbox's `/whoami` saw. */
export async function whoami(client, path = "/whoami", init) {
  const response = await client.fetch(path, init);
  same(response.status, 200, "the status");
  return response.json();
}
