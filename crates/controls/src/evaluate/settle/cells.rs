//! The answers to one input that formulas tell apart: at and between its thresholds, one of the words or none, yes or no.

use std::sync::Arc;

use super::tree::Node;
use crate::condition::Term;
use crate::evaluate::Wanted;
use crate::exact::Rational;

/// Most cells of one input, a bit each.
const MOST: usize = u64::BITS as usize;

/// The inputs that undecided atoms lack.
#[derive(Debug, Default)]
pub(super) struct Inputs<'a> {
    pub(super) all: Vec<Input<'a>>,
}

/// One input, with what it is compared with.
#[derive(Debug)]
pub(super) struct Input<'a> {
    pub(super) wanted: Wanted<'a>,
    /// Sorted.
    bounds: Vec<&'a Rational>,
    words: Vec<&'a Arc<str>>,
}

impl<'a> Inputs<'a> {
    /// Enters an atom that tests an input.
    pub(super) fn atom(&mut self, wanted: Wanted<'a>, term: &'a Term) -> Node<'a> {
        let position = self.all.iter().position(|input| input.wanted == wanted);
        let position = position.unwrap_or_else(|| {
            self.all.push(Input {
                wanted,
                bounds: Vec::new(),
                words: Vec::new(),
            });
            self.all.len() - 1
        });
        if let Some(input) = self.all.get_mut(position) {
            input.enter(term);
        }
        Node::Atom {
            input: position,
            term,
            holds: 0,
        }
    }

    /// The cells of an input in which an atom holds; `None` where there are too many cells.
    pub(super) fn holds(&self, input: usize, term: &Term) -> Option<u64> {
        let input = self.all.get(input)?;
        let count = input.count();
        let cells = || (0..count).filter(|_| count <= MOST);
        if count > MOST {
            return None;
        }
        Some(match term {
            Term::Compare(threshold) => {
                let bound = input.bounds.binary_search(&&threshold.bound);
                let at = 2 * bound.unwrap_or_else(|place| place) + 1;
                bits(cells().filter(|cell| threshold.operator.holds(cell.cmp(&at))))
            }
            Term::OneOf { words, .. } => bits(cells().filter(|cell| {
                let word = input.words.get(*cell);
                word.is_some_and(|word| words.contains(word))
            })),
            // It is so.
            _ => 1 << 1,
        })
    }
}

impl<'a> Input<'a> {
    fn enter(&mut self, term: &'a Term) {
        match term {
            Term::Compare(threshold) => {
                if let Err(place) = self.bounds.binary_search(&&threshold.bound) {
                    self.bounds.insert(place, &threshold.bound);
                }
            }
            Term::OneOf { words, .. } => {
                for word in words {
                    if !self.words.contains(&word) {
                        self.words.push(word);
                    }
                }
            }
            _ => {}
        }
    }

    const fn count(&self) -> usize {
        match self.wanted {
            // Below the first threshold, at it, between it and the next, and so on.
            Wanted::Parameter(_) => 2 * self.bounds.len() + 1,
            // One of the words, or another.
            Wanted::Attribute(_) => self.words.len() + 1,
            Wanted::Flag(_) | Wanted::Judgement(_) | Wanted::Code(_) => 2,
        }
    }

    /// All cells; `None` where there are too many.
    pub(super) fn every(&self) -> Option<u64> {
        (self.count() <= MOST).then(|| bits(0..self.count()))
    }
}

fn bits(cells: impl Iterator<Item = usize>) -> u64 {
    cells.fold(0, |all, cell| all | 1 << cell)
}
