//! The loops that every character of a token goes through. They are a crate of their own because the core is compiled for size, and
//! these for speed (`profile.release.package` in the workspace's `Cargo.toml`): a tenth of a percent of the download, and reading
//! a token takes half the time.

pub mod base64url;
pub mod json;
