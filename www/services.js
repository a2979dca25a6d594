// What each kind of client is told. In a page of your own the credentials would not be here: these are the sandbox's.

/** The services that a person picks from; `service` is the sandbox's name where it differs from the provider's. */
export const SERVICES = {
  masivo: { name: "Masivo", how: "An API key is exchanged for a token.", config: ({ apiKey }) => ({ apiKey }) },
  masv: {
    name: "MASV",
    how: "Email and password give a user’s token.",
    config: ({ email, password }) => ({ email, password }),
  },
  login: {
    name: "Login",
    how: "POST /auth/login; a new session makes a new token.",
    config: ({ apiKey }) => ({ apiKey, logoutPath: "/auth/logout" }),
  },
  brifle: {
    name: "Brifle",
    how: "Key and secret; the same token is given until it ends.",
    config: ({ key, secret }) => ({ key, secret }),
  },
  masumi: {
    name: "Masumi",
    how: "A static key: no exchange, and no end.",
    static: true,
    config: ({ apiKey }) => ({ apiKey }),
  },
  oauth2: {
    name: "OAuth 2",
    how: "Client credentials, the endpoint found by discovery.",
    config: ({ clientId, clientSecret }, url) => ({ clientId, clientSecret, issuer: url, scope: "read write" }),
  },
  custom: {
    name: "Custom",
    how: "Any other service, its request described as data.",
    config: (credentials) => ({
      credentials,
      request: { method: "POST", path: "/session", encoding: "json", body: { user: "{{user}}", secret: "{{secret}}" } },
      response: { token: "/result/tok", expiresIn: "/result/ttl" },
      attach: { header: "X-Session", scheme: "Token" },
    }),
  },
  token: {
    name: "Token",
    how: "Your own function: in a page, it asks your backend.",
    service: "masivo",
    config: ({ apiKey }, url, fetch) => ({
      // The sandbox stands in for a backend, which would hold the key.
      acquire: async (signal) => {
        const response = await fetch(`${url}/auth/authorize`, { headers: { "x-api-key": apiKey }, signal });
        if (!response.ok) throw new Error(`the backend answered ${response.status}`);
        return { token: (await response.json()).data };
      },
    }),
  },
};

/** The service of the sandbox that a provider talks to here. */
export const serviceOf = (provider) => SERVICES[provider].service ?? provider;

/** All that `new Client` is told to reach a service in a world, by this `fetch`. */
export function configOf(provider, { services, credentials }, fetch = globalThis.fetch) {
  const service = serviceOf(provider);
  const baseUrl = services[service];
  return { provider, baseUrl, ...SERVICES[provider].config(credentials[service], baseUrl, fetch) };
}

/** The call as a person writes it: names without values, for those are secrets. */
export function codeOf({ provider, ...fields }) {
  return `new Client({ ${[`provider: "${provider}"`, ...Object.keys(fields)].join(", ")} })`;
}
