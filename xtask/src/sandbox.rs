//! The sandbox as a program that xtask starts.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};

use anyhow::{Context, Result};

use crate::repo::Repo;
use crate::ui::Step;

/// Builds the sandbox and tells where it is.
pub(crate) fn build(repo: &Repo, step: &mut Step) -> Result<PathBuf> {
    step.run(repo.cargo("build").args(["--package", "latchkey-sandbox", "--locked"]))?;
    Ok(repo.target.join("debug/latchkey-sandbox"))
}

/// A running sandbox, which serves the demo page too. It ends when its input does, so also when xtask is killed.
pub(crate) struct Sandbox {
    process: Child,
    input: Option<ChildStdin>,
    url: String,
}

impl Sandbox {
    pub(crate) fn start(repo: &Repo, binary: &Path, port: u16) -> Result<Self> {
        let mut command = repo.command(binary);
        command
            .args(["--until-eof", "--port", &port.to_string()])
            .arg("--www")
            .arg(repo.root.join("www"))
            .arg("--package")
            .arg(repo.pkg().join("dist"))
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

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Until somebody ends it.
    pub(crate) fn wait(&mut self) -> Result<()> {
        self.process.wait()?;
        Ok(())
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
