//! Two issues of the list: what changed, and which formulas that touches.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{TextEntry, TextTree};
use crate::condition::{Condition, Term};
use crate::entry::{Code, Path};
use crate::problem::Location;
use crate::regime::RegimeAt;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// Only in the newer issue.
    Added,
    /// Only in the older issue.
    Removed,
    /// Other words.
    Changed,
}

impl ChangeKind {
    /// As answers write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// One change between two issues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What happened.
    pub kind: ChangeKind,
    /// What it happened to: `entry`, `heading`, `paragraph`, `note`, `row`, `exception`.
    pub part: &'static str,
    /// Entry code.
    pub code: Arc<str>,
    /// Path of the paragraph, or of that after which a note stands; empty for the entry.
    pub path: Path,
    /// Where it stands: in the newer issue, or in the older one when removed.
    pub at: Location,
    /// Codes of the paragraphs whose formulas it touches: at that place, above, below, or referring to it.
    pub formulas: Vec<Arc<str>>,
}

/// What changed from `old` to `new`, in print order, and the formulas of the regime that it touches.
#[must_use]
pub fn diff(old: &TextTree, new: &TextTree, regime: RegimeAt<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for entry in &new.entries {
        match old.entry(&entry.code) {
            Some(before) => compare(before, entry, &mut changes),
            None => changes.push(change(ChangeKind::Added, "entry", entry, None, &entry.at)),
        }
    }
    for entry in &old.entries {
        if new.entry(&entry.code).is_none() {
            changes.push(change(ChangeKind::Removed, "entry", entry, None, &entry.at));
        }
    }
    for change in &mut changes {
        change.formulas = touched(regime, &change.code, &change.path);
    }
    changes
}

fn change(
    kind: ChangeKind,
    part: &'static str,
    entry: &TextEntry,
    path: Option<&Path>,
    at: &Location,
) -> Change {
    Change {
        kind,
        part,
        code: Arc::clone(&entry.code),
        path: path.cloned().unwrap_or_else(Path::root),
        at: at.clone(),
        formulas: Vec::new(),
    }
}

fn compare(old: &TextEntry, new: &TextEntry, changes: &mut Vec<Change>) {
    let head = |entry: &TextEntry| {
        let preamble = entry.preamble.join("\n");
        (
            entry.heading.clone(),
            entry.reasons.clone(),
            entry.body.clone(),
            preamble,
        )
    };
    if head(old) != head(new) {
        changes.push(change(ChangeKind::Changed, "heading", new, None, &new.at));
    }
    for paragraph in &new.paragraphs {
        let kind = match old.paragraph(&paragraph.path) {
            None => ChangeKind::Added,
            Some(before) if before.text != paragraph.text => ChangeKind::Changed,
            Some(_) => continue,
        };
        changes.push(change(
            kind,
            "paragraph",
            new,
            Some(&paragraph.path),
            &paragraph.at,
        ));
    }
    for paragraph in &old.paragraphs {
        if new.paragraph(&paragraph.path).is_none() {
            let (kind, path) = (ChangeKind::Removed, Some(&paragraph.path));
            changes.push(change(kind, "paragraph", old, path, &paragraph.at));
        }
    }
    let notes = |entry: &TextEntry| -> Vec<(String, Path, Location)> {
        let texts = entry.notes.iter();
        texts
            .map(|n| {
                (
                    format!("{} {}", n.title, n.text),
                    n.path.clone(),
                    n.at.clone(),
                )
            })
            .collect()
    };
    compare_lines("note", old, new, notes, changes);
    let rows = |entry: &TextEntry| -> Vec<(String, Path, Location)> {
        let rows = entry.rows.iter();
        rows.map(|row| (row.text.clone(), Path::root(), row.at.clone()))
            .collect()
    };
    compare_lines("row", old, new, rows, changes);
    let exceptions = |entry: &TextEntry| -> Vec<(String, Path, Location)> {
        let lines = entry.exceptions.iter();
        lines
            .map(|(symbol, text)| (format!("{symbol} {text}"), Path::root(), entry.at.clone()))
            .collect()
    };
    compare_lines("exception", old, new, exceptions, changes);
}

/// Lines without an identity of their own: those of one side that the other does not have, word by word.
fn compare_lines(
    part: &'static str,
    old: &TextEntry,
    new: &TextEntry,
    lines: impl Fn(&TextEntry) -> Vec<(String, Path, Location)>,
    changes: &mut Vec<Change>,
) {
    let (before, after) = (lines(old), lines(new));
    let known: BTreeSet<&str> = before.iter().map(|(text, _, _)| text.as_str()).collect();
    for (text, path, at) in &after {
        if !known.contains(text.as_str()) {
            changes.push(change(ChangeKind::Added, part, new, Some(path), at));
        }
    }
    let known: BTreeSet<&str> = after.iter().map(|(text, _, _)| text.as_str()).collect();
    for (text, path, at) in &before {
        if !known.contains(text.as_str()) {
            changes.push(change(ChangeKind::Removed, part, old, Some(path), at));
        }
    }
}

fn touched(regime: RegimeAt<'_>, code: &str, path: &Path) -> Vec<Arc<str>> {
    let changed = Code {
        entry: code.into(),
        path: path.clone(),
    };
    let mut codes = Vec::new();
    for entry in regime.entries() {
        for paragraph in &entry.paragraphs {
            if !paragraph.period.contains(regime.date()) {
                continue;
            }
            let here = *entry.code == *code
                && (paragraph.path.covers(path) || path.covers(&paragraph.path));
            if here || refers(&paragraph.when, &changed) {
                codes.push(Arc::clone(&paragraph.code));
            }
        }
    }
    codes
}

fn refers(condition: &Condition, changed: &Code) -> bool {
    let mut found = false;
    condition.each_term(&mut |term| {
        if let Term::Reference(reference) = term {
            found |= reference.entry == changed.entry
                && (reference.path.covers(&changed.path) || changed.path.covers(&reference.path));
        }
    });
    found
}
