//! What a user downloads, weighed as it travels.

use std::fs;
use std::io::Write;
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
    Bound { entry: "edge", files: &["core.wasm", "core.js"], target: 45_000, limit: 60_000 },
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
            let (file_raw, file_packed) = weigh_file(&repo.dist().join(file))?;
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

fn weigh_file(file: &Path) -> Result<(usize, usize)> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok((bytes.len(), brotli(&bytes)?))
}

/// The length after brotli at its best, as a content network serves it.
fn brotli(bytes: &[u8]) -> Result<usize> {
    let mut packed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut packed, 1 << 16, 11, 24);
    writer.write_all(bytes)?;
    drop(writer);
    Ok(packed.len())
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

    #[test]
    fn brotli_packs() -> Result<()> {
        assert!(brotli(&[b'a'; 10_000])? < 50);
        Ok(())
    }
}
