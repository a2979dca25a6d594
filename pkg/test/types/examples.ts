// What a developer writes, compiled and never run: the API's types must take it as it stands.
import {
  type Algorithm,
  type ApiKey,
  type ApiKeyChanges,
  type BaseClient,
  type Claims,
  Client,
  type ClientEvent,
  type ClientMap,
  type CommonConfig,
  type ConfigMap,
  type CoreSource,
  type CreatedKey,
  type CreatedMasvKey,
  type ErrorCode,
  type Header,
  type Jwks,
  LatchkeyError,
  type LoginClient,
  type MasumiClient,
  type MasumiKeys,
  type MasvAccount,
  type MasvAction,
  type MasvClient,
  type MasvKey,
  type MasvKeyChanges,
  type MasvKeys,
  type MasvPackageClient,
  type MasvTransferClient,
  type NewApiKey,
  type NewMasvKey,
  type ProviderName,
  type Rotation,
  type RpcKey,
  Secret,
  type TokenOptions,
  type VerifyOptions,
  decode,
  expiresAt,
  isExpired,
  jwks,
  ready,
  sessionId,
  verify,
} from "latchkey";
import core from "latchkey/core.wasm";
import * as slim from "latchkey/slim";

/** Fails to compile unless the value's type is exactly `Expected`. */
function exactly<Expected>() {
  return <Actual>(
    _value: Actual,
    ..._mustMatch: [Expected, Actual] extends [Actual, Expected] ? [] : ["not the same type"]
  ): void => {};
}

declare const vault: { read(name: string): Promise<string> };
declare const log: { debug(value: unknown): void };
declare const text: string;

// One client of each provider.
const masivo = new Client({ provider: "masivo", apiKey: "key" });
const masvUser = new Client({ provider: "masv", email: "me@example.com", password: () => vault.read("masv") });
const masvKey = new Client({ provider: "masv", apiKey: () => "key" });
const loginKey = new Client({ provider: "login", baseUrl: "https://api.example.com", apiKey: "key", session: "web" });
const loginUser = new Client({
  provider: "login",
  baseUrl: new URL("https://api.example.com"),
  username: "me",
  password: "secret",
  loginPath: "/session",
  logoutPath: "/session/end",
});
const loginOther = new Client({
  provider: "login",
  baseUrl: "https://api.example.com",
  credentials: { tenant: "7", pin: async () => vault.read("pin") },
});
const brifle = new Client({ provider: "brifle", key: "key", secret: () => vault.read("brifle") });
const masumi = new Client({ provider: "masumi", apiKey: "key", apiVersion: "0.25" });
const oauth2 = new Client({
  provider: "oauth2",
  baseUrl: "https://api.example.com",
  tokenUrl: "https://id.example.com/token",
  clientId: "reports",
  clientSecret: () => vault.read("reports"),
  scope: ["read", "write"],
  audience: "api",
  resource: "https://api.example.com",
  clientAuth: "post",
});
const discovered = new Client({
  provider: "oauth2",
  baseUrl: "https://api.example.com",
  issuer: "https://id.example.com",
  clientId: "reports",
  clientSecret: "secret",
  scope: "read write",
});
const custom = new Client({
  provider: "custom",
  baseUrl: "https://api.example.com",
  credentials: { key: () => vault.read("custom") },
  request: {
    method: "POST",
    path: "/tokens",
    headers: { "x-tenant": "7" },
    encoding: "json",
    body: { key: "{{key}}", scopes: ["read"], life: 3600, offline: false },
  },
  response: { token: "/data/token", expiresIn: "/data/expires_in" },
  attach: { header: "x-token" },
});
const form = new Client({
  provider: "custom",
  baseUrl: "https://api.example.com",
  credentials: { key: "key" },
  request: { method: "POST", path: "/tokens", encoding: "form", body: { key: "{{key}}" } },
  response: { token: "/token", expiresAt: "/expires" },
  attach: { header: "authorization", scheme: "Token" },
});
const own = new Client({
  provider: "token",
  baseUrl: "https://api.example.com",
  acquire: async (signal) => {
    const answer = await fetch("/token", { signal });
    return (await answer.json()) as { token: string; expiresIn: number };
  },
});

exactly<BaseClient>()(masivo);
exactly<MasumiClient>()(masumi);
exactly<MasvClient>()(masvUser);
exactly<LoginClient>()(loginKey);
exactly<LoginClient>()(brifle);
const all: BaseClient[] = [
  masivo, masvUser, masvKey, loginKey, loginUser, loginOther, brifle, masumi, oauth2, discovered, custom, form, own,
];

// The rest of the configuration, on its own and together with a provider's.
const common: CommonConfig = {
  tokenUrl: "https://id.example.com/token",
  refreshBefore: 60,
  timeout: 5,
  retries: 0,
  fetch,
  now: () => new Date(0),
  allowedOrigins: ["https://files.example.com"],
  allowHttp: true,
  onEvent: report,
  waitUntil: (work) => void work,
};
// What is unset is as good as left out, also under `exactOptionalPropertyTypes`: people hand on what may be in the environment.
declare const unset: undefined;
const handedOn: CommonConfig & TokenOptions = {
  baseUrl: unset, tokenUrl: unset, refreshBefore: unset, timeout: unset, retries: unset, fetch: unset, now: unset,
  allowedOrigins: unset, allowHttp: unset, onEvent: unset, waitUntil: unset,
  forceRefresh: unset, minValidity: unset, signal: unset,
};
const apart: ConfigMap["masivo"] = { apiKey: "key" };
const joined: ClientMap["masivo"] = new Client({ provider: "masivo", ...apart, ...common });
const providers: ProviderName[] = all.map(({ provider }) => provider);

/** Each kind of event has its own members, and all have two. */
function report(event: ClientEvent): void {
  exactly<Date>()(event.at);
  switch (event.type) {
    case "token":
      return log.debug(`${event.provider}: ${event.reason}, ${event.took} s, till ${event.expiresAt?.toISOString()}`);
    case "retry":
      return log.debug([event.attempt, event.delay, event.status, event.code]);
    case "backoff":
      return log.debug([event.until.getTime(), event.code]);
    case "unauthorized":
      return log.debug(event.replayed);
    case "store":
      return log.debug(event.code);
    case "key":
      exactly<"create" | "update" | "revoke" | "rotate">()(event.action);
      return log.debug([event.action, event.id]);
    default:
      exactly<never>()(event);
  }
}

// Tokens and requests; the functions are bound, so they may be taken off the client.
export async function tokens(client: BaseClient, controller: AbortController): Promise<void> {
  await ready();
  const bytes = fetch("https://cdn.example.com/core.wasm");
  const sources: CoreSource[] = [core, new Uint8Array(), await bytes, new URL("https://cdn.example.com/core.wasm")];
  for (const source of [...sources, bytes]) await slim.ready(source);
  exactly<typeof Client>()(slim.Client);
  const options: TokenOptions = { forceRefresh: true, minValidity: 60, signal: controller.signal };
  const { token, headers, fetch: authorized } = client;
  exactly<string>()(await token());
  exactly<Record<string, string>>()(await headers(options));
  exactly<Response>()(await authorized("/orders", { method: "POST", body: "{}" }));
  await authorized(new URL("https://api.example.com/orders"));
  await authorized(new Request("https://api.example.com/orders"));
  const replaced: typeof globalThis.fetch = client.fetch;
  exactly<Date | undefined>()(client.expiresAt);
  log.debug([replaced, client.scopes?.includes("write")]);
  client.invalidate();
  await client.logout();
  client.free();
}

export async function disposed(): Promise<number> {
  using client = new Client({ provider: "masivo", apiKey: "key", ...common });
  return (await client.fetch("/customers")).status;
}

// Masumi's keys.
export async function manage(keys: MasumiKeys): Promise<string> {
  const status: ApiKey = await keys.status();
  const lovelace: bigint = status.credits.find(({ unit }) => unit === "")?.amount ?? 0n;
  exactly<string | undefined>()(status.toJSON().credits.at(0)?.amount);
  log.debug([lovelace, status.chains?.length, status.walletScopes, status.canAdmin, status.hint]);

  for await (const key of keys.list({ pageSize: 100 })) log.debug([key.id, key.permission, key.networks]);
  const pages = keys.list();
  const first: ApiKey[] = await pages.page();
  await pages.page(first.at(-1)?.id);

  const wanted: NewApiKey = {
    permission: "ReadAndPay",
    usageLimited: true,
    credits: [{ unit: "", amount: 10_000_000n }],
    networks: ["Preprod"],
    chains: ["eip155:84532"],
    walletScopes: ["wallet"],
  };
  const created: CreatedKey = await keys.create(wanted);
  const changes: ApiKeyChanges = {
    canPay: false,
    addCredits: [{ unit: "", amount: -5n }],
    status: "Active",
    walletScopes: null,
  };
  exactly<ApiKey>()(await keys.update(created.id, changes));
  await keys.revoke(created.id);
  await keys.revoke(created.id, { evenIfInUse: true });

  for await (const rpc of keys.rpc({ pageSize: 10 })) show(rpc);
  return created.secret.reveal();
}

function show(rpc: RpcKey): void {
  exactly<Secret>()(rpc.rpcProviderApiKey);
  exactly<string>()(rpc.toJSON().createdAt);
  log.debug([rpc.provider, rpc.network, rpc.createdAt.getTime() < rpc.updatedAt.getTime()]);
}

export async function rotate({ keys }: MasumiClient, id: string): Promise<void> {
  const rotation: Rotation = await keys.rotate(id);
  exactly<CreatedKey>()(rotation.key);
  log.debug(rotation.key.secret.reveal());
  exactly<void>()(await rotation.finish());
  exactly<void>()(await rotation.abort());
}

export async function rotateOrNot({ keys }: MasumiClient, id: string): Promise<void> {
  await using rotation = await keys.rotate(id, { adopt: false, inPlace: true });
  log.debug(rotation.key.id);
  const disposable: AsyncDisposable = rotation;
  await disposable[Symbol.asyncDispose]();
}

// MASV: its keys, packages and transfers.
export async function masvKeys(keys: MasvKeys, team: string): Promise<string> {
  const wanted: NewMasvKey = { name: "nightly", description: "", expiry: new Date(0), state: "active" };
  const created: CreatedMasvKey = await keys.create(team, wanted);
  await keys.create(team, {});
  const changes: MasvKeyChanges = { expiry: "never", state: "inactive" };
  exactly<MasvKey>()(await keys.update(team, created.id, changes));
  for (const { expiry, createdAt, ...key } of await keys.list(team)) {
    exactly<Date | "never">()(expiry);
    exactly<Date | undefined>()(createdAt);
    exactly<string>()(key.toJSON().expiry);
    log.debug([key.id, key.name, key.description, key.state]);
  }
  exactly<void>()(await keys.delete(created.id));
  return created.secret.reveal();
}

export async function packages(masv: MasvClient): Promise<void> {
  const { id, name, email, teams }: MasvAccount = await masv.account();
  log.debug([id, name, email]);
  for (const team of teams) {
    const managed: MasvPackageClient = masv.managedPackage({ team: team.id, package: "package" });
    exactly<"write" | "read" | "manage">()(managed.access);
    exactly<string | undefined>()(managed.id);
    const actions: MasvAction[] = ["list", "download", "edit", "delete", "expire", "link", "transfer"];
    exactly<boolean>()(actions.every(managed.can, managed));
    exactly<MasvTransferClient[]>()(await managed.transfers());
  }
  const upload = await masv.portalPackage({ portal: "portal", sender: "me@example.com", name: "Dailies" });
  exactly<MasvPackageClient>()(upload);
  await masv.portalPackage({ portal: "portal", sender: "me@example.com", name: "Dailies", description: "Day 3" });
  const packages: BaseClient[] = [
    upload,
    masv.linkedPackage({ link: "link", secret: "secret" }),
    masv.linkedPackage({ link: "link", secret: "secret", password: "password" }),
    masv.packageFrom({ id: "package", token: text, access: "write" }),
  ];
  const transfer = masv.transfer({ token: text });
  exactly<"transfer">()(transfer.access);
  log.debug([packages.length, transfer.can("status"), (await transfer.fetch("/v1/transfers/1/retry")).status]);
}

// Sessions.
export function sessions(client: LoginClient): readonly LoginClient[] {
  exactly<string>()(sessionId());
  return [client.session(), client.session("web"), client.session(sessionId()).session()];
}

// JWTs.
const { header, claims }: { header: Header; claims: Claims } = decode(text);
exactly<string | undefined>()(header.alg);
exactly<number | undefined>()(claims.exp);
exactly<unknown>()(claims["tenant"]);
interface Session {
  sub: string;
  tenant: number;
}
exactly<number>()(decode<Session>(text).claims.tenant);
exactly<Date | undefined>()(expiresAt(text));
exactly<boolean>()(isExpired(text));
isExpired(text, { leeway: 30, now: new Date() });

// Verification: each form of a key, and a set.
declare const cryptoKey: CryptoKey;
declare const jwk: JsonWebKey;
const algorithms: Algorithm[] = ["RS256", "EdDSA"];
const asked: VerifyOptions = { algorithms, issuer: ["a", "b"], audience: "api", maxAge: 3600, required: ["sub"], now: new Date() };
const keys: Jwks = jwks(new URL("https://issuer.example/jwks"), { fetch, timeout: 3 });
export async function verified(): Promise<void> {
  for (const key of [cryptoKey, jwk, "-----BEGIN PUBLIC KEY-----", new Uint8Array(32)]) await verify(text, { ...asked, key });
  exactly<{ header: Header; claims: Session }>()(await verify<Session>(text, { jwks: keys, signal: AbortSignal.timeout(1000) }));
  const { claims } = await verify(text, { jwksUrl: "https://issuer.example/jwks", typ: "at+jwt", subject: "you", leeway: 5 });
  exactly<Claims>()(claims);
}

// Errors: the code decides, and what only some have is optional.
export function explain(error: unknown): string {
  if (!(error instanceof LatchkeyError)) throw error;
  const code: ErrorCode = error.code;
  switch (code) {
    case "ERR_CONFIG":
    case "ERR_INVALID_REQUEST":
      return (error.issues ?? []).map(({ path, message }) => `${path}: ${message}`).join("\n");
    case "ERR_RATE_LIMITED":
      return `again in ${error.retryAfter ?? 1} s`;
    default:
      return `${error.name} ${error.provider} ${error.status} ${error.retryable} ${error.message} ${error.cause}`;
  }
}
export const isSecret = (value: unknown): value is Secret => value instanceof Secret;
export { handedOn, joined, providers };
