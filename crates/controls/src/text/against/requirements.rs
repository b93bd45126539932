//! Licence requirement rows of one entry: printed against data, by reason and chart column.
//!
//! One printed row may be several rows of the data (a row for each group of paragraphs, or two versions where the law
//! and its enforcement part), so more rows than printed are right; fewer are not.

use std::collections::BTreeMap;

use super::finding::{Finding, FindingKind};
use crate::destination::DestinationPredicate;
use crate::entry::{Entry, RequirementRow};
use crate::problem::Location;
use crate::regime::RegimeAt;
use crate::text::TextEntry;

/// A reason with a chart column; without one where words name the destinations.
type Group = (String, Option<String>);

pub(super) fn check(
    regime: RegimeAt<'_>,
    entry: &Entry,
    text: &TextEntry,
    findings: &mut Vec<Finding>,
) {
    let mut printed: BTreeMap<Group, Vec<(&str, &Location)>> = BTreeMap::new();
    // Rows that name no reason code: `Russian industry sector sanctions apply to …`.
    let mut unnamed = text.rows.iter().filter(|row| row.reasons.is_empty());
    for row in &text.rows {
        for group in groups(&row.reasons, &row.columns) {
            printed.entry(group).or_default().push((&row.text, &row.at));
        }
    }
    let mut data: BTreeMap<Group, Vec<&RequirementRow>> = BTreeMap::new();
    for row in &entry.requirements {
        if row.period.contains(regime.date()) {
            data.entry(group_of(row)).or_default().push(row);
        }
    }
    for (group, rows) in &printed {
        let found = data.get(group).map_or(0, Vec::len);
        for (row, at) in rows.iter().skip(found) {
            let detail = format!(
                "{} rows for {} are printed, the data has {found}; printed: {}",
                rows.len(),
                words(group),
                shorten(row),
            );
            let kind = FindingKind::RowMissing;
            findings.push(Finding::new(
                kind,
                &entry.code,
                "",
                &words(group),
                detail,
                at,
            ));
        }
    }
    for (group, rows) in &data {
        if printed.contains_key(group) {
            continue;
        }
        for row in rows {
            if group.1.is_none() && unnamed.next().is_some() {
                continue;
            }
            // Some rows are printed as a note: `License Requirement Note: In addition …`.
            let noted = text
                .notes
                .iter()
                .any(|note| note.title.starts_with("License Requirement"));
            if noted && group.1.is_none() {
                continue;
            }
            // What another agency or provision decides is said in the heading or the related controls: our row then
            // sends the reader to a person and clears nothing.
            if row.to.needs_a_person() {
                continue;
            }
            let detail = format!("no row for {} is printed", words(group));
            let kind = FindingKind::RowExtra;
            let finding = Finding::new(kind, &entry.code, &row.id, &words(group), detail, &row.at);
            findings.push(finding);
        }
    }
    for row in unnamed {
        let detail = format!(
            "a row is printed that the data has not: {}",
            shorten(&row.text)
        );
        let kind = FindingKind::RowMissing;
        findings.push(Finding::new(
            kind,
            &entry.code,
            "",
            "no reason code",
            detail,
            &row.at,
        ));
    }
}

/// What a printed row says: each column with its own reason, and each reason that has no column in words.
fn groups(reasons: &[std::sync::Arc<str>], columns: &[std::sync::Arc<str>]) -> Vec<Group> {
    let reason_of = |column: &str| column.get(..2).unwrap_or_default().to_owned();
    let mut groups: Vec<Group> = columns
        .iter()
        .map(|column| (reason_of(column), Some(column.to_string())))
        .collect();
    for reason in reasons {
        if !groups.iter().any(|(found, _)| **found == **reason) {
            groups.push((reason.to_string(), None));
        }
    }
    groups
}

fn group_of(row: &RequirementRow) -> Group {
    (row.reason.to_string(), column_of(&row.to))
}

fn column_of(to: &DestinationPredicate) -> Option<String> {
    match to {
        DestinationPredicate::Chart(column) => Some(column.clone()),
        DestinationPredicate::All(parts) | DestinationPredicate::Any(parts) => {
            parts.iter().find_map(column_of)
        }
        _ => None,
    }
}

fn words((reason, column): &Group) -> String {
    column
        .clone()
        .unwrap_or_else(|| format!("{reason} in words"))
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(90) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
