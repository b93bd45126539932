//! What is undecided of a paragraph, and the search for answers that leave it open.

use super::cells::Inputs;
use crate::condition::Term;
use crate::evaluate::{Truth, Wanted};

/// Most nodes that are looked at for one paragraph and one input; beyond it the input is kept.
const STEPS: usize = 4_096;

/// A condition without what is decided of it.
#[derive(Debug)]
pub(super) enum Node<'a> {
    Known(Truth),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    /// Met where the inner one is met, and else not met: an exclusion that is open takes nothing out.
    Sure(Box<Self>),
    /// What stays open counts as met: the asker stated the code.
    Stated(Box<Self>),
    Atom {
        /// Position among the inputs.
        input: usize,
        term: &'a Term,
        /// The cells of the input in which it holds, a bit each.
        holds: u64,
    },
}

impl Node<'_> {
    pub(super) fn all(parts: Vec<Self>) -> Self {
        let decides = |part: &Self| matches!(part, Self::Known(Truth::NotMet));
        Self::joined(parts, Truth::Met, decides, Self::All)
    }

    pub(super) fn any(parts: Vec<Self>) -> Self {
        let decides = |part: &Self| matches!(part, Self::Known(Truth::Met));
        Self::joined(parts, Truth::NotMet, decides, Self::Any)
    }

    fn joined(
        mut parts: Vec<Self>,
        neutral: Truth,
        decides: impl Fn(&Self) -> bool,
        join: impl Fn(Vec<Self>) -> Self,
    ) -> Self {
        if parts.iter().any(decides) {
            return Self::Known(!neutral);
        }
        parts.retain(|part| !matches!(part, Self::Known(known) if *known == neutral));
        match parts.len() {
            0 => Self::Known(neutral),
            1 => parts.pop().unwrap_or(Self::Known(neutral)),
            _ => join(parts),
        }
    }

    pub(super) fn negated(self) -> Self {
        match self {
            Self::Known(truth) => Self::Known(!truth),
            Self::Not(inner) => *inner,
            node => Self::Not(Box::new(node)),
        }
    }

    pub(super) fn sure(self) -> Self {
        match self {
            Self::Known(Truth::Unknown) => Self::Known(Truth::NotMet),
            Self::Known(truth) => Self::Known(truth),
            node => Self::Sure(Box::new(node)),
        }
    }

    pub(super) fn stated(self) -> Self {
        match self {
            Self::Known(Truth::Unknown) => Self::Known(Truth::Met),
            Self::Known(truth) => Self::Known(truth),
            node => Self::Stated(Box::new(node)),
        }
    }

    /// Fills in where the atoms hold; false where an input has too many cells.
    fn settle_cells(&mut self, inputs: &Inputs<'_>) -> bool {
        match self {
            Self::Known(_) => true,
            Self::All(parts) | Self::Any(parts) => {
                parts.iter_mut().all(|part| part.settle_cells(inputs))
            }
            Self::Not(inner) | Self::Sure(inner) | Self::Stated(inner) => {
                inner.settle_cells(inputs)
            }
            Self::Atom { input, term, holds } => match inputs.holds(*input, term) {
                Some(cells) => {
                    *holds = cells;
                    true
                }
                None => false,
            },
        }
    }
}

/// A set of truths, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Allowed(u8);

const NOT_MET: Allowed = Allowed(1);
const UNKNOWN: Allowed = Allowed(2);
const MET: Allowed = Allowed(4);
const NOTHING: Allowed = Allowed(0);
const ANYTHING: Allowed = Allowed(7);

impl Allowed {
    const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// This, where the other has it.
    const fn when(self, other: Self, has: Self) -> Self {
        if other.has(has) { self } else { NOTHING }
    }

    /// Of the negation.
    const fn flipped(self) -> Self {
        MET.when(self, NOT_MET)
            .or(UNKNOWN.when(self, UNKNOWN))
            .or(NOT_MET.when(self, MET))
    }
}

const fn of(truth: Truth) -> Allowed {
    match truth {
        Truth::NotMet => NOT_MET,
        Truth::Unknown => UNKNOWN,
        Truth::Met => MET,
    }
}

/// What is undecided of one paragraph.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    root: Node<'a>,
    /// The inputs with all their cells.
    inputs: Vec<(Wanted<'a>, u64)>,
    /// No input has too many cells.
    searchable: bool,
}

/// A node must come out as one of these.
type Goal<'t, 'a> = (&'t Node<'a>, Allowed);

/// What an input may still be: one of these cells, or open because nobody answers it.
type Cells = Vec<Option<u64>>;

impl<'a> Tree<'a> {
    pub(super) fn new(mut root: Node<'a>, inputs: Inputs<'a>) -> Self {
        let settled = root.settle_cells(&inputs);
        let each = inputs.all.iter();
        let cells: Option<Vec<_>> = each
            .map(|input| Some((input.wanted, input.every()?)))
            .collect();
        Self {
            root,
            searchable: settled && cells.is_some(),
            inputs: cells.unwrap_or_default(),
        }
    }

    /// Whether some answers to the inputs that are `answered` leave the paragraph open.
    pub(super) fn may_stay_open(&self, answered: impl Fn(Wanted<'a>) -> bool) -> bool {
        if !self.searchable {
            return true;
        }
        let inputs = self.inputs.iter();
        let cells = inputs.map(|(wanted, every)| answered(*wanted).then_some(*every));
        let mut steps = STEPS;
        search(vec![(&self.root, UNKNOWN)], cells.collect(), &mut steps)
    }
}

/// Whether some cells meet all goals; what takes too many steps is taken to.
fn search<'t, 'a>(mut goals: Vec<Goal<'t, 'a>>, mut cells: Cells, steps: &mut usize) -> bool {
    while let Some((node, allowed)) = goals.pop() {
        if allowed == ANYTHING {
            continue;
        }
        let Some(left) = steps.checked_sub(1) else {
            return true;
        };
        *steps = left;
        match node {
            Node::Known(truth) => {
                if !allowed.has(of(*truth)) {
                    return false;
                }
            }
            Node::Not(inner) => goals.push((inner, allowed.flipped())),
            Node::Sure(inner) => {
                let not = NOT_MET.or(UNKNOWN).when(allowed, NOT_MET);
                goals.push((inner, MET.when(allowed, MET).or(not)));
            }
            Node::Stated(inner) => {
                let met = MET.or(UNKNOWN).when(allowed, MET);
                goals.push((inner, NOT_MET.when(allowed, NOT_MET).or(met)));
            }
            Node::Atom { input, holds, .. } => match cells.get_mut(*input) {
                Some(Some(cells)) => {
                    let mut may = if allowed.has(MET) { *holds } else { 0 };
                    may |= if allowed.has(NOT_MET) { !*holds } else { 0 };
                    *cells &= may;
                    if *cells == 0 {
                        return false;
                    }
                }
                _ if allowed.has(UNKNOWN) => {}
                _ => return false,
            },
            Node::All(parts) => {
                if !joined(parts, allowed, |set| set, &mut goals) {
                    return choose(parts, allowed, |set| set, &goals, &cells, steps);
                }
            }
            Node::Any(parts) => {
                let allowed = allowed.flipped();
                if !joined(parts, allowed, Allowed::flipped, &mut goals) {
                    return choose(parts, allowed, Allowed::flipped, &goals, &cells, steps);
                }
            }
        }
    }
    true
}

/// Where all parts must come out alike for their conjunction to: enters that. False: some part has to be chosen.
fn joined<'t, 'a>(
    parts: &'t [Node<'a>],
    allowed: Allowed,
    turn: impl Fn(Allowed) -> Allowed,
    goals: &mut Vec<Goal<'t, 'a>>,
) -> bool {
    let alike = allowed == MET || allowed == MET.or(UNKNOWN) || allowed == NOTHING;
    if alike {
        goals.extend(parts.iter().map(|part| (part, turn(allowed))));
    }
    alike
}

/// Tries each part as the one that makes the conjunction come out.
fn choose<'t, 'a>(
    parts: &'t [Node<'a>],
    allowed: Allowed,
    turn: impl Fn(Allowed) -> Allowed,
    goals: &[Goal<'t, 'a>],
    cells: &Cells,
    steps: &mut usize,
) -> bool {
    let chosen = |set: Allowed| parts.iter().map(move |part| (part, set));
    if allowed.has(MET) && tried(goals, chosen(turn(MET)), cells, steps) {
        return true;
    }
    if allowed.has(NOT_MET) {
        // One that is not met decides alone.
        let set = turn(NOT_MET.or(UNKNOWN.when(allowed, UNKNOWN)));
        return chosen(set).any(|goal| tried(goals, std::iter::once(goal), cells, steps));
    }
    // One that is open needs the others not to be ruled out.
    let (open, other) = (turn(UNKNOWN), turn(UNKNOWN.or(MET)));
    (0..parts.len()).any(|one| {
        let each = parts.iter().enumerate();
        let each = each.map(|(place, part)| (part, if place == one { open } else { other }));
        tried(goals, each, cells, steps)
    })
}

fn tried<'t, 'a: 't>(
    goals: &[Goal<'t, 'a>],
    more: impl Iterator<Item = Goal<'t, 'a>>,
    cells: &Cells,
    steps: &mut usize,
) -> bool {
    let mut goals = goals.to_vec();
    goals.extend(more);
    search(goals, cells.clone(), steps)
}
