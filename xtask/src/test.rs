//! `cargo xtask test`: everything that guards a change. All of it runs, whatever fails on the way.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::repo::Repo;
use crate::ui::{Step, seconds, step};
use crate::{demo, invariants, package, setup, size};

/// Runs every guard; false if one failed.
pub(crate) fn test(repo: &Repo) -> Result<bool> {
    let start = Instant::now();
    let wasm = setup::set_up(repo)?;
    let mut suite = Suite { repo, passed: 0, failures: Vec::new() };
    suite.guard("rustfmt", |step| step.run(repo.cargo("fmt").args(["--all", "--check"])).map(drop));
    suite.guard("clippy", |step| {
        let mut clippy = repo.cargo("clippy");
        step.run(clippy.args(["--workspace", "--all-targets", "--locked", "--", "-Dwarnings"])).map(drop)
    });
    suite.guard("clippy for wasm32", |step| {
        let mut clippy = wasm.command("clippy");
        step.run(clippy.args(["--package", "latchkey", "--lib", "--locked", "--", "-Dwarnings"])).map(drop)
    });
    suite.guard("invariants of the sources", |_| {
        let breaches = invariants::check(repo)?;
        ensure!(breaches.is_empty(), "{}", breaches.join("\n"));
        Ok(())
    });
    suite.guard("cargo test", |step| {
        let output = step.run(repo.cargo("test").args(["--workspace", "--locked"]))?;
        summarise(step, &output, |line| line.starts_with("test result: "))?;
        ensure!(!output.contains("\ntest ") || !output.contains(" ... ignored"), "a test is ignored");
        Ok(())
    });
    suite.guard("cargo doc", |step| {
        let mut doc = repo.cargo("doc");
        step.run(doc.args(["--workspace", "--no-deps", "--locked"]).env("RUSTDOCFLAGS", "-Dwarnings"))
            .map(drop)
    });
    suite.check(package::build(repo, &wasm), "build");
    suite.guard("size", |step| {
        ensure!(size::check(repo, step)?, "the package weighs more than its limit, see above");
        Ok(())
    });
    suite.guard("types", |step| {
        let project = repo.pkg().join("test/types");
        step.run(repo.npm_tool("tsc").args(["--strict", "--noEmit", "--project"]).arg(project)).map(drop)
    });
    suite.guard("package", |step| package_tests(repo, step));
    Ok(suite.report(start))
}

struct Suite<'a> {
    repo: &'a Repo,
    passed: usize,
    failures: Vec<String>,
}

impl Suite<'_> {
    fn guard(&mut self, name: &str, work: impl FnOnce(&mut Step) -> Result<()>) {
        self.check(step(self.repo, name, work), name);
    }

    fn check(&mut self, result: Result<()>, name: &str) {
        match result {
            Ok(()) => self.passed += 1,
            Err(error) => self.failures.push(format!("{name}: {error:#}")),
        }
    }

    fn report(&self, start: Instant) -> bool {
        for failure in &self.failures {
            println!("\n✗ {}", failure.trim_end());
        }
        println!("\nall of it took {}", seconds(start.elapsed()));
        println!("{} passed, {} failed", self.passed, self.failures.len());
        self.failures.is_empty()
    }
}

/// The package as a user has it, in Node, against the sandbox.
fn package_tests(repo: &Repo, step: &mut Step) -> Result<()> {
    let mut files = Vec::new();
    find_tests(&repo.pkg().join("test"), &mut files)?;
    ensure!(!files.is_empty(), "there is no pkg/test/**/*.test.mjs");
    files.sort();
    let sandbox = demo::build_sandbox(repo, step)?;
    let mut node = repo.command("node");
    node.args(["--test", "--test-reporter=spec"]).args(files).env("LATCHKEY_SANDBOX", sandbox);
    let output = step.run(&mut node)?;
    summarise(step, &output, |line| {
        ["ℹ tests ", "ℹ pass ", "ℹ fail "].iter().any(|start| line.starts_with(start))
    })?;
    for never in ["skipped", "todo", "cancelled"] {
        ensure!(output.lines().any(|line| line == format!("ℹ {never} 0")), "a test is {never}");
    }
    Ok(())
}

/// Shows a test runner's own summary; without one, nothing was tested.
fn summarise(step: &mut Step, output: &str, is_summary: impl Fn(&str) -> bool) -> Result<()> {
    let lines: Vec<_> = output.lines().filter(|line| is_summary(line)).collect();
    if lines.is_empty() {
        bail!("the test runner tells of no test");
    }
    lines.into_iter().for_each(|line| step.note(line));
    Ok(())
}

fn find_tests(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() && !path.ends_with("node_modules") {
            find_tests(&path, found)?;
        } else if path.to_string_lossy().ends_with(".test.mjs") {
            found.push(path);
        }
    }
    Ok(())
}
