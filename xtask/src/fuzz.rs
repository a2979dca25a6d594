//! `cargo xtask fuzz`: each target of `fuzz/` under libFuzzer, for ten minutes unless told otherwise.

use anyhow::{Result, ensure};

use crate::repo::Repo;
use crate::ui::step;

/// What is installed where there is no cargo-fuzz yet.
const CARGO_FUZZ: &str = "0.13.2";
pub(crate) const SECONDS: u32 = 600;

/// Fuzzes every target for so long. The first finding ends it; its input is kept in `fuzz/artifacts/`.
pub(crate) fn fuzz(repo: &Repo, seconds: u32) -> Result<()> {
    let targets = targets(repo)?;
    step(repo, "cargo-fuzz", |step| {
        if step.run(repo.cargo("fuzz").arg("--version")).is_err() {
            step.announce("installing cargo-fuzz");
            let mut install = repo.cargo("install");
            step.run(install.args(["cargo-fuzz", "--locked", "--version", CARGO_FUZZ]))?;
        }
        Ok(())
    })?;
    let target_dir = repo.target.join("fuzz");
    let cargo_fuzz = |command: &str, target: &str| {
        let mut fuzz = repo.cargo("fuzz");
        // The sanitizer's flags are unstable ones, which a stable compiler takes when it is told to.
        fuzz.env("RUSTC_BOOTSTRAP", "1").args([command, "--target-dir"]).arg(&target_dir).arg(target);
        fuzz
    };
    for target in &targets {
        step(repo, &format!("build, {target}"), |step| step.run(&mut cargo_fuzz("build", target)))?;
        step(repo, &format!("fuzz, {target}"), |step| {
            let mut run = cargo_fuzz("run", target);
            run.args(["--", "-max_len=4096", "-timeout=10", &format!("-max_total_time={seconds}")]);
            let output = step.run(&mut run)?;
            let done = output.lines().rfind(|line| line.starts_with("Done "));
            ensure!(done.is_some(), "libFuzzer does not tell how many runs it made");
            step.notes(done.map(str::to_owned));
            Ok(())
        })?;
    }
    Ok(())
}

/// The names of the targets: those of their files.
fn targets(repo: &Repo) -> Result<Vec<String>> {
    let mut targets = Vec::new();
    for file in std::fs::read_dir(repo.root.join("fuzz/fuzz_targets"))? {
        targets.extend(file?.path().file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    targets.sort();
    ensure!(!targets.is_empty(), "there is no target in fuzz/fuzz_targets");
    Ok(targets)
}
