//! `cargo xtask demo`: the package at work against the sandbox, in a transcript that a person reads.

use anyhow::{Context, Result};

use crate::repo::Repo;
use crate::sandbox::{self, Sandbox};
use crate::ui::step;
use crate::{package, setup};

/// What was asked for on the command line.
#[derive(Default)]
pub(crate) struct Options {
    /// End with the transcript instead of serving on.
    pub(crate) once: bool,
    /// The sandbox's port; 0 lets the system choose.
    pub(crate) port: u16,
}

/// Shows the transcript; false if it failed.
pub(crate) fn demo(repo: &Repo, options: &Options) -> Result<bool> {
    let wasm = setup::set_up(repo)?;
    package::build(repo, &wasm)?;
    let binary = step(repo, "Build the sandbox", |step| sandbox::build(repo, step))?;
    let mut sandbox = Sandbox::start(repo, &binary, options.port)?;
    let script = repo.root.join("xtask/demo/main.mjs");
    let transcript =
        repo.command("node").arg(script).arg(sandbox.url()).status().context("cannot run node")?;
    if !options.once {
        let url = sandbox.url();
        println!("\nThe same in a browser: {url}/");
        println!("The sandbox goes on until Ctrl-C: see {url}/w/demo/_sandbox.");
        sandbox.wait()?;
    }
    Ok(transcript.success())
}
