//! The search: constraints narrow a box until nothing follows any more, then it is split on the next undecided formula.

use std::collections::HashSet;

use super::Exhausted;
use super::cell::Cell;
use super::linked;
use super::logic::{Logic, Node, NodeId, Touched};
use super::space::Space;

/// States that wait to be cut: more mean that boxes do not fit what is to be said.
const MOST_OPEN: usize = 512;

/// A box and what must still hold in it.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) cell: Cell,
    /// Constraints of the paragraph itself that are alternatives.
    pub(super) wanted: Vec<NodeId>,
    /// Constraints that keep out what the other side controls.
    pub(super) avoided: Vec<NodeId>,
    /// Constraints that keep out what regions before this one hold. They narrow the box and are never split on.
    pub(super) apart: Vec<NodeId>,
    /// What changed since the constraints were last looked at: the others cannot have become simpler.
    pub(super) changed: Touched,
}

/// The three kinds of constraints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Wanted,
    Avoided,
    Apart,
}

impl State {
    pub(super) const fn list(&mut self, kind: Kind) -> &mut Vec<NodeId> {
        match kind {
            Kind::Wanted => &mut self.wanted,
            Kind::Avoided => &mut self.avoided,
            Kind::Apart => &mut self.apart,
        }
    }

    /// One more constraint.
    pub(super) fn require(&mut self, kind: Kind, constraint: NodeId, logic: &Logic) {
        self.list(kind).push(constraint);
        let touched = match logic.touched(constraint) {
            // A constant speaks of nothing and must be looked at all the same.
            Touched::NONE => Touched::ALL,
            touched => touched,
        };
        self.changed = self.changed.with(touched);
    }
}

/// On what a state is cut into boxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// On the paragraph and on what the other side controls: plain boxes.
    Both,
    /// On the paragraph alone.
    WantedOnly,
}

/// One search with its limit.
pub(super) struct Search<'a> {
    pub(super) logic: &'a mut Logic,
    pub(super) vocabulary: &'a Space<'a>,
    /// How many more formulas may be looked at.
    pub(super) steps: u32,
}

impl Search<'_> {
    fn step(&mut self) -> Result<(), Exhausted> {
        self.steps = self.steps.checked_sub(1).ok_or(Exhausted)?;
        Ok(())
    }

    /// What is left of a formula in a box where also some other alternatives are known to hold; only what speaks of `changed`
    /// is looked at again.
    fn simplified(
        &mut self,
        id: NodeId,
        cell: &Cell,
        known: &HashSet<NodeId>,
        changed: Touched,
    ) -> Result<NodeId, Exhausted> {
        if !self.logic.touched(id).meets(changed) {
            return Ok(id);
        }
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
        let mut simpler = false;
        for part in &*parts {
            let mut simple = self.simplified(*part, cell, known, changed)?;
            if !known.is_empty() {
                // What is known are alternatives: only a conjunction can be the contrary of one.
                let contrary = matches!(self.logic.node(simple), Node::All(_));
                if known.contains(&simple) {
                    simple = Logic::TRUE;
                } else if contrary && known.contains(&self.logic.not(simple)) {
                    simple = Logic::FALSE;
                }
            }
            if simple == Logic::constant(!all) {
                return Ok(simple);
            }
            simpler |= simple != *part;
            if simple != Logic::constant(all) {
                left.push(simple);
            }
        }
        Ok(match (simpler, all) {
            (false, _) => id,
            (true, true) => self.logic.all(left),
            (true, false) => self.logic.any(left),
        })
    }

    /// Narrows the box by everything that follows; false when nothing is left of it.
    pub(super) fn propagate(&mut self, state: &mut State) -> Result<bool, Exhausted> {
        let mut changed = std::mem::replace(&mut state.changed, Touched::NONE);
        while changed != Touched::NONE {
            let mut next = Touched::NONE;
            // What keeps other regions out is not among them: a region is said without it.
            let known = state.wanted.iter().chain(&state.avoided).copied();
            let known: HashSet<NodeId> = known
                .filter(|id| matches!(self.logic.node(*id), Node::Any(_)))
                .collect();
            for kind in [Kind::Wanted, Kind::Avoided, Kind::Apart] {
                let mut open = std::mem::take(state.list(kind));
                open.reverse();
                let mut kept = Vec::with_capacity(open.len());
                while let Some(id) = open.pop() {
                    let looked = changed.with(next);
                    let alternatives = matches!(self.logic.node(id), Node::Any(_));
                    if alternatives && !self.logic.touched(id).meets(looked) {
                        kept.push(id);
                        continue;
                    }
                    let simple = self.simplified(id, &state.cell, &known, looked)?;
                    match self.logic.node(simple) {
                        Node::Constant(true) => {}
                        Node::Constant(false) => return Ok(false),
                        Node::Literal(literal) => {
                            next = next.with(Touched::of(literal.variable()));
                            if !state.cell.narrow(literal, self.vocabulary) {
                                return Ok(false);
                            }
                        }
                        Node::All(parts) => open.extend(parts.iter().rev()),
                        Node::Any(_) if kept.contains(&simple) => {}
                        Node::Any(_) => kept.push(simple),
                    }
                }
                *state.list(kind) = kept;
            }
            changed = next;
        }
        Ok(true)
    }

    /// Disjoint parts that together are the state, none of them empty. `None`: more than `most`.
    pub(super) fn split(
        &mut self,
        state: State,
        cut: Cut,
        most: usize,
    ) -> Result<Option<Vec<State>>, Exhausted> {
        let kinds: &[Kind] = match cut {
            Cut::Both => &[Kind::Wanted, Kind::Avoided],
            Cut::WantedOnly => &[Kind::Wanted],
        };
        let mut done = Vec::new();
        let mut open = vec![state];
        while let Some(mut state) = open.pop() {
            if !self.propagate(&mut state)? {
                continue;
            }
            if let Some(parts) = self.cut(&mut state, kinds) {
                open.extend(parts.into_iter().rev());
            } else if self.model(state.clone())?.is_some() {
                done.push(state);
            }
            if done.len() > most || open.len() > MOST_OPEN {
                return Ok(None);
            }
        }
        Ok(Some(done))
    }

    /// Cuts a state on its smallest alternative: the first; not that one but the second; and so on. `None`: there is none.
    fn cut(&mut self, state: &mut State, kinds: &[Kind]) -> Option<Vec<State>> {
        let kind = *kinds.iter().find(|kind| !state.list(**kind).is_empty())?;
        let at = self.smallest(state.list(kind));
        let branch = state.list(kind).remove(at);
        let mut rest = state.clone();
        let mut out = Vec::new();
        for part in self.logic.alternatives(branch) {
            let mut taken = rest.clone();
            taken.require(kind, part, self.logic);
            out.push(taken);
            let other = self.logic.not(part);
            rest.require(Kind::Avoided, other, self.logic);
        }
        Some(out)
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
            match self.cut(&mut state, &[Kind::Wanted, Kind::Avoided, Kind::Apart]) {
                Some(parts) => open.extend(parts.into_iter().rev()),
                None if linked::feasible(&state.cell, self.vocabulary) => {
                    return Ok(Some(state.cell));
                }
                None => {}
            }
        }
        Ok(None)
    }
}
