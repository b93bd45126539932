//! Three-valued evaluation: what is not stated is unknown, and unknown is neither met nor ruled out.

mod explain;
mod open;
mod settle;
mod truth;
mod words;

use std::ops::{Deref, Not};
use std::sync::Arc;

pub(crate) use open::{Open, Wanted};
pub(crate) use settle::Entangled;
pub(crate) use truth::{Evaluator, ParagraphTruth};

use crate::item::Origin;

/// The value of a condition on incomplete facts (strong Kleene logic).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// The facts given rule it out.
    NotMet,
    /// The facts given do not decide it.
    Unknown,
    /// The facts given meet it.
    Met,
}

impl Truth {
    /// True or false for sure.
    #[must_use]
    pub const fn known(value: bool) -> Self {
        if value { Self::Met } else { Self::NotMet }
    }

    /// Known or unknown.
    #[must_use]
    pub const fn of(value: Option<bool>) -> Self {
        match value {
            Some(value) => Self::known(value),
            None => Self::Unknown,
        }
    }

    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// One holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// As answers write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not_met",
            Self::Unknown => "unknown",
        }
    }
}

impl Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Met => Self::NotMet,
            Self::NotMet => Self::Met,
            Self::Unknown => Self::Unknown,
        }
    }
}

/// What kind of input is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InputKind {
    /// A parameter with a unit.
    Parameter,
    /// A flag.
    Flag,
    /// A word such as the CAS number.
    Attribute,
    /// A question for a person.
    Judgement,
    /// Whether a paragraph is met whose thresholds are not in our data: only a stated code tells.
    StatedCode,
}

impl InputKind {
    /// As answers write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Parameter => "parameter",
            Self::Flag => "flag",
            Self::Attribute => "attribute",
            Self::Judgement => "judgement",
            Self::StatedCode => "stated_code",
        }
    }
}

/// An input that the facts lack.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MissingInput {
    /// What it is.
    pub kind: InputKind,
    /// Its id: parameter, flag, attribute, judgement, or the code of a referenced paragraph.
    pub id: Arc<str>,
    /// For a derived parameter: the inputs still missing that together would give it too.
    pub derivable_from: Vec<Arc<str>>,
}

/// What a formula compares: made once when it is read, shared by every answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tested {
    /// Parameter, flag, attribute, judgement or referenced paragraph.
    pub subject: Arc<str>,
    /// What kind of input it is; a reference to a paragraph counts as `StatedCode`.
    pub kind: InputKind,
    /// `>`, `>=`, `<`, `<=`, `=`, `in`, or `is` for flags, judgements and references.
    pub operator: &'static str,
    /// The threshold with its unit as the formula writes it; the set of words; `true`.
    pub threshold: Arc<str>,
    /// Canonical unit of a parameter.
    pub unit: Option<Arc<str>>,
    /// Operator and threshold together, as questions name them.
    pub compared: Arc<str>,
}

impl Tested {
    /// A parameter against a bound, or an attribute against a set of words.
    pub(crate) fn new(
        subject: Arc<str>,
        kind: InputKind,
        operator: &'static str,
        threshold: Arc<str>,
        unit: Option<Arc<str>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            compared: format!("{operator} {threshold}").into(),
            subject,
            kind,
            operator,
            threshold,
            unit,
        })
    }

    /// Something that is so or is not: a flag, a judgement, a paragraph that is met.
    pub(crate) fn is(subject: Arc<str>, kind: InputKind) -> Arc<Self> {
        Self::new(subject, kind, "is", Arc::clone(words::truth(true)), None)
    }
}

/// One value against one threshold. What is compared reads as its own fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparisonMade {
    /// What is compared with what.
    pub tested: Arc<Tested>,
    /// The value used in the canonical unit (`~` before a rounded one); absent when unknown.
    pub value: Option<Arc<str>>,
    /// Where the value comes from; absent when unknown.
    pub origin: Option<Origin>,
    /// The outcome of this comparison.
    pub truth: Truth,
}

impl Deref for ComparisonMade {
    type Target = Tested;

    fn deref(&self) -> &Tested {
        &self.tested
    }
}

/// A formula evaluated over an item, with its trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// How it came out.
    pub truth: Truth,
    /// The comparisons in the order of the formula.
    pub comparisons: Vec<ComparisonMade>,
    /// Inputs that would decide it, when unknown.
    pub missing: Vec<MissingInput>,
}
