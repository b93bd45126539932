//! The answers to one input that formulas tell apart: at and between its thresholds, one of the words or none, yes or no.

use std::sync::Arc;

use crate::condition::Term;
use crate::evaluate::Wanted;
use crate::exact::Rational;

/// An input that stands more than once, and the cell that its answer is taken to be in.
#[derive(Debug)]
pub(super) struct Pinned<'a> {
    pub(super) wanted: Wanted<'a>,
    /// How many undecided atoms test it.
    pub(super) atoms: usize,
    /// Sorted.
    bounds: Vec<&'a Rational>,
    words: Vec<&'a Arc<str>>,
    cell: usize,
}

/// Enters an atom that tests an input.
pub(super) fn enter<'a>(all: &mut Vec<Pinned<'a>>, wanted: Wanted<'a>, atom: &'a Term) {
    let position = all.iter().position(|pin| pin.wanted == wanted);
    let position = position.unwrap_or_else(|| {
        all.push(Pinned {
            wanted,
            atoms: 0,
            bounds: Vec::new(),
            words: Vec::new(),
            cell: 0,
        });
        all.len() - 1
    });
    let Some(pin) = all.get_mut(position) else {
        return;
    };
    pin.atoms += 1;
    match atom {
        Term::Compare(threshold) => {
            if let Err(place) = pin.bounds.binary_search(&&threshold.bound) {
                pin.bounds.insert(place, &threshold.bound);
            }
        }
        Term::OneOf { words, .. } => {
            for word in words {
                if !pin.words.contains(&word) {
                    pin.words.push(word);
                }
            }
        }
        _ => {}
    }
}

/// Goes on to the next combination of cells; from the last to the first.
pub(super) fn next(all: &mut [Pinned<'_>]) {
    for pin in all {
        pin.cell += 1;
        if pin.cell < pin.count() {
            return;
        }
        pin.cell = 0;
    }
}

impl Pinned<'_> {
    pub(super) const fn count(&self) -> usize {
        match self.wanted {
            // Below the first threshold, at it, between it and the next, and so on.
            Wanted::Parameter(_) => 2 * self.bounds.len() + 1,
            // One of the words, or another.
            Wanted::Attribute(_) => self.words.len() + 1,
            Wanted::Flag(_) | Wanted::Judgement(_) | Wanted::Code(_) => 2,
        }
    }

    /// Whether an atom that tests the input holds in its cell.
    pub(super) fn holds(&self, atom: &Term) -> bool {
        match atom {
            Term::Compare(threshold) => {
                let bound = self.bounds.binary_search(&&threshold.bound);
                let at = 2 * bound.unwrap_or_else(|place| place) + 1;
                threshold.operator.holds(self.cell.cmp(&at))
            }
            Term::OneOf { words, .. } => self
                .words
                .get(self.cell)
                .is_some_and(|word| words.contains(word)),
            _ => self.cell == 1,
        }
    }
}
