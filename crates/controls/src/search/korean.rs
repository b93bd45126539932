//! Korean words: particles at their end, what they say about the word's part in the sentence, and compounds taken apart.

use std::collections::HashSet;

/// What the particle says of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// `을`, `를`: what is sent.
    Object,
    /// `에`, `에서`, `로`: whither, where, with what.
    Place,
    /// Any other particle.
    Plain,
    /// No particle, or `용` (for): the next word belongs to it.
    Open,
}

/// Particles, longest first among those that end alike.
const PARTICLES: [(&str, Part); 37] = [
    ("으로부터", Part::Place),
    ("에게서는", Part::Place),
    ("에서는", Part::Place),
    ("으로써", Part::Place),
    ("으로서", Part::Place),
    ("에게서", Part::Place),
    ("에게", Part::Place),
    ("에서", Part::Place),
    ("부터", Part::Place),
    ("까지", Part::Place),
    ("으로", Part::Place),
    ("한테", Part::Place),
    ("이나", Part::Plain),
    ("이란", Part::Plain),
    ("이며", Part::Plain),
    ("이고", Part::Plain),
    ("인데", Part::Plain),
    ("입니다", Part::Plain),
    ("에는", Part::Place),
    ("에도", Part::Place),
    ("과의", Part::Plain),
    ("와의", Part::Plain),
    ("들을", Part::Object),
    ("을", Part::Object),
    ("를", Part::Object),
    ("에", Part::Place),
    ("로", Part::Place),
    ("은", Part::Plain),
    ("는", Part::Plain),
    ("이", Part::Plain),
    ("가", Part::Plain),
    ("의", Part::Plain),
    ("와", Part::Plain),
    ("과", Part::Plain),
    ("도", Part::Plain),
    ("만", Part::Plain),
    ("용", Part::Open),
];

/// Words that the entries and tables are made of.
#[derive(Debug, Clone, Default)]
pub(super) struct Lexicon {
    words: HashSet<Box<str>>,
    longest: usize,
}

impl Lexicon {
    /// Adds a word of two syllables or more.
    pub(super) fn add(&mut self, word: &str) {
        let length = word.chars().count();
        if (2..=12).contains(&length) {
            self.longest = self.longest.max(length);
            self.words.insert(word.into());
        }
    }

    /// True for a word that was added.
    pub(super) fn has(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// The words within a longer one, without itself.
    pub(super) fn within<'w>(&self, word: &'w str) -> Vec<&'w str> {
        let ends = boundaries(word);
        let mut found = Vec::new();
        for (i, from) in ends.iter().enumerate() {
            for to in ends.iter().skip(i + 2).take(self.longest) {
                match word.get(*from..*to) {
                    Some(part) if part.len() < word.len() && self.has(part) => found.push(part),
                    _ => {}
                }
            }
        }
        found
    }

    /// A compound as the fewest, longest known words shorter than itself, and what is left of two syllables or more.
    pub(super) fn apart<'w>(&self, word: &'w str) -> (Vec<&'w str>, Vec<&'w str>) {
        let ends = boundaries(word);
        // Best sum of squared lengths up to each boundary, with the boundary before it and whether it is a word.
        let mut best: Vec<(usize, usize, bool)> = vec![(0, 0, false)];
        for to in 1..ends.len() {
            let mut here = (best.get(to - 1).map_or(0, |b| b.0), to - 1, false);
            for length in 2..=self.longest.min(to) {
                let from = to - length;
                let part = slice(word, &ends, from, to);
                let known = part.is_some_and(|p| p.len() < word.len() && self.has(p));
                let sum = best.get(from).map_or(0, |b| b.0) + length * length;
                if known && sum > here.0 {
                    here = (sum, from, true);
                }
            }
            best.push(here);
        }
        let (mut known, mut left) = (Vec::new(), Vec::new());
        let (mut to, mut open) = (ends.len().saturating_sub(1), None);
        while to > 0 {
            let Some(&(_, from, is_word)) = best.get(to) else {
                break;
            };
            if is_word {
                left.extend(open.take().and_then(|end| slice(word, &ends, to, end)));
                known.extend(slice(word, &ends, from, to));
            } else if open.is_none() {
                open = Some(to);
            }
            to = from;
        }
        left.extend(open.and_then(|end| slice(word, &ends, 0, end)));
        known.reverse();
        left.reverse();
        left.retain(|part| part.chars().count() > 1);
        (known, left)
    }

    /// A word of a sentence without its particle, and the particle's meaning. Known words stay as they are (`자이로` ends in no particle).
    pub(super) fn bare<'w>(&self, word: &'w str) -> (&'w str, Part) {
        if self.has(word) {
            return (word, Part::Open);
        }
        let stripped = PARTICLES.iter().filter_map(|(particle, part)| {
            let head = word.strip_suffix(particle)?;
            (!head.is_empty()).then_some((head, *part))
        });
        let mut fallback = None;
        for (head, part) in stripped {
            if self.has(head) {
                return (head, part);
            }
            if fallback.is_none() && head.chars().count() > 1 {
                fallback = Some((head, part));
            }
        }
        fallback.unwrap_or((word, Part::Open))
    }
}

/// The meaning of a particle that stands by itself, as after a Latin word: `GPU를`.
pub(super) fn particle(word: &str) -> Option<Part> {
    let found = PARTICLES.iter().find(|(particle, _)| *particle == word);
    found.map(|(_, part)| *part)
}

/// Pairs of neighbouring syllables.
pub(super) fn pairs(word: &str) -> impl Iterator<Item = &str> {
    let ends = boundaries(word);
    let spans: Vec<(usize, usize)> = ends
        .iter()
        .copied()
        .zip(ends.iter().skip(2).copied())
        .collect();
    spans
        .into_iter()
        .filter_map(|(from, to)| word.get(from..to))
}

/// Byte offsets of the syllables' beginnings, and the end.
fn boundaries(word: &str) -> Vec<usize> {
    word.char_indices()
        .map(|(at, _)| at)
        .chain([word.len()])
        .collect()
}

fn slice<'w>(word: &'w str, ends: &[usize], from: usize, to: usize) -> Option<&'w str> {
    word.get(*ends.get(from)?..*ends.get(to)?)
}

#[cfg(test)]
mod tests {
    use super::{Lexicon, Part, pairs};

    #[test]
    fn particles_go_and_compounds_come_apart() {
        let mut lexicon = Lexicon::default();
        for word in [
            "반도체",
            "제조",
            "식각",
            "장비",
            "자이로",
            "식각장비",
            "집적회로",
            "회로",
        ] {
            lexicon.add(word);
        }
        assert_eq!(lexicon.bare("장비를"), ("장비", Part::Object));
        assert_eq!(lexicon.bare("자이로"), ("자이로", Part::Open));
        assert_eq!(lexicon.bare("공장에서"), ("공장", Part::Place));
        assert_eq!(lexicon.bare("제조용"), ("제조", Part::Open));
        assert_eq!(
            lexicon.apart("반도체제조용식각장비"),
            (vec!["반도체", "제조", "식각장비"], vec![])
        );
        assert_eq!(
            lexicon.apart("플라즈마식각"),
            (vec!["식각"], vec!["플라즈마"])
        );
        assert_eq!(lexicon.apart("플라즈마"), (vec![], vec!["플라즈마"]));
        assert_eq!(lexicon.within("식각장비"), ["식각", "장비"]);
        assert_eq!(
            pairs("집적회로").collect::<Vec<_>>(),
            ["집적", "적회", "회로"]
        );
        assert_eq!(pairs("칩").count(), 0);
    }
}
