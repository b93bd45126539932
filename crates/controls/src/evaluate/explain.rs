//! The trace: what was compared with what.

use std::sync::Arc;

use super::{ComparisonMade, Evaluation, Evaluator, Tested, Truth, words};
use crate::condition::{Condition, Term};
use crate::item::Origin;

impl Evaluator<'_> {
    /// A condition with its trace.
    pub(crate) fn evaluation(&mut self, condition: &Condition) -> Evaluation {
        let truth = self.term(condition.root());
        let missing = match truth {
            Truth::Unknown => {
                let open = self.open(condition.root());
                let inputs = open.inputs.iter();
                inputs.map(|open| self.missing(open.wanted)).collect()
            }
            Truth::Met | Truth::NotMet => Vec::new(),
        };
        Evaluation {
            truth,
            comparisons: self.comparisons(condition),
            missing,
        }
    }

    /// The comparisons of a condition, in the order of the formula.
    pub(crate) fn comparisons(&mut self, condition: &Condition) -> Vec<ComparisonMade> {
        let mut made = Vec::with_capacity(condition.comparisons);
        self.compared(condition.root(), &mut made);
        made
    }

    fn compared(&mut self, term: &Term, made: &mut Vec<ComparisonMade>) {
        match term {
            Term::Constant(_) => {}
            Term::All(parts) | Term::Any(parts) => {
                for part in parts {
                    self.compared(part, made);
                }
            }
            Term::Not(inner) => self.compared(inner, made),
            Term::Compare(threshold) => {
                let known = self.item.known(threshold.parameter);
                made.push(ComparisonMade {
                    tested: Arc::clone(&threshold.tested),
                    value: known.map(|known| Arc::clone(&known.text)),
                    origin: known.map(|known| known.value.origin),
                    truth: self.compare(threshold),
                });
            }
            Term::OneOf {
                attribute,
                words,
                tested,
                ..
            } => {
                let value = self.item.attribute(*attribute).cloned();
                made.push(ComparisonMade {
                    tested: Arc::clone(tested),
                    origin: value.as_ref().map(|_| Origin::Stated),
                    value,
                    truth: self.one_of(*attribute, words),
                });
            }
            Term::Flag(flag) => {
                let value = self.item.flag(*flag);
                made.extend(is(self.at.regime.traced.flag(*flag), value));
            }
            Term::Judgement(judgement) => {
                let value = self.judgements.answer(*judgement);
                made.extend(is(self.at.regime.traced.judgement(*judgement), value));
            }
            Term::Reference(reference) => {
                let value = match self.reference(reference) {
                    Truth::Met => Some(true),
                    Truth::NotMet => Some(false),
                    Truth::Unknown => None,
                };
                made.extend(is(Some(&reference.tested), value));
            }
        }
    }
}

/// Whether something is so. What the edition does not have cannot be compared: its formulas name nothing else.
fn is(tested: Option<&Arc<Tested>>, value: Option<bool>) -> Option<ComparisonMade> {
    Some(ComparisonMade {
        tested: Arc::clone(tested?),
        value: value.map(|value| Arc::clone(words::truth(value))),
        origin: value.map(|_| Origin::Stated),
        truth: Truth::of(value),
    })
}
