//! `cargo xtask demo`: the package at work against the sandbox, in a transcript that a person reads.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};

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
        println!("\nThe sandbox goes on until Ctrl-C: see {}/w/demo/_sandbox.", sandbox.url);
        sandbox.process.wait()?;
    }
    Ok(transcript.success())
}

/// Builds the sandbox and tells where it is.
pub(crate) fn build_sandbox(repo: &Repo, step: &mut Step) -> Result<PathBuf> {
    step.run(repo.cargo("build").args(["--package", "latchkey-sandbox", "--locked"]))?;
    Ok(repo.target.join("debug/latchkey-sandbox"))
}

/// A running sandbox. It ends when its input does, so also when xtask is killed.
struct Sandbox {
    process: Child,
    input: Option<ChildStdin>,
    url: String,
}

impl Sandbox {
    fn start(repo: &Repo, binary: &Path, port: u16) -> Result<Self> {
        let mut command = repo.command(binary);
        command
            .args(["--until-eof", "--port", &port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut process = command.spawn().with_context(|| format!("cannot run {}", binary.display()))?;
        let input = process.stdin.take();
        let output = process.stdout.take().context("the sandbox's output is a pipe")?;
        let mut sandbox = Self { process, input, url: String::new() };
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        sandbox.url = url(&line).context("the sandbox did not start")?;
        Ok(sandbox)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.process.wait();
    }
}

/// The address in the one line that the sandbox prints.
fn url(line: &str) -> Option<String> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    Some(line.get("url")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::url;

    #[test]
    fn the_sandbox_says_where_it_listens() {
        assert_eq!(url("{\"url\":\"http://127.0.0.1:4321\"}\n").as_deref(), Some("http://127.0.0.1:4321"));
        assert_eq!(url(""), None);
        assert_eq!(url("{}"), None);
    }
}
