//! From syntax to a bound condition.

use std::sync::Arc;

use super::{Condition, Place, Reference, Term, Threshold};
use crate::entry::Code;
use crate::evaluate::{InputKind, Tested};
use crate::exact::Decimal;
use crate::formula::{Formula, Name, Operator, QuantityText};
use crate::problem::{ProblemKind, Problems};
use crate::unit::Unit;
use crate::vocabulary::{Attribute, Named, Vocabulary};
use crate::yaml::Cursor;

impl Condition {
    /// Parses and binds a formula. References are read but not looked up
    /// (see [`Regime::check_references`](crate::regime::Regime::check_references)).
    ///
    /// # Errors
    /// Every problem, each with its column in the formula (from 1).
    pub fn parse(text: &str, vocabulary: &Vocabulary) -> Result<Self, Vec<(u32, ProblemKind)>> {
        let formula = Formula::parse(text)
            .map_err(|error| vec![(error.column, ProblemKind::Formula { error })])?;
        let mut binder = Binder {
            vocabulary,
            problems: Vec::new(),
        };
        let root = binder.term(&formula);
        if binder.problems.is_empty() {
            Ok(Self {
                comparisons: root.comparisons(),
                root,
                text: formula.to_string().into(),
            })
        } else {
            Err(binder.problems)
        }
    }

    /// Reads a formula from a scalar of a file, with problems at their place in the file.
    pub fn read(
        cursor: Cursor<'_>,
        vocabulary: &Vocabulary,
        problems: &mut Problems,
    ) -> Option<Self> {
        let text = cursor.text(problems)?;
        match Self::parse(text, vocabulary) {
            Ok(condition) => Some(condition),
            Err(found) => {
                for (column, kind) in found {
                    problems.push(cursor.location_in_text(column.saturating_sub(1)), kind);
                }
                None
            }
        }
    }
}

struct Binder<'a> {
    vocabulary: &'a Vocabulary,
    problems: Vec<(u32, ProblemKind)>,
}

impl Binder<'_> {
    fn unknown(&mut self, what: &'static str, name: &Name) {
        let hint = self.vocabulary.nearest(&name.text).map(str::to_owned);
        let kind = ProblemKind::UnknownName {
            what,
            id: name.text.clone(),
            hint,
        };
        self.problems.push((name.column.0, kind));
    }

    fn term(&mut self, formula: &Formula) -> Term {
        const REFUSED: Term = Term::Constant(false);
        match formula {
            Formula::Constant(value) => Term::Constant(*value),
            Formula::All(parts) => Term::All(parts.iter().map(|part| self.term(part)).collect()),
            Formula::Any(parts) => Term::Any(parts.iter().map(|part| self.term(part)).collect()),
            Formula::Not(inner) => Term::Not(Box::new(self.term(inner))),
            Formula::Compare {
                parameter,
                operator,
                threshold,
            } => self
                .compare(parameter, *operator, threshold)
                .unwrap_or(REFUSED),
            Formula::Between {
                left,
                left_operator,
                parameter,
                right_operator,
                right,
            } => {
                let low = self.compare(parameter, left_operator.mirrored(), left);
                let high = self.compare(parameter, *right_operator, right);
                if let (Some(Term::Compare(low)), Some(Term::Compare(high))) = (&low, &high)
                    && low.bound > high.bound
                {
                    let what =
                        format!("`{formula}` is empty: its lower bound is above its upper bound");
                    self.problems
                        .push((left.column.0, ProblemKind::Invalid { what }));
                }
                Term::All(low.into_iter().chain(high).collect())
            }
            Formula::OneOf { attribute, words } => self.one_of(attribute, words).unwrap_or(REFUSED),
            Formula::Flag(name) => match self.vocabulary.find(&name.text) {
                Some(Named::Flag(flag)) => Term::Flag(flag),
                Some(Named::Parameter(_)) => {
                    let what = format!(
                        "the parameter `{}` needs a comparison, for example `>= 1`",
                        name.text
                    );
                    self.problems
                        .push((name.column.0, ProblemKind::Invalid { what }));
                    REFUSED
                }
                Some(Named::Judgement(_)) => {
                    let what = format!("a judgement is written `judgement({})`", name.text);
                    self.problems
                        .push((name.column.0, ProblemKind::Invalid { what }));
                    REFUSED
                }
                None => {
                    self.unknown("parameter or flag", name);
                    REFUSED
                }
            },
            Formula::Judgement(name) => match self.vocabulary.judgement_id(&name.text) {
                Some(judgement) => Term::Judgement(judgement),
                None => {
                    self.unknown("judgement", name);
                    REFUSED
                }
            },
            Formula::Reference(name) => match Code::parse(&name.text) {
                Some(code) => Term::Reference(Reference {
                    entry: code.entry,
                    path: code.path,
                    text: name.text.as_str().into(),
                    place: Place::default(),
                    tested: Tested::is(name.text.as_str().into(), InputKind::StatedCode),
                }),
                None => {
                    let kind = ProblemKind::DanglingReference {
                        code: name.text.clone(),
                    };
                    self.problems.push((name.column.0, kind));
                    REFUSED
                }
            },
        }
    }

    fn compare(
        &mut self,
        name: &Name,
        operator: Operator,
        threshold: &QuantityText,
    ) -> Option<Term> {
        let vocabulary = self.vocabulary;
        let parameter_id = vocabulary.parameter_id(&name.text);
        let Some((id, parameter)) =
            parameter_id.and_then(|id| Some((id, vocabulary.parameter(id)?)))
        else {
            self.unknown("parameter", name);
            return None;
        };
        let column = threshold.column.0;
        let number = Decimal::parse(&threshold.number).and_then(Decimal::to_rational);
        let number = match number {
            Ok(number) => number,
            Err(error) => {
                self.problems.push((column, error.into()));
                return None;
            }
        };
        let converted = Unit::parse(threshold.unit.as_deref().unwrap_or("1"))
            .and_then(|unit| unit.convert(number, &parameter.unit));
        match converted {
            Ok(bound) => {
                let text: Arc<str> = threshold.to_string().into();
                let tested = Tested::new(
                    Arc::clone(&parameter.id),
                    InputKind::Parameter,
                    operator.symbol(),
                    Arc::clone(&text),
                    Some(Arc::clone(parameter.unit.symbol())),
                );
                Some(Term::Compare(Threshold {
                    parameter: id,
                    operator,
                    bound,
                    text,
                    tested,
                }))
            }
            Err(error) => {
                self.problems.push((column, error.into()));
                None
            }
        }
    }

    fn one_of(&mut self, name: &Name, words: &[String]) -> Option<Term> {
        let Some(attribute) = Attribute::from_id(&name.text) else {
            let allowed = Attribute::ALL.map(Attribute::id).join(", ");
            let kind = ProblemKind::UnknownWord {
                word: name.text.clone(),
                allowed,
            };
            self.problems.push((name.column.0, kind));
            return None;
        };
        let mut set: Vec<Arc<str>> = Vec::with_capacity(words.len());
        for word in words {
            if let Some(known) = self.vocabulary.words(attribute)
                && !known.iter().any(|k| **k == **word)
            {
                let kind = ProblemKind::UnknownWord {
                    word: word.clone(),
                    allowed: known.join(", "),
                };
                self.problems.push((name.column.0, kind));
            }
            set.push(if attribute.is_free_text() {
                fold(word)
            } else {
                word.as_str().into()
            });
        }
        set.sort();
        set.dedup();
        let text: Arc<str> = format!("{{{}}}", words.join(", ")).into();
        Some(Term::OneOf {
            attribute,
            words: set,
            tested: Tested::new(
                attribute.id().into(),
                InputKind::Attribute,
                "in",
                Arc::clone(&text),
                None,
            ),
            text,
        })
    }
}

/// Free text for comparison: lower case, single spaces.
pub(crate) fn fold(text: &str) -> Arc<str> {
    let mut folded = String::with_capacity(text.len());
    for (position, word) in text.split_whitespace().enumerate() {
        if position > 0 {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }
    folded.into()
}
