//! The sandbox as a program: `latchkey-sandbox [--port N] [--www DIR] [--package DIR] [--until-eof]`.

use std::io::{self, Write};
use std::process::ExitCode;

use latchkey_sandbox::{Options, Sandbox};

const USAGE: &str = "latchkey-sandbox [--port N] [--www DIR] [--package DIR] [--until-eof]";

fn main() -> ExitCode {
    match arguments(std::env::args().skip(1)).and_then(|(options, until_eof)| {
        run(options, until_eof).map_err(|error| format!("latchkey-sandbox: {error}"))
    }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn arguments(mut given: impl Iterator<Item = String>) -> Result<(Options, bool), String> {
    let mut options = Options::default();
    let mut until_eof = false;
    while let Some(argument) = given.next() {
        let mut value = || given.next().ok_or_else(|| format!("{argument} needs a value\n{USAGE}"));
        match argument.as_str() {
            "--port" => options.port = value()?.parse().map_err(|why| format!("--port: {why}\n{USAGE}"))?,
            "--www" => options.www = Some(value()?.into()),
            "--package" => options.package = Some(value()?.into()),
            "--until-eof" => until_eof = true,
            _ => return Err(format!("{argument} is unknown\n{USAGE}")),
        }
    }
    Ok((options, until_eof))
}

fn run(options: Options, until_eof: bool) -> io::Result<()> {
    let sandbox = Sandbox::start_with(options)?;
    // One line, and flushed: whoever started this waits for it.
    writeln!(io::stdout(), "{}", serde_json::json!({ "url": sandbox.url }))?;
    io::stdout().flush()?;
    if until_eof {
        io::copy(&mut io::stdin(), &mut io::sink())?;
        return Ok(());
    }
    loop {
        std::thread::park();
    }
}
