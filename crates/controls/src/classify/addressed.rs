//! Which entries a stated fact addresses: only those are evaluated and asked about.

use crate::entry::Entry;
use crate::item::{Item, Judgements};
use crate::regime::RegimeAt;
use crate::vocabulary::Attribute;

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
        if value.is_some() {
            reach(positions, Reach::Possible);
        }
    }
    for (id, _) in &judgements.answers {
        if let Some(positions) = index.by_judgement.get(usize::from(id.0)) {
            reach(positions, Reach::Possible);
        }
    }
    for (flag, positions) in item.flags.iter().zip(&index.by_flag) {
        if flag.is_some() {
            reach(positions, Reach::Possible);
        }
    }
    for attribute in Attribute::ALL {
        let Some(word) = item.compared(attribute) else {
            continue;
        };
        if let Some(positions) = index.by_attribute.get(&attribute) {
            reach(positions, Reach::Possible);
        }
        if let Some(positions) = index
            .by_word
            .get(&attribute)
            .and_then(|words| words.get(word))
        {
            reach(positions, Reach::Possible);
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
    for (position, reach) in candidates.into_iter().enumerate() {
        if reach == Reach::None {
            continue;
        }
        let Some(entry) = regime.entries.get(position) else {
            continue;
        };
        if entry.period.contains(at.date)
            && (reach == Reach::Certain || tested_today(at, entry, item, judgements))
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
    /// Some version of some paragraph tests a stated fact.
    Possible,
    /// By its subject or the stated code: whatever its formulas test.
    Certain,
}

/// The index covers all versions and both kinds of facts; what counts is a paragraph in force today, and a shared fact
/// alone does not address an entry about another subject.
fn tested_today(at: RegimeAt<'_>, entry: &Entry, item: &Item, judgements: &Judgements) -> bool {
    let about = about_the_item(entry, item);
    entry
        .paragraphs
        .iter()
        .filter(|paragraph| paragraph.period.contains(at.date))
        .filter_map(|paragraph| at.regime.index.tests.get(paragraph.index))
        .any(|tests| {
            tests.own.any_stated(item, judgements)
                || (about && tests.shared.any_stated(item, judgements))
        })
}

fn about_the_item(entry: &Entry, item: &Item) -> bool {
    match item.attribute(Attribute::Type) {
        Some(stated) => entry.subjects.is_empty() || entry.subjects.contains(stated),
        None => true,
    }
}
