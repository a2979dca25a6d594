//! The package as its users have it: packed, installed in an empty project, and run in every runtime and bundler there.
//!
//! `tests/runtimes` has the suite and a file for each of those that guard a change, `tests/matrix` one for each of the rest.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::packed;
use crate::repo::Repo;
use crate::sandbox::{self, Sandbox};
use crate::setup::{self, apt};
use crate::test::Suite;
use crate::ui::Step;

/// Something that the suite runs in.
pub(crate) struct Runtime {
    pub(crate) name: &'static str,
    /// Its file, in `tests/`.
    runner: &'static str,
}

pub(crate) const fn runtime(name: &'static str, runner: &'static str) -> Runtime {
    Runtime { name, runner }
}

/// What guards a change.
pub(crate) const GUARDS: [Runtime; 8] = [
    runtime("Node.js", "runtimes/node.mjs"),
    runtime("Deno", "runtimes/deno.mjs"),
    runtime("Bun", "runtimes/bun.mjs"),
    runtime("workerd", "runtimes/workerd.mjs"),
    runtime("Chromium", "runtimes/chromium.mjs"),
    runtime("Firefox", "runtimes/firefox.mjs"),
    runtime("esbuild", "runtimes/esbuild.mjs"),
    runtime("Vite", "runtimes/vite.mjs"),
];

/// What one request of a worker leaves to another.
const ISOLATE: Runtime = runtime("requests of an isolate", "runtimes/isolate.mjs");

/// Stores in the engines that a runtime brings.
const STORES: Runtime = runtime("stores", "runtimes/stores.mjs");

/// Latchkey and jose, given the same tokens.
const PEERS: Runtime = runtime("jose beside it", "runtimes/peers.mjs");

const EXAMPLES: Runtime = runtime("examples", "runtimes/examples.mjs");

/// The page of the demo, which the sandbox serves, driven in Chromium and in Firefox.
const PAGE: Runtime = runtime("demo page", "runtimes/page.mjs");

const BROWSERS: [&str; 2] = ["chromium", "firefox-esr"];

/// What a runner prints.
#[derive(Deserialize)]
pub(crate) struct Outcome {
    pub(crate) version: String,
    pub(crate) counts: Vec<Count>,
}

/// The suite in one place of a runtime: a page, say, or by `require`.
#[derive(Deserialize)]
pub(crate) struct Count {
    #[serde(rename = "where")]
    pub(crate) place: String,
    passed: usize,
    failed: usize,
}

/// Runs the suite in what guards a change, the examples, and the demo page.
pub(crate) fn guard(suite: &mut Suite) {
    let repo = suite.repo;
    if let Some(bench) = set_up(suite) {
        suite.guard("attw and publint", |step| packed::lint(repo, &bench.tarball, step));
        suite.guard("types", |step| packed::types(repo, &bench.project, step));
        for runtime in GUARDS.iter().chain([&ISOLATE, &STORES, &PEERS, &EXAMPLES, &PAGE]) {
            suite.guard(runtime.name, |step| bench.run(repo, runtime, step));
        }
    }
}

/// Installs the runtimes, and the package for them.
pub(crate) fn set_up(suite: &mut Suite) -> Option<Bench> {
    let repo = suite.repo;
    suite.guard("set up the runtimes", |step| {
        apt::install(step, &BROWSERS).context("install Chromium and Firefox")?;
        setup::npm_packages(repo, &repo.root.join("tests/runtimes"), step)
    })?;
    suite.guard("install the packed package", |step| Bench::set_up(repo, step))
}

/// An empty project with the package in it, and a sandbox to talk to.
pub(crate) struct Bench {
    project: PathBuf,
    tarball: PathBuf,
    sandbox: Sandbox,
}

impl Bench {
    pub(crate) fn set_up(repo: &Repo, step: &mut Step) -> Result<Self> {
        let project = repo.target.join("runtimes");
        if project.exists() {
            fs::remove_dir_all(&project)?;
        }
        fs::create_dir_all(&project)?;
        fs::write(project.join("package.json"), "{ \"private\": true }\n")?;
        let suite = repo.root.join("tests/runtimes/suite");
        step.run(repo.command("cp").arg("-r").arg(suite).arg(&project))?;
        let tarball = packed::pack(repo, step)?;
        let mut install = repo.command("npm");
        // As copies, as whoever gets them from a registry has them.
        install.args(["install", "--install-links", "--no-audit", "--no-fund", "--loglevel=error"]);
        install.arg(&tarball).args(["./suite/library", "./suite/older"]);
        step.run(install.current_dir(&project))?;
        let sandbox = sandbox::build(repo, step)?;
        Ok(Self { project, tarball, sandbox: Sandbox::start(repo, &sandbox, 0)? })
    }

    /// Runs the suite there; an error if a case fails, or if none ran.
    pub(crate) fn run(&self, repo: &Repo, runtime: &Runtime, step: &mut Step) -> Result<Outcome> {
        let tests = repo.root.join("tests");
        let mut node = repo.command("node");
        node.arg(tests.join("runtimes/run.mjs")).arg(tests.join(runtime.runner));
        let output = step.run(node.arg(&self.project).arg(self.sandbox.url()))?;
        let (said, outcome) = read(&output)?;
        step.notes(outcome.counts.iter().map(|Count { place, passed, failed }| {
            format!("{} {}, {place}: {passed} passed, {failed} failed", runtime.name, outcome.version)
        }));
        ensure!(outcome.counts.iter().all(|count| count.failed == 0), "{said}");
        Ok(outcome)
    }
}

/// The outcome, which is a runner's last line, and what it said before.
fn read(output: &str) -> Result<(&str, Outcome)> {
    let output = output.trim_end();
    let (said, last) = output.rsplit_once('\n').unwrap_or(("", output));
    let outcome: Outcome =
        serde_json::from_str(last).with_context(|| format!("no outcome, but: {output}"))?;
    ensure!(!outcome.counts.is_empty(), "it ran nowhere");
    ensure!(outcome.counts.iter().all(|count| count.passed + count.failed > 0), "no case ran");
    Ok((said, outcome))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_is_the_last_line() -> Result<()> {
        let line = r#"{"version":"1.2","counts":[{"where":"page","passed":3,"failed":1}]}"#;
        let output = format!("✗ page: it fails\n{line}\n");
        let (said, outcome) = read(&output)?;
        assert_eq!((said, outcome.version.as_str()), ("✗ page: it fails", "1.2"));
        assert_eq!((outcome.counts[0].passed, outcome.counts[0].failed), (3, 1));
        Ok(())
    }

    #[test]
    fn no_case_is_no_success() {
        assert!(read("").is_err());
        assert!(read(r#"{"version":"1.2","counts":[]}"#).is_err());
        assert!(read(r#"{"version":"1.2","counts":[{"where":"page","passed":0,"failed":0}]}"#).is_err());
    }
}
