//! `cargo xtask demo`: the package at work against the sandbox, in a transcript that a person reads.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use anyhow::{Context, Result};

use crate::repo::Repo;
use crate::ui::{Step, step};
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
    let binary = step(repo, "Build the sandbox", |step| build_sandbox(repo, step))?;
    let mut sandbox = Sandbox::start(repo, &binary, options.port)?;
    let script = repo.root.join("xtask/demo/main.mjs");
    let transcript =
        repo.command("node").arg(script).arg(&sandbox.url).status().context("cannot run node")?;
    if !options.once {
        println!("\nThe sandbox goes on at {} until you press Ctrl-C.", sandbox.url);
        sandbox.process.wait()?;
    }
    Ok(transcript.success())
}

/// Builds the sandbox and tells where it is.
pub(crate) fn build_sandbox(repo: &Repo, step: &mut Step) -> Result<PathBuf> {
    step.run(repo.cargo("build").args(["--package", "latchkey-sandbox", "--locked"]))?;
    Ok(repo.target.join("debug/latchkey-sandbox"))
}

/// A running sandbox, which ends with this value.
struct Sandbox {
    process: Child,
    url: String,
}

impl Sandbox {
    fn start(repo: &Repo, binary: &Path, port: u16) -> Result<Self> {
        let mut command = repo.command(binary);
        command.args(["--port", &port.to_string()]).stdin(Stdio::null()).stdout(Stdio::piped());
        let process = command.spawn().with_context(|| format!("cannot run {}", binary.display()))?;
        let mut sandbox = Self { process, url: String::new() };
        let stdout = sandbox.process.stdout.take().context("the sandbox's output is a pipe")?;
        // Its first line says where it listens.
        let mut line = String::new();
        let mut output = BufReader::new(stdout);
        output.read_line(&mut line)?;
        sandbox.url =
            url(&line).with_context(|| format!("the sandbox does not say where it listens: {line}"))?;
        // Read on, or a sandbox that says more would wait for a reader for ever.
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        Ok(sandbox)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // It may have ended by itself, by the same Ctrl-C.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The address in a line of text.
fn url(line: &str) -> Option<String> {
    let word = line.split_whitespace().find(|word| word.starts_with("http://"))?;
    Some(word.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::url;

    #[test]
    fn the_address_is_read_from_the_first_line() {
        assert_eq!(url("listening on http://127.0.0.1:4321/\n").as_deref(), Some("http://127.0.0.1:4321"));
        assert_eq!(url("http://127.0.0.1:4321").as_deref(), Some("http://127.0.0.1:4321"));
        assert_eq!(url("port in use"), None);
    }
}
