//! Words as people misspell them: the known word that is one slip away, by letters, in Korean by the letters of the syllables.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use super::documents::PAIR;

/// Letters of the shortest word that is looked up; shorter ones have too many neighbours.
const SHORTEST: usize = 6;
/// Letters of the longest.
const LONGEST: usize = 28;

/// A known word with its letters.
type Known = (Box<[char]>, Box<str>);

/// Known words by how many letters they have.
#[derive(Debug, Default)]
pub(super) struct Spelling {
    by_length: HashMap<usize, Vec<Known>>,
}

impl Spelling {
    pub(super) fn of<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        let mut spelling = Self::default();
        let mut words: Vec<&str> = words.filter(|word| !word.starts_with(PAIR)).collect();
        words.sort_unstable();
        words.dedup();
        for word in words {
            if let Some(letters) = letters(word) {
                let of_length = spelling.by_length.entry(letters.len()).or_default();
                of_length.push((letters.into(), word.into()));
            }
        }
        spelling
    }

    /// The known word one slip from this one: a letter too many, missing, or another, or two exchanged. Of several the one that
    /// begins alike, and of those the first.
    pub(super) fn nearest(&self, word: &str) -> Option<&str> {
        let wrong = letters(word)?;
        let lengths = wrong.len() - 1..=wrong.len() + 1;
        let near = lengths
            .filter_map(|length| self.by_length.get(&length))
            .flatten()
            .filter(|(right, _)| one_slip(&wrong, right));
        let best = near.min_by_key(|(right, word)| (right.first() != wrong.first(), &**word));
        best.map(|(_, word)| &**word)
    }
}

fn letters(word: &str) -> Option<Vec<char>> {
    if word.chars().any(|c| !c.is_alphabetic()) {
        return None;
    }
    let letters: Vec<char> = word.nfd().collect();
    (SHORTEST..=LONGEST)
        .contains(&letters.len())
        .then_some(letters)
}

fn one_slip(a: &[char], b: &[char]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let begin = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let (short, long) = (short.get(begin..), long.get(begin..));
    let (Some(short), Some(long)) = (short, long) else {
        return false;
    };
    match (short, long) {
        (_, [_, rest @ ..]) if rest == short => true,
        ([_, a @ ..], [_, b @ ..]) if a == b => true,
        ([w, x, a @ ..], [y, z, b @ ..]) => w == z && x == y && a == b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::Spelling;

    #[test]
    fn a_word_one_slip_away_is_found() {
        let known = ["microprocessor", "레이저발진기", "데이터센터", "laser"];
        let spelling = Spelling::of(known.into_iter());
        for (wrong, right) in [
            ("microprocesor", Some("microprocessor")),
            ("micorprocessor", Some("microprocessor")),
            ("nicroprocessor", Some("microprocessor")),
            ("microproccessor", Some("microprocessor")),
            ("데이타센터", Some("데이터센터")),
            ("레이져발진기", Some("레이저발진기")),
            ("microprocsor", None),
            ("lazer", None),
            ("h100000", None),
        ] {
            assert_eq!(spelling.nearest(wrong), right, "{wrong}");
        }
    }
}
