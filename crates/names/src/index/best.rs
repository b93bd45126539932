//! What a search has found so far, and what it may cost.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::Row;
use crate::align::Edge;
use crate::name::Form;

/// What a search may cost, and has.
pub(super) struct Budget {
    pub cost: u64,
    pub limit: u64,
}

impl Budget {
    /// False when there is no room for `more`.
    pub fn take(&mut self, more: u64) -> bool {
        self.cost = self.cost.saturating_add(more);
        self.cost <= self.limit
    }
}

/// Order of preference among names of one entry; less is better.
type Rank = (u32, bool, Form, u32, usize);

/// The best row of an entry.
pub(super) struct Held {
    rank: Rank,
    pub row: u32,
    /// Which form of the query.
    pub form: usize,
    /// The agreements and the score of the names, where they are known.
    pub aligned: Option<(Vec<Edge>, u32)>,
}

/// Best row per entry: higher score, then a strong name, then the whole name, then the earlier
/// name and query form.
#[derive(Default)]
pub(super) struct Best(HashMap<u32, Held>);

impl Best {
    /// Offers the row `at` with its `score`; `aligned` is asked for where it is taken.
    pub fn add(
        &mut self,
        row: &Row,
        score: u32,
        at: u32,
        form: usize,
        aligned: impl FnOnce() -> Option<(Vec<Edge>, u32)>,
    ) {
        let rank = (u32::MAX - score, row.weak, row.form, row.name, form);
        let held = || Held {
            rank,
            row: at,
            form,
            aligned: aligned(),
        };
        match self.0.entry(row.entry) {
            Entry::Vacant(free) => {
                free.insert(held());
            }
            Entry::Occupied(mut before) if rank < before.get().rank => {
                before.insert(held());
            }
            Entry::Occupied(_) => {}
        }
    }

    /// What was found, in no order.
    pub fn all(self) -> impl Iterator<Item = Held> {
        self.0.into_values()
    }
}
