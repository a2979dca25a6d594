//! `cargo xtask test`: everything that guards a change. All of it runs, whatever fails on the way.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::repo::Repo;
use crate::setup::{WasmCargo, apt};
use crate::ui::{Step, seconds, step};
use crate::{counts, invariants, package, promises, runtimes, sandbox, setup, size};

/// Runs every guard; false if one failed.
pub(crate) fn test(repo: &Repo) -> Result<bool> {
    let start = Instant::now();
    let wasm = setup::set_up(repo)?;
    let mut suite = Suite::new(repo);
    sources(&mut suite, &wasm);
    // One by one, so that each is compiled as `demo` and xtask's own alias compile it, and once.
    for package in
        ["latchkey", "latchkey-scan", "latchkey-sandbox", "latchkey-fleet", "latchkey-plot", "xtask"]
    {
        suite.guard(&format!("cargo test, {package}"), |step| {
            let output = step.run(repo.cargo("test").args(["--package", package, "--locked"]))?;
            step.notes(cargo_summary(&output)?);
            Ok(())
        });
    }
    suite.guard("instructions of the hot paths", |step| counts::check(repo, step));
    suite.guard("cargo doc", |step| {
        // No crate is published: who reads their docs works on them, and may follow a link to a private item.
        let flags = "-Dwarnings -Arustdoc::private_intra_doc_links";
        let mut doc = repo.cargo("doc");
        doc.args(["--workspace", "--no-deps", "--document-private-items", "--locked"]);
        step.run(doc.env("RUSTDOCFLAGS", flags)).map(drop)
    });
    suite.check(package::build(repo, &wasm), "build");
    suite.guard("size", |step| {
        ensure!(size::check(repo, step)?, "the package weighs more than its limit, see above");
        Ok(())
    });
    suite.guard("package", |step| {
        apt::install(step, &["redis-server"]).context("install Redis, which its tests start")?;
        node_tests(repo, &repo.pkg().join("test"), step)
    });
    suite.guard("docs", |step| {
        let tests = repo.root.join("tests/docs");
        setup::npm_packages(repo, &tests, step)?;
        node_tests(repo, &tests, step)
    });
    runtimes::guard(&mut suite);
    Ok(suite.report(start))
}

/// Runs the guards that only read the sources: what is worth a look before each commit. False if one failed.
pub(crate) fn check(repo: &Repo) -> Result<bool> {
    let start = Instant::now();
    let wasm = setup::set_up(repo)?;
    let mut suite = Suite::new(repo);
    sources(&mut suite, &wasm);
    Ok(suite.report(start))
}

fn sources(suite: &mut Suite, wasm: &WasmCargo) {
    let repo = suite.repo;
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
        let breaches = [invariants::check(repo)?, promises::check(repo)?].concat();
        ensure!(breaches.is_empty(), "{}", breaches.join("\n"));
        Ok(())
    });
}

/// The guards that have run so far.
pub(crate) struct Suite<'a> {
    pub(crate) repo: &'a Repo,
    passed: usize,
    failures: Vec<String>,
}

impl<'a> Suite<'a> {
    pub(crate) fn new(repo: &'a Repo) -> Self {
        Self { repo, passed: 0, failures: Vec::new() }
    }

    /// Runs one, as a step; what it gave, if it passed.
    pub(crate) fn guard<T>(&mut self, name: &str, work: impl FnOnce(&mut Step) -> Result<T>) -> Option<T> {
        self.check(step(self.repo, name, work), name)
    }

    /// Counts what was done in steps of its own.
    pub(crate) fn check<T>(&mut self, result: Result<T>, name: &str) -> Option<T> {
        match result {
            Ok(value) => {
                self.passed += 1;
                Some(value)
            }
            Err(error) => {
                self.failures.push(format!("{name}: {error:#}"));
                None
            }
        }
    }

    /// What came of all; false if one failed.
    pub(crate) fn report(&self, start: Instant) -> bool {
        for failure in &self.failures {
            println!("\n✗ {}", failure.trim_end());
        }
        println!("\nall of it took {}", seconds(start.elapsed()));
        println!("{} passed, {} failed", self.passed, self.failures.len());
        self.failures.is_empty()
    }
}

/// The tests of a folder, in Node, against the sandbox.
fn node_tests(repo: &Repo, folder: &Path, step: &mut Step) -> Result<()> {
    let mut files = Vec::new();
    find_tests(folder, &mut files)?;
    ensure!(!files.is_empty(), "there is no {}/**/*.test.mjs", folder.display());
    files.sort();
    let sandbox = sandbox::build(repo, step)?;
    let mut node = repo.command("node");
    // Most of the time they wait for an answer: more files at once than there are cores.
    node.args(["--test", "--test-reporter=spec", "--test-concurrency=4"]).args(files);
    node.env("LATCHKEY_SANDBOX", sandbox);
    let output = step.run(&mut node)?;
    step.notes(node_summary(&output)?);
    Ok(())
}

/// The results that `cargo test` tells; it succeeds without a test and with an ignored one too.
fn cargo_summary(output: &str) -> Result<Vec<String>> {
    let results = output.lines().filter(|line| line.starts_with("test result: "));
    let results: Vec<_> = results.filter(|line| !line.contains(" 0 passed; 0 failed; 0 ignored; ")).collect();
    ensure!(!results.is_empty(), "there is no test");
    ensure!(results.iter().all(|line| line.contains("; 0 ignored; ")), "a test is ignored");
    Ok(results.into_iter().map(str::to_owned).collect())
}

/// The results that `node --test` tells; it succeeds likewise.
fn node_summary(output: &str) -> Result<Vec<String>> {
    let count = |what: &str| {
        let start = format!("ℹ {what} ");
        let count = output.lines().find_map(|line| line.strip_prefix(&start)?.parse::<usize>().ok());
        count.with_context(|| format!("node tells no count of “{what}”"))
    };
    ensure!(count("tests")? > 0, "there is no test");
    for never in ["cancelled", "skipped", "todo"] {
        ensure!(count(never)? == 0, "a test is {never}");
    }
    ["tests", "pass", "fail"].map(|what| Ok(format!("{what} {}", count(what)?))).into_iter().collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn cargo(passed: u32, ignored: u32) -> String {
        format!("test result: ok. {passed} passed; 0 failed; {ignored} ignored; 0 measured; 0 filtered out\n")
    }

    #[test]
    fn the_results_of_cargo_are_shown() -> Result<()> {
        let output = format!("running 0 tests\n{}running 3 tests\n{}", cargo(0, 0), cargo(3, 0));
        assert_eq!(cargo_summary(&output)?, [cargo(3, 0).trim_end()]);
        Ok(())
    }

    #[test]
    fn no_test_and_an_ignored_test_fail() {
        assert!(cargo_summary("").is_err());
        assert!(cargo_summary(&cargo(0, 0)).is_err());
        assert!(cargo_summary(&cargo(3, 1)).is_err());
        assert!(cargo_summary(&cargo(0, 1)).is_err());
    }

    fn node(tests: u32, skipped: u32) -> String {
        format!("ℹ tests {tests}\nℹ pass {tests}\nℹ fail 0\nℹ cancelled 0\nℹ skipped {skipped}\nℹ todo 0\n")
    }

    #[test]
    fn the_results_of_node_are_shown() -> Result<()> {
        assert_eq!(node_summary(&node(2, 0))?, ["tests 2", "pass 2", "fail 0"]);
        Ok(())
    }

    #[test]
    fn no_test_and_a_skipped_test_fail_in_node_too() {
        assert!(node_summary("").is_err());
        assert!(node_summary(&node(0, 0)).is_err());
        assert!(node_summary(&node(2, 1)).is_err());
    }
}
