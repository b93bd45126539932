//! Which entries test what: classification touches only entries that a stated fact reaches.

use std::collections::HashMap;
use std::sync::Arc;

use crate::condition::{Condition, Term};
use crate::entry::Entry;
use crate::vocabulary::{Attribute, FlagId, JudgementId, ParameterId, Vocabulary};

/// What one paragraph tests, with what its references test.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tests {
    /// Parameters, and those from which they derive.
    pub(crate) parameters: Vec<ParameterId>,
    pub(crate) flags: Vec<FlagId>,
    pub(crate) judgements: Vec<JudgementId>,
    /// Attributes of which any stated word counts.
    pub(crate) attributes: Vec<Attribute>,
    /// Attributes of which only these words count.
    pub(crate) words: Vec<(Attribute, Arc<str>)>,
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
                tests.parameters.sort_unstable();
                tests.parameters.dedup();
                index.enter(&tests, position);
                index.tests.push(tests);
            }
        }
        index
    }

    fn enter(&mut self, tests: &Tests, position: usize) {
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
        let mut pending: Vec<&Condition> = vec![&paragraph.when];
        pending.extend(
            paragraph
                .notes
                .iter()
                .filter_map(|note| entry.notes.get(*note))
                .map(|note| &note.when),
        );
        while let Some(condition) = pending.pop() {
            condition.each_term(&mut |term| match term {
                Term::Compare(threshold) => {
                    tests.parameters.push(threshold.parameter);
                    let derived = self.vocabulary.parameter(threshold.parameter);
                    if let Some(derivation) = derived.and_then(|p| p.derived.as_ref()) {
                        tests.parameters.extend(derivation.inputs());
                    }
                }
                Term::Flag(flag) => tests.flags.push(*flag),
                Term::Judgement(judgement) => tests.judgements.push(*judgement),
                Term::OneOf {
                    attribute: Attribute::Kind,
                    ..
                } => {}
                Term::OneOf {
                    attribute, words, ..
                } if only_by_word(*attribute) => {
                    tests
                        .words
                        .extend(words.iter().map(|word| (*attribute, Arc::clone(word))));
                }
                Term::OneOf { attribute, .. } => tests.attributes.push(*attribute),
                Term::Reference(reference) => {
                    let target = self.by_code.get(&reference.entry);
                    let Some(target) = target.and_then(|position| self.entries.get(*position))
                    else {
                        return;
                    };
                    for below in &target.paragraphs {
                        if reference.path.covers(&below.path) && !visited.contains(&below.index) {
                            visited.push(below.index);
                            pending.push(&below.when);
                            pending.extend(
                                below
                                    .notes
                                    .iter()
                                    .filter_map(|note| target.notes.get(*note))
                                    .map(|note| &note.when),
                            );
                        }
                    }
                }
                Term::Constant(_) | Term::All(_) | Term::Any(_) | Term::Not(_) => {}
            });
        }
    }
}
