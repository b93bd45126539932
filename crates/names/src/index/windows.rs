//! Neighbouring listed words written as one, for words of a query that are several of the list.

use std::collections::HashMap;

use super::lines::Lines;
use super::number;
use super::postings::{Groups, Multimap, MultimapBuilder};
use super::vocabulary::Vocabulary;
use crate::align::JOINED;
use crate::profile::Profile;
use crate::word::{Agreement, Word, joined_agreement};

/// Where a window has fewer words than it may have.
pub(super) const NONE: u32 = u32::MAX;

/// The words of neighbours that may be written as one; [`NONE`] behind the last.
pub(super) type Neighbours = [u32; JOINED];

/// Distinct neighbours of a list.
#[derive(Debug)]
pub(super) struct Windows {
    words: Vec<Neighbours>,
    lines: Groups,
    /// By what they may agree with a word as.
    features: Multimap,
}

impl Windows {
    /// The words of a window.
    pub fn words(&self, window: u32) -> Neighbours {
        let words = self.words.get(super::place(window)).copied();
        words.unwrap_or([NONE; JOINED])
    }

    /// The lines that a window is in.
    pub fn lines(&self, window: u32) -> &[u32] {
        self.lines.get(window)
    }

    /// The windows that agree with `word` when they are written as one.
    pub fn agreeing(
        &self,
        word: &Word,
        vocabulary: &Vocabulary,
        profile: &Profile,
    ) -> Box<[(u32, Agreement)]> {
        let mut candidates: Vec<u32> = Vec::new();
        for feature in word.joined_probes() {
            candidates.extend(self.features.get(feature));
        }
        candidates.sort_unstable();
        candidates.dedup();
        let agreement = |window: u32| {
            let joined = Word::joined(&text(self.words(window), vocabulary));
            Some((window, joined_agreement(&joined, word, profile)?))
        };
        candidates.into_iter().filter_map(agreement).collect()
    }
}

fn text(words: Neighbours, vocabulary: &Vocabulary) -> String {
    let words = words.iter().filter_map(|word| vocabulary.word(*word));
    words.map(|(text, _)| text).collect()
}

/// Collects windows.
#[derive(Default)]
pub(super) struct WindowsBuilder {
    numbers: HashMap<Neighbours, u32>,
    lines: Vec<(u32, u32)>,
}

impl WindowsBuilder {
    /// Adds the neighbours of `line`: the words, each with its script.
    pub fn add<S: PartialEq + Copy>(&mut self, line: u32, words: &[(u32, S)]) {
        for length in 2..=JOINED {
            for window in words.windows(length) {
                let script = window.first().map(|(_, script)| *script);
                if !window.iter().all(|(_, own)| Some(*own) == script) {
                    continue;
                }
                let mut neighbours = [NONE; JOINED];
                for (slot, (word, _)) in neighbours.iter_mut().zip(window) {
                    *slot = *word;
                }
                let next = number(self.numbers.len());
                let window = *self.numbers.entry(neighbours).or_insert(next);
                self.lines.push((window, line));
            }
        }
    }

    pub fn build(self, vocabulary: &Vocabulary) -> Windows {
        let mut words = vec![[NONE; JOINED]; self.numbers.len()];
        for (neighbours, window) in self.numbers {
            if let Some(slot) = words.get_mut(super::place(window)) {
                *slot = neighbours;
            }
        }
        let mut features = MultimapBuilder::default();
        for (neighbours, window) in words.iter().zip(0..) {
            let joined = Word::joined(&text(*neighbours, vocabulary));
            for feature in joined.joined_features() {
                features.add(feature, window);
            }
        }
        Windows {
            lines: Groups::of(self.lines, words.len()),
            words,
            features: features.build(),
        }
    }
}

/// The weight of `neighbours` where they are the words of `line` from `at` on, and how many they are.
pub(super) fn weight_at(
    neighbours: Neighbours,
    line: &[u32],
    at: usize,
    lines: &Lines,
) -> Option<(u32, usize)> {
    let length = neighbours.iter().take_while(|word| **word != NONE).count();
    let window = line.get(at..at + length)?;
    let mut weight = 0;
    for (term, word) in window.iter().zip(neighbours) {
        let term = lines.term(*term).filter(|term| term.word == word)?;
        weight += term.weight;
    }
    Some((weight, length))
}
