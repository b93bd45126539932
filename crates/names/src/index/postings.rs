//! From a number or a hash to numbers, in flat arrays.

use super::{number, place};

/// Values of groups that are numbered from 0.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// Where each group ends.
    ends: Vec<u32>,
    values: Vec<u32>,
}

impl Groups {
    /// The distinct values of each of `groups` groups, ascending, from pairs of group and value.
    pub fn of(mut pairs: Vec<(u32, u32)>, groups: usize) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let mut ends = vec![0; groups];
        for (group, _) in &pairs {
            if let Some(end) = ends.get_mut(place(*group)) {
                *end += 1;
            }
        }
        let mut sum = 0;
        for end in &mut ends {
            sum += *end;
            *end = sum;
        }
        Self {
            ends,
            values: pairs.into_iter().map(|(_, value)| value).collect(),
        }
    }

    /// Adds the next group.
    pub fn push(&mut self, values: impl IntoIterator<Item = u32>) {
        self.values.extend(values);
        self.ends.push(number(self.values.len()));
    }

    /// The values of `group`.
    pub fn get(&self, group: u32) -> &[u32] {
        let group = place(group);
        let end = |at: usize| self.ends.get(at).copied().map_or(0, place);
        let start = group.checked_sub(1).map_or(0, end);
        self.values.get(start..end(group)).unwrap_or_default()
    }
}

/// Collects pairs of a hash and a value.
#[derive(Debug, Default)]
pub(super) struct MultimapBuilder {
    pairs: Vec<(u64, u32)>,
}

impl MultimapBuilder {
    pub fn add(&mut self, key: u64, value: u32) {
        if self.pairs.last() != Some(&(key, value)) {
            self.pairs.push((key, value));
        }
    }

    pub fn build(mut self) -> Multimap {
        self.pairs.sort_unstable();
        self.pairs.dedup();
        // One bucket for about four keys; the upper bits of a key choose it.
        let bits = (self.pairs.len() / 4).max(1).ilog2() + 1;
        let shift = 64 - bits;
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        let mut at = 0;
        for bucket in 0..=1_u64 << bits {
            while self
                .pairs
                .get(at)
                .is_some_and(|(key, _)| key >> shift < bucket)
            {
                at += 1;
            }
            starts.push(number(at));
        }
        Multimap {
            shift,
            starts,
            keys: self.pairs.iter().map(|(key, _)| *key).collect(),
            values: self.pairs.iter().map(|(_, value)| *value).collect(),
        }
    }
}

/// Values by hash, ascending for each.
#[derive(Debug)]
pub(super) struct Multimap {
    shift: u32,
    starts: Vec<u32>,
    keys: Vec<u64>,
    values: Vec<u32>,
}

impl Multimap {
    /// The values of `key`.
    pub fn get(&self, key: u64) -> &[u32] {
        let bucket = usize::try_from(key >> self.shift).unwrap_or(usize::MAX);
        let end = |at: usize| self.starts.get(at).copied().map_or(0, place);
        let (start, stop) = (end(bucket), end(bucket.saturating_add(1)));
        let keys = self.keys.get(start..stop).unwrap_or_default();
        let first = keys.partition_point(|k| *k < key);
        let many = keys.get(first..).unwrap_or_default();
        let many = many.iter().take_while(|k| **k == key).count();
        self.values
            .get(start + first..start + first + many)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_found_again() {
        let mut builder = MultimapBuilder::default();
        let key = |n: u64| (n / 3).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for n in 0..1000_u32 {
            builder.add(key(n.into()), n);
            builder.add(key(n.into()), n);
        }
        let map = builder.build();
        for n in 0..1000_u32 {
            let found = map.get(key(n.into()));
            assert!(found.contains(&n) && found.len() <= 3 && found.is_sorted());
        }
        assert!(map.get(12_345).is_empty());
        assert!(MultimapBuilder::default().build().get(7).is_empty());
    }

    #[test]
    fn groups_hold_what_was_put_in() {
        let mut groups = Groups::of(vec![(2, 7), (0, 3), (2, 5), (2, 7)], 4);
        groups.push([9, 9]);
        let all: Vec<&[u32]> = (0..6).map(|n| groups.get(n)).collect();
        assert_eq!(all, [&[3][..], &[], &[5, 7], &[], &[9, 9], &[]]);
    }
}
