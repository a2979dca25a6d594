//! What a user downloads, weighed as it travels.

mod parts;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::repo::Repo;
use crate::ui::{Step, step};

/// The files that come with an entry, and what they may weigh: bytes.
struct Bound {
    entry: &'static str,
    files: &'static [&'static str],
    /// What the design asks for, after brotli.
    target: usize,
    /// What the design says it never exceeds, after brotli.
    promise: usize,
    /// What it does not exceed today, as it is when it has arrived, and after brotli.
    limit: Weight,
}

#[derive(Clone, Copy, Default)]
struct Weight {
    raw: usize,
    brotli: usize,
}

/// The limits are what was reached, which is within what is promised. A limit is lowered whenever it is beaten. It was
/// raised once, when `verify` with its key sets (13 KB) and shared stores (5 KB) came in, which the package had not had before.
const BOUNDS: [Bound; 2] = [
    Bound {
        entry: "edge",
        files: &["core.wasm", "workerd.js"],
        target: 45_000,
        promise: 60_000,
        limit: Weight { raw: 152_700, brotli: 59_800 },
    },
    Bound {
        entry: "inline",
        files: &["inline.js"],
        target: 56_000,
        promise: 73_000,
        limit: Weight { raw: 170_600, brotli: 61_300 },
    },
];

/// Weighs what was built, and tells what it is made of; false if something is too heavy.
pub(crate) fn weigh(repo: &Repo) -> Result<bool> {
    let fits = step(repo, "Weigh the package", |step| check(repo, step))?;
    step(repo, "Take the edge entry apart", |step| parts::list(repo, step))?;
    Ok(fits)
}

/// Notes what each entry weighs; false if one is too heavy.
pub(crate) fn check(repo: &Repo, step: &mut Step) -> Result<bool> {
    let mut fits = true;
    for bound in &BOUNDS {
        let files: Vec<_> = bound.files.iter().map(|file| repo.dist().join(file)).collect();
        let mut all = Weight::default();
        for (file, brotli) in bound.files.iter().zip(packed(repo, step, BEST, &files)?) {
            let raw = fs::metadata(repo.dist().join(file))?.len() as usize;
            if files.len() > 1 {
                step.notes([format!("{file}: {raw} bytes, brotli {brotli}")]);
            }
            all = Weight { raw: all.raw + raw, brotli: all.brotli + brotli };
        }
        fits &= is_within(bound, all);
        step.notes([verdict(bound, all)]);
    }
    Ok(fits)
}

fn is_within(Bound { limit, .. }: &Bound, weight: Weight) -> bool {
    weight.raw <= limit.raw && weight.brotli <= limit.brotli
}

fn verdict(bound: &Bound, weight: Weight) -> String {
    let Bound { entry, files, target, promise, limit } = bound;
    let word = match weight.brotli {
        _ if !is_within(bound, weight) => "too heavy",
        brotli if brotli > *promise => "no heavier than before, heavier than promised",
        brotli if brotli > *target => "as promised",
        _ => "on target",
    };
    let files = files.join(" + ");
    format!(
        "{entry} entry ({files}): {} bytes, brotli {}; {word} \
         (limits {} and {}, promised {promise}, target {target})",
        weight.raw, weight.brotli, limit.raw, limit.brotli
    )
}

/// Brotli at its best, which is Node's default, and how a content network serves a file.
const BEST: u8 = 11;

/// The length of each file after brotli of such a quality.
fn packed(repo: &Repo, step: &mut Step, quality: u8, files: &[PathBuf]) -> Result<Vec<usize>> {
    const PACK: &str = "
        const [quality, ...files] = process.argv.slice(1);
        const params = { [zlib.constants.BROTLI_PARAM_QUALITY]: Number(quality) };
        const packed = files.map((file) => zlib.brotliCompressSync(fs.readFileSync(file), { params }).length);
        console.log(JSON.stringify(packed));";
    let lengths = step.run(repo.command("node").args(["-e", PACK]).arg(quality.to_string()).args(files))?;
    serde_json::from_str(lengths.trim()).with_context(|| format!("node tells no lengths: {lengths}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUND: Bound = Bound {
        entry: "edge",
        files: &["a", "b"],
        target: 10,
        promise: 20,
        limit: Weight { raw: 99, brotli: 30 },
    };

    fn word(raw: usize, brotli: usize) -> String {
        verdict(&BOUND, Weight { raw, brotli })
    }

    #[test]
    fn a_bound_is_the_most_that_fits() {
        assert!(word(99, 10).contains("on target"));
        assert!(word(99, 20).contains("as promised"));
        assert!(word(99, 30).contains("heavier than promised"));
        assert!(word(99, 31).contains("too heavy"));
        assert!(word(100, 10).contains("too heavy"));
    }
}
