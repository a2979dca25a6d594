//! The core over a real HTTP client, against the sandbox, on loopback.
//!
//! One binary, so that everything shares one server and is linked once. Each test has a [`common::Scene`] of its own: a
//! world of the sandbox, a clock that the test moves, and whatever the core told its platform.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects by failing"
)]

mod clocks;
mod common;
mod credentials;
mod crowd;
mod fetch;
mod keys;
mod keys_guards;
mod oauth2;
mod redirects;
mod refusals;
mod remembered;
mod secrets;
mod services;
mod sessions;
mod tokens;
mod unauthorized;
