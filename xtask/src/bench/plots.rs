//! What scale costs, drawn: the plots of `docs/`, and the numbers in them as tables.

use std::fmt::Write as _;
use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

use anyhow::{Context, Result};
use latchkey_plot::{Axis, Panel, Plot, Point, svg};
use serde::Deserialize;

use super::quantity;

/// A plot as `benches/scale.mjs` measured it.
#[derive(Deserialize)]
pub(super) struct Measured {
    file: String,
    title: String,
    #[serde(default)]
    caption: String,
    panels: Vec<MeasuredPanel>,
}

#[derive(Deserialize)]
struct MeasuredPanel {
    title: String,
    size: String,
    unit: String,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    name: String,
    points: Vec<Point>,
}

/// Draws each into a file of its own in `docs/`; what is to be said of them, as Markdown.
pub(super) fn draw(docs: &Path, plots: &[Measured]) -> Result<String> {
    let mut text = String::new();
    for plot in plots {
        fs::write(docs.join(&plot.file), drawn(plot)?)?;
        let _ = write!(text, "![{}]({})\n\n", plot.title, plot.file);
        if !plot.caption.is_empty() {
            let _ = write!(text, "{}\n\n", plot.caption);
        }
        for panel in &plot.panels {
            text.push_str(&table(panel));
        }
    }
    Ok(text.trim_end().to_owned())
}

fn drawn(plot: &Measured) -> Result<String> {
    let first = plot.panels.first().context("a plot has a panel")?;
    let names: Vec<&str> = first.lines.iter().map(|line| line.name.as_str()).collect();
    let lines: Vec<Vec<Vec<Point>>> = plot
        .panels
        .iter()
        .map(|panel| panel.lines.iter().map(|line| line.points.clone()).collect())
        .collect();
    let panels = plot.panels.iter().zip(&lines).map(|(panel, lines)| {
        let tick = if panel.unit == "bytes" { bytes } else { nanoseconds };
        let decades = |of: fn(&Point) -> f64| decades(lines.iter().flatten().map(of));
        Panel {
            title: &panel.title,
            x: Axis { label: &panel.size, decades: decades(|point| point.0), tick: |size| size.to_string() },
            y: Axis { label: "", decades: decades(|point| point.1), tick },
            lines,
        }
    });
    let panels: Vec<_> = panels.collect();
    Ok(svg(&Plot { title: &plot.title, names: &names, reference: None, panels: &panels }))
}

/// The powers of ten between which all of these are.
fn decades(values: impl Iterator<Item = f64>) -> RangeInclusive<i32> {
    let (low, high) =
        values.fold((f64::MAX, f64::MIN), |(low, high), value| (value.min(low), value.max(high)));
    let low = low.log10().floor() as i32;
    low..=(high.log10().ceil() as i32).max(low + 1)
}

fn bytes(value: f64) -> String {
    quantity(value, "bytes")
}

fn nanoseconds(value: f64) -> String {
    quantity(value, "ns")
}

/// What a panel shows, for who wants the numbers.
fn table(MeasuredPanel { title, size, unit, lines }: &MeasuredPanel) -> String {
    let mut text = format!("| {title}, by {size} |");
    for (size, _) in lines.iter().take(1).flat_map(|line| &line.points) {
        let _ = write!(text, " {size} |");
    }
    let columns = lines.first().map_or(0, |line| line.points.len());
    let _ = write!(text, "\n|---|{}\n", "---|".repeat(columns));
    for Line { name, points } in lines {
        let _ = write!(text, "| {name} |");
        for (_, value) in points {
            let _ = write!(text, " {} |", quantity(*value, unit));
        }
        text.push('\n');
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_the_values_are_between_the_decades() {
        assert_eq!(decades([150.0, 20.0, 3e4].into_iter()), 1..=5);
        assert_eq!(decades([10.0, 1000.0].into_iter()), 1..=3);
        assert_eq!(decades([1.0].into_iter()), 0..=1);
    }

    #[test]
    fn a_plot_is_drawn_and_its_numbers_are_written() -> Result<()> {
        let plot: Measured = serde_json::from_value(serde_json::json!({
            "file": "it.svg", "title": "all of it", "panels": [
                { "title": "a call", "size": "clients", "unit": "ns", "lines": [
                    { "name": "one", "points": [[1, 150], [1000, 1500]] },
                    { "name": "two", "points": [[1, 15], [1000, 20]] },
                ] },
                { "title": "memory", "size": "clients", "unit": "bytes", "lines": [
                    { "name": "one", "points": [[1, 150_000], [1000, 2_000_000]] },
                ] },
            ],
        }))?;
        let svg = drawn(&plot)?;
        for text in [">10 ns<", ">10 µs<", ">100 KB<", ">10 MB<", ">1000<", ">a call<", ">memory<", ">two<"]
        {
            assert!(svg.contains(text), "{text}: {svg}");
        }
        assert_eq!(
            table(&plot.panels[0]),
            "| a call, by clients | 1 | 1000 |\n|---|---|---|\n| one | 150 ns | 1.5 µs |\n| two | 15 ns | 20 ns |\n\n"
        );
        Ok(())
    }
}
