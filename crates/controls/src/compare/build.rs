//! From paragraphs and their notes to formulas without references.

use std::collections::HashMap;
use std::sync::Arc;

use super::logic::{End, Literal, Logic, NodeId, Variable};
use crate::condition::{Reference, Term, Threshold};
use crate::entry::{Entry, NoteKind, Paragraph};
use crate::exact::Rational;
use crate::formula::Operator;
use crate::regime::RegimeAt;
use crate::regime::references::{leaves_open, reached};
use crate::vocabulary::Vocabulary;

/// What was built of the paragraphs of one list at one date.
#[derive(Debug, Default)]
pub(super) struct Built {
    paragraphs: HashMap<usize, NodeId>,
    references: HashMap<Arc<str>, NodeId>,
}

/// Builds formulas of one list at one date.
pub(super) struct Builder<'a> {
    pub(super) logic: &'a mut Logic,
    pub(super) at: RegimeAt<'a>,
    pub(super) built: &'a mut Built,
}

impl Builder<'_> {
    /// A paragraph with the notes in whose scope it is, whatever its period.
    pub(super) fn paragraph(&mut self, entry: &Entry, paragraph: &Paragraph) -> NodeId {
        if let Some(known) = self.built.paragraphs.get(&paragraph.index) {
            return *known;
        }
        let formula = self.term(paragraph.when.root());
        let (mut excluded, mut included) = (Vec::new(), Vec::new());
        let date = self.at.date;
        for note in paragraph
            .notes
            .iter()
            .filter_map(|position| entry.notes.get(*position))
            .filter(|note| note.period.contains(date))
        {
            let applies = self.term(note.when.root());
            match note.kind {
                NoteKind::Exclude => excluded.push(applies),
                NoteKind::Include => included.push(applies),
            }
        }
        let excluded = self.logic.any(excluded);
        let stays = self.logic.not(excluded);
        included.push(stays);
        let kept = self.logic.any(included);
        let whole = self.logic.all([formula, kept]);
        self.built.paragraphs.insert(paragraph.index, whole);
        whole
    }

    pub(super) fn term(&mut self, term: &Term) -> NodeId {
        match term {
            Term::Constant(value) => Logic::constant(*value),
            Term::All(parts) => {
                let parts: Vec<NodeId> = parts.iter().map(|part| self.term(part)).collect();
                self.logic.all(parts)
            }
            Term::Any(parts) => {
                let parts: Vec<NodeId> = parts.iter().map(|part| self.term(part)).collect();
                self.logic.any(parts)
            }
            Term::Not(inner) => {
                let inner = self.term(inner);
                self.logic.not(inner)
            }
            Term::Compare(threshold) => self.compare(threshold),
            Term::OneOf {
                attribute, words, ..
            } => self.logic.literal(Literal::Words {
                attribute: *attribute,
                words: words.as_slice().into(),
                inside: true,
            }),
            Term::Flag(flag) => self
                .logic
                .literal(Literal::Truth(Variable::Flag(*flag), true)),
            Term::Judgement(judgement) => self
                .logic
                .literal(Literal::Truth(Variable::Judgement(*judgement), true)),
            Term::Reference(reference) => self.reference(reference),
        }
    }

    fn compare(&mut self, threshold: &Threshold) -> NodeId {
        let (parameter, bound) = (threshold.parameter, threshold.bound);
        let vocabulary: &Vocabulary = &self.at.regime.vocabulary;
        let whole = vocabulary.parameter(parameter).is_some_and(|p| p.whole);
        self.logic.write_down(parameter, bound, &threshold.text);
        let low = |open| Literal::Low(parameter, end(bound, open, whole, true));
        let high = |open| Literal::High(parameter, end(bound, open, whole, false));
        match threshold.operator {
            Operator::Greater => self.logic.literal(low(true)),
            Operator::AtLeast => self.logic.literal(low(false)),
            Operator::Less => self.logic.literal(high(true)),
            Operator::AtMost => self.logic.literal(high(false)),
            Operator::Equal => {
                let (low, high) = (low(false), high(false));
                let parts = [self.logic.literal(low), self.logic.literal(high)];
                self.logic.all(parts)
            }
        }
    }

    fn reference(&mut self, reference: &Reference) -> NodeId {
        if let Some(known) = self.built.references.get(&reference.text) {
            return *known;
        }
        let regime = self.at.regime;
        let name = format!("{} {}", regime.jurisdiction, reference.text);
        let node = match reached(regime, reference) {
            None => self.logic.opaque(&name),
            Some((entry, _)) if !entry.period.contains(self.at.date) => Logic::FALSE,
            Some((entry, paragraphs)) => {
                let mut parts = Vec::new();
                for paragraph in paragraphs {
                    if paragraph.period.contains(self.at.date) {
                        parts.push(self.paragraph(entry, paragraph));
                    }
                }
                // What our data does not hold of the entry may be met or not (as in classification).
                if leaves_open(regime, reference) {
                    parts.push(self.logic.opaque(&name));
                }
                self.logic.any(parts)
            }
        };
        self.built
            .references
            .insert(Arc::clone(&reference.text), node);
        node
    }
}

/// Whole numbers have no open ends: more than 3 is 4 or more. Both ends of a count are closed.
fn end(bound: Rational, open: bool, whole: bool, low: bool) -> End {
    if !whole {
        return End { value: bound, open };
    }
    let floor = bound.numerator().div_euclid(bound.denominator());
    let value = match (low, open && bound.is_integer(), bound.is_integer()) {
        (true, true, _) => floor.saturating_add(1),
        (true, false, false) => floor.saturating_add(1),
        (false, true, _) => floor.saturating_sub(1),
        _ => floor,
    };
    End {
        value: Rational::integer(value),
        open: false,
    }
}
