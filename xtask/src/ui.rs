//! What a person sees: one line a step, with its time. What a step's commands say goes to a log file.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{IsTerminal, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};

use crate::repo::Repo;

/// As much of a failed command's output as a person reads before opening the log.
const TAIL: usize = 60;

/// One step on its way.
pub(crate) struct Step {
    log: PathBuf,
    bar: ProgressBar,
    notes: Vec<String>,
}

/// Does the work of one step, then prints its line.
pub(crate) fn step<T>(repo: &Repo, label: &str, work: impl FnOnce(&mut Step) -> Result<T>) -> Result<T> {
    let log = repo.target.join("xtask/log").join(file_name(label));
    fs::create_dir_all(log.parent().context("a log file lies in a folder")?)?;
    File::create(&log)?;
    let bar = ProgressBar::new_spinner().with_message(label.to_owned());
    bar.set_style(ProgressStyle::with_template("{spinner} {msg}  {elapsed}")?);
    bar.enable_steady_tick(Duration::from_millis(100));
    let mut step = Step { log, bar, notes: Vec::new() };
    let start = Instant::now();
    let result = work(&mut step);
    step.bar.finish_and_clear();
    let mark = if result.is_ok() { paint("32", "✓") } else { paint("31", "✗") };
    println!("{mark} {label}  {}", paint("2", &seconds(start.elapsed())));
    for note in step.notes {
        println!("    {note}");
    }
    result
}

impl Step {
    /// Adds lines below the step's own.
    pub(crate) fn notes(&mut self, lines: impl IntoIterator<Item = String>) {
        self.notes.extend(lines);
    }

    /// Prints a line at once, for what must be known before it is done.
    pub(crate) fn announce(&self, text: &str) {
        self.bar.suspend(|| println!("  {text}"));
    }

    /// Runs a command to its end, and gives what it wrote.
    pub(crate) fn run(&mut self, command: &mut Command) -> Result<String> {
        let mut log = OpenOptions::new().read(true).append(true).open(&self.log)?;
        writeln!(log, "$ {}", line(command))?;
        let start = log.seek(SeekFrom::End(0))?;
        let status = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log.try_clone()?)
            .status()
            .with_context(|| format!("cannot run `{}`", command.get_program().display()))?;
        log.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        log.read_to_end(&mut bytes)?;
        let output = String::from_utf8_lossy(&bytes).into_owned();
        if !status.success() {
            bail!(
                "`{}` ended with {status}\n{}  (all of it: {})",
                line(command),
                tail(&output),
                self.log.display()
            );
        }
        Ok(output)
    }
}

/// The command as one would type it.
fn line(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(command.get_args().map(|arg| arg.to_string_lossy()));
    words.join(" ")
}

fn tail(output: &str) -> String {
    let lines: Vec<_> = output.lines().collect();
    lines[lines.len().saturating_sub(TAIL)..].iter().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "  | {line}");
        text
    })
}

fn file_name(label: &str) -> String {
    let name = label.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    format!("{}.log", name.trim_matches('-').to_ascii_lowercase())
}

fn paint(code: &str, text: &str) -> String {
    if std::io::stdout().is_terminal() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_makes_a_file_name() {
        assert_eq!(file_name("clippy (wasm32)"), "clippy--wasm32.log");
    }

    #[test]
    fn the_tail_is_the_end_of_the_output() {
        let output: String = (1..=100).map(|n| format!("{n}\n")).collect();
        assert!(tail(&output).starts_with("  | 41\n"));
        assert!(tail(&output).ends_with("  | 100\n"));
        assert_eq!(tail("one"), "  | one\n");
    }
}
