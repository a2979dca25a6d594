//! A fleet with one store, simulated: how many token requests and store operations a lifetime of the token takes as the fleet grows.
//! `latchkey-fleet FILE` prints the table and writes the plot; `cargo xtask fleet` puts both into `docs/`.

mod fleet;
mod plot;
mod store;

use fleet::{Run, simulate};
use store::Kind;

/// Another one is another run.
const SEED: u64 = 5;

const SIZES: [usize; 5] = [10, 100, 1_000, 10_000, 100_000];

/// A small fleet has time for more lifetimes, so that its averages are as good.
fn lifetimes(isolates: usize) -> usize {
    (1_000_000 / isolates).clamp(20, 100)
}

fn main() -> std::io::Result<()> {
    let file = std::env::args().nth(1).ok_or_else(|| std::io::Error::other("latchkey-fleet FILE"))?;
    let mut requests = Vec::new();
    let mut operations = Vec::new();
    println!("Seed {SEED}; the averages of 20 to 100 lifetimes.\n");
    println!(
        "| isolates | store | token requests a lifetime | the most in one | store operations a lifetime | a token is used for | token requests at the start |"
    );
    println!("|---|---|---|---|---|---|---|");
    for isolates in SIZES {
        for kind in Kind::ALL {
            let run = simulate(isolates, kind, lifetimes(isolates), SEED);
            println!("{}", row(isolates, kind, &run));
            requests.push((kind, isolates, run.mean(|lifetime| lifetime.requests)));
            operations.push((kind, isolates, run.mean(|lifetime| lifetime.operations)));
        }
    }
    std::fs::write(file, plot::plot(&requests, &operations))
}

fn row(isolates: usize, kind: Kind, run: &Run) -> String {
    let most = run.lifetimes.iter().map(|lifetime| lifetime.requests).max().unwrap_or_default();
    format!(
        "| {isolates} | {} | {:.2} | {most} | {:.0} | {:.0} min | {} |",
        kind.name(),
        run.mean(|lifetime| lifetime.requests),
        run.mean(|lifetime| lifetime.operations),
        run.length / 60.0,
        run.start.requests,
    )
}

#[cfg(test)]
mod tests;
