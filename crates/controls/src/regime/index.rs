//! Which entries test what: classification touches only entries that a stated fact reaches.

use std::collections::HashMap;
use std::sync::Arc;

use crate::condition::{Condition, Term};
use crate::entry::Entry;
use crate::item::{Item, Judgements};
use crate::vocabulary::{Attribute, FlagId, JudgementId, ParameterId, Vocabulary};

/// What one paragraph tests.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tests {
    /// Facts of its own: they address the entry whatever its subject.
    pub(crate) own: Facts,
    /// Facts that several entries share: parameters (with those from which they derive), judgements, and all that is
    /// tested only through a reference to another paragraph. They do not address an entry about another subject.
    pub(crate) shared: Facts,
}

/// Facts that a formula tests.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    pub(crate) parameters: Vec<ParameterId>,
    pub(crate) flags: Vec<FlagId>,
    pub(crate) judgements: Vec<JudgementId>,
    /// Attributes of which any stated word counts.
    pub(crate) attributes: Vec<Attribute>,
    /// Attributes of which only these words count.
    pub(crate) words: Vec<(Attribute, Arc<str>)>,
}

impl Facts {
    /// True when the asker stated one of them.
    pub(crate) fn any_stated(&self, item: &Item, judgements: &Judgements) -> bool {
        self.flags.iter().any(|id| item.flag(*id).is_some())
            || self
                .parameters
                .iter()
                .any(|id| item.parameter(*id).is_some())
            || self
                .attributes
                .iter()
                .any(|attribute| item.attribute(*attribute).is_some())
            || self
                .words
                .iter()
                .any(|(attribute, word)| item.compared(*attribute) == Some(word))
            || self
                .judgements
                .iter()
                .any(|id| judgements.answer(*id).is_some())
    }
}

/// From a stated fact to the positions of the entries that may test it (any version; sorted, without doubles).
#[derive(Debug, Clone, Default)]
pub(crate) struct FactIndex {
    pub(crate) by_parameter: Vec<Vec<usize>>,
    pub(crate) by_flag: Vec<Vec<usize>>,
    pub(crate) by_judgement: Vec<Vec<usize>>,
    pub(crate) by_attribute: HashMap<Attribute, Vec<usize>>,
    pub(crate) by_word: HashMap<Attribute, HashMap<Arc<str>, Vec<usize>>>,
    pub(crate) by_subject: HashMap<Arc<str>, Vec<usize>>,
    /// By [`Paragraph::index`](crate::entry::Paragraph).
    pub(crate) tests: Vec<Tests>,
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
            by_parameter: vec![Vec::new(); vocabulary.parameters().len()],
            by_flag: vec![Vec::new(); vocabulary.flags().len()],
            by_judgement: vec![Vec::new(); vocabulary.judgements().len()],
            ..Self::default()
        };
        let reader = Reader {
            vocabulary,
            entries,
            by_code,
        };
        for (position, entry) in entries.iter().enumerate() {
            for subject in &entry.subjects {
                add(
                    index.by_subject.entry(Arc::clone(subject)).or_default(),
                    position,
                );
            }
            for paragraph in &entry.paragraphs {
                let mut tests = Tests::default();
                let mut visited = vec![paragraph.index];
                reader.collect(entry, paragraph, &mut tests, &mut visited);
                tests.shared.parameters.sort_unstable();
                tests.shared.parameters.dedup();
                index.enter(&tests.own, position);
                index.enter(&tests.shared, position);
                index.tests.push(tests);
            }
        }
        index
    }

    fn enter(&mut self, tests: &Facts, position: usize) {
        for id in &tests.parameters {
            if let Some(list) = self.by_parameter.get_mut(usize::from(id.0)) {
                add(list, position);
            }
        }
        for id in &tests.flags {
            if let Some(list) = self.by_flag.get_mut(usize::from(id.0)) {
                add(list, position);
            }
        }
        for id in &tests.judgements {
            if let Some(list) = self.by_judgement.get_mut(usize::from(id.0)) {
                add(list, position);
            }
        }
        for attribute in &tests.attributes {
            add(self.by_attribute.entry(*attribute).or_default(), position);
        }
        for (attribute, word) in &tests.words {
            let words = self.by_word.entry(*attribute).or_default();
            add(words.entry(Arc::clone(word)).or_default(), position);
        }
    }
}

fn add(list: &mut Vec<usize>, position: usize) {
    if list.last() != Some(&position) {
        list.push(position);
    }
}

struct Reader<'a> {
    vocabulary: &'a Vocabulary,
    entries: &'a [Entry],
    by_code: &'a HashMap<Arc<str>, usize>,
}

impl Reader<'_> {
    /// Collects what a paragraph, its notes and its references test; `visited` ends cycles, which the graph check reports.
    fn collect(
        &self,
        entry: &Entry,
        paragraph: &crate::entry::Paragraph,
        tests: &mut Tests,
        visited: &mut Vec<usize>,
    ) {
        let Tests { own, shared } = tests;
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
                    shared.parameters.push(threshold.parameter);
                    let derived = self.vocabulary.parameter(threshold.parameter);
                    if let Some(derivation) = derived.and_then(|p| p.derived.as_ref()) {
                        shared.parameters.extend(derivation.inputs());
                    }
                }
                Term::Judgement(judgement) => shared.judgements.push(*judgement),
                Term::Flag(flag) => {
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
                        if reference.path.covers(&below.path) && !visited.contains(&below.index) {
                            visited.push(below.index);
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
