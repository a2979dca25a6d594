//! The plot: two panels on logarithmic scales, as SVG, legible on light and on dark.

use std::fmt::Write as _;

use crate::store::Kind;

/// What was measured: whose, how many isolates, how much.
pub(crate) type Points = [(Kind, usize, f64)];

const STYLE: &str = "\
text { font: 13px system-ui, sans-serif; fill: #1f2328 } .grid { stroke: #d1d9e0 } .none { stroke: #59636e }
.leases { stroke: #0969da } .plain { stroke: #bc4c00 } .late { stroke: #8250df } circle { fill: none }
@media (prefers-color-scheme: dark) { text { fill: #f0f6fc } .grid { stroke: #3d444d } .none { stroke: #9198a1 }
.leases { stroke: #4493f8 } .plain { stroke: #db6d28 } .late { stroke: #ab7df8 } }";

/// The sides of a panel, a decade for each fifth of it.
const SIDE: f64 = 300.0;
const DECADE: f64 = SIDE / 5.0;
/// Where the panels begin, and how high they are.
const LEFT: [f64; 2] = [60.0, 440.0];
const TOP: f64 = 40.0;

/// Token requests on the left, store operations on the right.
pub(crate) fn plot(requests: &Points, operations: &Points) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 780 430\" role=\"img\">\n\
         <title>Token requests and store operations a lifetime, by the size of the fleet</title>\n<style>{STYLE}</style>\n"
    );
    panel(&mut svg, LEFT[0], "token requests a lifetime", requests);
    panel(&mut svg, LEFT[1], "store operations a lifetime", operations);
    let legend = Kind::ALL.map(|kind| (kind.class(), kind.name()));
    for ((class, name), x) in legend.into_iter().chain([("none", "one for each isolate")]).zip(LEGEND) {
        let dashes = if class == "none" { DASHES } else { "" };
        line(&mut svg, class, [x, 412.0, x + 24.0, 412.0], dashes);
        text(&mut svg, x + 30.0, 416.0, "start", name);
    }
    svg.push_str("</svg>\n");
    svg
}

/// Where the parts of the legend begin.
const LEGEND: [f64; 4] = [60.0, 180.0, 315.0, 540.0];
/// How the line is drawn that was not simulated.
const DASHES: &str = " stroke-dasharray=\"5 4\"";

fn panel(svg: &mut String, left: f64, title: &str, points: &Points) {
    let bottom = TOP + SIDE;
    text(svg, left + SIDE / 2.0, TOP - 16.0, "middle", title);
    text(svg, left + SIDE / 2.0, bottom + 40.0, "middle", "isolates");
    for decade in 0..=5 {
        let (away, label) = (DECADE * f64::from(decade), 10_u32.pow(decade).to_string());
        line(svg, "grid", [left, bottom - away, left + SIDE, bottom - away], "");
        line(svg, "grid", [left + away, TOP, left + away, bottom], "");
        text(svg, left - 6.0, bottom - away + 4.0, "end", &label);
        text(svg, left + away, bottom + 18.0, "middle", &label);
    }
    let place = |value: f64| DECADE * value.log10();
    line(svg, "none", [left, bottom, left + SIDE, TOP], DASHES);
    for (kind, radius) in Kind::ALL.into_iter().zip([3.0, 5.0, 7.0]) {
        let mut path = String::new();
        for (_, isolates, value) in points.iter().filter(|(whose, ..)| *whose == kind) {
            let (x, y) = (left + place(*isolates as f64), bottom - place(*value));
            let _ = write!(path, "{x:.1},{y:.1} ");
            // Of rings around each other, each is seen where the lines are one.
            let class = kind.class();
            let _ = writeln!(
                svg,
                "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" stroke-width=\"1.5\"/>"
            );
        }
        let _ = writeln!(
            svg,
            "<polyline class=\"{}\" points=\"{}\" fill=\"none\" stroke-width=\"2\"/>",
            kind.class(),
            path.trim_end()
        );
    }
}

fn line(svg: &mut String, class: &str, [x1, y1, x2, y2]: [f64; 4], more: &str) {
    let _ = writeln!(svg, "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"{more}/>");
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, text: &str) {
    let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>");
}
