//! Which entries test what: classification touches only entries that a stated fact reaches, however long the list is.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::civil::Date;

use super::bearing::Bearing;
use crate::condition::{Condition, Term};
use crate::entry::{Entry, Paragraph};
use crate::period::Period;
use crate::vocabulary::{Attribute, Derivation, FlagId, JudgementId, ParameterId, Vocabulary};

/// What one paragraph tests.
#[derive(Debug, Default)]
struct Tests {
    /// Facts of its own: they address the entry whatever its subject.
    own: Facts,
    /// Facts that several entries share: parameters (with those from which they derive), judgements, and all that is
    /// tested only through a reference to another paragraph. They do not address an entry about another subject.
    shared: Facts,
    /// What its formula and notes test themselves, with what that derives from, and nothing that references reach.
    direct: Facts,
}

/// Facts that a formula tests.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) parameters: Vec<ParameterId>,
    pub(super) flags: Vec<FlagId>,
    pub(super) judgements: Vec<JudgementId>,
    /// Attributes of which any stated word counts.
    pub(super) attributes: Vec<Attribute>,
    /// Attributes of which only these words count.
    pub(super) words: Vec<(Attribute, Arc<str>)>,
}

/// An entry that a fact reaches, and when: both the entry and the paragraph that tests the fact are in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Posting {
    pub(crate) entry: u32,
    pub(crate) period: Period,
}

/// The entries that one fact reaches, in list order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Postings {
    /// Whatever the item's type is.
    pub(crate) always: Vec<Posting>,
    /// Only while the item's type is not stated. Stated, it reaches the entries of its subject by itself.
    pub(crate) without_type: Vec<Posting>,
}

impl Postings {
    /// No entry tests it.
    pub(crate) fn is_empty(&self) -> bool {
        self.always.is_empty() && self.without_type.is_empty()
    }
}

/// From a stated fact to the entries that test it.
#[derive(Debug, Clone, Default)]
pub(crate) struct FactIndex {
    by_parameter: Vec<Postings>,
    by_flag: Vec<Postings>,
    by_judgement: Vec<Postings>,
    by_attribute: HashMap<Attribute, Postings>,
    by_word: HashMap<Attribute, HashMap<Arc<str>, Postings>>,
    by_subject: HashMap<Arc<str>, Postings>,
    /// The same paragraph by paragraph.
    pub(crate) bearing: Bearing,
    /// The same with all that references reach.
    pub(crate) bearing_through: Bearing,
    /// First days in force of the entries that have one, sorted.
    first_days: Vec<Date>,
    /// First days no longer in force of the entries that have one, sorted.
    last_days: Vec<Date>,
    entries: usize,
}

/// What an item always or nearly always states addresses an entry only by the word itself: every item has a name, and
/// an entry about cameras is not about a pump because the pump has a type.
const fn only_by_word(attribute: Attribute) -> bool {
    matches!(
        attribute,
        Attribute::Type | Attribute::Name | Attribute::Manufacturer | Attribute::Model
    )
}

impl FactIndex {
    pub(super) fn build(
        vocabulary: &Vocabulary,
        entries: &[Entry],
        by_code: &HashMap<Arc<str>, usize>,
    ) -> Self {
        let mut index = Self {
            by_parameter: vec![Postings::default(); vocabulary.parameters().len()],
            by_flag: vec![Postings::default(); vocabulary.flags().len()],
            by_judgement: vec![Postings::default(); vocabulary.judgements().len()],
            first_days: entries.iter().filter_map(|e| e.period.from).collect(),
            last_days: entries.iter().filter_map(|e| e.period.to).collect(),
            entries: entries.len(),
            bearing: Bearing::new(vocabulary),
            bearing_through: Bearing::new(vocabulary),
            ..Self::default()
        };
        index.first_days.sort_unstable();
        index.last_days.sort_unstable();
        let reader = Reader {
            vocabulary,
            entries,
            by_code,
        };
        for (position, entry) in (0_u32..).zip(entries) {
            let posting = Posting {
                entry: position,
                period: entry.period,
            };
            for subject in &entry.subjects {
                let postings = index.by_subject.entry(Arc::clone(subject)).or_default();
                add(&mut postings.always, &posting);
            }
            for paragraph in &entry.paragraphs {
                let mut tests = Tests::default();
                reader.collect(entry, paragraph, &mut tests);
                if let Ok(paragraph) = u32::try_from(paragraph.index) {
                    index.bearing.enter(paragraph, &tests.direct);
                    for facts in [&tests.direct, &tests.own, &tests.shared] {
                        index.bearing_through.enter(paragraph, facts);
                    }
                }
                let Some(period) = entry.period.common(&paragraph.period) else {
                    continue;
                };
                let posting = Posting {
                    entry: position,
                    period,
                };
                index.enter(&tests.own, &posting, true);
                index.enter(&tests.shared, &posting, entry.subjects.is_empty());
            }
        }
        index
    }

    fn enter(&mut self, tests: &Facts, posting: &Posting, always: bool) {
        let enter = |postings: &mut Postings| {
            let list = if always {
                &mut postings.always
            } else {
                &mut postings.without_type
            };
            add(list, posting);
        };
        for id in &tests.parameters {
            self.by_parameter
                .get_mut(usize::from(id.0))
                .into_iter()
                .for_each(enter);
        }
        for id in &tests.flags {
            self.by_flag
                .get_mut(usize::from(id.0))
                .into_iter()
                .for_each(enter);
        }
        for id in &tests.judgements {
            self.by_judgement
                .get_mut(usize::from(id.0))
                .into_iter()
                .for_each(enter);
        }
        for attribute in &tests.attributes {
            enter(self.by_attribute.entry(*attribute).or_default());
        }
        for (attribute, word) in &tests.words {
            let words = self.by_word.entry(*attribute).or_default();
            enter(words.entry(Arc::clone(word)).or_default());
        }
    }

    /// Entries with a paragraph that tests a parameter.
    pub(crate) fn parameter(&self, id: ParameterId) -> Option<&Postings> {
        self.by_parameter.get(usize::from(id.0))
    }

    /// Entries with a paragraph that tests a flag.
    pub(crate) fn flag(&self, id: FlagId) -> Option<&Postings> {
        self.by_flag.get(usize::from(id.0))
    }

    /// Entries with a paragraph that asks a judgement.
    pub(crate) fn judgement(&self, id: JudgementId) -> Option<&Postings> {
        self.by_judgement.get(usize::from(id.0))
    }

    /// Entries with a paragraph that tests an attribute, whichever word is stated.
    pub(crate) fn attribute(&self, attribute: Attribute) -> Option<&Postings> {
        self.by_attribute.get(&attribute)
    }

    /// Entries with a paragraph that tests an attribute for this word.
    pub(crate) fn word(&self, attribute: Attribute, word: &str) -> Option<&Postings> {
        self.by_word.get(&attribute)?.get(word)
    }

    /// Entries about a type of items.
    pub(crate) fn subject(&self, word: &str) -> Option<&Postings> {
        self.by_subject.get(word)
    }

    /// How many entries are in force on a day.
    pub(crate) fn in_force(&self, day: Date) -> usize {
        // An entry ends after it began, so those that ended are among those that began or had no first day.
        let not_yet = self.first_days.len() - self.first_days.partition_point(|from| *from <= day);
        let no_longer = self.last_days.partition_point(|to| *to <= day);
        self.entries
            .saturating_sub(not_yet)
            .saturating_sub(no_longer)
    }
}

/// Adds a posting unless one of the same entry covers it; paragraphs of an entry come one after the other.
fn add(list: &mut Vec<Posting>, posting: &Posting) {
    let first = list.partition_point(|earlier| earlier.entry < posting.entry);
    let same = list.get(first..).unwrap_or_default();
    if same
        .iter()
        .any(|earlier| earlier.period.covers(&posting.period))
    {
        return;
    }
    let kept: Vec<Posting> = list
        .drain(first..)
        .filter(|earlier| !posting.period.covers(&earlier.period))
        .collect();
    list.extend(kept);
    list.push(posting.clone());
}

struct Reader<'a> {
    vocabulary: &'a Vocabulary,
    entries: &'a [Entry],
    by_code: &'a HashMap<Arc<str>, usize>,
}

impl Reader<'_> {
    /// Collects what a paragraph, its notes and its references test.
    fn collect(&self, entry: &Entry, paragraph: &Paragraph, tests: &mut Tests) {
        let Tests {
            own,
            shared,
            direct: beside,
        } = tests;
        // Ends cycles, which the graph check reports.
        let mut visited = HashSet::from([paragraph.index]);
        let mut pending: Vec<(&Condition, bool)> = vec![(&paragraph.when, true)];
        pending.extend(
            paragraph
                .notes
                .iter()
                .filter_map(|note| entry.notes.get(*note))
                .map(|note| (&note.when, true)),
        );
        while let Some((condition, direct)) = pending.pop() {
            condition.each_term(&mut |term| match term {
                Term::Compare(threshold) => {
                    let derived = self.vocabulary.parameter(threshold.parameter);
                    let derivation = derived.and_then(|p| p.derived.as_ref());
                    let inputs = derivation.into_iter().flat_map(Derivation::inputs);
                    let tested: Vec<_> =
                        std::iter::once(threshold.parameter).chain(inputs).collect();
                    if direct {
                        beside.parameters.extend(&tested);
                    }
                    shared.parameters.extend(tested);
                }
                Term::Judgement(judgement) => {
                    if direct {
                        beside.judgements.push(*judgement);
                    }
                    shared.judgements.push(*judgement);
                }
                Term::Flag(flag) => {
                    if direct {
                        beside.flags.push(*flag);
                    }
                    let facts = if direct { &mut *own } else { &mut *shared };
                    facts.flags.push(*flag);
                }
                Term::OneOf {
                    attribute: Attribute::Kind,
                    ..
                } => {}
                Term::OneOf {
                    attribute, words, ..
                } => {
                    if direct {
                        beside.attributes.push(*attribute);
                    }
                    let facts = if direct { &mut *own } else { &mut *shared };
                    if only_by_word(*attribute) {
                        let words = words.iter().map(|word| (*attribute, Arc::clone(word)));
                        facts.words.extend(words);
                    } else {
                        facts.attributes.push(*attribute);
                    }
                }
                Term::Reference(reference) => {
                    let target = self.by_code.get(&reference.entry);
                    let Some(target) = target.and_then(|position| self.entries.get(*position))
                    else {
                        return;
                    };
                    for below in &target.paragraphs {
                        if reference.path.covers(&below.path) && visited.insert(below.index) {
                            pending.push((&below.when, false));
                            pending.extend(
                                below
                                    .notes
                                    .iter()
                                    .filter_map(|note| target.notes.get(*note))
                                    .map(|note| (&note.when, false)),
                            );
                        }
                    }
                }
                Term::Constant(_) | Term::All(_) | Term::Any(_) | Term::Not(_) => {}
            });
        }
    }
}
