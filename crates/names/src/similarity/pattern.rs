//! A word prepared to be compared with many others, 64 letters at a time.

use super::budget;
use crate::profile::Profile;

/// The places of each letter in a word, as bits.
#[derive(Debug)]
pub(crate) struct Pattern {
    ascii: [u64; 128],
    others: Vec<(char, u64)>,
    length: usize,
}

impl Pattern {
    /// `None` for an empty word and for one of more than 64 letters.
    pub fn new(word: &[char]) -> Option<Self> {
        if word.is_empty() || word.len() > 64 {
            return None;
        }
        let mut pattern = Self {
            ascii: [0; 128],
            others: Vec::new(),
            length: word.len(),
        };
        for (at, c) in word.iter().enumerate() {
            let bit = 1_u64 << at;
            let known = pattern.others.iter_mut().find(|(other, _)| other == c);
            match (ascii(*c).and_then(|n| pattern.ascii.get_mut(n)), known) {
                (Some(places), _) | (None, Some((_, places))) => *places |= bit,
                (None, None) => pattern.others.push((*c, bit)),
            }
        }
        Some(pattern)
    }

    fn places(&self, c: char) -> u64 {
        match ascii(c) {
            Some(n) => self.ascii.get(n).copied().unwrap_or(0),
            None => self
                .others
                .iter()
                .find(|(other, _)| *other == c)
                .map_or(0, |(_, places)| *places),
        }
    }

    /// Whether `other` is within the budget of the longer word: optimal string alignment by
    /// Hyyrö's bit-parallel recurrence (2003), a column of the matrix for each letter of `other`.
    pub fn is_near(&self, other: &[char], profile: &Profile) -> bool {
        let allowed = budget(self.length.max(other.len()), profile);
        let last = 1_u64 << (self.length - 1);
        let (mut up, mut down) = (u64::MAX, 0_u64);
        let (mut diagonal, mut before) = (0_u64, 0_u64);
        let mut distance = self.length;
        for c in other {
            let places = self.places(*c);
            let exchanged = ((!diagonal & places) << 1) & before;
            diagonal = (((places & up).wrapping_add(up)) ^ up) | places | down | exchanged;
            let right = down | !(diagonal | up);
            let left = diagonal & up;
            if right & last != 0 {
                distance += 1;
            }
            if left & last != 0 {
                distance -= 1;
            }
            let right = (right << 1) | 1;
            up = (left << 1) | !(diagonal | right);
            down = diagonal & right;
            before = places;
        }
        distance <= allowed as usize
    }
}

fn ascii(c: char) -> Option<usize> {
    c.is_ascii()
        .then(|| usize::try_from(u32::from(c)).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::similarity::edits_within;

    #[test]
    fn the_bits_count_what_the_matrix_counts() {
        let letters = ['a', 'b', 'ж', 'д'];
        let words: Vec<Vec<char>> = (0..4_usize.pow(7))
            .step_by(61)
            .map(|n| {
                let length = [2, 4, 6, 7, 9, 12, 13][n % 7];
                (0..length)
                    .map(|i| letters[(n / 4_usize.pow(i % 7)) % 4])
                    .collect()
            })
            .collect();
        let profile = &Profile::DEFAULT;
        let mut near = 0;
        for a in &words {
            let pattern = Pattern::new(a).unwrap();
            for b in words.iter().chain([&vec!['a'; 70], &Vec::new()]) {
                let allowed = budget(a.len().max(b.len()), profile);
                let expected = edits_within(a, b, allowed).is_some();
                assert_eq!(pattern.is_near(b, profile), expected, "{a:?} {b:?}");
                near += u32::from(expected);
            }
        }
        assert!(near > 500, "{near}");
        assert!(Pattern::new(&['a'; 65]).is_none() && Pattern::new(&[]).is_none());
    }
}
