//! A regime against the regulator's text: what one side has and the other does not.

mod finding;
mod formulas;
mod requirements;
mod scope;

use std::collections::HashMap;

pub use finding::{Finding, FindingKind};
pub(super) use formulas::cas_at;

use super::{Explanations, TextTree};
use crate::entry::Entry;
use crate::regime::RegimeAt;

/// Compares a regime, read at a date, with the text. Findings come in print order, those about explanations last.
#[must_use]
pub fn against(regime: RegimeAt<'_>, tree: &TextTree, explanations: &Explanations) -> Vec<Finding> {
    let mut findings = Vec::new();
    let data: HashMap<&str, &Entry> = regime.entries().map(|e| (&*e.code, e)).collect();
    for text in &tree.entries {
        match data.get(&*text.code) {
            Some(entry) => {
                formulas::check(regime, entry, text, tree, &mut findings);
                requirements::check(regime, entry, text, &mut findings);
            }
            None => findings.push(Finding::new(
                FindingKind::EntryOnlyInText,
                &text.code,
                "",
                &text.code,
                "the entry is printed and not in the data".to_owned(),
                &text.at,
            )),
        }
    }
    for entry in regime.entries() {
        if tree.entry(&entry.code).is_none() {
            findings.push(Finding::new(
                FindingKind::EntryOnlyInData,
                &entry.code,
                "",
                &entry.code,
                "the entry is in the data and not printed".to_owned(),
                &entry.at,
            ));
        }
    }
    explain(&mut findings, explanations);
    findings
}

fn explain(findings: &mut Vec<Finding>, explanations: &Explanations) {
    let mut stale = Vec::new();
    for explanation in &explanations.all {
        let mut used = false;
        for finding in findings.iter_mut() {
            let same = finding.kind == explanation.kind
                && finding.code == explanation.code
                && finding.path == explanation.path
                && explanation
                    .what
                    .as_ref()
                    .is_none_or(|what| *what == finding.what);
            if same && finding.explained.is_none() {
                finding.explained = Some(explanation.reason.clone());
                used = true;
            } else if same {
                used = true;
            }
        }
        if !used {
            let detail = format!(
                "no `{}` is found there any more: take the explanation out",
                explanation.kind.word()
            );
            stale.push(Finding::new(
                FindingKind::StaleExplanation,
                &explanation.code,
                &explanation.path,
                explanation.kind.word(),
                detail,
                &explanation.at,
            ));
        }
    }
    findings.extend(stale);
}
