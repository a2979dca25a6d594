//! A local server that speaks every service Latchkey knows, over real HTTP, with faults on demand.
//!
//! # Starting it
//!
//! In a test: `let sandbox = Sandbox::start()?; let world = sandbox.world();`. The server runs on a thread and a
//! runtime of its own, so one sandbox in a `LazyLock` serves every test of a binary, and dropping it ends it.
//! From a shell: `latchkey-sandbox [--port N] [--www DIR] [--package DIR] [--until-eof]` prints
//! `{"url":"http://127.0.0.1:PORT"}` once it listens; with `--until-eof` it stops when its standard input is closed,
//! `--www` serves a folder at `/` and `--package` one at `/latchkey`: the demo page, and the package that it imports.
//!
//! # Worlds
//!
//! Everything lives in a world with its own clock, tokens, counters, log, faults and settings. `POST /worlds` answers
//! `{"url": "http://127.0.0.1:PORT/w/<id>"}` and `DELETE /w/<id>` ends it; `/w/demo` is there from the start.
//! Below, `W` is a world's URL. In Rust [`World`] has a method for each control route.
//!
//! # Services
//!
//! | service | base URL | token request | credential of a resource |
//! |---|---|---|---|
//! | `masivo` | `W/masivo/api/storefront/v1` | `GET /auth/authorize`, `x-api-key` | `Authorization: Bearer` |
//! | `masv` | `W/masv` | `POST /v1/auth` `{email, password}` | `X-User-Token`, `X-API-KEY`, `X-Package-Token` or `X-Transfer-Token`; two at once are 400 |
//! | `login` | `W/login` | `POST /auth/login` `{api_key \| username+password, session_id?}`; `POST /auth/logout` | `Authorization: Bearer` |
//! | `brifle` | `W/brifle` | `POST /v1/auth/login` `{key, secret}`; `POST /v1/auth/logout` `{token}` | `Authorization: Bearer` |
//! | `masumi` | `W/masumi/api/v1` | none | `token` |
//! | `masumi-0.25` | `W/masumi-0.25/api/v1` | none | `token` |
//! | `oauth2` | `W/oauth2` | `POST /token`; `GET /jwks`, `/.well-known/{openid-configuration,oauth-authorization-server}` | `Authorization: Bearer` |
//! | `custom` | `W/custom` | `POST /session` `{user, secret}`, JSON or form → `{"result": {"tok", "ttl", "until", "untilText"}}` | `X-Session: Token …` |
//!
//! The credentials are in [`credentials`], and `GET W/_sandbox` shows them. Beneath each base URL there are also
//! - `GET|POST|PUT|PATCH|DELETE /whoami` → `{service, subject, tokenNumber, method, query, headers, body}`: `body` is the
//!   request's as text, `headers` has lower-case names, with "present" in place of a credential;
//! - `GET /scoped` → 403 `insufficient_scope` with a good credential (Masumi's: 401 "…admin access required");
//! - `POST /echo` → the request's body, streamed back as it comes.
//!
//! All three answer 401 in the service's own shape when the credential is not good.
//!
//! `masv` has the routes of [`masv_routes`], and from the start the team `team-demo`, the portal `portal-demo`, the
//! package `package-demo` with the link `link-demo` (its secret is `link-demo-secret`), and `transfer-demo`, which failed.
//! Tokens are signed for real and numbered per service (`jti` is `<world>/masivo-3`); `exp` and `iat` are by the world's clock.
//!
//! # Control
//!
//! | route | what it does |
//! |---|---|
//! | `GET W/_sandbox` | `{services: {name: url}, credentials: {name: {…}}, settings}` |
//! | `PATCH W/_sandbox/settings` | see [`Settings`]; what is not named stays; `lifetime` is `{service: seconds}` or a number for all |
//! | `GET`, `DELETE W/_sandbox/log` | every request to a service, see [`Entry`]; credentials are digests; `DELETE` empties the counters too |
//! | `GET W/_sandbox/counters` | `{"masivo.token": 3, "masivo.resource": 5, …}`; also `.logout`, `.keys` (JWKS; MASV's API keys), `.package` (what answers with a token for a package or a transfer), `.discovery`, `.preflight` |
//! | `POST`, `GET`, `DELETE W/_sandbox/faults` | see [`Fault`]; one or an array of them; they apply in order |
//! | `POST W/_sandbox/revoke` | `{service, sticky?}`: all tokens so far are refused; `sticky`: a login still gives the refused one again |
//! | `POST W/_sandbox/credentials` | `{service, credentials: {name: value}}`: the service knows these from now on |
//! | `PUT W/_sandbox/rpc-keys` | the RPC provider keys of both Masumi services |
//! | `POST W/_sandbox/masumi/keys` | `{service?, count}` → 201 `{ids}`: so many more keys that may read |
//! | `DELETE W/_sandbox/masumi/keys` | `{service?, ids}` → `{deleted}`: the rows are gone, which the service itself never does |
//! | `POST W/_sandbox/masumi/spend` | `{service?, id, unit?, amount}`: the key pays, if it is limited; the amount is a text |
//! | `PUT W/_sandbox/masumi/wallets` | the ids of the hot wallets that both Masumi services know |
//! | `POST W/_sandbox/masv/packages` | `{name?, password?}` → 201 `{package, link, secret}`: a package that was sent, and a link |
//! | `GET W/_sandbox/masv/routes` | every route of MASV, see [`MasvRoute`] |
//!
//! A `service` that is not named is `masumi`.
//!
//! # Map
//!
//! `server` accepts connections and can cut them. `gateway` is what every request to a service passes: `log`, `faults`,
//! CORS, `Date`. `services` has a file for each service and `resources`, which they share. `tokens` signs and remembers
//! tokens, `world` holds the state, `control` the routes above; `seeding`
//! fills the services.

#![allow(clippy::result_large_err, reason = "an answer is what axum's handlers give in case of an error too")]

mod control;
mod credentials;
mod faults;
mod gateway;
mod log;
mod seeding;
mod server;
mod services;
mod settings;
mod tokens;
mod world;

pub use credentials::Credentials;
pub use faults::{Fault, Kind};
pub use log::Entry;
pub use server::{Options, Sandbox};
pub use services::Service;
pub use services::masv::{Access, MasvRoute, masv_routes};
pub use settings::Settings;
pub use world::World;
