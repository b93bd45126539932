//! Which entries a stated fact addresses: only those are evaluated and asked about.

use crate::item::{Item, Judgements};
use crate::regime::{Postings, RegimeAt};
use crate::vocabulary::Attribute;

/// Positions of the addressed entries that are in force, in list order.
pub(super) fn addressed(at: RegimeAt<'_>, item: &Item, judgements: &Judgements) -> Vec<usize> {
    let regime = at.regime;
    let index = &regime.index;
    let mut reached = Reached {
        at,
        typed: item.attribute(Attribute::Type).is_some(),
        words: vec![0; regime.entries.len().div_ceil(WIDTH)],
    };
    for known in &item.values {
        reached.by(index.parameter(known.id));
    }
    for (id, _) in &judgements.answers {
        reached.by(index.judgement(*id));
    }
    for flag in &item.stated_flags {
        reached.by(index.flag(*flag));
    }
    for attribute in Attribute::ALL {
        let Some(word) = item.compared(attribute) else {
            continue;
        };
        reached.by(index.attribute(attribute));
        reached.by(index.word(attribute, word));
        if attribute == Attribute::Type {
            // Whatever their formulas test.
            reached.by(index.subject(word));
        }
    }
    if let Some(stated) = item.stated(&regime.jurisdiction)
        && let Some(position) = regime.by_code.get(&stated.code.entry)
        && let Some(entry) = regime.entries.get(*position)
        && entry.period.contains(at.date)
    {
        reached.add(*position);
    }
    reached.positions()
}

const WIDTH: usize = u64::BITS as usize;

/// A set of entries, a bit each.
struct Reached<'a> {
    at: RegimeAt<'a>,
    /// The item's type is stated.
    typed: bool,
    words: Vec<u64>,
}

impl Reached<'_> {
    fn by(&mut self, postings: Option<&Postings>) {
        let Some(postings) = postings else { return };
        let more = if self.typed {
            &[]
        } else {
            postings.without_type.as_slice()
        };
        for posting in postings.always.iter().chain(more) {
            if posting.period.contains(self.at.date) {
                self.add(posting.entry as usize);
            }
        }
    }

    fn add(&mut self, position: usize) {
        if let Some(word) = self.words.get_mut(position / WIDTH) {
            *word |= 1 << (position % WIDTH);
        }
    }

    fn positions(&self) -> Vec<usize> {
        let count: u32 = self.words.iter().map(|word| word.count_ones()).sum();
        let mut positions = Vec::with_capacity(count as usize);
        for (number, word) in self.words.iter().enumerate() {
            let mut rest = *word;
            while rest != 0 {
                positions.push(number * WIDTH + rest.trailing_zeros() as usize);
                rest &= rest - 1;
            }
        }
        positions
    }
}
