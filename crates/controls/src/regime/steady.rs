//! What comes out the same whatever is stated beside the item's type: made when it is first needed, shared by all later answers.
//!
//! Of the paragraphs that a chip addresses nearly all test nothing that is stated of it but its type. What an answer says of
//! such a paragraph follows from the edition and the type alone, so it is found once and then taken from here.
//!
//! INVARIANT: a slot only ever holds what evaluating the paragraph for an item of that type, of which nothing else that the
//! paragraph tests is stated, gives. Answers are the same with and without it.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use crate::classify::ParagraphResult;
use crate::condition::{Condition, Term};
use crate::entry::{Entry, Paragraph};
use crate::evaluate::ParagraphTruth;
use crate::vocabulary::Attribute;

/// How much a result tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// How it came out.
    Codes,
    /// What it lacks, with the one question that asks about all its like.
    AtOnce,
    /// What was compared and what is missing.
    Explained,
}

/// Forms of [`Told`].
const FORMS: usize = 3;

/// One paragraph for one type.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slot {
    /// How it comes out, and whether its formula is open, so that only the type reaches it.
    pub(crate) truth: OnceLock<(ParagraphTruth, bool)>,
    results: [OnceLock<Arc<ParagraphResult>>; FORMS],
}

impl Slot {
    /// The place of one form of the result.
    pub(crate) fn result(&self, told: Told) -> Option<&OnceLock<Arc<ParagraphResult>>> {
        self.results.get(told as usize)
    }
}

/// The slots of an edition.
#[derive(Debug, Clone, Default)]
pub(crate) struct Steady {
    /// By paragraph: whether it has slots at all.
    steady: Vec<bool>,
    /// By type, the first slot of each entry about it. Without a type every paragraph has the slot of its own number.
    of_type: HashMap<Arc<str>, HashMap<usize, usize>>,
    slots: Vec<Slot>,
}

/// The slots of one type.
#[derive(Clone, Copy)]
pub(crate) struct OfType<'r> {
    steady: &'r Steady,
    /// Absent: no type is stated.
    first: Option<&'r HashMap<usize, usize>>,
}

impl Steady {
    pub(super) fn build(entries: &[Entry], paragraphs: usize) -> Self {
        let each = entries.iter();
        let steady = each.flat_map(|entry| entry.paragraphs.iter().map(|p| is_steady(entry, p)));
        let mut of_type: HashMap<Arc<str>, HashMap<usize, usize>> = HashMap::new();
        let mut next = paragraphs;
        for (position, entry) in entries.iter().enumerate() {
            for subject in &entry.subjects {
                let firsts = of_type.entry(Arc::clone(subject)).or_default();
                firsts.entry(position).or_insert_with(|| {
                    next += entry.paragraphs.len();
                    next - entry.paragraphs.len()
                });
            }
        }
        Self {
            steady: steady.collect(),
            of_type,
            slots: vec![Slot::default(); next],
        }
    }

    /// The slots of a type; `None` where there are none.
    pub(crate) fn of(&self, word: Option<&str>) -> Option<OfType<'_>> {
        let first = match word {
            Some(word) => Some(self.of_type.get(word)?),
            None => None,
        };
        Some(OfType {
            steady: self,
            first,
        })
    }

    /// How many results may be kept.
    pub(crate) fn results(&self) -> usize {
        self.slots.len() * FORMS
    }
}

impl<'r> OfType<'r> {
    /// The slot of the paragraph that stands `number`th in the entry at `position`, and the slot's own number.
    pub(crate) fn slot(
        &self,
        position: usize,
        number: usize,
        paragraph: &Paragraph,
    ) -> Option<(usize, &'r Slot)> {
        if !self.steady.steady.get(paragraph.index).copied()? {
            return None;
        }
        let place = match self.first {
            Some(firsts) => firsts.get(&position)? + number,
            None => paragraph.index,
        };
        Some((place, self.steady.slots.get(place)?))
    }
}

/// The number of a result among those that an edition may keep.
pub(crate) fn number(place: usize, told: Told) -> usize {
    place * FORMS + told as usize
}

/// Nothing about the paragraph turns on another paragraph, on the kind of item or on the day.
fn is_steady(entry: &Entry, paragraph: &Paragraph) -> bool {
    let alone = |condition: &Condition| {
        let mut alone = true;
        condition.each_term(&mut |term| {
            let other = matches!(
                term,
                Term::Reference(_)
                    | Term::OneOf {
                        attribute: Attribute::Kind,
                        ..
                    }
            );
            alone &= !other;
        });
        alone
    };
    let notes = paragraph.notes.iter();
    alone(&paragraph.when)
        && notes
            .filter_map(|note| entry.notes.get(*note))
            .all(|note| alone(&note.when) && note.period.covers(&paragraph.period))
}
