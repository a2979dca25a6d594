//! The loops that every character of a token goes through. They are a crate of their own because the core is compiled for size, and
//! these for speed (`profile.release.package` in the workspace's `Cargo.toml`).

pub mod base64url;
pub mod json;
