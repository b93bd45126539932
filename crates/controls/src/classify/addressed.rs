//! Which entries a stated fact addresses: only those are evaluated and asked about.

use crate::entry::{Entry, Paragraph};
use crate::item::{Item, Judgements};
use crate::regime::{RegimeAt, Tests};
use crate::vocabulary::{Attribute, FlagId, JudgementId, ParameterId};

/// Positions of the addressed entries that are in force, in list order.
pub(super) fn addressed(at: RegimeAt<'_>, item: &Item, judgements: &Judgements) -> Vec<usize> {
    let regime = at.regime;
    let index = &regime.index;
    let mut candidates = vec![Reach::None; regime.entries.len()];
    let mut reach = |positions: &[usize], how: Reach| {
        for position in positions {
            if let Some(slot) = candidates.get_mut(*position) {
                *slot = (*slot).max(how);
            }
        }
    };
    for (value, positions) in item.values.iter().zip(&index.by_parameter) {
        if value.as_ref().is_some_and(|value| value.stated.is_some()) {
            reach(positions, Reach::Shared);
        }
    }
    for (id, _) in &judgements.answers {
        if let Some(positions) = index.by_judgement.get(usize::from(id.0)) {
            reach(positions, Reach::Shared);
        }
    }
    for (flag, positions) in item.flags.iter().zip(&index.by_flag) {
        if flag.is_some() {
            reach(positions, Reach::Own);
        }
    }
    for attribute in Attribute::ALL {
        let Some(word) = item.compared(attribute) else {
            continue;
        };
        if let Some(positions) = index.by_attribute.get(&attribute) {
            reach(positions, Reach::Own);
        }
        if let Some(positions) = index
            .by_word
            .get(&attribute)
            .and_then(|words| words.get(word))
        {
            reach(positions, Reach::Own);
        }
        if attribute == Attribute::Type
            && let Some(positions) = index.by_subject.get(word)
        {
            reach(positions, Reach::Certain);
        }
    }
    if let Some(stated) = item.stated(&regime.jurisdiction)
        && let Some(position) = regime.by_code.get(&stated.code.entry)
    {
        reach(&[*position], Reach::Certain);
    }
    let mut found = Vec::new();
    for (position, how) in candidates.into_iter().enumerate() {
        if how == Reach::None {
            continue;
        }
        let Some(entry) = regime.entries.get(position) else {
            continue;
        };
        if entry.period.contains(at.date)
            && (how == Reach::Certain || tested_today(at, entry, item, judgements))
        {
            found.push(position);
        }
    }
    found
}

/// How a fact reaches an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    None,
    /// By a parameter or judgement that several entries share.
    Shared,
    /// By a fact of its own: a flag, CAS number, HS code, material, process, name.
    Own,
    /// By its subject or the stated code: whatever its formulas test.
    Certain,
}

/// The index covers all versions; what counts is a paragraph in force today.
fn tested_today(at: RegimeAt<'_>, entry: &Entry, item: &Item, judgements: &Judgements) -> bool {
    let shared = shared_facts_count(entry, item);
    entry
        .paragraphs
        .iter()
        .filter(|paragraph| paragraph.period.contains(at.date))
        .filter_map(|paragraph| tests(at, paragraph))
        .any(|tests| tests_own(tests, item) || (shared && tests_shared(tests, item, judgements)))
}

fn tests<'r>(at: RegimeAt<'r>, paragraph: &Paragraph) -> Option<&'r Tests> {
    at.regime.index.tests.get(paragraph.index)
}

/// A shared parameter alone does not address an entry about another subject.
fn shared_facts_count(entry: &Entry, item: &Item) -> bool {
    if entry.subjects.is_empty() {
        return true;
    }
    match item.attribute(Attribute::Type) {
        None => true,
        Some(stated) => entry.subjects.contains(stated),
    }
}

fn tests_own(tests: &Tests, item: &Item) -> bool {
    let flag = |id: &FlagId| item.flag(*id).is_some();
    tests.flags.iter().any(flag)
        || tests
            .attributes
            .iter()
            .any(|attribute| item.attribute(*attribute).is_some())
        || tests
            .words
            .iter()
            .any(|(attribute, word)| item.compared(*attribute) == Some(word))
}

fn tests_shared(tests: &Tests, item: &Item, judgements: &Judgements) -> bool {
    let parameter = |id: &ParameterId| item.parameter(*id).is_some();
    let judgement = |id: &JudgementId| judgements.answer(*id).is_some();
    tests.parameters.iter().any(parameter) || tests.judgements.iter().any(judgement)
}
