//! The score that an alignment gives.

use super::{Aligned, Edge};
use crate::profile::Profile;
use crate::qualify::Manner;

/// The score that agreements give: agreement over all weight.
///
/// With `X` the weight of agreements, `U` and `V` the weights left over on either side, `c` the share
/// forgiven of what one side has more and `d` of what both have ([`forgiveness`]):
/// `(sum of weight * similarity + c * |U - V| + 2 * d * min(U, V)) / (X + U + V)`.
pub(crate) fn score(
    agreements: impl Iterator<Item = Agreed>,
    query: impl Iterator<Item = u32>,
    list: impl Iterator<Item = u32>,
    manner: Manner,
    profile: &Profile,
) -> u32 {
    let (mut agreed, mut gain, mut q_used, mut l_used) = (0_u64, 0_u64, Used::NONE, Used::NONE);
    for a in agreements {
        agreed += u64::from(a.weight);
        gain += u64::from(a.weight) * u64::from(a.similarity);
        q_used.mark(a.query);
        l_used.mark(a.list);
    }
    let u = q_used.left(query);
    let v = l_used.left(list);
    let [surplus, both] = forgiveness(manner, profile).map(u64::from);
    let forgiven = u.abs_diff(v) * surplus + 2 * u.min(v) * both;
    (gain + forgiven)
        .checked_div(agreed + u + v)
        .and_then(|score| u32::try_from(score).ok())
        .filter(|_| agreed > 0)
        .unwrap_or(0)
}

/// What a score needs of an agreement: positions as (first, length).
pub(crate) struct Agreed {
    pub query: (usize, usize),
    pub list: (usize, usize),
    pub weight: u32,
    pub similarity: u32,
}

impl From<&Edge> for Agreed {
    fn from(e: &Edge) -> Self {
        Self {
            query: e.a,
            list: e.b,
            weight: e.weight,
            similarity: e.similarity,
        }
    }
}

impl From<&Aligned> for Agreed {
    fn from(a: &Aligned) -> Self {
        let range =
            |positions: &[usize]| (positions.first().copied().unwrap_or(0), positions.len());
        Self {
            query: range(&a.query),
            list: range(&a.list),
            weight: a.weight,
            similarity: a.similarity,
        }
    }
}

/// Positions that are in an agreement: the first 128 in bits, the others in a list.
struct Used {
    bits: u128,
    more: Vec<usize>,
}

impl Used {
    const NONE: Self = Self {
        bits: 0,
        more: Vec::new(),
    };

    fn mark(&mut self, (start, length): (usize, usize)) {
        for at in start..start + length {
            if at < 128 {
                self.bits |= 1 << at;
            } else {
                self.more.push(at);
            }
        }
    }

    /// The weight of the others.
    fn left(&self, weights: impl Iterator<Item = u32>) -> u64 {
        weights
            .enumerate()
            .filter(|(at, _)| {
                if *at < 128 {
                    self.bits >> at & 1 == 0
                } else {
                    !self.more.contains(at)
                }
            })
            .map(|(_, weight)| u64::from(weight))
            .sum()
    }
}

/// `c` and `d` above, of 10 000; `d` is never the greater.
pub(crate) fn forgiveness(manner: Manner, profile: &Profile) -> [u32; 2] {
    let counted = match manner {
        Manner::Person => [profile.omission_per_cent, 100],
        Manner::Translated => profile.translation_per_cent,
        Manner::Thing | Manner::Unknown => [100, 100],
    };
    counted.map(|share| 100_u32.saturating_sub(share) * 100)
}
