//! What one list controls and another does not, exactly: two lists are subtracted from one another.
//!
//! Both sides are written as formulas over parameters, words, flags and judgements, without references. A paragraph of one
//! side, together with the negation of everything on the other, narrows a box of items (an interval with its comparators
//! for each parameter, exact, point intervals included); where nothing more follows, the search splits on the next
//! undecided formula. It never walks the product of all cells. What is left are disjoint [`Region`]s, each with items
//! ([`Witness`]) that the ordinary evaluation confirms on both sides.
//!
//! A region is a conjunction. Regions of several paragraphs are kept apart by alternatives beside it
//! ([`Region::apart`]). Where cutting it into plain boxes would make more than [`MOST_BOXES`] of them, what keeps
//! other paragraphs out stays in it as alternatives (`power < 5 VA or not toy`). Judgements and paragraphs whose thresholds
//! are not in our data count as questions with either answer. A question that stands for features which are not in our data
//! and that one side alone asks is answered so that it makes no region: nobody knows what it decides, and
//! [`Comparison::unstored`] names who asks it. A comparison that reaches its limit says so ([`NotCompared`]): it is never
//! silently shorter.

mod build;
mod cell;
mod confirm;
mod decimal;
mod difference;
mod linked;
mod logic;
mod plane;
mod print;
mod search;
mod settled;
mod space;
mod standing;
mod witness;

use std::sync::Arc;

pub use plane::{Axis, Control, Plane};
pub use standing::{Standing, standing};
pub use witness::Witness;

use crate::condition::Condition;
use crate::entry::{Code, Entry, Paragraph};
use crate::evaluate::{Evaluator, Truth};
use crate::item::{Item, Judgements};
use crate::regime::RegimeAt;
use build::{Builder, Built};
use cell::Cell;
use logic::{Logic, NodeId};
use search::Search;
use settled::{Settled, Share};
use space::Space;
use standing::in_force;

/// Into how many boxes one paragraph's difference is cut at most, before alternatives stay in the region.
pub const MOST_BOXES: usize = 8;
/// How many paragraph parts are kept apart at most.
const MOST_PARTS: usize = 32;
/// How many formulas one comparison looks at by default: far more than any pair of entries needs.
pub const DEFAULT_LIMIT: u32 = 1_000_000;
/// How many formulas one way of cutting a paragraph's difference may look at before a coarser one is tried.
const TRY: u32 = 40_000;
/// Regions beyond this number are not tried in pairs for merging.
const MOST_MERGED: usize = 400;

/// The search reached its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Exhausted;

/// Why two lists cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompareError {
    /// A parameter of one means another thing than that of the other.
    #[error(
        "the lists have different vocabularies, {left} and {right}: compare editions of one release"
    )]
    OtherVocabulary {
        /// Digest of the left vocabulary.
        left: Arc<str>,
        /// Digest of the right one.
        right: Arc<str>,
    },
}

/// A part of a comparison that is missing, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NotCompared {
    /// The limit was reached: there may be more regions.
    Limit,
    /// A region is given without an item, since none was found that the evaluation of both sides confirms.
    Witness,
}

impl NotCompared {
    /// As answers write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Limit => "limit_reached",
            Self::Witness => "no_witness_found",
        }
    }
}

/// Items that one side alone controls: the conjunction of `inequalities` and `apart`. Regions of one comparison are disjoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Codes of the paragraphs that control it; empty when conditions were compared.
    pub paragraphs: Vec<Arc<str>>,
    /// In the formula language; numbers in the vocabulary's units.
    pub inequalities: Vec<String>,
    /// Further alternatives that keep it apart from the regions before it: where they do not hold, one of those does.
    pub apart: Vec<String>,
    /// Items in it, each confirmed by evaluation: one inside, then near the lower and the upper ends.
    pub witnesses: Vec<Witness>,
    /// The parameters that it bounds.
    pub parameters: Vec<Arc<str>>,
}

/// What two sides control apart from one another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// Controlled by the left side only.
    pub only_left: Vec<Region>,
    /// Controlled by the right side only.
    pub only_right: Vec<Region>,
    /// What is missing from it.
    pub not_compared: Vec<NotCompared>,
    /// Paragraphs of the left and of the right side that rest on features which are not in our data and of which the other
    /// side does not speak: what they alone decide is in no region.
    pub unstored: [Vec<Arc<str>>; 2],
    /// Paragraphs of the left and of the right side that leave some items to another authority of the same country: the
    /// regions are about the others.
    pub left_to_others: [Vec<Arc<str>>; 2],
}

impl Comparison {
    /// Both sides control the same items.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.only_left.is_empty()
            && self.only_right.is_empty()
            && self.not_compared.is_empty()
            && self.unstored.iter().all(Vec::is_empty)
    }
}

/// Subtracts the contents of two lists, or of one list at two dates, from one another.
#[derive(Debug)]
pub struct Comparer<'r> {
    left: RegimeAt<'r>,
    right: RegimeAt<'r>,
    logic: Logic,
    built: [Built; 2],
    limit: u32,
}

/// One side of a pair.
struct Side<'a> {
    at: RegimeAt<'a>,
    controls: Controls<'a>,
    /// What it controls, by paragraph with its code.
    parts: Vec<(Option<Arc<str>>, NodeId)>,
}

enum Controls<'a> {
    Condition(&'a Condition),
    Paragraphs(Vec<(&'a Entry, &'a Paragraph)>),
}

impl Side<'_> {
    fn truth(&self, item: &Item, judgements: &Judgements) -> Truth {
        let mut evaluator = Evaluator::new(self.at, item, judgements);
        match &self.controls {
            Controls::Condition(condition) => evaluator.term(condition.root()),
            Controls::Paragraphs(paragraphs) => paragraphs
                .iter()
                .map(|(entry, paragraph)| evaluator.remembered(entry, paragraph).truth)
                .fold(Truth::NotMet, Truth::or),
        }
    }
}

/// A region while it is being put together.
struct Found {
    paragraphs: Vec<Arc<str>>,
    cell: Cell,
    clauses: Vec<NodeId>,
    apart: Vec<NodeId>,
}

impl<'r> Comparer<'r> {
    /// Prepares a comparison.
    ///
    /// # Errors
    /// [`CompareError::OtherVocabulary`].
    pub fn new(left: RegimeAt<'r>, right: RegimeAt<'r>) -> Result<Self, CompareError> {
        let digest = |at: RegimeAt<'r>| Arc::clone(at.regime.vocabulary.digest());
        if digest(left) != digest(right) {
            return Err(CompareError::OtherVocabulary {
                left: digest(left),
                right: digest(right),
            });
        }
        Ok(Self {
            left,
            right,
            logic: Logic::new(),
            built: [Built::default(), Built::default()],
            limit: DEFAULT_LIMIT,
        })
    }

    /// Looks at no more than this many formulas in each comparison.
    #[must_use]
    pub const fn with_limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }

    /// Compares two formulas.
    #[must_use]
    pub fn conditions(&mut self, left: &Condition, right: &Condition) -> Comparison {
        let sides = [(self.left, left), (self.right, right)];
        let [left, right] = [0, 1].map(|position: usize| {
            let (at, condition) = if position == 0 { sides[0] } else { sides[1] };
            let built = if position == 0 {
                &mut self.built[0]
            } else {
                &mut self.built[1]
            };
            let root = Builder {
                logic: &mut self.logic,
                at,
                built,
            }
            .term(condition.root());
            Side {
                at,
                controls: Controls::Condition(condition),
                parts: vec![(None, root)],
            }
        });
        self.compare(&left, &right)
    }

    /// Compares what the paragraphs at and below some codes control together, with their notes, each list at its date.
    #[must_use]
    pub fn codes(&mut self, left: &[Code], right: &[Code]) -> Comparison {
        let left = self.side(self.left, 0, left);
        let right = self.side(self.right, 1, right);
        self.compare(&left, &right)
    }

    fn side<'a>(&mut self, at: RegimeAt<'a>, position: usize, codes: &[Code]) -> Side<'a>
    where
        'r: 'a,
    {
        let mut parts = Vec::new();
        let paragraphs = in_force(at, codes);
        let Some(built) = self.built.get_mut(position) else {
            return Side {
                at,
                controls: Controls::Paragraphs(paragraphs),
                parts,
            };
        };
        for (entry, paragraph) in &paragraphs {
            let node = Builder {
                logic: &mut self.logic,
                at,
                built,
            }
            .paragraph(entry, paragraph);
            parts.push((Some(Arc::clone(&paragraph.code)), node));
        }
        Side {
            at,
            controls: Controls::Paragraphs(paragraphs),
            parts,
        }
    }

    fn compare(&mut self, left: &Side<'_>, right: &Side<'_>) -> Comparison {
        let vocabulary = &self.left.regime.vocabulary;
        let tested = self.logic.variables(&roots(left, right));
        let space = Space::new(vocabulary, &tested);
        let mut settled = Settled::between(&self.logic, vocabulary, [left, right].map(nodes));
        let shares = [(left, right), (right, left)]
            .map(|(side, other)| settled.share(&mut self.logic, &side.parts, &nodes(other)));
        let [mine, theirs] = &shares;
        let mut comparison = Comparison {
            unstored: [mine, theirs].map(|share| share.unstored.clone()),
            left_to_others: [mine, theirs].map(|share| share.left_to_others.clone()),
            ..Comparison::default()
        };
        for leftward in [true, false] {
            let (side, other, share, against) = if leftward {
                (left, right, mine, theirs)
            } else {
                (right, left, theirs, mine)
            };
            let mut search = Search {
                logic: &mut self.logic,
                vocabulary: &space,
                steps: self.limit,
            };
            let (found, complete) = search.difference(share, against);
            if !complete {
                comparison.not_compared.push(NotCompared::Limit);
            }
            let mut regions = Vec::with_capacity(found.len());
            for found in found {
                let witnesses = search.witnesses(&found, side, other, &settled);
                if witnesses.is_empty() {
                    comparison.not_compared.push(NotCompared::Witness);
                }
                let bounded = search.bounded(&found);
                let known = bounded.into_iter().filter_map(|id| space.parameter(id));
                regions.push(Region {
                    parameters: known.map(|p| Arc::clone(&p.id)).collect(),
                    inequalities: print::inequalities(
                        &found.cell,
                        &found.clauses,
                        search.logic,
                        &space,
                    ),
                    apart: print::inequalities(
                        &Cell::default(),
                        &found.apart,
                        search.logic,
                        &space,
                    ),
                    paragraphs: found.paragraphs,
                    witnesses,
                });
            }
            if leftward {
                comparison.only_left = regions;
            } else {
                comparison.only_right = regions;
            }
        }
        comparison.not_compared.dedup();
        comparison
    }
}

fn nodes(side: &Side<'_>) -> Vec<NodeId> {
    side.parts.iter().map(|(_, node)| *node).collect()
}

fn roots(side: &Side<'_>, other: &Side<'_>) -> Vec<NodeId> {
    [side, other].into_iter().flat_map(nodes).collect()
}
