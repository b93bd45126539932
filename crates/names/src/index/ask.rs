//! What a query agrees with, asked of every distinct listed word.

use super::vocabulary::first_letters;
use super::{Asking, Index, number};
use crate::align::{Key, Weighed, joins};
use crate::name::Class;
use crate::qualify::Subject;
use crate::word::Agreement;

/// The words of a list that one query agrees with.
#[derive(Default)]
pub(super) struct Asked<'a> {
    pub subject: Subject,
    /// Whether some are in another script than the Latin one.
    pub foreign: bool,
    pub tokens: &'a [Weighed],
    /// What listed words agree with, sorted by the word.
    pub agreements: Vec<Found>,
    /// Rows with what a token agrees with: the token, greatest similarity first.
    pub reach: Vec<Reach<'a>>,
    /// Rows where neighbours written as one may agree with a token, sorted.
    pub joined: Vec<u32>,
    /// The weight of these tokens.
    pub joined_weight: u32,
    /// The initials of the query: [`first_letters`] of each with its weight.
    pub initials: Vec<(u64, u32)>,
}

/// A listed word with tokens of the query that it agrees with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub word: u32,
    pub at: (usize, usize),
    pub agreement: Agreement,
    /// The weight of the tokens.
    pub weight: u32,
    /// Only where initials count, and where the listed word is one.
    pub initial: bool,
}

/// Some rows that a token of the query agrees with something in.
pub(super) struct Reach<'a> {
    pub token: usize,
    /// At most.
    pub similarity: u32,
    pub rows: &'a [u32],
}

impl Index {
    /// What the tokens of `form` agree with.
    pub(super) fn ask<'a>(&'a self, form: &'a Asking, subject: Subject) -> Asked<'a> {
        let tokens = form.tokens.as_slice();
        let mut agreements: Vec<Found> = Vec::with_capacity(64);
        let mut reach = Vec::with_capacity(64);
        let mut joined_rows: Vec<u32> = Vec::new();
        let mut joined_weight = 0;
        let ordinary = |class| matches!(class, Class::Ordinary | Class::Generic);
        for (i, token) in tokens.iter().enumerate() {
            let known = form.listed.get(i).copied().flatten();
            let from = agreements.len();
            self.words.agreeing(known, &token.word, |word, agreement| {
                agreements.push(Found {
                    word,
                    at: (i, 1),
                    agreement,
                    weight: token.weight,
                    initial: false,
                });
            });
            if ordinary(token.token.class) {
                for word in self.words.initials(&token.word) {
                    let own = agreements.get(from..).unwrap_or_default();
                    // An initial that agrees otherwise does so as a word.
                    if own.iter().any(|f| f.word == word) {
                        continue;
                    }
                    agreements.push(Found {
                        word,
                        at: (i, 1),
                        agreement: Agreement {
                            key: Key::Initial,
                            edits: 0,
                            similarity: self.profile.initial_similarity,
                        },
                        weight: token.weight,
                        initial: true,
                    });
                }
            }
            let before = joined_rows.len();
            for feature in token.word.joined_probes() {
                let rows = self.joined.get(feature);
                joined_rows.extend(rows);
                if !rows.is_empty() {
                    reach.push(Reach {
                        token: i,
                        similarity: crate::FULL,
                        rows,
                    });
                }
            }
            if joined_rows.len() > before {
                joined_weight += token.weight;
            }
        }
        for (at, joined, weight) in joins(tokens) {
            self.words.agreeing_with_joined(&joined, |word, agreement| {
                agreements.push(Found {
                    word,
                    at,
                    agreement,
                    weight,
                    initial: false,
                });
            });
        }
        for found in &agreements {
            for token in found.at.0..found.at.0 + found.at.1 {
                reach.push(Reach {
                    token,
                    similarity: found.agreement.similarity,
                    rows: self.words.rows(found.word),
                });
            }
        }
        reach.sort_unstable_by_key(|r| (r.token, u32::MAX - r.similarity));
        agreements.sort_unstable_by_key(|f| (f.word, f.at));
        joined_rows.sort_unstable();
        joined_rows.dedup();
        Asked {
            subject,
            foreign: form.foreign,
            tokens,
            agreements,
            reach,
            joined: joined_rows,
            joined_weight,
            initials: tokens
                .iter()
                .filter(|t| t.token.class == Class::Initial)
                .map(|t| (first_letters(&t.word), t.weight))
                .collect(),
        }
    }
}

/// Where the agreements of each listed word begin, for as long as one search lasts.
#[derive(Debug, Default)]
pub(super) struct Slots {
    epoch: u32,
    words: Vec<(u32, u32)>,
}

impl Slots {
    /// Takes up what `asked` found among `words` listed words.
    pub fn take_up(&mut self, asked: &Asked<'_>, words: usize) {
        self.words.resize(words, (0, 0));
        self.epoch = match self.epoch.checked_add(1) {
            Some(epoch) => epoch,
            None => {
                self.words.fill((0, 0));
                1
            }
        };
        let mut last = None;
        for (n, found) in asked.agreements.iter().enumerate() {
            if last.replace(found.word) != Some(found.word)
                && let Some(slot) = self.words.get_mut(super::place(found.word))
            {
                *slot = (self.epoch, number(n));
            }
        }
    }

    /// What the listed word `word` agrees with.
    pub fn of<'f>(&self, asked: &'f Asked<'_>, word: u32) -> impl Iterator<Item = &'f Found> {
        let start = match self.words.get(super::place(word)) {
            Some((epoch, start)) if *epoch == self.epoch => super::place(*start),
            _ => usize::MAX,
        };
        let own = asked.agreements.get(start..).unwrap_or_default();
        own.iter().take_while(move |f| f.word == word)
    }
}
