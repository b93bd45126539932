//! What a query agrees with, asked of every distinct listed word.

use super::vocabulary::first_letters;
use super::windows::{NONE, Neighbours, weight_at};
use super::{Asking, Index, number, place};
use crate::align::{JOINED, Key, Weighed, joined_texts};
use crate::name::Class;
use crate::qualify::{Manner, Subject};
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
    /// Lines with what a token agrees with, sorted by the token.
    pub reach: Vec<Reach<'a>>,
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
    /// The listed neighbours that agree as one, of which the word is the first; [`NONE`] where it
    /// agrees by itself.
    pub window: Neighbours,
}

/// Some lines that a token of the query agrees with something in.
pub(super) struct Reach<'a> {
    pub token: usize,
    pub similarity: u32,
    /// Weight of the listed words, at most.
    pub weight: u32,
    /// Whether it agrees by itself with one word, so that the weight is exact.
    pub whole: bool,
    pub lines: &'a [u32],
}

impl Found {
    /// Whether several listed words agree as one.
    pub fn is_window(&self) -> bool {
        self.window != ALONE
    }
}

const ALONE: Neighbours = [NONE; JOINED];

impl Index {
    /// What the tokens of `form` agree with.
    pub(super) fn ask<'a>(&'a self, form: &'a Asking, subject: Subject) -> Asked<'a> {
        let tokens = form.tokens.as_slice();
        let mut agreements: Vec<Found> = Vec::with_capacity(64);
        let mut reach = Vec::with_capacity(64);
        // What things are called has no initials, whatever is compared with it.
        let initials = !matches!(subject, Subject::Organisation | Subject::Craft);
        for (i, (token, known)) in tokens.iter().zip(&form.known).enumerate() {
            let found = |word, agreement| Found {
                word,
                at: (i, 1),
                agreement,
                weight: token.weight,
                initial: false,
                window: ALONE,
            };
            for (word, agreement) in &known.words {
                agreements.push(found(*word, *agreement));
                self.add_reach((i, 1), *word, agreement.similarity, &mut reach);
            }
            if initials && matches!(token.token.class, Class::Ordinary | Class::Generic) {
                let agreement = Agreement {
                    key: Key::Initial,
                    edits: 0,
                    similarity: self.profile.initial_similarity,
                };
                for word in &known.initials {
                    agreements.push(Found {
                        initial: true,
                        ..found(*word, agreement)
                    });
                    for term in self.lines.terms_of(*word) {
                        if let Some(own) = self.lines.term(term)
                            && own.class == Class::Initial
                        {
                            reach.push(Reach {
                                token: i,
                                similarity: agreement.similarity,
                                weight: own.weight,
                                whole: true,
                                lines: self.lines.with(term),
                            });
                        }
                    }
                }
            }
            for (window, agreement) in &known.windows {
                let words = self.windows.words(*window);
                let [first, ..] = words;
                agreements.push(Found {
                    window: words,
                    ..found(first, *agreement)
                });
                reach.push(Reach {
                    token: i,
                    similarity: agreement.similarity,
                    weight: self.greatest_weight(&words),
                    whole: false,
                    lines: self.windows.lines(*window),
                });
            }
        }
        for (at, text, weight) in joined_texts(tokens) {
            for (word, agreement) in self.kept.joined(&text, &self.words).iter() {
                agreements.push(Found {
                    word: *word,
                    at,
                    agreement: *agreement,
                    weight,
                    initial: false,
                    window: ALONE,
                });
                self.add_reach(at, *word, agreement.similarity, &mut reach);
            }
        }
        reach.sort_unstable_by_key(|r| r.token);
        agreements.sort_unstable_by_key(|f| f.word);
        Asked {
            subject,
            foreign: form.foreign,
            tokens,
            agreements,
            reach,
            initials: tokens
                .iter()
                .filter(|t| t.token.class == Class::Initial)
                .map(|t| (first_letters(&t.word), t.weight))
                .collect(),
        }
    }

    /// The lines of the listed `word`, which the tokens `at` agree with.
    fn add_reach<'a>(
        &'a self,
        at: (usize, usize),
        word: u32,
        similarity: u32,
        reach: &mut Vec<Reach<'a>>,
    ) {
        for term in self.lines.terms_of(word) {
            let weight = self.lines.term(term).map_or(0, |term| term.weight);
            for token in at.0..at.0 + at.1 {
                reach.push(Reach {
                    token,
                    similarity,
                    weight,
                    whole: at.1 == 1,
                    lines: self.lines.with(term),
                });
            }
        }
    }

    /// What listed words weigh at most together.
    fn greatest_weight(&self, words: &[u32]) -> u32 {
        let greatest = |word: &u32| {
            let terms = self.lines.terms_of(*word);
            terms
                .filter_map(|term| self.lines.term(term))
                .map(|term| term.weight)
                .max()
        };
        words.iter().filter_map(greatest).sum()
    }

    /// The weight of what `found` agrees with in `line` from the token `at` on and how many tokens
    /// that are, if it is there and counts in this `manner`.
    pub(super) fn stands(
        &self,
        found: &Found,
        line: &[u32],
        at: usize,
        manner: Manner,
    ) -> Option<(u32, usize)> {
        if found.is_window() {
            return weight_at(found.window, line, at, &self.lines);
        }
        let term = self.lines.term(*line.get(at)?)?;
        let counts = !found.initial || manner.initials() && term.class == Class::Initial;
        counts.then_some((term.weight, 1))
    }
}

/// Where the agreements of each term begin, for as long as one search lasts.
#[derive(Debug, Default)]
pub(super) struct Slots {
    epoch: u32,
    terms: Vec<(u32, u32)>,
}

impl Slots {
    /// Takes up what `asked` found.
    pub fn take_up(&mut self, asked: &Asked<'_>, index: &Index) {
        self.terms.resize(index.lines.terms(), (0, 0));
        self.epoch = match self.epoch.checked_add(1) {
            Some(epoch) => epoch,
            None => {
                self.terms.fill((0, 0));
                1
            }
        };
        let mut last = None;
        for (n, found) in asked.agreements.iter().enumerate() {
            if last.replace(found.word) == Some(found.word) {
                continue;
            }
            for term in index.lines.terms_of(found.word) {
                if let Some(slot) = self.terms.get_mut(place(term)) {
                    *slot = (self.epoch, number(n));
                }
            }
        }
    }

    /// What `term` agrees with, if it begins anything.
    pub fn of<'f>(&self, asked: &'f Asked<'_>, term: u32) -> &'f [Found] {
        let start = match self.terms.get(place(term)) {
            Some((epoch, start)) if *epoch == self.epoch => place(*start),
            _ => return &[],
        };
        let own = asked.agreements.get(start..).unwrap_or_default();
        let word = own.first().map(|f| f.word);
        let end = own.iter().position(|f| Some(f.word) != word);
        own.get(..end.unwrap_or(own.len())).unwrap_or_default()
    }
}
