//! The fast path: truth alone, without a trace.

use super::Truth;
use crate::condition::{Reference, Term, Threshold};
use crate::entry::{Entry, NoteKind, Paragraph};
use crate::item::{Item, Judgements, StatedCode};
use crate::regime::references::{leaves_open, reached};
use crate::regime::{Regime, RegimeAt};
use crate::vocabulary::Attribute;

/// Evaluates conditions over one item at one date; remembers paragraphs that references reached.
pub(crate) struct Evaluator<'a> {
    pub(super) at: RegimeAt<'a>,
    pub(super) item: &'a Item,
    pub(super) judgements: &'a Judgements,
    stated: Option<&'a StatedCode>,
    /// By paragraph index; empty until the first reference.
    memory: Vec<u8>,
}

/// What is remembered of a paragraph, a byte each: zero pages are free, so a long list costs nothing here.
mod memory {
    use super::{ParagraphTruth, Truth};

    pub(super) const UNSEEN: u8 = 0;
    /// Being evaluated: a cycle, which loading refuses; unknown if it ever happened.
    pub(super) const OPEN: u8 = 1;
    const BY_STATEMENT: u8 = 16;

    pub(super) const fn known(paragraph: ParagraphTruth) -> u8 {
        let truth = match paragraph.truth {
            Truth::NotMet => 2,
            Truth::Unknown => 3,
            Truth::Met => 4,
        };
        truth
            + if paragraph.by_statement {
                BY_STATEMENT
            } else {
                0
            }
    }

    pub(super) const fn paragraph(byte: u8) -> ParagraphTruth {
        ParagraphTruth {
            truth: match byte % BY_STATEMENT {
                2 => Truth::NotMet,
                4 => Truth::Met,
                _ => Truth::Unknown,
            },
            by_statement: byte >= BY_STATEMENT,
        }
    }
}

/// A paragraph with its notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ParagraphTruth {
    pub(crate) truth: Truth,
    /// Met only because the asker stated the code.
    pub(crate) by_statement: bool,
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(at: RegimeAt<'a>, item: &'a Item, judgements: &'a Judgements) -> Self {
        let stated = item.stated(&at.regime.jurisdiction);
        Self {
            at,
            item,
            judgements,
            stated,
            memory: Vec::new(),
        }
    }

    pub(crate) const fn regime(&self) -> &'a Regime {
        self.at.regime
    }

    pub(crate) fn term(&mut self, term: &Term) -> Truth {
        match term {
            Term::Constant(value) => Truth::known(*value),
            Term::All(parts) => {
                let mut truth = Truth::Met;
                for part in parts {
                    truth = truth.and(self.term(part));
                    if truth == Truth::NotMet {
                        break;
                    }
                }
                truth
            }
            Term::Any(parts) => {
                let mut truth = Truth::NotMet;
                for part in parts {
                    truth = truth.or(self.term(part));
                    if truth == Truth::Met {
                        break;
                    }
                }
                truth
            }
            Term::Not(inner) => !self.term(inner),
            Term::Compare(threshold) => self.compare(threshold),
            Term::OneOf {
                attribute, words, ..
            } => self.one_of(*attribute, words),
            Term::Flag(flag) => Truth::of(self.item.flag(*flag)),
            Term::Judgement(judgement) => Truth::of(self.judgements.answer(*judgement)),
            Term::Reference(reference) => self.reference(reference),
        }
    }

    pub(super) fn compare(&self, threshold: &Threshold) -> Truth {
        match self.item.parameter(threshold.parameter) {
            Some(value) => {
                Truth::known(threshold.operator.holds(value.exact.cmp(&threshold.bound)))
            }
            None => Truth::Unknown,
        }
    }

    pub(super) fn one_of(&self, attribute: Attribute, words: &[std::sync::Arc<str>]) -> Truth {
        match self.item.compared(attribute) {
            Some(stated) => Truth::known(match words {
                // The usual set: comparing lengths is enough for nearly every other word.
                [] | [_] | [_, _] | [_, _, _] => words.contains(stated),
                many => many.binary_search(stated).is_ok(),
            }),
            // An unnamed item is not a named substance, but a substance may be known by another name: open.
            None => Truth::Unknown,
        }
    }

    /// A paragraph, or anything below it, is met. What is not in force is not met; what our data does not hold is
    /// unknown unless the asker stated it.
    pub(super) fn reference(&mut self, reference: &Reference) -> Truth {
        let Some((entry, paragraphs)) = reached(self.at.regime, reference) else {
            return Truth::Unknown;
        };
        if !entry.period.contains(self.at.date) {
            return Truth::NotMet;
        }
        let mut truth = Truth::NotMet;
        for paragraph in paragraphs {
            if paragraph.period.contains(self.at.date) {
                truth = truth.or(self.remembered(entry, paragraph).truth);
                if truth == Truth::Met {
                    return truth;
                }
            }
        }
        let truth = if leaves_open(self.at.regime, reference) {
            truth.or(Truth::Unknown)
        } else {
            truth
        };
        if truth == Truth::Unknown && self.states(reference) {
            Truth::Met
        } else {
            truth
        }
    }

    /// The stated code is what a reference points at, or lies below it.
    pub(super) fn states(&self, reference: &Reference) -> bool {
        self.stated.is_some_and(|stated| {
            stated.code.entry == reference.entry && reference.path.covers(&stated.code.path)
        })
    }

    /// A paragraph of the edition, evaluated once.
    pub(crate) fn remembered(&mut self, entry: &Entry, paragraph: &Paragraph) -> ParagraphTruth {
        if self.memory.is_empty() {
            self.memory = vec![memory::UNSEEN; self.at.regime.paragraph_count];
        }
        match self.memory.get(paragraph.index).copied() {
            Some(memory::UNSEEN) => {
                self.remember(paragraph, memory::OPEN);
                let truth = self.paragraph(entry, paragraph);
                self.remember(paragraph, memory::known(truth));
                truth
            }
            known => memory::paragraph(known.unwrap_or(memory::OPEN)),
        }
    }

    fn remember(&mut self, paragraph: &Paragraph, byte: u8) {
        if let Some(slot) = self.memory.get_mut(paragraph.index) {
            *slot = byte;
        }
    }

    /// A paragraph with the notes in whose scope it is.
    fn paragraph(&mut self, entry: &Entry, paragraph: &Paragraph) -> ParagraphTruth {
        let mut truth = self.term(paragraph.when.root());
        if truth != Truth::NotMet && !paragraph.notes.is_empty() {
            truth = self.with_notes(entry, paragraph, truth);
        }
        let by_statement = truth == Truth::Unknown && self.is_stated(entry, paragraph);
        ParagraphTruth {
            truth: if by_statement { Truth::Met } else { truth },
            by_statement,
        }
    }

    fn with_notes(&mut self, entry: &Entry, paragraph: &Paragraph, formula: Truth) -> Truth {
        let date = self.at.date;
        let (mut excluded, mut included) = (Truth::NotMet, Truth::NotMet);
        for position in &paragraph.notes {
            let Some(note) = entry.notes.get(*position) else {
                continue;
            };
            if note.period.contains(date) {
                let applies = self.term(note.when.root());
                match note.kind {
                    NoteKind::Exclude => excluded = excluded.or(applies),
                    NoteKind::Include => included = included.or(applies),
                }
            }
        }
        match (excluded, included) {
            // An exclusion that the facts do not decide does not block; it is an open question.
            (Truth::NotMet | Truth::Unknown, _) | (Truth::Met, Truth::Met) => formula,
            (Truth::Met, Truth::NotMet) => Truth::NotMet,
            (Truth::Met, Truth::Unknown) => formula.and(Truth::Unknown),
        }
    }

    /// The stated code is this paragraph or lies below it.
    pub(super) fn is_stated(&self, entry: &Entry, paragraph: &Paragraph) -> bool {
        self.stated.is_some_and(|stated| {
            stated.code.entry == entry.code && paragraph.path.covers(&stated.code.path)
        })
    }
}
