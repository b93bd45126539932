//! Licence requirement rows as printed: reasons and chart columns.

use std::sync::Arc;

use super::TextRow;
use super::blocks::{Block, BlockKind};
use crate::problem::Location;

/// The rows of an entry, from the tables and lines before its items.
pub(super) fn rows(blocks: &[Block]) -> Vec<TextRow> {
    let mut found = Vec::new();
    for block in blocks {
        match block.kind {
            BlockKind::Table => {
                for row in &block.rows {
                    // A table may go on in a second cell of the next row alone.
                    if let Some(row) = from_cells(&row.cells, &row.at) {
                        found.push(row);
                    }
                }
            }
            BlockKind::Flush | BlockKind::Paragraph => found.extend(from_line(block)),
            _ => {}
        }
    }
    found
}

fn from_cells(cells: &[String], at: &Location) -> Option<TextRow> {
    let first = cells.first().map_or("", String::as_str);
    let rest = cells.iter().skip(1).map(String::as_str);
    let rest = rest.collect::<Vec<_>>().join(" ");
    let text = format!("{first} {rest}").trim().to_owned();
    if first.trim().is_empty() {
        return None;
    }
    let reasons = reasons_at_begin(first);
    let mut columns = columns(&rest);
    if columns.is_empty() {
        // `CB applies to entire entry CB Column 2.` in one cell; `Column 1.` without its reason.
        columns = self::columns(first);
    }
    if columns.is_empty()
        && let Some(number) = rest.trim().strip_prefix("Column ")
        && let Some(digit) = number.chars().next().filter(char::is_ascii_digit)
    {
        columns = reasons
            .iter()
            .map(|reason| format!("{reason} {digit}").into())
            .collect();
    }
    let at = at.clone();
    Some(TextRow {
        reasons,
        columns,
        text,
        at,
    })
}

/// `Control(s): SS applies to …`, `CW applies to …` outside of tables.
fn from_line(block: &Block) -> Option<TextRow> {
    let mut line = block.text.as_str();
    for lead in ["Control(s):", "Controls:", "Country Chart."] {
        line = line.strip_prefix(lead).unwrap_or(line).trim_start();
    }
    let mut reasons = reasons_at_begin(line);
    let mut columns = columns(line);
    if let Some((_, rest)) = line.split_once(" subject to ")
        && let Some((column, _)) = rest.split_once(" controls")
        && let Some((reason, digit)) = column.split_at_checked(2)
        && is_reason(reason)
        && digit.len() == 1
    {
        // `0A521 commodities are subject to RS1 controls`.
        reasons.push(reason.into());
        columns.push(format!("{reason} {digit}").into());
    }
    if reasons.is_empty() {
        return None;
    }
    Some(TextRow {
        reasons,
        columns,
        text: block.text.clone(),
        at: block.at.clone(),
    })
}

/// `NS applies`, `SL and AT apply`: the reasons named before the verb.
fn reasons_at_begin(text: &str) -> Vec<Arc<str>> {
    let mut reasons = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || c == ',' || c == '/') {
        match word {
            "" | "and" => {}
            "applies" | "apply" => return reasons,
            word if is_reason(word) => reasons.push(word.into()),
            _ => break,
        }
    }
    Vec::new()
}

pub(super) fn is_reason(word: &str) -> bool {
    word.len() == 2 && word.bytes().all(|b| b.is_ascii_uppercase())
}

/// Every `NS Column 2` of a text as `NS 2`.
fn columns(text: &str) -> Vec<Arc<str>> {
    let mut columns = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(" Column ") {
        let reason = before
            .get(before.len().saturating_sub(2)..)
            .unwrap_or_default();
        if let Some(digit) = after.chars().next().filter(char::is_ascii_digit)
            && is_reason(reason)
        {
            columns.push(format!("{reason} {digit}").into());
        }
        rest = after;
    }
    columns
}
