//! `cargo xtask matrix`: the package in every runtime and bundler, and the table of it in the README.

use std::fmt::Write as _;
use std::fs;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::repo::Repo;
use crate::runtimes::{self, GUARDS, Outcome, Runtime, runtime};
use crate::setup::{self, apt, set_up};
use crate::test::Suite;
use crate::written::replaced;
use crate::{package, reproduce};

/// What runs here besides what guards a change.
const REST: [Runtime; 13] = [
    runtime("Node.js 22", "matrix/node22.mjs"),
    runtime("Node.js 24", "matrix/node24.mjs"),
    runtime("edge-runtime", "matrix/edge-runtime.mjs"),
    runtime("WebKitGTK", "matrix/webkit.mjs"),
    runtime("Jest", "matrix/jest.mjs"),
    runtime("Vitest", "matrix/vitest.mjs"),
    runtime("webpack", "matrix/webpack.mjs"),
    runtime("rspack", "matrix/rspack.mjs"),
    runtime("Parcel", "matrix/parcel.mjs"),
    runtime("rollup", "matrix/rollup.mjs"),
    runtime("rolldown", "matrix/rolldown.mjs"),
    runtime("Next.js", "matrix/next.mjs"),
    runtime("wrangler", "matrix/wrangler.mjs"),
];

const BROWSERS: [&str; 2] = ["webkit2gtk-driver", "xvfb"];

/// After this line the README has the table.
const BEGINNING: &str = "<!-- written by `cargo xtask matrix` -->\n";

/// Runs the suite everywhere; false if it failed somewhere, which the table then says.
pub(crate) fn matrix(repo: &Repo) -> Result<bool> {
    let start = Instant::now();
    let wasm = set_up(repo)?;
    package::build(repo, &wasm)?;
    let mut suite = Suite::new(repo);
    let Some(bench) = runtimes::set_up(&mut suite) else { return Ok(suite.report(start)) };
    suite.guard("set up the rest of the matrix", |step| {
        apt::install(step, &BROWSERS).context("install WebKitGTK's driver and Xvfb")?;
        setup::npm_packages(repo, &repo.root.join("tests/matrix"), step)
    });
    let mut rows = Vec::new();
    for runtime in GUARDS.iter().chain(&REST) {
        let outcome = suite.guard(runtime.name, |step| bench.run(repo, runtime, step));
        rows.push(row(runtime.name, outcome.as_ref()));
    }
    reproduce::guard(&mut suite);
    let readme = repo.root.join("README.md");
    let table = format!("| | version | where |\n|---|---|---|\n{}", rows.concat());
    fs::write(&readme, replaced(&fs::read_to_string(&readme)?, BEGINNING, &table)?)?;
    Ok(suite.report(start))
}

fn row(name: &str, outcome: Option<&Outcome>) -> String {
    let Some(Outcome { version, counts }) = outcome else { return format!("| {name} | | fails |\n") };
    let mut places = String::new();
    for count in counts {
        let comma = if places.is_empty() { "" } else { ", " };
        let _ = write!(places, "{comma}{}", count.place);
    }
    format!("| {name} | {version} | {places} |\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_where_it_ran_or_that_it_failed() -> Result<()> {
        let outcome = r#"{"version":"1.2","counts":[
            {"where":"page","passed":3,"failed":0},{"where":"worker","passed":3,"failed":0}]}"#;
        let outcome = serde_json::from_str(outcome)?;
        assert_eq!(row("Vite", Some(&outcome)), "| Vite | 1.2 | page, worker |\n");
        assert_eq!(row("Vite", None), "| Vite | | fails |\n");
        Ok(())
    }
}
