//! Latchkey gets JavaScript its access tokens, checks JWT expiry and manages API keys, over `fetch`.
//!
//! This crate is its core, compiled to WebAssembly. Data flows one way: [`config`] → [`client`] → [`lifecycle`] →
//! [`provider`] → [`task`] and back. Everything outside `js` knows no JavaScript: it is compiled and tested natively.
//!
//! | module | what it is |
//! |---|---|
//! | [`jwt`] | reads a JWT, strictly |
//! | [`token`] | a secret, a grant, a token |
//! | [`clock`] | time as a value, and the server's clock |
//! | [`lifecycle`] | how a token lives: a state machine of values |
//! | [`provider`] | what each service wants |
//! | [`config`] | reads a configuration |
//! | [`client`] | drives the lifecycle: one refresh for all, 401 and replay, redirects |
//! | [`store`] | a token that many machines share |
//! | [`keys`] | the API keys of a service |
//! | [`verify`] | verifies a JWT: signature, claims, key sets |
//! | [`json`] | reads and writes JSON, strictly |
//! | [`http`] | requests and answers as values |
//! | `base64` | reads base64url, writes base64 |
//! | [`text`] | a text as it is kept; puts texts together, and finds one in another |
//! | [`task`] | work that needs the world, and what it needs of it |
//! | [`platform`] | what the core asks of the platform and is answered at once |
//! | [`event`], [`error`] | what is told of success and failure |
//! | `js` | the boundary: the only place that knows of JavaScript |

mod base64;
pub mod client;
pub mod clock;
pub mod config;
pub mod error;
pub mod event;
pub mod http;
pub mod json;
pub mod jwt;
pub mod keys;
pub mod lifecycle;
pub mod platform;
pub mod provider;
pub mod store;
pub mod task;
pub mod text;
pub mod token;
pub mod verify;

#[cfg(target_arch = "wasm32")]
mod js;
