//! Debian's packages: those that are missing are named, then installed.

use std::process::Command;

use anyhow::Result;

use crate::ui::Step;

/// Installs those packages that are not, by name and without removing another.
pub(crate) fn install(step: &mut Step, packages: &[&str]) -> Result<()> {
    let missing: Vec<_> = packages.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    step.announce(&format!("apt-get will install {} and what they depend on", missing.join(", ")));
    // Stale lists name files that are gone. An update that fails is no reason to stop: the install tells.
    let _ = step.run(apt_get().arg("update"));
    let install = ["install", "--yes", "--no-install-recommends", "--no-remove"];
    step.run(apt_get().args(install).args(missing)).map(drop)
}

fn is_installed(package: &str) -> bool {
    let query =
        Command::new("dpkg-query").args(["--show", "--showformat=${db:Status-Status}", package]).output();
    query.is_ok_and(|output| output.stdout == b"installed")
}

fn apt_get() -> Command {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    let mut command = Command::new(if is_root { "apt-get" } else { "sudo" });
    if !is_root {
        command.arg("apt-get");
    }
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

#[cfg(test)]
mod tests {
    use super::is_installed;

    #[test]
    fn debian_is_asked_only_for_what_is_missing() {
        assert!(!is_installed("no-such-package-anywhere"));
    }
}
