//! Two whole lists, or one list at two dates, subtracted from one another: which entries are compared with which, and what
//! only one side has. The subtraction of a pair is that of [`concord_controls::compare`].

mod run;

use std::sync::Arc;

use concord_controls::compare::{CompareError, Comparison, NotCompared, Region};
use concord_controls::entry::Code;
use concord_controls::regime::RegimeAt;
use jiff::civil::Date;

use crate::alignment::{Alignment, Evidence};
use run::{Named, Run};

/// Why lists cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// The lists speak different languages.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// A code of the scope is not in force on either side.
    #[error("{0}")]
    UnknownCode(String),
    /// Nothing that either list dates had begun by then: their periods say nothing about that day.
    #[error(
        "{date}, at which the list of {jurisdiction} is read, lies before every period of the lists; the first begins on {first}"
    )]
    BeforeEveryPeriod {
        /// The list.
        jurisdiction: String,
        /// Which side it is on.
        side: ListSide,
        /// The day asked for.
        date: Date,
        /// The first day on which some entry or paragraph begins.
        first: Date,
    },
}

/// The left or the right list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListSide {
    /// The first.
    Left,
    /// The second.
    Right,
}

/// Two groups of codes that stand for one another, and where they part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Codes of the left list.
    pub left: Vec<String>,
    /// Codes of the right list.
    pub right: Vec<String>,
    /// What the pairing rests on.
    pub evidence: Evidence,
    /// Thresholds of a side are unverified or incomplete.
    pub partial: bool,
    /// Where they part.
    pub comparison: Comparison,
}

impl Pair {
    /// The regions with the side that controls them.
    pub fn regions(&self) -> impl Iterator<Item = (ListSide, &Region)> {
        let left = self.comparison.only_left.iter();
        let right = self.comparison.only_right.iter();
        left.map(|region| (ListSide::Left, region))
            .chain(right.map(|region| (ListSide::Right, region)))
    }
}

/// Why one side has nothing to compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapKind {
    /// The other list has no such entry.
    ListScope,
    /// It has one, which is not in force at the date.
    Temporal,
}

impl GapKind {
    /// The word of the divergence taxonomy.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ListScope => "list_scope_gap",
            Self::Temporal => "temporal",
        }
    }
}

/// Something that one list alone has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// How.
    pub kind: GapKind,
    /// The list that has it.
    pub side: ListSide,
    /// Its code there.
    pub code: String,
    /// What the statement rests on.
    pub evidence: Evidence,
    /// Not confirmed in the other list's own text.
    pub partial: bool,
}

/// Why something is missing from the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Missing {
    /// The thresholds of this side are not in our data.
    NoThresholds(ListSide),
    /// No alignment record speaks of these paragraphs.
    NoRecord(ListSide),
    /// Equal numbers, known to be different controls.
    NotTheSame,
    /// Items of this side that another authority of the same country licenses: the comparison is about the others.
    OtherAuthority(ListSide),
    /// The comparison of the pair itself is incomplete.
    Pair(NotCompared),
}

impl Missing {
    /// As answers write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoThresholds(_) => "no_thresholds",
            Self::NoRecord(_) => "no_alignment_record",
            Self::NotTheSame => "not_the_same_control",
            Self::OtherAuthority(_) => "other_authority",
            Self::Pair(what) => what.word(),
        }
    }

    /// The side on which it is missing, where there is one.
    #[must_use]
    pub const fn side(self) -> Option<ListSide> {
        match self {
            Self::NoThresholds(side) | Self::NoRecord(side) | Self::OtherAuthority(side) => {
                Some(side)
            }
            Self::NotTheSame | Self::Pair(_) => None,
        }
    }
}

/// Codes that are not compared, or not fully.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncompared {
    /// Codes of the left list.
    pub left: Vec<String>,
    /// Codes of the right list.
    pub right: Vec<String>,
    /// Why.
    pub why: Missing,
}

/// What two lists control apart from one another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListComparison {
    /// The pairs, in order of the left code, also those without a difference.
    pub pairs: Vec<Arc<Pair>>,
    /// What one side alone has.
    pub gaps: Vec<Gap>,
    /// What is missing, with the reason. Never silent.
    pub not_compared: Vec<Uncompared>,
}

/// Compares two lists over the alignment records. Entries without a record are paired by their five characters, which is
/// the weakest evidence and named so. An empty scope is everything.
///
/// # Errors
/// [`ListError`]: a scope code that neither list has in force; a date before every period of the lists; different
/// vocabularies.
pub fn compare_lists(
    alignment: &Alignment,
    left: RegimeAt<'_>,
    right: RegimeAt<'_>,
    scope: &[Code],
) -> Result<ListComparison, ListError> {
    let mut run = Run::new(left, right, scope)?;
    let names = [left, right].map(|at| at.regime().jurisdiction().to_string());
    for record in alignment.records() {
        run.record(record, &names);
    }
    let named = Named::of(alignment, &names);
    run.by_number(&named);
    run.without_record(&named);
    Ok(run.finish())
}

/// Compares two lists by entry code: one list at two dates, or two editions of it.
///
/// # Errors
/// [`ListError`]: a scope code that is in force on neither side; different vocabularies.
pub fn compare_editions(
    left: RegimeAt<'_>,
    right: RegimeAt<'_>,
    scope: &[Code],
) -> Result<ListComparison, ListError> {
    let mut run = Run::new(left, right, scope)?;
    let mut codes: Vec<String> = left.entries().map(|e| e.code.to_string()).collect();
    codes.extend(right.entries().map(|e| e.code.to_string()));
    codes.sort();
    codes.dedup();
    for code in codes {
        for part in run.scoped(&code) {
            let codes = vec![part];
            run.pair(codes.clone(), codes, Evidence::Code, false);
        }
    }
    Ok(run.finish())
}
