//! Names by their words: names of the same words are one line, which is found and aligned once.

use std::collections::HashMap;

use super::postings::Groups;
use super::{number, place};
use crate::name::Class;
use crate::qualify::Subject;

/// A word as a class of word: what tells its weight.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term {
    pub word: u32,
    pub weight: u32,
    pub class: Class,
}

/// The words of a list as the names have them.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Sorted by word.
    terms: Vec<Term>,
    /// Where the terms of each word end.
    words: Vec<u32>,
    /// The terms of each line, in their order.
    tokens: Groups,
    /// The lines of each term.
    postings: Groups,
    /// The rows of each line.
    rows: Groups,
    about: Vec<About>,
}

/// What is known of a line as a whole.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct About {
    /// What its tokens weigh together.
    pub weight: u64,
    /// Whether some are in another script than the Latin one.
    pub foreign: bool,
    /// The kinds of party that bear it, as bits by [`bit`].
    pub subjects: u8,
}

/// How many kinds of line there are.
pub(super) const KINDS: usize = 32;

impl About {
    /// Subjects and script in one number below [`KINDS`].
    pub fn kind(&self) -> usize {
        usize::from(self.subjects << 1 | u8::from(self.foreign))
    }

    /// One of each kind, in order.
    pub fn all_kinds() -> [Self; KINDS] {
        std::array::from_fn(|kind| Self {
            weight: 0,
            foreign: kind & 1 == 1,
            subjects: u8::try_from(kind >> 1).unwrap_or(0),
        })
    }
}

/// The place of a kind of party in [`About::subjects`].
pub(super) fn bit(subject: Subject) -> u8 {
    1 << subject as u8
}

impl Lines {
    /// Number of terms.
    pub fn terms(&self) -> usize {
        self.terms.len()
    }

    /// Number of lines.
    pub fn len(&self) -> usize {
        self.about.len()
    }

    /// A term.
    pub fn term(&self, term: u32) -> Option<&Term> {
        self.terms.get(place(term))
    }

    /// All terms.
    pub fn all_terms(&self) -> &[Term] {
        &self.terms
    }

    /// The terms of a word, which follow each other.
    pub fn terms_of(&self, word: u32) -> std::ops::Range<u32> {
        let end = |word: usize| self.words.get(word).copied().unwrap_or(0);
        let word = place(word);
        word.checked_sub(1).map_or(0, end)..end(word)
    }

    /// What `word` weighs as a word of `class`, if it is listed so.
    pub fn weight(&self, word: u32, class: Class) -> Option<u32> {
        let terms = self.terms_of(word).filter_map(|term| self.term(term));
        let mut own = terms.filter(|term| term.class == class);
        own.next().map(|term| term.weight)
    }

    /// The terms of a line.
    pub fn line(&self, line: u32) -> &[u32] {
        self.tokens.get(line)
    }

    /// The same with what is known of each.
    pub fn listed(&self, line: u32) -> impl Iterator<Item = &Term> {
        let terms = self.line(line).iter();
        terms.filter_map(|term| self.term(*term))
    }

    /// What is known of a line.
    pub fn about(&self, line: u32) -> About {
        self.about.get(place(line)).copied().unwrap_or_default()
    }

    /// The rows of a line.
    pub fn rows(&self, line: u32) -> &[u32] {
        self.rows.get(line)
    }

    /// The lines of a term.
    pub fn with(&self, term: u32) -> &[u32] {
        self.postings.get(term)
    }
}

/// Collects lines.
#[derive(Default)]
pub(super) struct LinesBuilder {
    /// The number of each line, by its tokens.
    numbers: HashMap<Box<[u64]>, u32>,
    weights: HashMap<u64, u32>,
    tokens: Vec<(Box<[u64]>, About)>,
    rows: Vec<(u32, u32)>,
}

/// A word with its class, in one number that sorts by the word.
fn code(word: u32, class: Class) -> u64 {
    u64::from(word) << 8 | class as u64
}

impl LinesBuilder {
    /// Adds a row with its tokens: its line, and whether that is new.
    pub fn add(
        &mut self,
        row: u32,
        tokens: impl Iterator<Item = (u32, Class, u32)>,
        subject: Subject,
        foreign: bool,
    ) -> (u32, bool) {
        let mut weight = 0;
        let codes: Box<[u64]> = tokens
            .map(|(word, class, own)| {
                weight += u64::from(own);
                let code = code(word, class);
                self.weights.insert(code, own);
                code
            })
            .collect();
        let next = number(self.tokens.len());
        let (line, new) = match self.numbers.get(&codes) {
            Some(line) => (*line, false),
            None => {
                let about = About {
                    weight,
                    foreign,
                    subjects: 0,
                };
                self.numbers.insert(codes.clone(), next);
                self.tokens.push((codes, about));
                (next, true)
            }
        };
        if let Some((_, about)) = self.tokens.get_mut(place(line)) {
            about.subjects |= bit(subject);
        }
        self.rows.push((line, row));
        (line, new)
    }

    /// Puts them in order; `words` is how many distinct words there are.
    pub fn build(self, words: usize) -> Lines {
        let mut codes: Vec<(u64, u32)> = self.weights.into_iter().collect();
        codes.sort_unstable();
        let class = |code: u64| {
            let own = |class: &&Class| **class as u64 == code & 0xff;
            Class::ALL.iter().find(own).copied()
        };
        let terms: Vec<Term> = codes
            .iter()
            .map(|(code, weight)| Term {
                word: u32::try_from(code >> 8).unwrap_or(u32::MAX),
                weight: *weight,
                class: class(*code).unwrap_or(Class::Ordinary),
            })
            .collect();
        let mut ends = Vec::with_capacity(words);
        let mut at = 0;
        for word in 0..number(words) {
            while terms.get(at).is_some_and(|term| term.word <= word) {
                at += 1;
            }
            ends.push(number(at));
        }
        let mut tokens = Groups::default();
        let mut pairs = Vec::with_capacity(4 * self.tokens.len());
        let mut about = Vec::with_capacity(self.tokens.len());
        drop(self.numbers);
        for ((own, known), line) in self.tokens.into_iter().zip(0..) {
            let term = |code: &u64| number(codes.partition_point(|(other, _)| other < code));
            tokens.push(own.iter().map(term));
            pairs.extend(tokens.get(line).iter().map(|term| (*term, line)));
            about.push(known);
        }
        Lines {
            words: ends,
            postings: Groups::of(pairs, terms.len()),
            rows: Groups::of(self.rows, about.len()),
            terms,
            tokens,
            about,
        }
    }
}
