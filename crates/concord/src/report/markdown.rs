//! Markdown: a memo that an officer can file.

use super::Block;

/// The document as Markdown, ending in a newline.
pub fn to_markdown(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        match block {
            Block::Title(t) => line(&mut out, &format!("# {}", escape(t))),
            Block::Section(t) => line(&mut out, &format!("## {}", escape(t))),
            Block::Subsection(t) => line(&mut out, &format!("### {}", escape(t))),
            Block::Pairs(pairs) => {
                for (k, v) in pairs {
                    out.push_str(&format!("- **{}**: {}\n", escape(k), escape(v)));
                }
                out.push('\n');
            }
            Block::Table { header, rows } => {
                let columns = rows
                    .iter()
                    .map(Vec::len)
                    .chain([header.len()])
                    .max()
                    .unwrap_or(0);
                let row = |cells: &[String]| {
                    let mut r = String::from("|");
                    for i in 0..columns {
                        let cell = cells.get(i).map(String::as_str).unwrap_or("");
                        r.push_str(&format!(" {} |", escape(cell)));
                    }
                    r.push('\n');
                    r
                };
                out.push_str(&row(header));
                out.push_str(&format!("|{}\n", " --- |".repeat(columns)));
                for r in rows {
                    out.push_str(&row(r));
                }
                out.push('\n');
            }
            Block::Bullets(items) => {
                for item in items {
                    out.push_str(&format!("- {}\n", escape(item)));
                }
                out.push('\n');
            }
            Block::Paragraph(t) => line(&mut out, &escape(t)),
            Block::Warning(t) => line(&mut out, &format!("> **{}**", escape(t))),
        }
    }
    out
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push_str("\n\n");
}

/// Makes text from a caller harmless: what Markdown or HTML would interpret is shown as it is.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '|' | '[' | ']' | '#' | '~' => {
                out.push('\\');
                out.push(c);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\n' | '\r' => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_a_caller_cannot_become_markup() {
        let memo = to_markdown(&[Block::Table {
            header: vec!["a".into(), "b".into()],
            rows: vec![vec!["x | y".into(), "<script>".into()]],
        }]);
        assert_eq!(
            memo,
            "| a | b |\n| --- | --- |\n| x \\| y | &lt;script&gt; |\n\n"
        );
    }
}
