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
//! are not in our data count as questions with either answer. A comparison that reaches its limit says so
//! ([`NotCompared`]): it is never silently shorter.

mod build;
mod cell;
mod decimal;
mod linked;
mod logic;
mod print;
mod search;
mod space;
mod witness;

use std::sync::Arc;

pub use witness::Witness;

use crate::condition::Condition;
use crate::entry::{Code, Coverage, Entry, Paragraph};
use crate::evaluate::{Evaluator, Truth};
use crate::item::{Item, Judgements};
use crate::regime::RegimeAt;
use build::{Builder, Built};
use cell::Cell;
use logic::{Logic, NodeId, Variable};
use search::{Cut, Kind, Search, State};
use space::Space;
use witness::Place;

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

/// How much of a side our data can say at its date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// The list does not know the code.
    Unknown,
    /// It knows it, but nothing of it is in force.
    NotInForce,
    /// It is in force, but its thresholds are not in our data.
    NoThresholds,
    /// Thresholds unverified or incomplete.
    Partial,
    /// Every paragraph with its thresholds.
    Full,
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
}

impl Comparison {
    /// Both sides control the same items.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.only_left.is_empty() && self.only_right.is_empty() && self.not_compared.is_empty()
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
    /// What it controls, each part with the paragraph's code.
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
            let parts = self.logic.spread(root);
            Side {
                at,
                controls: Controls::Condition(condition),
                parts: parts.into_iter().map(|part| (None, part)).collect(),
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
            let spread = self.logic.spread(node);
            parts.extend(
                spread
                    .into_iter()
                    .map(|part| (Some(Arc::clone(&paragraph.code)), part)),
            );
        }
        Side {
            at,
            controls: Controls::Paragraphs(paragraphs),
            parts,
        }
    }

    fn compare(&mut self, left: &Side<'_>, right: &Side<'_>) -> Comparison {
        let mut comparison = Comparison::default();
        let tested = self.logic.variables(&roots(left, right));
        let space = Space::new(&self.left.regime.vocabulary, &tested);
        for leftward in [true, false] {
            let (side, other) = if leftward {
                (left, right)
            } else {
                (right, left)
            };
            let mut search = Search {
                logic: &mut self.logic,
                vocabulary: &space,
                steps: self.limit,
            };
            let (found, complete) = search.difference(&side.parts, &other.parts);
            if !complete {
                comparison.not_compared.push(NotCompared::Limit);
            }
            let mut regions = Vec::with_capacity(found.len());
            for found in found {
                let witnesses = search.witnesses(&found, side, other);
                if witnesses.is_empty() {
                    comparison.not_compared.push(NotCompared::Witness);
                }
                regions.push(Region {
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

/// How much of some codes a list can say at its date.
#[must_use]
pub fn standing(at: RegimeAt<'_>, codes: &[Code]) -> Standing {
    let mut best = Standing::Unknown;
    for code in codes {
        let Some(entry) = at.regime.entry(&code.entry) else {
            continue;
        };
        let paragraphs = entry
            .paragraphs
            .iter()
            .filter(|p| code.path.covers(&p.path))
            .collect::<Vec<_>>();
        let now = paragraphs.iter().any(|p| p.period.contains(at.date));
        let standing = if !entry.period.contains(at.date) || (!paragraphs.is_empty() && !now) {
            Standing::NotInForce
        } else if paragraphs.is_empty() || entry.coverage == Coverage::StatedOnly {
            Standing::NoThresholds
        } else if entry.coverage == Coverage::Partial {
            Standing::Partial
        } else {
            Standing::Full
        };
        best = best.max(standing);
    }
    best
}

fn in_force<'a>(at: RegimeAt<'a>, codes: &[Code]) -> Vec<(&'a Entry, &'a Paragraph)> {
    let mut out: Vec<(&Entry, &Paragraph)> = Vec::new();
    for code in codes {
        let Some(entry) = at.regime.entry(&code.entry) else {
            continue;
        };
        if !entry.period.contains(at.date) {
            continue;
        }
        for paragraph in &entry.paragraphs {
            let wanted = code.path.covers(&paragraph.path) && paragraph.period.contains(at.date);
            if wanted && !out.iter().any(|(_, known)| known.index == paragraph.index) {
                out.push((entry, paragraph));
            }
        }
    }
    out
}

impl Search<'_> {
    /// What `side` controls and `other` does not; false with it: the limit was reached.
    fn difference(
        &mut self,
        side: &[(Option<Arc<str>>, NodeId)],
        other: &[(Option<Arc<str>>, NodeId)],
    ) -> (Vec<Found>, bool) {
        let theirs: std::collections::HashSet<NodeId> = other
            .iter()
            .flat_map(|(_, node)| {
                let mut all = self.logic.alternatives(*node);
                all.push(*node);
                all
            })
            .collect();
        let mut avoided: Vec<NodeId> = Vec::new();
        for (_, node) in other {
            avoided.push(self.logic.not(*node));
        }
        let mut found = Vec::new();
        let mut complete = true;
        let mut apart = Vec::new();
        for (code, node) in side {
            if theirs.contains(node) || *node == Logic::FALSE {
                continue;
            }
            let state = State {
                cell: Cell::default(),
                wanted: vec![*node],
                avoided: avoided.clone(),
                apart: apart.clone(),
            };
            match self.regions(state) {
                Ok(states) => found.extend(states.into_iter().map(|state| Found {
                    paragraphs: code.iter().map(Arc::clone).collect(),
                    cell: state.cell,
                    clauses: state.wanted.into_iter().chain(state.avoided).collect(),
                    apart: state.apart,
                })),
                Err(Exhausted) => complete = false,
            }
            apart.push(self.logic.not(*node));
        }
        (self.merged(found), complete)
    }

    /// Disjoint regions that together are the state.
    fn regions(&mut self, mut state: State) -> Result<Vec<State>, Exhausted> {
        if !self.propagate(&mut state)? {
            return Ok(Vec::new());
        }
        let mut parts = None;
        for (cut, most) in [(Cut::Both, MOST_BOXES), (Cut::WantedOnly, MOST_PARTS)] {
            parts = self.within(TRY, |search| search.split(state.clone(), cut, most))?;
            if parts.is_some() {
                break;
            }
        }
        let mut parts = match parts {
            Some(parts) => parts,
            None if self.model(state.clone())?.is_none() => Vec::new(),
            None => vec![state],
        };
        for part in &mut parts {
            let shorter = self.within(TRY, |search| {
                let mut shorter = part.clone();
                search.drop_implied(&mut shorter)?;
                Ok(Some(shorter))
            })?;
            if let Some(shorter) = shorter {
                *part = shorter;
            }
        }
        Ok(parts)
    }

    /// Tries something for no more than so many steps; `None`: it does not get there.
    fn within<T>(
        &mut self,
        most: u32,
        attempt: impl FnOnce(&mut Self) -> Result<Option<T>, Exhausted>,
    ) -> Result<Option<T>, Exhausted> {
        let granted = most.min(self.steps);
        let rest = self.steps - granted;
        self.steps = granted;
        let result = attempt(self);
        self.steps = self.steps.saturating_add(rest);
        match result {
            Err(Exhausted) if rest == 0 => Err(Exhausted),
            Err(Exhausted) => Ok(None),
            Ok(found) => Ok(found),
        }
    }

    /// Leaves out alternatives that follow from the rest.
    fn drop_implied(&mut self, state: &mut State) -> Result<(), Exhausted> {
        for kind in [Kind::Apart, Kind::Avoided] {
            let mut position = 0;
            while position < state.list(kind).len() {
                let mut without = state.clone();
                let clause = without.list(kind).remove(position);
                let contrary = self.logic.not(clause);
                let mut against = without.clone();
                against.avoided.push(contrary);
                if self.model(against)?.is_none() {
                    *state = without;
                } else {
                    position += 1;
                }
            }
        }
        Ok(())
    }

    /// Puts boxes together that differ in one variable only.
    fn merged(&self, mut found: Vec<Found>) -> Vec<Found> {
        if found.len() > MOST_MERGED {
            return found;
        }
        let mut position = 0;
        while position < found.len() {
            let pair = (position + 1..found.len()).find_map(|next| {
                let (a, b) = (found.get(position)?, found.get(next)?);
                if a.clauses != b.clauses || a.apart != b.apart {
                    return None;
                }
                Some((next, a.cell.merged(&b.cell, self.vocabulary)?))
            });
            let Some((next, cell)) = pair else {
                position += 1;
                continue;
            };
            let absorbed = found.remove(next);
            if let Some(kept) = found.get_mut(position) {
                kept.cell = cell;
                for code in absorbed.paragraphs {
                    if !kept.paragraphs.contains(&code) {
                        kept.paragraphs.push(code);
                    }
                }
            }
            // What was passed over may fit now.
            position = 0;
        }
        found
    }

    /// Items in a region that both sides' evaluation confirms.
    fn witnesses(&mut self, found: &Found, side: &Side<'_>, other: &Side<'_>) -> Vec<Witness> {
        // Regions that were found are not left without an item because the search for more of them was long.
        self.steps = self.steps.max(TRY);
        let model = if found.clauses.is_empty() && found.apart.is_empty() {
            Some(found.cell.clone())
        } else {
            let state = State {
                cell: found.cell.clone(),
                wanted: Vec::new(),
                avoided: found.clauses.clone(),
                apart: found.apart.clone(),
            };
            self.model(state).ok().flatten()
        };
        let mut out: Vec<Witness> = Vec::new();
        let Some(model) = model else {
            return out;
        };
        let roots = roots(side, other);
        let mut all = None;
        for place in [Place::Inside, Place::LowEnd, Place::HighEnd] {
            let few = witness::witness(&model, &[], place, self.logic, self.vocabulary);
            let mut confirmed = few.filter(|witness| self.confirms(witness, side, other));
            if confirmed.is_none() && place == Place::Inside {
                let all = all.get_or_insert_with(|| self.logic.variables(&roots));
                confirmed = witness::witness(&model, all, place, self.logic, self.vocabulary)
                    .filter(|witness| self.confirms(witness, side, other));
            }
            if let Some(witness) = confirmed
                && !out.contains(&witness)
            {
                out.push(witness);
            }
        }
        out
    }

    /// Met on one side and not on the other; what rests on paragraphs that our data does not hold may stay open.
    fn confirms(&self, witness: &Witness, side: &Side<'_>, against: &Side<'_>) -> bool {
        let answers = witness
            .judgements
            .iter()
            .map(|(id, value)| (id.as_str(), *value));
        let (Ok(item), Ok(judgements)) = (
            Item::read(&witness.item, self.vocabulary),
            Judgements::read(answers, self.vocabulary),
        ) else {
            return false;
        };
        let (met, other) = (
            side.truth(&item, &judgements),
            against.truth(&item, &judgements),
        );
        if met == Truth::NotMet || other == Truth::Met {
            return false;
        }
        let decided = met == Truth::Met && other == Truth::NotMet;
        decided || self.rests_on_opaque(side, against)
    }

    fn rests_on_opaque(&self, side: &Side<'_>, other: &Side<'_>) -> bool {
        let variables = self.logic.variables(&roots(side, other));
        variables
            .iter()
            .any(|variable| matches!(variable, Variable::Opaque(_)))
    }
}

fn roots(side: &Side<'_>, other: &Side<'_>) -> Vec<NodeId> {
    let parts = side.parts.iter().chain(&other.parts);
    parts.map(|(_, node)| *node).collect()
}
