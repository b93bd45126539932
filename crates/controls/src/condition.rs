//! Formulas bound to a vocabulary: names are indices, thresholds are exact numbers in canonical units.

pub(crate) mod bind;

use std::sync::Arc;

use crate::entry::Path;
use crate::evaluate::Tested;
use crate::exact::Rational;
use crate::formula::Operator;
use crate::vocabulary::{Attribute, FlagId, JudgementId, ParameterId};

/// A formula that can be evaluated over an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub(crate) root: Term,
    /// The formula in canonical spelling.
    pub(crate) text: Arc<str>,
    /// How many comparisons a trace of it has.
    pub(crate) comparisons: usize,
}

/// One term of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// Always or never.
    Constant(bool),
    /// All hold.
    All(Vec<Term>),
    /// One holds.
    Any(Vec<Term>),
    /// Does not hold.
    Not(Box<Term>),
    /// A parameter against a threshold.
    Compare(Threshold),
    /// An attribute against a set of words.
    OneOf {
        /// The attribute.
        attribute: Attribute,
        /// The words, sorted; case-folded for free text.
        words: Vec<Arc<str>>,
        /// The set as written.
        text: Arc<str>,
        /// As traces tell it.
        tested: Arc<Tested>,
    },
    /// A flag.
    Flag(FlagId),
    /// A judgement.
    Judgement(JudgementId),
    /// A paragraph, or anything below it, is met.
    Reference(Reference),
}

/// A comparator and a bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threshold {
    /// The parameter.
    pub parameter: ParameterId,
    /// The comparator, with the parameter on its left.
    pub operator: Operator,
    /// The bound in the parameter's canonical unit.
    pub bound: Rational,
    /// The bound as the formula writes it, with its unit.
    pub text: Arc<str>,
    /// As traces tell it.
    pub(crate) tested: Arc<Tested>,
}

/// An entry and a path below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Entry code.
    pub entry: Arc<str>,
    /// Path; empty for the whole entry.
    pub path: Path,
    /// Both together, as written.
    pub text: Arc<str>,
    /// Where the edition that holds the condition keeps what it points at.
    pub(crate) place: Place,
    /// As traces tell it.
    pub(crate) tested: Arc<Tested>,
}

/// Position in an edition's table of references; absent in conditions that were read outside of one. Takes no part in
/// equality: two editions that say the same are equal.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place(pub(crate) Option<u32>);

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Place {}

impl Condition {
    /// The formula in canonical spelling.
    #[must_use]
    pub const fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The bound formula.
    #[must_use]
    pub const fn root(&self) -> &Term {
        &self.root
    }

    /// Calls `visit` for every atom.
    pub(crate) fn each_atom_mut(&mut self, visit: &mut dyn FnMut(&mut Term)) {
        self.root.each_atom_mut(visit);
    }

    /// Calls `visit` for every term, outermost first, left to right.
    pub fn each_term<'a>(&'a self, visit: &mut dyn FnMut(&'a Term)) {
        self.root.each(visit);
    }
}

impl Term {
    /// How many comparisons a trace of it has.
    pub(crate) fn comparisons(&self) -> usize {
        match self {
            Self::Constant(_) => 0,
            Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::comparisons).sum(),
            Self::Not(inner) => inner.comparisons(),
            _ => 1,
        }
    }

    fn each_atom_mut(&mut self, visit: &mut dyn FnMut(&mut Self)) {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.each_atom_mut(visit);
                }
            }
            Self::Not(inner) => inner.each_atom_mut(visit),
            atom => visit(atom),
        }
    }

    fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a Self)) {
        visit(self);
        match self {
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.each(visit);
                }
            }
            Self::Not(inner) => inner.each(visit),
            _ => {}
        }
    }
}
