//! That a build is the same wherever and whenever it is made: a copy of the sources, in another folder, gives the same bytes.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::repo::Repo;
use crate::test::Suite;
use crate::ui::Step;
use crate::{package, setup};

/// Builds anew from a copy, and compares.
pub(crate) fn guard(suite: &mut Suite) {
    let repo = suite.repo;
    if let Some(copy) = suite.guard("copy the sources", |step| copy(repo, step)) {
        let built = setup::set_up(&copy).and_then(|wasm| package::build(&copy, &wasm));
        if suite.check(built, "build once more").is_some() {
            suite.guard("the same build twice", |_| same(&repo.dist(), &copy.dist()));
        }
    }
}

/// What a fresh clone would have, with what is not committed yet.
fn copy(repo: &Repo, step: &mut Step) -> Result<Repo> {
    let root = repo.target.join("another-clone");
    if root.exists() {
        fs::remove_dir_all(&root)?;
    }
    let listed =
        step.run(repo.command("git").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
    for file in listed.split_terminator('\0').filter(|file| repo.root.join(file).is_file()) {
        let to = root.join(file);
        fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
        fs::copy(repo.root.join(file), to)?;
    }
    Ok(Repo { target: root.join("target"), root })
}

/// Whether two folders hold the same files, byte for byte.
fn same(one: &Path, other: &Path) -> Result<()> {
    let names = |folder: &Path| -> Result<Vec<_>> {
        let mut names: Vec<_> =
            fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect::<Result<_>>()?;
        names.sort();
        Ok(names)
    };
    let files = names(one)?;
    ensure!(!files.is_empty() && files == names(other)?, "the files have other names");
    let mut differ = Vec::new();
    for file in files {
        if fs::read(one.join(&file))? != fs::read(other.join(&file))? {
            differ.push(file);
        }
    }
    ensure!(differ.is_empty(), "these differ: {differ:?}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_or_a_file_makes_a_difference() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("latchkey-same-{}", std::process::id()));
        let [one, other] = ["one", "other"].map(|name| folder.join(name));
        for folder in [&one, &other] {
            fs::create_dir_all(folder)?;
            fs::write(folder.join("a"), "same")?;
        }
        assert!(same(&one, &other).is_ok());
        fs::write(other.join("a"), "Same")?;
        assert!(same(&one, &other).is_err());
        fs::write(other.join("a"), "same")?;
        fs::write(other.join("b"), "")?;
        assert!(same(&one, &other).is_err());
        Ok(fs::remove_dir_all(folder)?)
    }
}
