//! Which of many spellings are within a few edits of one.
//!
//! Near spellings are found by deletions: two words within `k` edits (insertions, deletions,
//! substitutions, exchanged neighbours) have the same letters in common after at most `k` deletions
//! from the first [`PREFIX`] letters of either. For let an optimal sequence of edits be cut where
//! it has used up the prefix of the one word: each edit before the cut costs either prefix at most
//! one deletion, and the letters by which the other prefix then is longer are as many as letters
//! deleted from the first, which cost the other nothing so far.
//!
//! What is left of a prefix chooses a bucket. An entry holds, beside the number of its spelling,
//! its length and a set of its letters, so that most of a bucket is ruled out in one word of
//! memory; the others are compared.

use super::{number, place};
use crate::profile::Profile;
use crate::similarity::{Pattern, budget, likeness};
use crate::word::{Feature, hash, reach};

/// Letters of a word that deletions are made from.
const PREFIX: usize = 7;

/// Lengths from here on are not told apart by an entry.
const LONG: usize = 63;

/// Collects spellings.
#[derive(Debug, Default)]
pub(super) struct NearBuilder {
    /// The hash of what is left of a prefix, with its entry.
    entries: Vec<(u64, u64)>,
    text: Vec<char>,
    starts: Vec<u32>,
    owners: Vec<u32>,
    hashes: Vec<u64>,
}

impl NearBuilder {
    /// Adds a spelling of `owner`. Spellings of different `space` are never near.
    pub fn add(&mut self, space: u64, spelling: &[char], owner: u32, profile: &Profile) {
        let own = number(self.owners.len());
        self.owners.push(owner);
        self.starts.push(number(self.text.len()));
        self.text.extend(spelling);
        let entry = entry(own, Shape::of(spelling));
        deletions(space, spelling, profile, &mut self.hashes);
        self.entries
            .extend(self.hashes.drain(..).map(|hash| (hash, entry)));
    }

    pub fn build(mut self, profile: &Profile) -> Near {
        self.starts.push(number(self.text.len()));
        // About one entry a bucket; the upper bits of a hash choose it.
        let bits = (self.entries.len() as u64).max(2).ilog2();
        let shift = 64 - bits;
        self.entries.sort_unstable();
        let mut buckets = Vec::with_capacity((1 << bits) + 1);
        let mut at = 0;
        for bucket in 0..=1_u64 << bits {
            let before = |(hash, _): &(u64, u64)| hash >> shift < bucket;
            while self.entries.get(at).is_some_and(before) {
                at += 1;
            }
            buckets.push(number(at));
        }
        Near {
            shift,
            buckets,
            entries: self.entries.into_iter().map(|(_, entry)| entry).collect(),
            text: self.text,
            starts: self.starts,
            owners: self.owners,
            budgets: std::array::from_fn(|length| match length {
                LONG => u32::MAX,
                length => budget(length, profile),
            }),
        }
    }
}

/// The number of a spelling, its length in six bits and a set of its letters in 26.
fn entry(number: u32, shape: Shape) -> u64 {
    u64::from(number) << 32 | u64::from(shape.length) << 26 | u64::from(shape.letters)
}

/// What an entry says of its spelling.
#[derive(Debug, Clone, Copy)]
struct Shape {
    length: u32,
    letters: u32,
}

impl Shape {
    /// One edit changes at most two letters of the set, also where several letters share a bit.
    fn of(spelling: &[char]) -> Self {
        Self {
            length: number(spelling.len().min(LONG)),
            letters: spelling
                .iter()
                .fold(0, |set, c| set | 1 << (u32::from(*c) % 26)),
        }
    }

    fn in_entry(entry: u64) -> Self {
        let bits = |n: u64| u32::try_from(n).unwrap_or(0);
        Self {
            length: bits(entry >> 26 & 0x3f),
            letters: bits(entry & 0x3ff_ffff),
        }
    }

    /// False where the budget rules the two out. `budgets` are those of each length.
    fn may_be_near(self, other: Self, budgets: &[u32; LONG + 1]) -> bool {
        let longer = place(self.length.max(other.length));
        let allowed = budgets.get(longer).copied().unwrap_or(u32::MAX);
        self.length.abs_diff(other.length) <= allowed
            && (self.letters ^ other.letters).count_ones() <= allowed.saturating_mul(2)
    }
}

/// Spellings by deletions.
#[derive(Debug)]
pub(super) struct Near {
    shift: u32,
    buckets: Vec<u32>,
    entries: Vec<u64>,
    /// All spellings, one after the other.
    text: Vec<char>,
    starts: Vec<u32>,
    /// Whose spelling each is.
    owners: Vec<u32>,
    budgets: [u32; LONG + 1],
}

impl Near {
    /// Adds to `owners` the owner of every spelling in `space` within budget of `word`, perhaps
    /// more than once, and perhaps those of some in other spaces.
    pub fn find(&self, space: u64, word: &[char], profile: &Profile, owners: &mut Vec<u32>) {
        let pattern = Pattern::new(word);
        let own = Shape::of(word);
        let mut hashes = Vec::with_capacity(64);
        deletions(space, word, profile, &mut hashes);
        let mut seen: Vec<u32> = Vec::with_capacity(64);
        for hash in hashes {
            for entry in self.bucket(hash) {
                if Shape::in_entry(*entry).may_be_near(own, &self.budgets) {
                    seen.push(u32::try_from(*entry >> 32).unwrap_or(u32::MAX));
                }
            }
        }
        seen.sort_unstable();
        seen.dedup();
        for number in seen {
            let spelling = self.spelling(number);
            let near = match &pattern {
                Some(pattern) => pattern.is_near(spelling, profile),
                None => likeness(word, spelling, profile).is_some(),
            };
            if near {
                owners.extend(self.owners.get(place(number)));
            }
        }
    }

    fn bucket(&self, hash: u64) -> &[u64] {
        let bucket = usize::try_from(hash >> self.shift).unwrap_or(usize::MAX);
        let end = |at: usize| self.buckets.get(at).copied().map_or(0, place);
        let (start, stop) = (end(bucket), end(bucket.saturating_add(1)));
        self.entries.get(start..stop).unwrap_or_default()
    }

    fn spelling(&self, number: u32) -> &[char] {
        let end = |at: usize| self.starts.get(at).copied().map_or(0, place);
        let at = place(number);
        let range = end(at)..end(at.saturating_add(1));
        self.text.get(range).unwrap_or_default()
    }
}

/// Hashes of the first letters of `word` with up to as many of them left out as it may have edits.
fn deletions(space: u64, word: &[char], profile: &Profile, hashes: &mut Vec<u64>) {
    let most = reach(word.len(), profile);
    let prefix = word.get(..PREFIX).unwrap_or(word);
    let bits = 1_u32 << prefix.len();
    for left_out in 0..bits {
        if left_out.count_ones() > most {
            continue;
        }
        let kept = prefix
            .iter()
            .enumerate()
            .filter(|(i, _)| left_out >> i & 1 == 0)
            .map(|(_, c)| *c);
        hashes.push(hash(Feature::Deletion, kept) ^ space.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    }
    hashes.sort_unstable();
    hashes.dedup();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::similarity::edits_within;

    #[test]
    fn every_near_word_is_found() {
        let words: Vec<Vec<char>> = (0..3_u32.pow(9))
            .step_by(37)
            .map(|n| {
                (0..(n % 7) * 2 + 3)
                    .map(|i| ['a', 'b', 'c'][(n / 3_u32.pow(i % 9) % 3) as usize])
                    .collect()
            })
            .chain([vec!['a'; 70], vec!['a'; 72]])
            .collect();
        let profile = &Profile::DEFAULT;
        let mut builder = NearBuilder::default();
        for (word, owner) in words.iter().zip(0..) {
            builder.add(u64::from(owner % 2), word, owner, profile);
        }
        let index = builder.build(profile);
        let (mut near, mut owners) = (0, Vec::new());
        for (n, a) in words.iter().enumerate().step_by(2) {
            owners.clear();
            index.find(n as u64 % 2, a, profile, &mut owners);
            for (m, b) in words.iter().enumerate().step_by(2) {
                let allowed = budget(a.len().max(b.len()), profile);
                // Numbers are compared exactly, and a longer word's likeness has a floor.
                if edits_within(a, b, allowed).is_some() {
                    near += 1;
                    assert!(owners.contains(&number(m)), "{a:?} {b:?}");
                }
            }
        }
        assert!(near > 500, "{near}");
    }
}
