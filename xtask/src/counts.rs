//! How many instructions the hot paths of the core take, as callgrind counts them: the same in every run, however busy the machine
//! is, so that a path that has become slower fails where a timed test would have to guess.

use anyhow::{Context, Result, ensure};

use crate::repo::Repo;
use crate::setup::apt;
use crate::ui::Step;

/// A path by the name that `benches/counts` has for it, and the most instructions that it may take. A bound is a tenth above
/// what was counted, as compilers and the C library differ by a few in the hundred; it is lowered when it is beaten by more.
const BOUNDS: [(&str, u64); 6] = [
    ("isExpired", 9_600),
    ("decode", 9_600),
    ("refused", 34_100),
    ("verify", 95_600),
    ("token", 83),
    ("fetch", 4_300),
];

/// Counts, and notes what came of it; an error if a path takes too many.
pub(crate) fn check(repo: &Repo, step: &mut Step) -> Result<()> {
    apt::install(step, &["valgrind"]).context("install valgrind")?;
    let mut build = repo.cargo("build");
    build.args(["--release", "--package", "latchkey-counts", "--locked"]);
    // Of an x86-64 a compiler expects no vectors such as WebAssembly's, and makes loops over bytes of them.
    if cfg!(target_arch = "x86_64") {
        build.env("RUSTFLAGS", "-Ctarget-feature=+ssse3");
    }
    let target = repo.target.join("counts");
    step.run(build.arg("--target-dir").arg(&target))?;
    let program = target.join("release/latchkey-counts");
    let mut failures = Vec::new();
    for (name, most) in BOUNDS {
        let mut valgrind = repo.command("valgrind");
        valgrind.args(["--tool=callgrind", "--toggle-collect=latchkey_counts::measured"]);
        // The profile itself is of no use to a guard.
        valgrind.arg("--callgrind-out-file=/dev/null");
        let count = collected(&step.run(valgrind.arg(&program).arg(name))?)?;
        let said = format!("{name}: {count} instructions, at most {most}");
        if !is_within(count, most) {
            failures.push(said.clone());
        }
        step.notes([said]);
    }
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}

/// What was counted may be less, but nothing was measured where it is nothing.
fn is_within(count: u64, most: u64) -> bool {
    (1..=most).contains(&count)
}

/// The number that callgrind tells at its end.
fn collected(output: &str) -> Result<u64> {
    let number = output.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    number.with_context(|| format!("callgrind tells no count, but: {output}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_read() {
        assert_eq!(collected("==7== Events    : Ir\n==7== Collected : 24036\n==7== \n").ok(), Some(24_036));
        assert!(collected("==7== Collected :\n").is_err());
    }

    #[test]
    fn nothing_and_too_many_are_no_success() {
        assert!(is_within(10, 10) && is_within(1, 10));
        assert!(!is_within(0, 10) && !is_within(11, 10));
    }
}
