//! The trace: what was compared with what.

use std::sync::Arc;

use super::{ComparisonMade, Evaluation, Evaluator, InputKind, Truth, words};
use crate::condition::{Condition, Term, Threshold};

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
        let vocabulary = &self.at.regime.vocabulary;
        match term {
            Term::Constant(_) => {}
            Term::All(parts) | Term::Any(parts) => {
                for part in parts {
                    self.compared(part, made);
                }
            }
            Term::Not(inner) => self.compared(inner, made),
            Term::Compare(threshold) => {
                let truth = self.compare(threshold);
                made.extend(self.comparison(threshold, truth));
            }
            Term::OneOf {
                attribute,
                words,
                text,
                ..
            } => made.push(ComparisonMade {
                subject: Arc::clone(words::attribute(*attribute)),
                kind: InputKind::Attribute,
                operator: "in",
                threshold: Arc::clone(text),
                value: self.item.attribute(*attribute).cloned(),
                unit: None,
                origin: self
                    .item
                    .attribute(*attribute)
                    .map(|_| crate::item::Origin::Stated),
                truth: self.one_of(*attribute, words),
            }),
            Term::Flag(flag) => {
                let value = self.item.flag(*flag);
                let subject = vocabulary.flag(*flag).map(|flag| Arc::clone(&flag.id));
                made.push(is(subject, InputKind::Flag, value));
            }
            Term::Judgement(judgement) => {
                let value = self.judgements.answer(*judgement);
                let subject = vocabulary.judgement(*judgement).map(|j| Arc::clone(&j.id));
                made.push(is(subject, InputKind::Judgement, value));
            }
            Term::Reference(reference) => {
                let value = match self.reference(reference) {
                    Truth::Met => Some(true),
                    Truth::NotMet => Some(false),
                    Truth::Unknown => None,
                };
                let text = Some(Arc::clone(&reference.text));
                made.push(is(text, InputKind::StatedCode, value));
            }
        }
    }

    fn comparison(&self, threshold: &Threshold, truth: Truth) -> Option<ComparisonMade> {
        let parameter = self.at.regime.vocabulary.parameter(threshold.parameter)?;
        let known = self.item.known(threshold.parameter);
        Some(ComparisonMade {
            subject: Arc::clone(&parameter.id),
            kind: InputKind::Parameter,
            operator: threshold.operator.symbol(),
            threshold: Arc::clone(&threshold.text),
            value: known.map(|known| Arc::clone(&known.text)),
            unit: Some(Arc::clone(parameter.unit.symbol())),
            origin: known.map(|known| known.value.origin),
            truth,
        })
    }
}

fn is(subject: Option<Arc<str>>, kind: InputKind, value: Option<bool>) -> ComparisonMade {
    ComparisonMade {
        subject: subject.unwrap_or_default(),
        kind,
        operator: "is",
        threshold: Arc::clone(words::truth(true)),
        value: value.map(|value| Arc::clone(words::truth(value))),
        unit: None,
        origin: value.map(|_| crate::item::Origin::Stated),
        truth: Truth::of(value),
    }
}
