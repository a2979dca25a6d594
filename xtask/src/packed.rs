//! What is published: which files, how they are found, and what their types say to whoever imports or requires them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::repo::Repo;
use crate::ui::Step;

/// All that is shipped. A file that is added to the package is added here, by someone who means it.
const SHIPPED: [&str; 30] = [
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "core.wasm.d.cts",
    "core.wasm.d.ts",
    "dist/core.wasm",
    "dist/edge-light.js",
    "dist/edge-light.js.map",
    "dist/inline.js",
    "dist/inline.js.map",
    "dist/node.cjs",
    "dist/node.cjs.map",
    "dist/node.mjs",
    "dist/slim.cjs",
    "dist/slim.cjs.map",
    "dist/slim.js",
    "dist/slim.js.map",
    "dist/slim.mjs",
    "dist/workerd.js",
    "dist/workerd.js.map",
    "index.d.cts",
    "index.d.ts",
    "package.json",
    "types/client.d.cts",
    "types/config.d.cts",
    "types/error.d.cts",
    "types/jwt.d.cts",
    "types/keys.d.cts",
    "types/masv.d.cts",
    "types/verify.d.cts",
];

/// The ways in which TypeScript takes modules: as Node does, as bundlers do, and to CommonJS.
const MODULES: [[&str; 2]; 3] = [["nodenext", "nodenext"], ["preserve", "bundler"], ["commonjs", "bundler"]];

/// Packs the package as npm would publish it, and gives the tarball.
pub(crate) fn pack(repo: &Repo, step: &mut Step) -> Result<PathBuf> {
    let folder = repo.target.join("package");
    let mut npm = repo.command("npm");
    npm.args(["pack", "--json", "--loglevel=error", "--pack-destination"]).arg(&folder);
    let packed: Value = serde_json::from_str(&step.run(npm.current_dir(repo.pkg()))?)?;
    let files = packed[0]["files"].as_array().context("npm tells no files")?;
    let mut files: Vec<_> = files.iter().filter_map(|file| file["path"].as_str()).collect();
    files.sort_unstable();
    check(&files)?;
    Ok(folder.join(packed[0]["filename"].as_str().context("npm tells no name")?))
}

fn check(files: &[&str]) -> Result<()> {
    let surplus: Vec<_> = files.iter().filter(|file| !SHIPPED.contains(file)).collect();
    let missing: Vec<_> = SHIPPED.iter().filter(|file| !files.contains(file)).collect();
    ensure!(
        surplus.is_empty() && missing.is_empty(),
        "shipped besides: {surplus:?}; not shipped: {missing:?}"
    );
    Ok(())
}

/// Whether every entry is found, with its types, however it is looked for.
pub(crate) fn lint(repo: &Repo, tarball: &Path, step: &mut Step) -> Result<()> {
    let tool = |name: &str| repo.command(repo.root.join("tests/runtimes/node_modules/.bin").join(name));
    step.run(tool("attw").args(["--no-color", "--format", "ascii"]).arg(tarball))?;
    step.run(tool("publint").args(["run", "--strict"]).arg(tarball)).map(drop)
}

/// Compiles what a developer writes, in a project that has the package.
pub(crate) fn types(repo: &Repo, project: &Path, step: &mut Step) -> Result<()> {
    let examples = repo.pkg().join("test/types");
    step.run(repo.command("cp").arg("-r").arg(examples).arg(project))?;
    for [module, resolution] in MODULES {
        let mut tsc = repo.npm_tool("tsc");
        tsc.args(["--strict", "--noEmit", "--module", module, "--moduleResolution", resolution]);
        step.run(tsc.arg("--project").arg(project.join("types")))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_what_is_listed_is_shipped() {
        assert!(check(&SHIPPED).is_ok());
        assert!(check(&SHIPPED[1..]).is_err());
        assert!(check(&[&SHIPPED[..], &["dist/core.txt"]].concat()).is_err());
    }
}
