//! The boundary: the only place that names wasm-bindgen. It converts, calls the core and converts back.
//!
//! | module | what it is |
//! |---|---|
//! | [`client`] | what JavaScript calls: the client, its keys, and the functions of a JWT |
//! | [`platform`] | what the core asks of JavaScript: time, chance, timers, URLs, functions |
//! | [`fetch`] | requests: Latchkey's own, and the user's |
//! | [`signal`] | a caller's `AbortSignal`, and aborting what is dropped |
//! | [`convert`] | values, in and out |
//!
//! What JavaScript sees of it is in `pkg/src`, whose classes hold these.

mod client;
mod convert;
mod fetch;
mod platform;
mod signal;
