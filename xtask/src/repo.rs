//! Where things are in this repository, and the commands that are run in it.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// The checkout that xtask was called in.
pub(crate) struct Repo {
    pub(crate) root: PathBuf,
    /// cargo's target folder, where xtask keeps its own work as well.
    pub(crate) target: PathBuf,
}

impl Repo {
    pub(crate) fn find() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.parent().context("xtask lies in the root of the repository")?.to_path_buf();
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        Ok(Self { target: env::current_dir()?.join(target), root })
    }

    pub(crate) fn pkg(&self) -> PathBuf {
        self.root.join("pkg")
    }

    pub(crate) fn dist(&self) -> PathBuf {
        self.pkg().join("dist")
    }

    /// A command that runs in the root of the repository.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// The cargo that runs xtask.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut command = self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.arg(subcommand);
        command
    }

    /// A tool that came with the npm packages in `pkg/`.
    pub(crate) fn npm_tool(&self, name: &str) -> Command {
        self.command(self.pkg().join("node_modules/.bin").join(name))
    }
}
