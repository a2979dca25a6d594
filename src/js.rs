//! The boundary: the only place that exports to JavaScript and calls it. It converts, calls the core and converts back.
//!
//! | module | what it is |
//! |---|---|
//! | [`client`] | what JavaScript calls: clients, their tasks, their keys |
//! | [`jwt`] | the functions of a JWT |
//! | [`verify`] | verification of one |
//! | [`host`] | what is called there and answers at once: chance, URLs |
//! | [`convert`] | values, in and out, as JSON text |
//! | [`memory`] | how a text crosses, and what JavaScript holds by a number |
//! | [`allocator`] | what was in memory is wiped when it is given back |
//!
//! Only texts and numbers cross, so there is no use for wasm-bindgen: its runtime and the glue that it writes would be a tenth
//! of the download. The other half is in `pkg/src`: `core.js` calls what is exported here, `driver.js` performs the effects of
//! the tasks, the rest is what a developer sees.
//!
//! A text comes in at the place that `room` tells, and its length with the call. A text goes out at the place that `output`
//! tells, and its length is the answer. Where a call fails it answers [`memory::FAILED`], and what goes out is the JSON text of an
//! error.
#![allow(
    unsafe_code,
    reason = "an export without a mangled name, and an import, are unsafe by their attribute alone"
)]

mod allocator;
mod client;
mod convert;
mod host;
mod jwt;
mod memory;
mod verify;
