//! The boundary: the only place that names wasm-bindgen. It converts, calls the core and converts back.
//!
//! | module | what it is |
//! |---|---|
//! | [`client`] | what JavaScript calls: the client, its keys, and the functions of a JWT |
//! | [`platform`] | what the core asks of JavaScript: time, chance, timers, URLs, functions, requests |
//! | [`host`] | the functions of `pkg/src/host.js` that do it there |
//! | [`convert`] | values, in and out, as JSON text |
//!
//! The other half is in `pkg/src`: `host.js` is what is called from here, the rest calls here.

mod client;
mod convert;
mod host;
mod platform;
