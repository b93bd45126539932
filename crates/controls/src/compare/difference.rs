//! What one side controls and the other does not, as disjoint regions.

use std::sync::Arc;

use super::cell::Cell;
use super::logic::Touched;
use super::search::{Cut, Kind, Search, State};
use super::{Exhausted, Found, MOST_BOXES, MOST_MERGED, MOST_PARTS, Share, TRY};

impl Search<'_> {
    /// What `side` controls and `other` does not; false with it: the limit was reached.
    pub(super) fn difference(&mut self, side: &Share, other: &Share) -> (Vec<Found>, bool) {
        // What must hold for every part is looked at once, and again only where a part speaks of the same.
        let mut base = State::default();
        for contrary in &other.leaves {
            base.require(Kind::Avoided, *contrary, self.logic);
        }
        base.changed = Touched::ALL;
        let mut found = Vec::new();
        let mut complete = true;
        for (code, node) in &side.controls {
            match self.propagate(&mut base) {
                Ok(true) => {}
                Ok(false) => break,
                Err(Exhausted) => return (self.merged(found), false),
            }
            let mut state = base.clone();
            state.require(Kind::Wanted, *node, self.logic);
            match self.regions(state) {
                Ok(states) => found.extend(states.into_iter().map(|state| Found {
                    paragraphs: code.iter().map(Arc::clone).collect(),
                    cell: state.cell,
                    clauses: state.wanted.into_iter().chain(state.avoided).collect(),
                    apart: state.apart,
                })),
                Err(Exhausted) => complete = false,
            }
            let contrary = self.logic.not(*node);
            base.require(Kind::Apart, contrary, self.logic);
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
        // Shorter regions are the same regions: what that takes is bounded for all of them together, and never costs one.
        let mut left = TRY;
        for part in &mut parts {
            let before = self.steps;
            let shorter = self.within(left, |search| {
                let mut shorter = part.clone();
                search.drop_implied(&mut shorter)?;
                Ok(Some(shorter))
            });
            if let Ok(Some(shorter)) = shorter {
                *part = shorter;
            }
            left = left.saturating_sub(before.saturating_sub(self.steps));
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
                against.require(Kind::Avoided, contrary, self.logic);
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
                Some((next, self.one_box(a, b)?))
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
            // Of what was passed over only pairs with this one may fit now.
            let fits = |earlier: usize| {
                let (a, b) = (found.get(earlier)?, found.get(position)?);
                self.one_box(a, b)
            };
            position = (0..position)
                .find(|earlier| fits(*earlier).is_some())
                .unwrap_or(position);
        }
        found
    }

    fn one_box(&self, a: &Found, b: &Found) -> Option<Cell> {
        let alike = a.clauses == b.clauses && a.apart == b.apart;
        alike
            .then(|| a.cell.merged(&b.cell, self.vocabulary))
            .flatten()
    }
}
