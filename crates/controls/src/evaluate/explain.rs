//! The trace: what was compared with what, and which inputs would decide what is open.

mod words;

use std::sync::Arc;

use super::{ComparisonMade, Evaluation, Evaluator, InputKind, MissingInput, Truth};
use crate::condition::{Condition, Term, Threshold};
use crate::vocabulary::ParameterId;

/// What explaining collects.
#[derive(Debug, Default)]
pub(crate) struct Explanation {
    pub(crate) comparisons: Vec<ComparisonMade>,
    pub(crate) missing: Vec<MissingInput>,
}

impl Evaluator<'_> {
    /// A condition with its trace.
    pub(crate) fn evaluation(&mut self, condition: &Condition) -> Evaluation {
        let truth = self.term(condition.root());
        let explanation = self.explain(condition, truth);
        Evaluation {
            truth,
            comparisons: explanation.comparisons,
            missing: explanation.missing,
        }
    }

    /// The comparisons of a condition, and what is missing when it came out unknown.
    pub(crate) fn explain(&mut self, condition: &Condition, truth: Truth) -> Explanation {
        let mut explanation = Explanation {
            comparisons: Vec::with_capacity(condition.comparisons),
            missing: Vec::new(),
        };
        self.compared(condition.root(), &mut explanation.comparisons);
        if truth == Truth::Unknown {
            self.missing(condition.root(), &mut explanation.missing);
        }
        explanation
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

    /// The inputs on which an unknown term hangs: of its parts only those that are unknown themselves.
    pub(crate) fn missing(&mut self, term: &Term, missing: &mut Vec<MissingInput>) {
        match term {
            Term::Constant(_) => {}
            Term::All(parts) | Term::Any(parts) => {
                for part in parts {
                    if self.term(part) == Truth::Unknown {
                        self.missing(part, missing);
                    }
                }
            }
            Term::Not(inner) => self.missing(inner, missing),
            Term::Compare(threshold) => {
                if self.compare(threshold) == Truth::Unknown {
                    add(missing, self.missing_parameter(threshold.parameter));
                }
            }
            Term::OneOf {
                attribute, words, ..
            } => {
                if self.one_of(*attribute, words) == Truth::Unknown {
                    add(
                        missing,
                        Some(plain(
                            InputKind::Attribute,
                            Arc::clone(words::attribute(*attribute)),
                        )),
                    );
                }
            }
            Term::Flag(flag) => {
                if self.item.flag(*flag).is_none() {
                    let flag = self.at.regime.vocabulary.flag(*flag);
                    add(
                        missing,
                        flag.map(|flag| plain(InputKind::Flag, Arc::clone(&flag.id))),
                    );
                }
            }
            Term::Judgement(judgement) => {
                if self.judgements.answer(*judgement).is_none() {
                    let found = self.at.regime.vocabulary.judgement(*judgement);
                    add(
                        missing,
                        found.map(|j| plain(InputKind::Judgement, Arc::clone(&j.id))),
                    );
                }
            }
            Term::Reference(reference) => self.missing_of_reference(reference, missing),
        }
    }

    fn missing_of_reference(
        &mut self,
        reference: &crate::condition::Reference,
        missing: &mut Vec<MissingInput>,
    ) {
        let before = missing.len();
        let (regime, date) = (self.at.regime, self.at.date);
        for (entry, paragraph) in crate::regime::graph::targets(regime, reference) {
            if paragraph.period.contains(date)
                && self.remembered(entry, paragraph).truth == Truth::Unknown
            {
                self.missing(paragraph.when.root(), missing);
            }
        }
        if missing.len() == before {
            add(
                missing,
                Some(plain(InputKind::StatedCode, Arc::clone(&reference.text))),
            );
        }
    }

    fn missing_parameter(&self, id: ParameterId) -> Option<MissingInput> {
        let vocabulary = &self.at.regime.vocabulary;
        let parameter = vocabulary.parameter(id)?;
        let derivable_from = parameter
            .derived
            .as_ref()
            .map_or_else(Vec::new, |derivation| {
                derivation
                    .inputs()
                    .filter(|input| self.item.parameter(*input).is_none())
                    .filter_map(|input| vocabulary.parameter(input))
                    .map(|input| Arc::clone(&input.id))
                    .collect()
            });
        let id = Arc::clone(&parameter.id);
        Some(MissingInput {
            kind: InputKind::Parameter,
            id,
            derivable_from,
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

const fn plain(kind: InputKind, id: Arc<str>) -> MissingInput {
    MissingInput {
        kind,
        id,
        derivable_from: Vec::new(),
    }
}

fn add(missing: &mut Vec<MissingInput>, input: Option<MissingInput>) {
    if let Some(input) = input
        && !missing.contains(&input)
    {
        missing.push(input);
    }
}
