//! What a regime covers, category by category.

use std::collections::BTreeMap;

use crate::condition::{Condition, Term};
use crate::entry::Coverage;
use crate::regime::RegimeAt;

/// Counts of one category of a list, of what is in force on the day it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CategoryCoverage {
    /// The category: the first character of the codes.
    pub category: char,
    /// Entries.
    pub entries: usize,
    /// Paragraphs whose formula tests at least one fact.
    pub paragraphs_with_formula: usize,
    /// Paragraphs whose formula asks judgements only.
    pub judgement_only: usize,
    /// Requirement rows whose destinations only a person can decide.
    pub unmodelled: usize,
    /// Entries that only a stated code reaches.
    pub stated_only: usize,
}

/// Counts per category, in order.
#[must_use]
pub fn coverage(regime: RegimeAt<'_>) -> Vec<CategoryCoverage> {
    let mut categories: BTreeMap<char, CategoryCoverage> = BTreeMap::new();
    for entry in regime.entries() {
        let category = entry.code.chars().next().unwrap_or(' ');
        let counts = categories.entry(category).or_default();
        counts.category = category;
        counts.entries += 1;
        counts.stated_only += usize::from(entry.coverage == Coverage::StatedOnly);
        for paragraph in &entry.paragraphs {
            if paragraph.period.contains(regime.date()) {
                if asks_judgements_only(&paragraph.when) {
                    counts.judgement_only += 1;
                } else {
                    counts.paragraphs_with_formula += 1;
                }
            }
        }
        let rows = entry.requirements.iter();
        counts.unmodelled += rows
            .filter(|row| row.period.contains(regime.date()) && row.to.needs_a_person())
            .count();
    }
    categories.into_values().collect()
}

fn asks_judgements_only(condition: &Condition) -> bool {
    let (mut judgement, mut fact) = (false, false);
    condition.each_term(&mut |term| match term {
        Term::Judgement(_) => judgement = true,
        Term::Compare(_) | Term::OneOf { .. } | Term::Flag(_) | Term::Reference(_) => fact = true,
        Term::Constant(_) | Term::All(_) | Term::Any(_) | Term::Not(_) => {}
    });
    judgement && !fact
}
