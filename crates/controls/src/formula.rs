//! The formula language of control entries: reading, canonical printing, and what a formula names.
//!
//! The grammar is in `docs/regimes.md`. A [`Formula`] is only syntax: names are text with their column.
//! [`Condition`](crate::condition::Condition) is the same formula bound to a vocabulary.

mod parse;
mod print;

use std::fmt;

/// The longest formula, in bytes.
pub const MAX_TEXT: usize = 64 * 1024;
/// How deep parentheses and `not` may nest.
pub const MAX_DEPTH: usize = 64;

/// A column in a formula, from 1. Positions take no part in equality: two formulas are equal when they say the same.
#[derive(Debug, Clone, Copy, Default)]
pub struct Column(pub u32);

impl PartialEq for Column {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Column {}

/// A formula as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Formula {
    /// `true` or `false`.
    Constant(bool),
    /// `a and b and …`, at least two.
    All(Vec<Formula>),
    /// `a or b or …`, at least two.
    Any(Vec<Formula>),
    /// `not a`.
    Not(Box<Formula>),
    /// `tpp >= 4800 TPP`.
    Compare {
        /// The parameter.
        parameter: Name,
        /// The comparator.
        operator: Operator,
        /// The threshold.
        threshold: QuantityText,
    },
    /// `1.6 TPP/mm2 <= performance_density < 5.92 TPP/mm2`.
    Between {
        /// The bound on the left.
        left: QuantityText,
        /// The comparator on the left.
        left_operator: Operator,
        /// The parameter.
        parameter: Name,
        /// The comparator on the right.
        right_operator: Operator,
        /// The bound on the right.
        right: QuantityText,
    },
    /// `cas in {142-84-7}`.
    OneOf {
        /// The attribute.
        attribute: Name,
        /// The words, in the order written.
        words: Vec<String>,
    },
    /// A flag.
    Flag(Name),
    /// `judgement(specially_designed)`.
    Judgement(Name),
    /// `[3A090.a]`: the text between the brackets.
    Reference(Name),
}

/// A name and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Its column.
    pub column: Column,
}

/// A number and its unit as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuantityText {
    /// The number.
    pub number: String,
    /// The unit; absent: `1`.
    pub unit: Option<String>,
    /// The column of the number.
    pub column: Column,
}

impl fmt::Display for QuantityText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.unit {
            Some(unit) => write!(f, "{} {unit}", self.number),
            None => f.write_str(&self.number),
        }
    }
}

/// A comparator. Never an epsilon: the law says `or more` or `exceeding`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `=`
    Equal,
}

impl Operator {
    /// As the formula writes it.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Greater => ">",
            Self::AtLeast => ">=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Equal => "=",
        }
    }

    /// The comparator seen from the other side: `4800 <= tpp` is `tpp >= 4800`.
    #[must_use]
    pub const fn mirrored(self) -> Self {
        match self {
            Self::Greater => Self::Less,
            Self::AtLeast => Self::AtMost,
            Self::Less => Self::Greater,
            Self::AtMost => Self::AtLeast,
            Self::Equal => Self::Equal,
        }
    }

    /// Whether `value operator threshold` holds, given how the value compares with the threshold.
    #[must_use]
    pub const fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Greater => ordering.is_gt(),
            Self::AtLeast => ordering.is_ge(),
            Self::Less => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
            Self::Equal => ordering.is_eq(),
        }
    }
}

/// Why a formula does not parse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// Column of the formula, from 1.
    pub column: u32,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Formula {
    /// Reads a formula.
    ///
    /// # Errors
    /// [`SyntaxError`] with the column at which reading stopped.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        parse::formula(text)
    }
}
