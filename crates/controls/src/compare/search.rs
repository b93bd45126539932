//! The search: constraints narrow a box until nothing follows any more, then it is split on the next undecided formula.

use super::Exhausted;
use super::cell::Cell;
use super::linked;
use super::logic::{Logic, Node, NodeId};
use crate::vocabulary::Vocabulary;

/// A box and what must still hold in it.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) cell: Cell,
    /// Constraints of the paragraph itself that are alternatives.
    pub(super) wanted: Vec<NodeId>,
    /// Constraints that keep out what is controlled otherwise.
    pub(super) avoided: Vec<NodeId>,
}

/// One search with its limit.
pub(super) struct Search<'a> {
    pub(super) logic: &'a mut Logic,
    pub(super) vocabulary: &'a Vocabulary,
    /// How many more formulas may be looked at.
    pub(super) steps: u32,
}

impl Search<'_> {
    fn step(&mut self) -> Result<(), Exhausted> {
        self.steps = self.steps.checked_sub(1).ok_or(Exhausted)?;
        Ok(())
    }

    /// What is left of a formula in a box.
    pub(super) fn simplified(&mut self, id: NodeId, cell: &Cell) -> Result<NodeId, Exhausted> {
        self.step()?;
        let (parts, all) = match self.logic.node(id) {
            Node::Constant(_) => return Ok(id),
            Node::Literal(literal) => {
                let truth = cell.truth(literal, self.vocabulary);
                return Ok(truth.map_or(id, Logic::constant));
            }
            Node::All(parts) => (std::sync::Arc::clone(parts), true),
            Node::Any(parts) => (std::sync::Arc::clone(parts), false),
        };
        let mut left = Vec::with_capacity(parts.len());
        let mut changed = false;
        for part in &*parts {
            let simple = self.simplified(*part, cell)?;
            if simple == Logic::constant(!all) {
                return Ok(simple);
            }
            changed |= simple != *part;
            if simple != Logic::constant(all) {
                left.push(simple);
            }
        }
        Ok(match (changed, all) {
            (false, _) => id,
            (true, true) => self.logic.all(left),
            (true, false) => self.logic.any(left),
        })
    }

    /// Narrows the box by everything that follows; false when nothing is left of it.
    pub(super) fn propagate(&mut self, state: &mut State) -> Result<bool, Exhausted> {
        loop {
            let mut changed = false;
            for wanted in [true, false] {
                let list = if wanted {
                    &mut state.wanted
                } else {
                    &mut state.avoided
                };
                let mut open = std::mem::take(list);
                open.reverse();
                let mut kept = Vec::with_capacity(open.len());
                while let Some(id) = open.pop() {
                    let simple = self.simplified(id, &state.cell)?;
                    match self.logic.node(simple) {
                        Node::Constant(true) => {}
                        Node::Constant(false) => return Ok(false),
                        Node::Literal(literal) => {
                            changed = true;
                            if !state.cell.narrow(literal, self.vocabulary) {
                                return Ok(false);
                            }
                        }
                        Node::All(parts) => open.extend(parts.iter().rev()),
                        Node::Any(_) if kept.contains(&simple) => {}
                        Node::Any(_) => kept.push(simple),
                    }
                }
                if wanted {
                    state.wanted = kept;
                } else {
                    state.avoided = kept;
                }
            }
            if !changed {
                return Ok(true);
            }
        }
    }

    /// Disjoint boxes that together are the state: split on everything, or on what is wanted alone. `None`: more than `most`.
    pub(super) fn split(
        &mut self,
        state: State,
        wanted_only: bool,
        most: usize,
    ) -> Result<Option<Vec<State>>, Exhausted> {
        let mut done = Vec::new();
        let mut open = vec![state];
        while let Some(mut state) = open.pop() {
            if !self.propagate(&mut state)? {
                continue;
            }
            let (from_wanted, at) = match (state.wanted.is_empty(), state.avoided.is_empty()) {
                (false, _) => (true, self.smallest(&state.wanted)),
                (true, false) if !wanted_only => (false, self.smallest(&state.avoided)),
                _ => {
                    if self.model(state.clone())?.is_some() {
                        done.push(state);
                    }
                    if done.len() > most {
                        return Ok(None);
                    }
                    continue;
                }
            };
            if open.len() > 64 * most {
                return Ok(None);
            }
            let list = if from_wanted {
                &mut state.wanted
            } else {
                &mut state.avoided
            };
            let branch = list.remove(at);
            let mut parts = self.branches(branch, state, from_wanted);
            parts.reverse();
            open.extend(parts);
        }
        Ok(Some(done))
    }

    /// Disjoint states: the first alternative; not that one but the second; and so on.
    fn branches(&mut self, branch: NodeId, state: State, from_wanted: bool) -> Vec<State> {
        let mut out = Vec::new();
        let mut rest = state;
        for part in self.logic.alternatives(branch) {
            let mut taken = rest.clone();
            if from_wanted {
                taken.wanted.push(part);
            } else {
                taken.avoided.push(part);
            }
            out.push(taken);
            let other = self.logic.not(part);
            rest.avoided.push(other);
        }
        out
    }

    /// The position of the constraint with the fewest alternatives.
    fn smallest(&self, constraints: &[NodeId]) -> usize {
        let sizes = constraints.iter().map(|id| match self.logic.node(*id) {
            Node::Any(parts) => parts.len(),
            _ => 0,
        });
        let best = sizes.enumerate().min_by_key(|(_, size)| *size);
        best.map_or(0, |(position, _)| position)
    }

    /// A box in which everything holds and that some item can be in; `None`: there is none.
    pub(super) fn model(&mut self, state: State) -> Result<Option<Cell>, Exhausted> {
        let mut open = vec![state];
        while let Some(mut state) = open.pop() {
            if !self.propagate(&mut state)? {
                continue;
            }
            let from_wanted = !state.wanted.is_empty();
            let list = if from_wanted {
                &mut state.wanted
            } else {
                &mut state.avoided
            };
            if list.is_empty() {
                if linked::feasible(&state.cell, self.vocabulary) {
                    return Ok(Some(state.cell));
                }
                continue;
            }
            let at = if from_wanted {
                self.smallest(&state.wanted)
            } else {
                self.smallest(&state.avoided)
            };
            let list = if from_wanted {
                &mut state.wanted
            } else {
                &mut state.avoided
            };
            let branch = list.remove(at);
            let mut parts = self.branches(branch, state, from_wanted);
            parts.reverse();
            open.extend(parts);
        }
        Ok(None)
    }
}
