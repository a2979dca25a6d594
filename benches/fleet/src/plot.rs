//! The plot: token requests on the left, store operations on the right, by the size of the fleet.

use latchkey_plot::{Axis, Panel, Plot, Point, svg};

use crate::store::Kind;

/// What was measured: whose, how many isolates, how much.
pub(crate) type Points = [(Kind, usize, f64)];

/// Draws it.
pub(crate) fn plot(requests: &Points, operations: &Points) -> String {
    let [requests, operations] = [requests, operations].map(lines);
    svg(&Plot {
        title: "Token requests and store operations a lifetime, by the size of the fleet",
        names: &Kind::ALL.map(Kind::name),
        reference: Some("one for each isolate"),
        panels: &[
            panel("token requests a lifetime", &requests),
            panel("store operations a lifetime", &operations),
        ],
    })
}

fn lines(points: &Points) -> Vec<Vec<Point>> {
    let of = |kind| points.iter().filter(move |(whose, ..)| *whose == kind);
    let line = |kind| of(kind).map(|(_, isolates, value)| (*isolates as f64, *value)).collect();
    Kind::ALL.into_iter().map(line).collect()
}

fn panel<'a>(title: &'a str, lines: &'a [Vec<Point>]) -> Panel<'a> {
    Panel { title, x: axis("isolates"), y: axis(""), lines }
}

fn axis(label: &str) -> Axis<'_> {
    Axis { label, decades: 0..=5, tick: |value| value.to_string() }
}
