//! Plots: panels side by side on logarithmic scales, as SVG, legible on light and on dark.

use std::fmt::Write as _;
use std::ops::RangeInclusive;

/// What is drawn.
pub struct Plot<'a> {
    /// What a reader is told who does not see it.
    pub title: &'a str,
    /// The name of each line; at most four.
    pub names: &'a [&'a str],
    /// The name of the line that is there to compare with, dashed, if there is one.
    pub reference: Option<&'a str>,
    /// From left to right.
    pub panels: &'a [Panel<'a>],
}

/// One of the panels of a [`Plot`].
pub struct Panel<'a> {
    /// What stands above it.
    pub title: &'a str,
    /// From left to right.
    pub x: Axis<'a>,
    /// From below.
    pub y: Axis<'a>,
    /// The points of each line, in the order of the plot's names.
    pub lines: &'a [Vec<Point>],
}

/// What was found at which size.
pub type Point = (f64, f64);

/// A logarithmic scale.
pub struct Axis<'a> {
    /// What stands beside it.
    pub label: &'a str,
    /// From which power of ten to which.
    pub decades: RangeInclusive<i32>,
    /// What stands at a power of ten.
    pub tick: fn(f64) -> String,
}

const STYLE: &str = "\
text { font: 13px system-ui, sans-serif; fill: #1f2328 } .grid { stroke: #d1d9e0 } .reference { stroke: #59636e }
.line0 { stroke: #0969da } .line1 { stroke: #bc4c00 } .line2 { stroke: #8250df } .line3 { stroke: #1a7f37 } circle { fill: none }
@media (prefers-color-scheme: dark) { text { fill: #f0f6fc } .grid { stroke: #3d444d } .reference { stroke: #9198a1 }
.line0 { stroke: #4493f8 } .line1 { stroke: #db6d28 } .line2 { stroke: #ab7df8 } .line3 { stroke: #3fb950 } }";

/// The sides of a panel.
const SIDE: f64 = 300.0;
/// Where the first panel begins, how far it is from there to the next, and how high they are.
const LEFT: f64 = 60.0;
const NEXT: f64 = 380.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = TOP + SIDE;
/// How high the legend is.
const LEGEND: f64 = 412.0;

/// How a line is drawn that is there to compare with.
const DASHES: &str = " stroke-dasharray=\"5 4\"";

/// Draws it.
pub fn svg(plot: &Plot<'_>) -> String {
    let width = LEFT + NEXT * plot.panels.len() as f64 - 40.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"430\" viewBox=\"0 0 {width} 430\" role=\"img\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n",
        plot.title
    );
    for (at, panel) in plot.panels.iter().enumerate() {
        draw(&mut svg, LEFT + NEXT * at as f64, panel, plot.reference.is_some());
    }
    let lines = plot.names.iter().enumerate().map(|(at, name)| (class(at), *name, ""));
    let mut x = LEFT;
    for (class, name, more) in lines.chain(plot.reference.map(|name| ("reference".to_owned(), name, DASHES)))
    {
        line(&mut svg, &class, [x, LEGEND, x + 24.0, LEGEND], more);
        text(&mut svg, x + 30.0, LEGEND + 4.0, "start", name);
        // About what its text takes.
        x += 54.0 + 6.5 * name.len() as f64;
    }
    svg.push_str("</svg>\n");
    svg
}

fn class(line: usize) -> String {
    format!("line{line}")
}

impl Axis<'_> {
    /// How far from its beginning a value is.
    fn away(&self, value: f64) -> f64 {
        let (from, to) = (f64::from(*self.decades.start()), f64::from(*self.decades.end()));
        SIDE * (value.log10() - from) / (to - from)
    }
}

fn draw(svg: &mut String, left: f64, panel: &Panel<'_>, with_reference: bool) {
    let Panel { title, x, y, lines } = panel;
    text(svg, left + SIDE / 2.0, TOP - 16.0, "middle", title);
    text(svg, left + SIDE / 2.0, BOTTOM + 40.0, "middle", x.label);
    for value in y.decades.clone().map(|decade| 10_f64.powi(decade)) {
        let at = BOTTOM - y.away(value);
        line(svg, "grid", [left, at, left + SIDE, at], "");
        text(svg, left - 6.0, at + 4.0, "end", &(y.tick)(value));
    }
    for value in x.decades.clone().map(|decade| 10_f64.powi(decade)) {
        let at = left + x.away(value);
        line(svg, "grid", [at, TOP, at, BOTTOM], "");
        text(svg, at, BOTTOM + 18.0, "middle", &(x.tick)(value));
    }
    if with_reference {
        line(svg, "reference", [left, BOTTOM, left + SIDE, TOP], DASHES);
    }
    for (at, points) in lines.iter().enumerate() {
        let (class, mut path) = (class(at), String::new());
        // Of rings around each other, each is seen where the lines are one.
        let radius = 3 + 2 * at;
        for (size, value) in points {
            let (x, y) = (left + x.away(*size), BOTTOM - y.away(*value));
            let _ = write!(path, "{x:.1},{y:.1} ");
            let _ = writeln!(
                svg,
                "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" stroke-width=\"1.5\"/>"
            );
        }
        let path = path.trim_end();
        let _ =
            writeln!(svg, "<polyline class=\"{class}\" points=\"{path}\" fill=\"none\" stroke-width=\"2\"/>");
    }
}

fn line(svg: &mut String, class: &str, [x1, y1, x2, y2]: [f64; 4], more: &str) {
    let _ = writeln!(svg, "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"{more}/>");
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, text: &str) {
    let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stands_where_its_logarithm_says() {
        let axis = Axis { label: "", decades: 1..=4, tick: |_| String::new() };
        assert_eq!([10.0, 100.0, 10_000.0].map(|value| axis.away(value)), [0.0, 100.0, 300.0]);
    }

    #[test]
    fn each_line_is_drawn_and_named() {
        let axis = |label| Axis { label, decades: 0..=3, tick: |value| format!("{value} of it") };
        let lines = [vec![(1.0, 10.0), (1000.0, 1000.0)], vec![(10.0, 1.0)]];
        let panels = [Panel { title: "above", x: axis("sizes"), y: axis("values"), lines: &lines }];
        let plot = Plot { title: "all", names: &["one", "two"], reference: Some("three"), panels: &panels };
        let svg = svg(&plot);
        assert!(svg.contains("class=\"line0\" points=\"60.0,240.0 360.0,40.0\""), "{svg}");
        assert!(svg.contains("class=\"line1\" points=\"160.0,340.0\""), "{svg}");
        for text in ["all</title>", ">above<", ">sizes<", ">10 of it<", ">one<", ">two<", ">three<"] {
            assert!(svg.contains(text), "{text}");
        }
        assert_eq!(svg.matches(DASHES).count(), 2, "of the panel and of the legend");
    }
}
