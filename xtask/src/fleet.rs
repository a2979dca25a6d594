//! `cargo xtask fleet`: a fleet with one store, simulated by `benches/fleet`; its plot and its table are in `docs/`.

use std::fs;

use anyhow::Result;

use crate::repo::Repo;
use crate::ui::step;
use crate::written::replaced;

/// After this line `docs/stores.md` has the table.
const BEGINNING: &str = "<!-- written by `cargo xtask fleet` -->\n";

/// Simulates, and writes both.
pub(crate) fn fleet(repo: &Repo) -> Result<()> {
    let docs = repo.root.join("docs");
    let table = step(repo, "Simulate fleets of up to 100,000 isolates", |step| {
        step.run(repo.cargo("build").args(["--release", "--package", "latchkey-fleet", "--locked"]))?;
        let program = repo.target.join("release/latchkey-fleet");
        step.run(repo.command(program).arg(docs.join("fleet.svg")))
    })?;
    let words = docs.join("stores.md");
    fs::write(&words, replaced(&fs::read_to_string(&words)?, BEGINNING, &table)?)?;
    Ok(())
}
