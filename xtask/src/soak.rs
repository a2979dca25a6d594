//! `cargo xtask soak`: a million calls over a simulated month, against a sandbox that misbehaves at random.

use anyhow::{Context, Result};

use crate::repo::Repo;
use crate::sandbox::{self, Sandbox};
use crate::ui::step;
use crate::{package, setup};

/// Prints a short report; false if something was left behind, or a service was asked too often. Another seed is another month.
pub(crate) fn soak(repo: &Repo, seed: Option<u32>) -> Result<bool> {
    let wasm = setup::set_up(repo)?;
    package::build(repo, &wasm)?;
    let binary = step(repo, "Build the sandbox", |step| sandbox::build(repo, step))?;
    let sandbox = Sandbox::start(repo, &binary, 0)?;
    let mut node = repo.command("node");
    node.arg(repo.root.join("tests/soak/main.mjs")).arg(sandbox.url());
    node.args(seed.map(|seed| seed.to_string()));
    Ok(node.status().context("cannot run node")?.success())
}
