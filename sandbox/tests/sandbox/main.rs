//! The sandbox's own tests, apart from the recordings.

mod common;
mod control;
mod faults;
mod program;
mod services;
