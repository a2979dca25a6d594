//! What a fresh machine lacks: checked, and installed where that can be done without asking.

pub(crate) mod apt;
mod wasm_std;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::repo::Repo;
use crate::ui::{Step, step};
pub(crate) use wasm_std::WasmCargo;

const OLDEST_NODE: u32 = 20;

/// Makes the machine ready; does next to nothing when it is.
pub(crate) fn set_up(repo: &Repo) -> Result<WasmCargo> {
    step(repo, "Node.js and npm", node)?;
    let wasm = step(repo, "Rust's std for wasm32", |step| wasm_std::find(repo, step))?;
    step(repo, "npm packages", |step| npm_packages(repo, &repo.pkg(), step))?;
    Ok(wasm)
}

fn node(step: &mut Step) -> Result<()> {
    const ADVICE: &str =
        "install Node.js 20 or later, with npm, from https://nodejs.org or your system's packages";
    let version = step.run(Command::new("node").arg("--version")).context(ADVICE)?;
    step.run(Command::new("npm").arg("--version")).context(ADVICE)?;
    match major(&version) {
        Some(major) if major >= OLDEST_NODE => Ok(()),
        _ => bail!("this is Node.js {}: {ADVICE}", version.trim()),
    }
}

/// The major version in what `node --version` prints.
fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Installs what the lock file of a folder says, unless that is what is there.
pub(crate) fn npm_packages(repo: &Repo, folder: &Path, step: &mut Step) -> Result<()> {
    let lock = folder.join("package-lock.json");
    let lock = fs::read(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    // Kept within node_modules, so that whoever deletes that folder deletes the stamp with it.
    let stamp = folder.join("node_modules/.installed-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let ci = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
    step.run(repo.command("npm").current_dir(folder).args(ci))?;
    Ok(fs::write(stamp, lock)?)
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_version_of_node_is_read() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("v8.1.0"), Some(8));
        assert_eq!(major("20.1.0"), None);
        assert_eq!(major(""), None);
    }
}
