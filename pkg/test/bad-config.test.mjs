// Wrong configurations: each wrong field is named, all of them at once, and nothing is sent.

import assert from "node:assert/strict";
import test from "node:test";
import { inspect } from "node:util";
import { Client } from "latchkey";
import { look, throws, whoami, world } from "./support.mjs";

const BASE = "https://api.example.com";

/** The paths of what `new Client` finds wrong. */
function wrong(config, message = "") {
  const { issues } = throws(() => new Client(config), {
    code: "ERR_CONFIG",
    status: undefined,
    retryable: false,
    message,
  });
  for (const { path, message } of issues) assert.ok(path && message, "each says where and what");
  return issues.map(({ path }) => path).sort();
}

test("what is no object is named as what it is", () => {
  for (const [config, kind] of [
    [undefined, "undefined"],
    [null, "null"],
    ["masivo", "a string"],
    [5, "a number"],
    [[], "an array"],
    [() => {}, "a function"],
    [new Map(), "a Map"],
    [Promise.resolve({}), "a promise"],
  ]) {
    assert.deepEqual(wrong(config, `config: must be an object, not ${kind}`), ["config"]);
  }
});

test("a provider that is missing, unknown or no string is named with those that there are", () => {
  assert.deepEqual(wrong({ apiKey: "k" }, "is required: one of masivo, masv, login"), ["provider"]);
  assert.deepEqual(
    wrong(
      { provider: "massivo" },
      'must be one of masivo, masv, login, brifle, masumi, oauth2, custom, token, not "massivo"',
    ),
    ["provider"],
  );
  assert.deepEqual(wrong({ provider: 5 }, "must be a string, not a number"), ["provider"]);
});

const MISSING = [
  ["masivo", ["apiKey"]],
  ["masv", ["apiKey"]],
  ["login", ["apiKey", "baseUrl"]],
  ["brifle", ["key", "secret"]],
  ["masumi", ["apiKey"]],
  ["oauth2", ["baseUrl", "clientId", "clientSecret", "tokenUrl"]],
  ["custom", ["attach.header", "baseUrl", "credentials", "request.method", "request.path", "response.token"]],
  ["token", ["acquire", "baseUrl"]],
];

for (const [provider, paths] of MISSING) {
  test(`${provider}: everything that is missing is named at once`, () => {
    assert.deepEqual(wrong({ provider }, "required"), paths);
    const { provider: named } = throws(() => new Client({ provider }), { code: "ERR_CONFIG" });
    assert.equal(named, provider);
  });
}

test("an unknown field is wrong, and the known ones are listed", () => {
  const config = { provider: "masivo", apiKey: "k", timeuot: 5, baseURL: BASE };
  assert.deepEqual(wrong(config, "is unknown; known are"), ["baseURL", "timeuot"]);
  assert.deepEqual(wrong({ ...config, store: {}, encryptionKey: "x" }), [
    "baseURL",
    "encryptionKey",
    "store",
    "timeuot",
  ]);
});

test("the message lists what issues does", () => {
  const error = throws(() => new Client({ provider: "masivo", apiKey: 7, timeout: "5" }), { code: "ERR_CONFIG" });
  assert.equal(error.message, error.issues.map(({ path, message }) => `${path}: ${message}`).join("; "));
});

const FIELDS = [
  [
    "apiKey",
    [5, "must be a string or a function"],
    ["", "is empty: is the environment variable set?"],
    ["key\n", "line break"],
    [null, "not null"],
  ],
  [
    "baseUrl",
    ["/api", "must be an absolute URL"],
    ["api.example.com", "absolute"],
    ["", "is empty"],
    ["http://api.example.com", "must be https"],
    ["ftp://api.example.com", "http or https"],
    ["https://me:pw@api.example.com", "user name or password"],
    ["https://api.example.com/?key=1", "must end with its path"],
    ["https://api.example.com/#a", "must end with its path"],
    [5, "not a number"],
  ],
  ["tokenUrl", ["/token", "must be an absolute URL"], ["http://id.example.com", "must be https"]],
  [
    "refreshBefore",
    [-1, "must be from 0"],
    ["300", "must be a number, not a string"],
    [NaN, "must be a number, not NaN"],
    [Infinity, "must be a number, not Infinity"],
  ],
  [
    "timeout",
    [0, "must be from 0.001 to 600 seconds"],
    [-5, "must be from"],
    [10_000, "seconds"],
    [null, "not null"],
  ],
  ["retries", [-1, "must be from 0 to 20"], [1.5, "whole number"], [21, "must be from 0 to 20"], [3n, "not a bigint"]],
  ["fetch", ["fetch", "must be a function, not a string"], [{}, "must be a function, not an object"]],
  ["now", [new Date(), "must be a function, not a Date"]],
  ["onEvent", [true, "must be a function, not a boolean"]],
  ["allowHttp", ["yes", "must be a boolean"], [1, "must be a boolean"]],
  ["allowedOrigins", [5, "must be a string or an array of strings"]],
  [
    "allowedOrigins[0]",
    ["https://a.example/path", "must be an origin"],
    ["http://a.example", "must be https"],
    ["*", "must be an origin"],
    ["", "is empty"],
    [5, "must be a string, not a number"],
  ],
];

for (const [path, ...wrongs] of FIELDS) {
  for (const [value, message] of wrongs) {
    test(`${path} as ${inspect(value)} is ERR_CONFIG at ${path}`, () => {
      const name = path.replace("[0]", "");
      const given = path === name ? value : [value];
      assert.deepEqual(wrong({ provider: "masivo", apiKey: "a key", [name]: given }, message), [path]);
    });
  }
}

test("half of a surrogate pair is told from a configuration that is none", () => {
  assert.deepEqual(wrong({ provider: "masivo", apiKey: "a\ud800b" }, "a wrong escape at character"), ["config"]);
});

test("credentials that exclude each other are named, and so is half a pair", () => {
  const masv = { provider: "masv", email: "a@b.example" };
  assert.deepEqual(wrong(masv, "is required: is the environment variable set?"), ["password"]);
  assert.deepEqual(wrong({ ...masv, password: "p", apiKey: "k" }, "not both"), ["apiKey", "email", "password"]);
  const login = { provider: "login", baseUrl: BASE, credentials: { pin: "1" } };
  assert.deepEqual(wrong({ ...login, apiKey: "k" }, "or credentials, not both"), ["apiKey", "credentials"]);
  for (const word of ["or", "and"]) assert.deepEqual(wrong({ ...login, [word]: "x" }, "unknown"), [word]);
  assert.deepEqual(wrong({ ...login, credentials: {} }, "credentials by name"), ["credentials"]);
  const oauth2 = { provider: "oauth2", baseUrl: BASE, clientId: "i", clientSecret: "s" };
  assert.deepEqual(wrong({ ...oauth2, issuer: BASE, tokenUrl: BASE }, "either tokenUrl or issuer"), ["tokenUrl"]);
});

test("a custom description is checked to its depths", () => {
  const custom = {
    provider: "custom",
    baseUrl: BASE,
    credentials: { user: "u", secret: 5 },
    request: {
      method: "FETCH",
      path: "session",
      encoding: "xml",
      headers: { "a b": "x", c: "d\r\ne: f", g: 5 },
      body: { a: "{{pin}}" },
      extra: 1,
    },
    response: { token: "token", expiresIn: "ttl" },
    attach: { header: "X Session", scheme: "a\nb" },
  };
  assert.deepEqual(wrong(custom), [
    "attach.header",
    "attach.scheme",
    "credentials.secret",
    "request",
    "request.encoding",
    "request.extra",
    "request.headers.a b",
    "request.headers.c",
    "request.headers.g",
    "request.method",
    "request.path",
    "response.expiresIn",
    "response.token",
  ]);
});

test("no wrong value is repeated where it could be a secret", () => {
  const config = { provider: "masivo", apiKey: "line one\nline two", timeout: "hunter22", fetch: "hunter22" };
  assert.ok(!throws(() => new Client(config), { code: "ERR_CONFIG" }).message.match(/hunter22|line one/));
});

test("only own fields are read, not what a prototype or a polluted Object has", async (t) => {
  const inherited = Object.create({ provider: "masivo", apiKey: "k" });
  assert.deepEqual(wrong(inherited), ["provider"]);
  class Config {
    provider = "masivo";
    get apiKey() {
      return assert.fail("a getter of the prototype was read");
    }
  }
  assert.deepEqual(wrong(new Config()), ["apiKey"]);
  Object.prototype.allowHttp = true;
  t.after(() => delete Object.prototype.allowHttp);
  assert.deepEqual(wrong({ provider: "masivo", apiKey: "k", baseUrl: "http://api.example.com" }), ["baseUrl"]);
});

test("a getter of a field that throws fails as it threw, and nothing is left behind", () => {
  const thrown = new RangeError("not now");
  const config = {
    provider: "masivo",
    get apiKey() {
      throw thrown;
    },
  };
  assert.throws(() => new Client(config), thrown);
  look(new Client({ provider: "masivo", apiKey: "a key" }));
});

test("a circle in a configuration is refused", () => {
  const config = { provider: "masivo", apiKey: "k" };
  config.baseUrl = config;
  assert.deepEqual(wrong(config), ["baseUrl"]);
});

test("undefined is as good as absent, and null-prototype objects are as good as any", async (t) => {
  const w = await world(t);
  const { apiKey } = w.credentials.masivo;
  const config = { provider: "masivo", apiKey, baseUrl: w.services.masivo, timeout: undefined, tokenUrl: undefined };
  await whoami(new Client(config));
  await whoami(new Client(Object.assign(Object.create(null), config)));
});

test("plain http to another machine is for allowHttp to allow", () => {
  const config = { provider: "masivo", apiKey: "k", baseUrl: "http://10.0.0.5/api" };
  assert.deepEqual(wrong(config, "allowHttp"), ["baseUrl"]);
  assert.equal(new Client({ ...config, allowHttp: true }).provider, "masivo");
  for (const host of ["localhost:3001", "127.0.0.1", "[::1]:80", "sub.localhost"]) {
    assert.equal(new Client({ ...config, baseUrl: `http://${host}` }).provider, "masivo");
  }
});

test("a change of the configuration object after the constructor changes nothing", async (t) => {
  const w = await world(t);
  const config = {
    provider: "masivo",
    apiKey: w.credentials.masivo.apiKey,
    baseUrl: w.services.masivo,
    allowedOrigins: [],
  };
  const client = new Client(config);
  Object.assign(config, { baseUrl: "https://evil.example", apiKey: "other" });
  await whoami(client);
});

test("Client without new is a TypeError of the language", () => {
  assert.throws(() => Client({ provider: "masivo", apiKey: "k" }), TypeError);
});

const OPTIONS = [
  [{ minValidity: -1 }, ["minValidity"]],
  [{ minValidity: "60" }, ["minValidity"]],
  [{ minValidity: NaN }, ["minValidity"]],
  [{ forceRefresh: 1 }, ["forceRefresh"]],
  [{ force: true, min: 5 }, ["force", "min"]],
  ["now", ["options"]],
  [null, ["options"]],
  [5, ["options"]],
];

for (const [options, paths] of OPTIONS) {
  test(`token(${inspect(options)}) is ERR_CONFIG, asks for nothing, and the next call works`, async (t) => {
    const w = await world(t);
    const client = w.client("masivo");
    for (const call of [client.token, client.headers]) {
      const error = await call(options).then(assert.fail, (error) => error);
      assert.equal(error.code, "ERR_CONFIG");
      const found = error.issues.map(({ path }) => path).sort();
      assert.deepEqual(found, paths);
    }
    assert.deepEqual(await w.log(), []);
    await client.token({});
  });
}
