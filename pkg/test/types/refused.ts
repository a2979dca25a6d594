// What must not compile. Each line below a `@ts-expect-error` is one mistake: tsc fails if it lets it pass.
import {
  Client,
  LatchkeyError,
  type MasumiKeys,
  type MasvClient,
  type MasvPackageClient,
  type MasvTransferClient,
  type Rotation,
  Secret,
  type Jwks,
  isExpired,
  verify,
  sessionId,
} from "latchkey";

declare const keys: MasumiKeys;
declare const secret: Secret;
declare const text: string;
const baseUrl = "https://api.example.com";

// @ts-expect-error no such provider
new Client({ provider: "masvio", apiKey: "key" });
// @ts-expect-error no provider
new Client({ apiKey: "key" });
// @ts-expect-error a field that does not exist
new Client({ provider: "masivo", apiKey: "key", apikey: "key" });
// @ts-expect-error a field of another provider
new Client({ provider: "masivo", apiKey: "key", apiVersion: "0.28" });
// @ts-expect-error a credential is missing
new Client({ provider: "brifle", key: "key" });
// @ts-expect-error a credential is no number
new Client({ provider: "masivo", apiKey: 42 });
// @ts-expect-error a credential from the environment may be missing
new Client({ provider: "masivo", apiKey: text as string | undefined });
// @ts-expect-error nor may a function's be
new Client({ provider: "masivo", apiKey: async () => text as string | undefined });
// @ts-expect-error a user or an API key, not both
new Client({ provider: "masv", apiKey: "key", email: "me@example.com", password: "secret" });
// @ts-expect-error an email needs its password
new Client({ provider: "masv", email: "me@example.com" });
// @ts-expect-error baseUrl has no default here
new Client({ provider: "login", apiKey: "key" });
// @ts-expect-error one kind of login only
new Client({ provider: "login", baseUrl, apiKey: "key", credentials: { pin: "1" } });
// @ts-expect-error tokenUrl or issuer, not both
new Client({ provider: "oauth2", baseUrl, clientId: "a", clientSecret: "b", tokenUrl: baseUrl, issuer: baseUrl });
// @ts-expect-error tokenUrl or issuer, at least one
new Client({ provider: "oauth2", baseUrl, clientId: "a", clientSecret: "b" });
// @ts-expect-error no such way to authenticate
new Client({ provider: "oauth2", baseUrl, clientId: "a", clientSecret: "b", issuer: baseUrl, clientAuth: "jwt" });
// @ts-expect-error no such version
new Client({ provider: "masumi", apiKey: "key", apiVersion: "0.29" });
// @ts-expect-error a token is a string, not a promise's lack of one
new Client({ provider: "token", baseUrl, acquire: async () => ({}) });
new Client({
  provider: "custom",
  baseUrl,
  credentials: {},
  // @ts-expect-error a form has strings only
  request: { method: "POST", path: "/tokens", encoding: "form", body: { life: 3600 } },
  response: { token: "/token" },
  attach: { header: "x-token" },
});

// @ts-expect-error instants are dates, and Date.now gives milliseconds
new Client({ provider: "masivo", apiKey: "key", now: Date.now });
// @ts-expect-error the same
isExpired(text, { now: Date.now() });
// @ts-expect-error a duration is a number of seconds
isExpired(text, { leeway: "30s" });

const masivo = new Client({ provider: "masivo", apiKey: "key" });
// @ts-expect-error only Masumi's and MASV's clients have keys
masivo.keys;
// @ts-expect-error only the clients of `login` and `brifle` have sessions
masivo.session();
// @ts-expect-error read-only
masivo.provider = "masv";
// @ts-expect-error seconds, not a date
masivo.token({ minValidity: new Date() });

// @ts-expect-error an amount is a bigint
keys.create({ credits: [{ unit: "", amount: 10_000_000 }] });
// @ts-expect-error nor a string
keys.update("id", { addCredits: [{ unit: "", amount: "5" }] });
// @ts-expect-error the service has no such network
keys.create({ networks: ["Preview"] });
// @ts-expect-error booleans, not the service's "true" and "false"
keys.create({ usageLimited: "false" });
// @ts-expect-error the service's own names are not the API's
keys.create({ NetworkLimit: ["Preprod"] });
// @ts-expect-error rights are changed by canRead, canPay and canAdmin
keys.update("id", { permission: "Admin" });
// @ts-expect-error list gives no promise of an array
(await keys.list()).length;

declare const rotation: Rotation;
// @ts-expect-error no such option
keys.rotate("id", { inplace: true });
// @ts-expect-error of the key that is used from now on there is no choice but yes or no
keys.rotate("id", { adopt: "new" });
// @ts-expect-error the new key is read-only
rotation.key = await keys.create({});
// @ts-expect-error a rotation ends with a promise, so it is no Disposable
using unawaited = rotation;

declare const masv: MasvClient;
declare const shared: MasvPackageClient;
declare const transfer: MasvTransferClient;
// @ts-expect-error the keys of MASV are a team's
masv.keys.list();
// @ts-expect-error an instant is a date
masv.keys.create("team", { expiry: "2027-01-01" });
// @ts-expect-error nor milliseconds
masv.keys.update("team", "id", { expiry: Date.now() });
// @ts-expect-error no such state
masv.keys.update("team", "id", { state: "revoked" });
// @ts-expect-error MASV's keys are not rotated
masv.keys.rotate("id");
// @ts-expect-error a portal asks who sends
masv.portalPackage({ portal: "portal", name: "Dailies" });
// @ts-expect-error a link has a secret
masv.linkedPackage({ link: "link" });
// @ts-expect-error the secret is a string, as it stands in the link
masv.linkedPackage({ link: "link", secret });
// @ts-expect-error a package of which team
masv.managedPackage({ package: "package" });
// @ts-expect-error what the token may do has to be said
masv.packageFrom({ id: "package", token: text });
// @ts-expect-error a transfer's token is for no package
masv.packageFrom({ id: "package", token: text, access: "transfer" });
// @ts-expect-error no such action
shared.can("rename");
// @ts-expect-error a package's client has no keys
shared.keys;
// @ts-expect-error a transfer has no transfers
transfer.transfers();
// @ts-expect-error the platform's randomness is all that a session's id is made of
sessionId("seed");

// @ts-expect-error a secret is no string
const leaked: string = secret;
// @ts-expect-error a string is no secret
const faked: Secret = text;
// @ts-expect-error only this module makes secrets
new Secret(text);
// @ts-expect-error and its errors
new LatchkeyError("message");
declare const error: LatchkeyError;
// @ts-expect-error not a code
if (error.code === "ERR_UNAUTHORISED") throw error;

// @ts-expect-error there is no such algorithm
verify(text, { key: text, algorithms: ["none"] });
// @ts-expect-error no policy at all
verify(text);
// @ts-expect-error a set comes from jwks(url)
const set: Jwks = { keys: [] };

// @ts-expect-error not public
import type { Credential } from "latchkey";
// @ts-expect-error no way into the package but the front door
import type {} from "latchkey/types/config.cjs";

export type { Credential };
export { faked, leaked, set, unawaited };
