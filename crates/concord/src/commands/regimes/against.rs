//! The US list against the regulator's text, and that text against the one attached before.

use std::fmt::Write;
use std::path::Path;

use concord_controls::regime::{RegimeAt, RegimeSource};
use concord_controls::text::{Change, Explanations, Finding, TextTree, against, diff};
use serde_json::{Value, json};

use super::{attach, check};
use crate::cli::Global;
use crate::data_dir;
use crate::document;
use crate::failure::Failure;

/// What a comparison came to.
pub(super) struct Comparison {
    text: TextTree,
    entries_in_data: usize,
    findings: Vec<Finding>,
    /// Against the attached text, where there is one: its digest and what changed since.
    changes: Option<(String, Vec<Change>)>,
}

pub(super) fn compare(
    source: &RegimeSource,
    regime: RegimeAt<'_>,
    file: &Path,
    global: &Global,
) -> Result<Comparison, Failure> {
    let bytes = document::read_bytes(file)?;
    let text = TextTree::parse(&file.display().to_string(), &bytes)
        .map_err(|error| attach::refuse(&error))?;
    let explanations = Explanations::load(source, "us").map_err(|e| check::invalid(&e))?;
    let attached = attach::attached(&data_dir::resolve(global)?)?;
    let changes = attached.map(|attached| {
        let changes = diff(&attached, &text, regime);
        (attached.digest.to_string(), changes)
    });
    Ok(Comparison {
        findings: against(regime, &text, &explanations),
        entries_in_data: regime.entries().count(),
        text,
        changes,
    })
}

impl Comparison {
    /// Findings that nothing explains.
    pub(super) fn unexplained(&self) -> usize {
        let open = |finding: &&Finding| finding.explained.is_none();
        self.findings.iter().filter(open).count()
    }

    pub(super) fn add_to(&self, document: &mut Value) {
        document["text"] = json!({
            "digest": &*self.text.digest,
            "issue": self.text.issue.map(|day| day.to_string()),
            "paragraphs": self.text.paragraph_count(),
        });
        document["entries_in_text"] = json!(self.text.entries.len());
        document["entries_in_data"] = json!(self.entries_in_data);
        document["findings"] = self.findings.iter().map(finding).collect();
        document["unexplained"] = json!(self.unexplained());
        if let Some((older, changes)) = &self.changes {
            document["changes_since"] = json!(older);
            document["changes"] = changes.iter().map(change).collect();
        }
    }

    pub(super) fn print(&self, out: &mut String) {
        // Writing to a `String` does not fail.
        let _ = writeln!(
            out,
            "text: {} entries, {} paragraphs, {}; the data has {} entries in force",
            self.text.entries.len(),
            self.text.paragraph_count(),
            self.text.digest,
            self.entries_in_data,
        );
        for finding in self.findings.iter().filter(|f| f.explained.is_none()) {
            let _ = writeln!(
                out,
                "{}: {} {}: {}",
                finding.at,
                finding.kind.word(),
                place(&finding.code, &finding.path),
                finding.detail,
            );
        }
        let explained = self.findings.len() - self.unexplained();
        let _ = writeln!(
            out,
            "{} findings not explained, {explained} explained",
            self.unexplained()
        );
        if let Some((older, changes)) = &self.changes {
            let _ = writeln!(out, "{} changes since {older}", changes.len());
            for change in changes {
                let formulas = if change.formulas.is_empty() {
                    "no formula".to_owned()
                } else {
                    change.formulas.join(", ")
                };
                let _ = writeln!(
                    out,
                    "{}: {} {} {}: touches {formulas}",
                    change.at,
                    change.part,
                    change.kind.word(),
                    place(&change.code, change.path.as_str()),
                );
            }
        }
    }
}

fn place(code: &str, path: &str) -> String {
    if path.is_empty() {
        code.to_owned()
    } else {
        format!("{code}.{path}")
    }
}

fn finding(finding: &Finding) -> Value {
    json!({
        "kind": finding.kind.word(),
        "code": &*finding.code,
        "path": &*finding.path,
        "what": &*finding.what,
        "detail": finding.detail,
        "file": &*finding.at.file,
        "line": finding.at.line,
        "column": finding.at.column,
        "explained": finding.explained.as_deref(),
    })
}

fn change(change: &Change) -> Value {
    json!({
        "kind": change.kind.word(),
        "part": change.part,
        "code": &*change.code,
        "path": change.path.as_str(),
        "file": &*change.at.file,
        "line": change.at.line,
        "formulas": change.formulas.iter().map(|code| &**code).collect::<Vec<_>>(),
    })
}
