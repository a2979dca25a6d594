//! `cargo xtask`: everything that is done to this repository, from a fresh clone on.
//!
//! Each command sets up what it needs first, so there is nothing to install or remember beforehand.

mod bench;
mod counts;
mod demo;
mod fleet;
mod fuzz;
mod inline;
mod invariants;
mod locals;
mod matrix;
mod names;
mod order;
mod package;
mod packed;
mod promises;
mod repo;
mod reproduce;
mod runtimes;
mod sandbox;
mod setup;
mod size;
mod soak;
mod test;
mod ui;
mod written;

use std::process::ExitCode;

use anyhow::{Result, bail};
use lexopt::{Arg, Parser, ValueExt};
use repo::Repo;

const HELP: &str = "\
cargo xtask COMMAND

  demo [--once] [--port N]   build all, start the sandbox and show the whole thing at work
  test                       everything that guards a change
  check                      the part of it that only reads the sources: formatting, lints, invariants
  fuzz [--seconds N]         read hostile inputs for ten minutes each, or for so long
  soak [--seed N]            a million calls over a simulated month, to services that misbehave at random
  matrix                     the package in every runtime and bundler; writes the table of the README
  bench [--json] [--rounds N] [--calls N]
                             measure it beside its peers, in fifteen or so many rounds, and its memory after a million or so
                             many calls of each function; writes docs/performance.md and its plots
  fleet                      simulate one token that up to 100,000 isolates share by a store; writes its part of docs/stores.md
  build                      make the npm package's files in pkg/dist
  size                       build, weigh what a user downloads, and list what each feature, crate and file of it costs
  setup                      only install what the other commands need
";

fn main() -> ExitCode {
    match command() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the command that was asked for; false if it ran to its end and what it tells of has failed.
fn command() -> Result<bool> {
    let repo = Repo::find()?;
    let mut args = Parser::from_env();
    let command = match args.next()? {
        Some(Arg::Value(name)) => name.string()?,
        Some(Arg::Short('h') | Arg::Long("help")) | None => "help".into(),
        Some(other) => return Err(other.unexpected().into()),
    };
    let mut options = demo::Options::default();
    let mut bench_options = bench::Options::default();
    let mut fuzz_seconds = fuzz::SECONDS;
    let mut soak_seed = None;
    while let Some(arg) = args.next()? {
        match (command.as_str(), arg) {
            ("demo", Arg::Long("once")) => options.once = true,
            ("demo", Arg::Long("port")) => options.port = args.value()?.parse()?,
            ("bench", Arg::Long("json")) => bench_options.json = true,
            ("bench", Arg::Long("rounds")) => bench_options.rounds = args.value()?.parse()?,
            ("bench", Arg::Long("calls")) => bench_options.calls = args.value()?.parse()?,
            ("fuzz", Arg::Long("seconds")) => fuzz_seconds = args.value()?.parse()?,
            ("soak", Arg::Long("seed")) => soak_seed = Some(args.value()?.parse()?),
            (_, other) => return Err(other.unexpected().into()),
        }
    }
    match command.as_str() {
        "help" => print!("{HELP}"),
        "setup" => drop(setup::set_up(&repo)?),
        "bench" => bench::bench(&repo, bench_options)?,
        "build" => package::build(&repo, &setup::set_up(&repo)?)?,
        "size" => {
            package::build(&repo, &setup::set_up(&repo)?)?;
            return size::weigh(&repo);
        }
        "test" => return test::test(&repo),
        "check" => return test::check(&repo),
        "fleet" => fleet::fleet(&repo)?,
        "fuzz" => fuzz::fuzz(&repo, fuzz_seconds)?,
        "soak" => return soak::soak(&repo, soak_seed),
        "matrix" => return matrix::matrix(&repo),
        "demo" => return demo::demo(&repo, &options),
        unknown => bail!("there is no command `{unknown}`\n\n{HELP}"),
    }
    Ok(true)
}
