//! A plane of two parameters as SVG: shades with hatching, so that it reads in print and without colours.

use std::fmt::Write;

use concord_controls::compare::{Axis, Control, Plane};

use crate::report::Language;

const WIDTH: usize = 760;
const HEIGHT: usize = 470;
const LEFT: usize = 130;
const TOP: usize = 44;
const BOTTOM: usize = 320;
const RIGHT: usize = 740;

/// The picture, as one element without blank lines (a blank line would end it within Markdown). `number` keeps its patterns
/// apart from those of other pictures on the same page.
pub(super) fn svg(
    plane: &Plane,
    names: &[String; 2],
    title: &str,
    number: usize,
    language: Language,
) -> String {
    let mut out = String::new();
    let [left, right] = names.each_ref().map(|name| escaped(name));
    let title = escaped(title);
    // Writing to a `String` does not fail.
    let _ = write!(
        out,
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" aria-labelledby="p{number}-title" font-family="sans-serif" font-size="13">
<title id="p{number}-title">{title}: what {left} and {right} control</title>
<defs>
<pattern id="p{number}-left" width="9" height="9" patternUnits="userSpaceOnUse"><rect width="9" height="9" fill="#f6d089"/><path d="M0 9L9 0" stroke="#8a4b00" stroke-width="1.6"/></pattern>
<pattern id="p{number}-right" width="9" height="9" patternUnits="userSpaceOnUse"><rect width="9" height="9" fill="#a9d3ee"/><path d="M0 0L9 9" stroke="#003f6b" stroke-width="1.6"/></pattern>
<pattern id="p{number}-both" width="9" height="9" patternUnits="userSpaceOnUse"><rect width="9" height="9" fill="#d5d5d5"/><circle cx="4.5" cy="4.5" r="1.3" fill="#444"/></pattern>
</defs>
<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>
<text x="{LEFT}" y="24" font-size="15" font-weight="bold">{title}</text>
"##
    );
    let [across, up] = &plane.axes;
    let (columns, rows) = (across.thresholds.len() + 1, up.thresholds.len() + 1);
    let x = |column: usize| LEFT + column * (RIGHT - LEFT) / columns;
    let y = |row: usize| BOTTOM - row * (BOTTOM - TOP) / rows;
    let at = |column: usize, row: usize| {
        let found = plane.parts.get(column).and_then(|c| c.get(row));
        found.copied().unwrap_or(Control::Neither)
    };
    for column in 0..columns {
        for row in 0..rows {
            let control = at(2 * column, 2 * row);
            let _ = writeln!(
                out,
                r#"<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>"#,
                x(column),
                y(row + 1),
                x(column + 1) - x(column),
                y(row) - y(row + 1),
                fill(control, number),
            );
        }
    }
    edges(&mut out, [columns, rows], &at, &x, &y);
    labels(&mut out, names, [columns, rows], &at, &x, &y);
    axes(&mut out, [across, up], language, &x, &y);
    legend(&mut out, [&left, &right], number);
    out.push_str("</svg>\n");
    out
}

fn fill(control: Control, number: usize) -> String {
    match control {
        Control::Neither => "#fff".to_owned(),
        Control::Left => format!("url(#p{number}-left)"),
        Control::Right => format!("url(#p{number}-right)"),
        Control::Both => format!("url(#p{number}-both)"),
    }
}

type Position<'a> = &'a dyn Fn(usize) -> usize;
type At<'a> = &'a dyn Fn(usize, usize) -> Control;

/// Solid: the threshold itself counts with the higher values; dashed: with the lower; dotted: with neither.
fn edges(
    out: &mut String,
    [columns, rows]: [usize; 2],
    at: At<'_>,
    x: Position<'_>,
    y: Position<'_>,
) {
    let dash = |low: Control, on: Control, high: Control| {
        (low != on || on != high).then_some(if on == high {
            ""
        } else if on == low {
            r#" stroke-dasharray="8 5""#
        } else {
            r#" stroke-dasharray="2 4""#
        })
    };
    let mut line = |from: (usize, usize), to: (usize, usize), dash: &str| {
        let _ = writeln!(
            out,
            r##"<path d="M{} {}L{} {}" stroke="#000" stroke-width="2"{dash}/>"##,
            from.0, from.1, to.0, to.1
        );
    };
    for column in 1..columns {
        for row in 0..rows {
            let (c, r) = (2 * column, 2 * row);
            if let Some(dash) = dash(at(c - 2, r), at(c - 1, r), at(c, r)) {
                line((x(column), y(row)), (x(column), y(row + 1)), dash);
            }
        }
    }
    for row in 1..rows {
        for column in 0..columns {
            let (c, r) = (2 * column, 2 * row);
            if let Some(dash) = dash(at(c, r - 2), at(c, r - 1), at(c, r)) {
                line((x(column), y(row)), (x(column + 1), y(row)), dash);
            }
        }
    }
}

/// Who controls it, in words within each part.
fn labels(
    out: &mut String,
    names: &[String; 2],
    [columns, rows]: [usize; 2],
    at: At<'_>,
    x: Position<'_>,
    y: Position<'_>,
) {
    let [left, right] = names;
    // Of one list at two dates the dates alone.
    let short = |name: &str| name.split('@').next_back().unwrap_or(name).to_owned();
    let [left, right] = [left, right].map(|name| escaped(&short(name)));
    for column in 0..columns {
        for row in 0..rows {
            let word = match at(2 * column, 2 * row) {
                Control::Neither => continue,
                Control::Left => left.as_str(),
                Control::Right => right.as_str(),
                Control::Both => "both",
            };
            let (cx, cy) = (
                x(column).midpoint(x(column + 1)),
                y(row).midpoint(y(row + 1)),
            );
            let _ = writeln!(
                out,
                r##"<text x="{cx}" y="{}" text-anchor="middle" font-weight="bold" stroke="#fff" stroke-width="4" paint-order="stroke">{word}</text>"##,
                cy + 5
            );
        }
    }
}

fn axes(
    out: &mut String,
    [across, up]: [&Axis; 2],
    language: Language,
    x: Position<'_>,
    y: Position<'_>,
) {
    let _ = writeln!(
        out,
        r##"<path d="M{LEFT} {TOP}L{LEFT} {BOTTOM}L{RIGHT} {BOTTOM}" fill="none" stroke="#000" stroke-width="1.5"/>"##
    );
    for (position, threshold) in across.thresholds.iter().enumerate() {
        let (x, text) = (x(position + 1), escaped(&number_of(threshold, across)));
        let _ = writeln!(
            out,
            r##"<path d="M{x} {BOTTOM}L{x} {}" stroke="#000"/><text x="{x}" y="{}" text-anchor="middle">{text}</text>"##,
            BOTTOM + 6,
            BOTTOM + 21
        );
    }
    for (position, threshold) in up.thresholds.iter().enumerate() {
        let (y, text) = (y(position + 1), escaped(&number_of(threshold, up)));
        let _ = writeln!(
            out,
            r##"<path d="M{} {y}L{LEFT} {y}" stroke="#000"/><text x="{}" y="{}" text-anchor="end">{text}</text>"##,
            LEFT - 6,
            LEFT - 10,
            y + 5
        );
    }
    let [across, up] = [across, up].map(|axis| escaped(&axis_title(axis, language)));
    let (middle, height) = (LEFT.midpoint(RIGHT), TOP.midpoint(BOTTOM));
    let _ = writeln!(
        out,
        r#"<text x="{middle}" y="{}" text-anchor="middle">{across}</text><text x="20" y="{height}" text-anchor="middle" transform="rotate(-90 20 {height})">{up}</text>"#,
        BOTTOM + 44
    );
}

/// The number alone where it is in the unit of the axis.
fn number_of(threshold: &str, axis: &Axis) -> String {
    let unit = format!(" {}", axis.unit);
    threshold
        .strip_suffix(&*unit)
        .unwrap_or(threshold)
        .to_owned()
}

fn axis_title(axis: &Axis, language: Language) -> String {
    let label = axis.label.as_ref().map(|label| match language {
        Language::En => label.en.to_string(),
        Language::Ko => label.ko.to_string(),
    });
    let label = label.unwrap_or_else(|| axis.parameter.replace('_', " "));
    if *axis.unit == *"1" {
        label
    } else {
        format!("{label} ({})", axis.unit)
    }
}

fn legend(out: &mut String, [left, right]: [&String; 2], number: usize) {
    let top = BOTTOM + 66;
    let boxes = [
        (Control::Left, format!("{left} alone")),
        (Control::Right, format!("{right} alone")),
        (Control::Both, "both".to_owned()),
        (Control::Neither, "neither".to_owned()),
    ];
    for (position, (control, word)) in boxes.into_iter().enumerate() {
        // The first two hold names with dates.
        let x = LEFT + [0, 215, 430, 520].get(position).copied().unwrap_or(0);
        let _ = writeln!(
            out,
            r##"<rect x="{x}" y="{top}" width="26" height="16" fill="{}" stroke="#000"/><text x="{}" y="{}">{word}</text>"##,
            fill(control, number),
            x + 33,
            top + 13
        );
    }
    let lines = [
        ("", "≥, &lt;: the threshold counts with the higher values"),
        (
            r#" stroke-dasharray="8 5""#,
            "&gt;, ≤: with the lower values",
        ),
    ];
    for (position, (dash, word)) in lines.into_iter().enumerate() {
        let (x, y) = (LEFT + position * 380, top + 40);
        let _ = writeln!(
            out,
            r##"<path d="M{x} {y}L{} {y}" stroke="#000" stroke-width="2"{dash}/><text x="{}" y="{}">{word}</text>"##,
            x + 26,
            x + 33,
            y + 5
        );
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
