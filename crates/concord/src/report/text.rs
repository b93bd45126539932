//! Plain text for a terminal: at most 110 columns, wide Korean characters counted as two.

use unicode_width::UnicodeWidthStr;

use super::Block;

const WIDTH: usize = 110;

/// The document as plain text, ending in a newline.
pub fn to_text(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        match block {
            Block::Title(t) => {
                out.push_str(t);
                out.push('\n');
                out.push_str(&"=".repeat(t.width().min(WIDTH)));
                out.push('\n');
            }
            Block::Section(t) => {
                out.push('\n');
                out.push_str(t);
                out.push('\n');
                out.push_str(&"-".repeat(t.width().min(WIDTH)));
                out.push('\n');
            }
            Block::Subsection(t) => {
                out.push_str("  ");
                out.push_str(t);
                out.push('\n');
            }
            Block::Pairs(pairs) => {
                let name = pairs.iter().map(|(k, _)| k.width()).max().unwrap_or(0);
                for (k, v) in pairs {
                    let lead = format!("  {}{}  ", k, " ".repeat(name - k.width()));
                    wrap(&mut out, &lead, v, name + 4);
                }
            }
            Block::Table { header, rows } => table(&mut out, header, rows),
            Block::Bullets(items) => {
                for item in items {
                    wrap(&mut out, "    - ", item, 6);
                }
            }
            Block::Paragraph(t) => wrap(&mut out, "  ", t, 2),
            Block::Warning(t) => wrap(&mut out, "  ! ", t, 4),
        }
    }
    out
}

/// Aligned columns; the last one wraps under itself.
fn table(out: &mut String, header: &[String], rows: &[Vec<String>]) {
    let columns = rows
        .iter()
        .map(Vec::len)
        .chain([header.len()])
        .max()
        .unwrap_or(0);
    let width = |i: usize| {
        rows.iter()
            .filter_map(|r| r.get(i))
            .chain(header.get(i))
            .map(|c| c.width())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut row = |cells: &[String]| {
        let mut lead = String::from("    ");
        let mut at = 4;
        for (i, cell) in cells.iter().enumerate() {
            if i + 1 == cells.len() {
                wrap(out, &lead, cell, at);
                return;
            }
            let pad = widths.get(i).copied().unwrap_or(0);
            lead.push_str(cell);
            lead.push_str(&" ".repeat(pad.saturating_sub(cell.width()) + 2));
            at += pad + 2;
        }
    };
    if !header.is_empty() {
        row(header);
    }
    for r in rows {
        row(r);
    }
}

/// Writes `text` after `lead`, breaking at spaces; further lines are indented by `indent` columns.
fn wrap(out: &mut String, lead: &str, text: &str, indent: usize) {
    let mut line = lead.to_owned();
    let mut used = lead.width();
    let mut fresh = true;
    for word in text.split_whitespace() {
        let w = word.width();
        if !fresh && used + 1 + w > WIDTH {
            out.push_str(line.trim_end());
            out.push('\n');
            line = " ".repeat(indent);
            used = indent;
            fresh = true;
        }
        if !fresh {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += w;
        fresh = false;
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_keep_columns_aligned_and_long_cells_wrap_under_themselves() {
        let text = to_text(&[Block::Table {
            header: vec![],
            rows: vec![
                vec!["가나".into(), "x".into()],
                vec!["ab".into(), "word ".repeat(40)],
            ],
        }]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "    가나  x");
        assert!(lines[1].starts_with("    ab    word"));
        assert!(
            lines[2].starts_with("          word"),
            "continues under its column: {:?}",
            lines[2]
        );
        assert!(lines.iter().all(|l| l.width() <= WIDTH));
    }
}
