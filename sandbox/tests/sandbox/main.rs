//! The sandbox's own tests, apart from the recordings.

mod common;
mod control;
mod faults;
mod masv;
mod program;
mod seeding;
mod services;
mod sessions;
