//! What a user downloads, weighed as it travels.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::repo::Repo;
use crate::ui::{Step, step};

/// The files that come with an entry, and what they may weigh: bytes after brotli.
struct Bound {
    entry: &'static str,
    files: &'static [&'static str],
    target: usize,
    limit: usize,
}

/// A limit is lowered whenever it is beaten, never raised.
const BOUNDS: [Bound; 2] = [
    Bound { entry: "edge", files: &["core.wasm", "index.js"], target: 45_000, limit: 60_000 },
    Bound { entry: "inline", files: &["node.cjs"], target: 56_000, limit: 73_000 },
];

/// Weighs what was built, as a command of its own; false if something is too heavy.
pub(crate) fn weigh(repo: &Repo) -> Result<bool> {
    step(repo, "Weigh the package", |step| check(repo, step))
}

/// Notes what each entry weighs; false if one is too heavy.
pub(crate) fn check(repo: &Repo, step: &mut Step) -> Result<bool> {
    let mut fits = true;
    for bound in &BOUNDS {
        let (mut raw, mut packed) = (0, 0);
        for file in bound.files {
            let path = repo.dist().join(file);
            let file_raw = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?.len();
            let file_packed = brotli(repo, step, &path)?;
            if bound.files.len() > 1 {
                step.notes([format!("{file}: {file_raw} bytes, brotli {file_packed}")]);
            }
            raw += file_raw;
            packed += file_packed;
        }
        fits &= packed <= bound.limit;
        step.notes([verdict(bound, raw, packed)]);
    }
    Ok(fits)
}

fn verdict(Bound { entry, files, target, limit }: &Bound, raw: usize, packed: usize) -> String {
    let word = match packed {
        _ if packed > *limit => "too heavy",
        _ if packed > *target => "within the limit",
        _ => "on target",
    };
    let files = files.join(" + ");
    format!("{entry} entry ({files}): {raw} bytes, brotli {packed}; {word} (target {target}, limit {limit})")
}

/// The length after brotli at its best, which is Node's default, as a content network serves the file.
fn brotli(repo: &Repo, step: &mut Step, file: &Path) -> Result<usize> {
    const PACK: &str = "console.log(zlib.brotliCompressSync(fs.readFileSync(process.argv[1])).length)";
    let length = step.run(repo.command("node").args(["-e", PACK]).arg(file))?;
    length.trim().parse().with_context(|| format!("node tells no length: {length}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUND: Bound = Bound { entry: "edge", files: &["a", "b"], target: 10, limit: 20 };

    #[test]
    fn a_bound_is_the_most_that_fits() {
        assert!(verdict(&BOUND, 99, 10).contains("on target"));
        assert!(verdict(&BOUND, 99, 20).contains("within the limit"));
        assert!(verdict(&BOUND, 99, 21).contains("too heavy"));
    }
}
