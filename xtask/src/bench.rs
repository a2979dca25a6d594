//! `cargo xtask bench`: the numbers that are promised, each beside those of the peers, and `docs/performance.md`, which has them.
//!
//! `benches/` measures, with real packages from the registry; here it is judged. Every round measures all contestants, so a
//! ratio is one of the same moments, and there are as many ratios as rounds.

mod plots;

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::package;
use crate::repo::Repo;
use crate::setup::{self, apt};
use crate::ui::step;

/// What may be asked of a run.
pub(crate) struct Options {
    /// Print the rows as JSON.
    pub(crate) json: bool,
    /// How many rounds a contest has.
    pub(crate) rounds: u32,
    /// After how many calls of each function the memory is looked at.
    pub(crate) calls: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { json: false, rounds: 15, calls: 1_000_000 }
    }
}

/// Of fewer rounds no spread has the true median with a likelihood of 95 %.
const FEWEST: usize = 6;

/// What stands in `docs/performance.md` besides the numbers.
const TEXT: &str = include_str!("bench/performance.md");
/// Where the numbers stand in it, and where the plots do.
const NUMBERS: &str = "{{numbers}}";
const PLOTS: &str = "{{plots}}";

/// What was measured.
#[derive(Deserialize)]
struct Measured {
    machine: String,
    versions: Vec<String>,
    runs: Vec<Run>,
    plots: Vec<plots::Measured>,
    parts: Vec<Part>,
}

/// What took how long.
#[derive(Deserialize)]
struct Part {
    name: String,
    seconds: f64,
}

#[derive(Deserialize)]
struct Run {
    runtime: String,
    contests: Vec<Contest>,
}

#[derive(Deserialize)]
struct Contest {
    what: String,
    unit: String,
    peers: Vec<Peer>,
    /// It comes out the same each time, so one round tells.
    #[serde(default)]
    exact: bool,
    /// Of each round: what Latchkey took, then what each of the peers did.
    rounds: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Peer {
    name: String,
    /// The most that Latchkey may take, in times of what this one does; nothing if the design asks for nothing.
    reach: Option<f64>,
}

/// A contest against one peer, judged.
#[derive(Debug, Serialize)]
struct Row<'a> {
    runtime: &'a str,
    what: &'a str,
    unit: &'a str,
    latchkey: f64,
    peer: &'a str,
    theirs: f64,
    /// What Latchkey takes in times of what the peer does: the median of the rounds, and between what that lies.
    ratio: f64,
    spread: [f64; 2],
    reach: Option<f64>,
    verdict: Option<Verdict>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Reached,
    Missed,
    /// The target lies within the spread, or there is none.
    Hidden,
}

/// Measures, prints the table, and writes it down.
pub(crate) fn bench(repo: &Repo, Options { json, rounds, calls }: Options) -> Result<()> {
    package::build(repo, &setup::set_up(repo)?)?;
    let benches = repo.root.join("benches");
    step(repo, "Install the peers and the runtimes", |step| {
        setup::npm_packages(repo, &benches, step)?;
        setup::npm_packages(repo, &repo.root.join("tests/runtimes"), step)
    })?;
    let measured = step(repo, "Measure", |step| {
        apt::install(step, &["chromium"]).context("install Chromium")?;
        let mut node = repo.command("node");
        node.arg(benches.join("run.mjs")).args([rounds, calls].map(|number| number.to_string()));
        let output = step.run(&mut node)?;
        let line = output.lines().last().context("nothing was measured")?;
        let measured: Measured =
            serde_json::from_str(line).with_context(|| format!("no numbers, but: {line}"))?;
        step.notes(measured.parts.iter().map(|Part { name, seconds }| format!("{name}: {seconds:.0} s")));
        Ok(measured)
    })?;
    let rows = rows(&measured)?;
    let table = table(&rows);
    let summary = summary(&rows);
    let numbers = format!(
        "{summary}\n\n{}; {rounds} rounds.\n{}.\n\n{table}",
        measured.machine,
        measured.versions.join(", ")
    );
    let docs = repo.root.join("docs");
    let plots = plots::draw(&docs, &measured.plots)?;
    fs::write(docs.join("performance.md"), TEXT.replace(NUMBERS, &numbers).replace(PLOTS, &plots))?;
    if json {
        println!("{}", serde_json::to_string(&rows)?);
    } else {
        println!("\n{table}\n{summary}");
    }
    Ok(())
}

fn rows(measured: &Measured) -> Result<Vec<Row<'_>>> {
    let mut rows = Vec::new();
    for Run { runtime, contests } in &measured.runs {
        for contest in contests {
            for (at, peer) in contest.peers.iter().enumerate() {
                rows.push(row(runtime, contest, at + 1, peer)?);
            }
        }
    }
    ensure!(!rows.is_empty(), "nothing was measured");
    Ok(rows)
}

fn row<'a>(runtime: &'a str, contest: &'a Contest, at: usize, peer: &'a Peer) -> Result<Row<'a>> {
    let Contest { what, unit, rounds, .. } = contest;
    ensure!(!rounds.is_empty(), "{what}: no round");
    ensure!(rounds.iter().all(|round| round.len() == contest.peers.len() + 1), "{what}: somebody is missing");
    let column = |of: &dyn Fn(&Vec<f64>) -> f64| {
        let mut column: Vec<_> = rounds.iter().map(of).collect();
        column.sort_by(f64::total_cmp);
        column
    };
    let ratios = column(&|round| round[0] / round[at]);
    let beyond = beyond(ratios.len());
    let spread = [ratios[beyond], ratios[ratios.len() - 1 - beyond]];
    Ok(Row {
        runtime,
        what,
        unit,
        latchkey: median(&column(&|round| round[0])),
        peer: &peer.name,
        theirs: median(&column(&|round| round[at])),
        ratio: median(&ratios),
        spread,
        reach: peer.reach,
        verdict: peer.reach.map(|reach| match contest.exact || rounds.len() >= FEWEST {
            true => judge(spread, reach),
            false => Verdict::Hidden,
        }),
    })
}

/// The middle of what is in order.
fn median(sorted: &[f64]) -> f64 {
    sorted[sorted.len() / 2]
}

/// How many of the lowest and of the highest of so many may be left out, and the true median is still between the others with
/// a likelihood of 95 %: each is below it or above it by the toss of a coin.
fn beyond(count: usize) -> usize {
    let mut likelihood = 0.5_f64.powi(count as i32);
    let mut outside = likelihood;
    let mut left_out = 0;
    while 2.0 * outside <= 0.05 && 2 * left_out < count {
        left_out += 1;
        likelihood *= (count + 1 - left_out) as f64 / left_out as f64;
        outside += likelihood;
    }
    left_out.saturating_sub(1)
}

fn judge([low, high]: [f64; 2], reach: f64) -> Verdict {
    match reach {
        _ if high <= reach => Verdict::Reached,
        _ if low > reach => Verdict::Missed,
        _ => Verdict::Hidden,
    }
}

/// As Markdown, which a terminal shows as well: a table for each runtime.
fn table(rows: &[Row<'_>]) -> String {
    let mut text = String::new();
    let mut runtime = "";
    for row in rows {
        if row.runtime != runtime {
            runtime = row.runtime;
            let _ = write!(text, "{}### {runtime}\n\n", if text.is_empty() { "" } else { "\n" });
            text.push_str("| what | Latchkey | against | it takes | ratio | spread | reach | |\n");
            text.push_str("|---|---|---|---|---|---|---|---|\n");
        }
        let Row { what, unit, peer, ratio, spread: [low, high], reach, .. } = row;
        let (ours, theirs) = (quantity(row.latchkey, unit), quantity(row.theirs, unit));
        let verdict = match row.verdict {
            Some(Verdict::Reached) => "reached",
            Some(Verdict::Missed) => "**missed**",
            Some(Verdict::Hidden) => "hidden by the spread",
            None => "",
        };
        let reach = reach.map(|reach| format!("{reach:.2}")).unwrap_or_default();
        let _ = writeln!(
            text,
            "| {what} | {ours} | {peer} | {theirs} | {ratio:.2} | {low:.2} to {high:.2} | {reach} | {verdict} |"
        );
    }
    text
}

/// How many rows are what.
fn summary(rows: &[Row<'_>]) -> String {
    let count = |verdict| rows.iter().filter(|row| row.verdict == Some(verdict)).count();
    let [reached, missed, hidden] = [Verdict::Reached, Verdict::Missed, Verdict::Hidden].map(count);
    let all = reached + missed + hidden;
    format!(
        "Of {all} rows with a target {reached} are reached, {missed} missed, {hidden} hidden by the spread."
    )
}

/// A number in a unit that suits its size: three digits of it, or as many as there are before the point.
fn quantity(value: f64, unit: &str) -> String {
    let (value, unit) = match unit {
        "ns" if value >= 1e6 => (value / 1e6, "ms"),
        "ns" if value >= 1e3 => (value / 1e3, "µs"),
        "bytes" if value >= 1e9 => (value / 1e9, "GB"),
        "bytes" if value >= 1e6 => (value / 1e6, "MB"),
        "bytes" => (value / 1e3, "KB"),
        _ => (value, unit),
    };
    let is_whole = value >= 100.0 || unit == "ns" || value.fract() == 0.0;
    format!("{value:.*} {unit}", usize::from(!is_whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(rounds: &str) -> Result<Measured> {
        let contest = format!(
            r#"{{"what":"it","unit":"ns","peers":[{{"name":"a","reach":1}},{{"name":"b","reach":0.5}}],"rounds":{rounds}}}"#
        );
        Ok(serde_json::from_str(&format!(
            r#"{{"machine":"m","versions":[],"plots":[],"parts":[],"runs":[{{"runtime":"r","contests":[{contest}]}}]}}"#
        ))?)
    }

    #[test]
    fn a_ratio_is_of_one_round_and_not_of_the_medians() -> Result<()> {
        let mut measured = measured("[[1,2,1],[10,20,10],[3,3,30]]")?;
        measured.runs[0].contests[0].exact = true;
        let rows = rows(&measured)?;
        assert_eq!((rows[0].latchkey, rows[0].theirs, rows[0].ratio), (3.0, 3.0, 0.5));
        assert_eq!((rows[0].verdict, rows[0].spread), (Some(Verdict::Reached), [0.5, 1.0]));
        assert_eq!((rows[1].verdict, rows[1].spread), (Some(Verdict::Hidden), [0.1, 1.0]));
        Ok(())
    }

    #[test]
    fn a_target_within_the_spread_is_no_answer() {
        assert_eq!(judge([0.4, 0.5], 0.5), Verdict::Reached);
        assert_eq!(judge([0.4, 0.6], 0.5), Verdict::Hidden);
        assert_eq!(judge([0.6, 0.7], 0.5), Verdict::Missed);
    }

    #[test]
    fn the_spread_leaves_out_what_the_tables_of_the_sign_test_say() {
        let known = [(1, 0), (5, 0), (8, 0), (9, 1), (11, 1), (12, 2), (15, 3), (25, 7)];
        for (count, left_out) in known {
            assert_eq!(beyond(count), left_out, "{count}");
        }
    }

    #[test]
    fn a_contestant_who_is_missing_is_an_error() -> Result<()> {
        assert!(rows(&measured("[[1,2,3],[1,2]]")?).is_err());
        assert!(rows(&measured("[]")?).is_err());
        Ok(())
    }

    #[test]
    fn a_row_is_written_with_its_units() -> Result<()> {
        let mut measured = measured("[[1500,3000,500]]")?;
        measured.runs[0].contests[0].exact = true;
        let table = table(&rows(&measured)?);
        assert!(
            table.contains("| it | 1.5 µs | a | 3 µs | 0.50 | 0.50 to 0.50 | 1.00 | reached |\n"),
            "{table}"
        );
        assert!(table.contains("| 500 ns | 3.00 | 3.00 to 3.00 | 0.50 | **missed** |\n"), "{table}");
        Ok(())
    }

    #[test]
    fn a_few_rounds_hide_the_answer_unless_it_is_always_the_same() -> Result<()> {
        let rounds_of = |count| format!("[{}]", ["[1,2,1]"].repeat(count).join(","));
        let verdict = |measured: &Measured| Ok::<_, anyhow::Error>(rows(measured)?[0].verdict);
        assert_eq!(verdict(&measured(&rounds_of(5))?)?, Some(Verdict::Hidden));
        assert_eq!(verdict(&measured(&rounds_of(6))?)?, Some(Verdict::Reached));
        let mut once = measured(&rounds_of(1))?;
        once.runs[0].contests[0].exact = true;
        assert_eq!(verdict(&once)?, Some(Verdict::Reached));
        Ok(())
    }

    #[test]
    fn a_row_without_a_target_is_not_judged() -> Result<()> {
        let mut measured = measured("[[1,2,1]]")?;
        measured.runs[0].contests[0].exact = true;
        measured.runs[0].contests[0].peers[1].reach = None;
        let rows = rows(&measured)?;
        assert!(table(&rows).ends_with("| b | 1 ns | 1.00 | 1.00 to 1.00 |  |  |\n"), "{}", table(&rows));
        assert_eq!(
            summary(&rows),
            "Of 1 rows with a target 1 are reached, 0 missed, 0 hidden by the spread."
        );
        Ok(())
    }

    #[test]
    fn a_quantity_has_the_unit_that_suits_it() {
        let known = [
            (7.4, "ns", "7 ns"),
            (1500.0, "ns", "1.5 µs"),
            (250_400.0, "ns", "250 µs"),
            (1e6, "ns", "1 ms"),
            (84_123.0, "bytes", "84.1 KB"),
            (1e5, "bytes", "100 KB"),
            (172_490_752.0, "bytes", "172 MB"),
            (0.15, "ms", "0.1 ms"),
        ];
        for (value, unit, text) in known {
            assert_eq!(quantity(value, unit), text);
        }
    }

    #[test]
    fn the_text_has_one_place_for_the_numbers_and_one_for_the_plots() {
        assert_eq!([NUMBERS, PLOTS].map(|place| TEXT.matches(place).count()), [1, 1]);
    }
}
