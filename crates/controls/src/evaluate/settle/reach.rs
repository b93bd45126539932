//! The truths that a condition can still take.

use std::ops::Not;

use crate::evaluate::Truth;

/// A set of truths, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reach(u8);

const ALL: [Truth; 3] = [Truth::NotMet, Truth::Unknown, Truth::Met];

const fn bit(truth: Truth) -> u8 {
    match truth {
        Truth::NotMet => 1,
        Truth::Unknown => 2,
        Truth::Met => 4,
    }
}

impl Reach {
    /// An answer decides it, one way or the other.
    pub(super) const EITHER: Self = Self(bit(Truth::NotMet) | bit(Truth::Met));

    pub(super) const fn only(truth: Truth) -> Self {
        Self(bit(truth))
    }

    pub(super) const fn has(self, truth: Truth) -> bool {
        self.0 & bit(truth) != 0
    }

    /// All that two conditions can make together, each for itself.
    pub(super) fn with(self, other: Self, join: impl Fn(Truth, Truth) -> Truth) -> Self {
        let mut joined = 0;
        for a in ALL.into_iter().filter(|truth| self.has(*truth)) {
            for b in ALL.into_iter().filter(|truth| other.has(*truth)) {
                joined |= bit(join(a, b));
            }
        }
        Self(joined)
    }

    /// What stays open counts as met: the asker stated the code.
    pub(super) const fn stated(self) -> Self {
        if self.has(Truth::Unknown) {
            Self(self.0 & !bit(Truth::Unknown) | bit(Truth::Met))
        } else {
            self
        }
    }
}

impl Not for Reach {
    type Output = Self;

    fn not(self) -> Self {
        self.with(self, |truth, _| !truth)
    }
}
