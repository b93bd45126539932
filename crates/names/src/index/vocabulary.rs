//! The distinct words of a list, the rows they are in, and which of them may agree with a word.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::near::{Near, NearBuilder};
use super::postings::{Multimap, MultimapBuilder};
use super::{number, place};
use crate::profile::Profile;
use crate::word::{Agreement, Feature, Word, agreement, hash, joined_agreement};

/// Collects words and rows.
pub(super) struct VocabularyBuilder {
    profile: Profile,
    by_text: HashMap<Box<str>, u32>,
    words: Vec<Arc<Word>>,
    rows: Vec<(u32, u32)>,
}

impl VocabularyBuilder {
    pub fn new(profile: &Profile) -> Self {
        Self {
            profile: profile.clone(),
            by_text: HashMap::new(),
            words: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// The word `text`, read once.
    pub fn word(&mut self, text: &str) -> (u32, Arc<Word>) {
        if let Some(at) = self.by_text.get(text) {
            let word = self.words.get(place(*at)).cloned();
            return (*at, word.unwrap_or_else(|| Arc::new(Word::new(text))));
        }
        let at = number(self.words.len());
        let word = Arc::new(Word::new(text));
        self.by_text.insert(text.into(), at);
        self.words.push(word.clone());
        (at, word)
    }

    /// Says that the word `at` is in `row`.
    pub fn add(&mut self, at: u32, row: u32) {
        self.rows.push((at, row));
    }

    pub fn build(mut self) -> Vocabulary {
        let profile = &self.profile;
        let mut features = MultimapBuilder::default();
        let (mut near, mut sounding) = (NearBuilder::default(), NearBuilder::default());
        let mut texts: Vec<Box<str>> = vec![Box::default(); self.words.len()];
        for (text, at) in self.by_text {
            if let Some(slot) = texts.get_mut(place(at)) {
                *slot = text;
            }
        }
        let mut firsts = Vec::with_capacity(self.words.len());
        for ((word, text), at) in self.words.iter().zip(&texts).zip(0..) {
            features.add(hash(Feature::Text, text.chars()), at);
            features.add(hash(Feature::Text, word.chars.iter().copied()), at);
            for feature in word.features() {
                features.add(feature, at);
            }
            firsts.push(first_letters(word));
            near.add(word.script as u64, &word.chars, at, profile);
            for sound in &word.sounds {
                sounding.add(0, &sound.chars, at, profile);
            }
        }
        self.rows.sort_unstable();
        self.rows.dedup();
        let mut starts = Vec::with_capacity(self.words.len() + 1);
        let mut from = 0;
        for at in 0..=number(self.words.len()) {
            while self.rows.get(from).is_some_and(|(word, _)| *word < at) {
                from += 1;
            }
            starts.push(number(from));
        }
        Vocabulary {
            kept: self.words.iter().map(|_| OnceLock::new()).collect(),
            words: texts.into_iter().zip(self.words).collect(),
            starts,
            rows: self.rows.into_iter().map(|(_, row)| row).collect(),
            firsts,
            features: features.build(),
            near: near.build(profile),
            sounding: sounding.build(profile),
            profile: self.profile,
        }
    }
}

/// The first letters of a word and its sounds, in 64 bits.
pub(super) fn first_letters(word: &Word) -> u64 {
    word.firsts()
        .fold(0, |set, c| set | 1 << (u32::from(c) % 64))
}

/// Listed words with how another agrees with them.
type Agreements = Box<[(u32, Agreement)]>;

/// The words of a list.
#[derive(Debug)]
pub(super) struct Vocabulary {
    words: Vec<(Box<str>, Arc<Word>)>,
    /// Where each word's rows begin.
    starts: Vec<u32>,
    rows: Vec<u32>,
    firsts: Vec<u64>,
    features: Multimap,
    near: Near,
    sounding: Near,
    /// What each word agrees with, once somebody has asked.
    kept: Vec<OnceLock<Agreements>>,
    profile: Profile,
}

impl Vocabulary {
    /// Number of words.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// The word `at` with its text.
    pub fn word(&self, at: u32) -> Option<(&str, &Arc<Word>)> {
        self.words
            .get(place(at))
            .map(|(text, word)| (&**text, word))
    }

    /// [`first_letters`] of the word `at`.
    pub fn first_letters(&self, at: u32) -> u64 {
        self.firsts.get(place(at)).copied().unwrap_or(u64::MAX)
    }

    /// The listed word that is written `text`.
    pub fn find(&self, text: &str) -> Option<u32> {
        let same = |at: &&u32| self.word(**at).is_some_and(|(own, _)| own == text);
        let listed = self.features.get(hash(Feature::Text, text.chars()));
        listed.iter().find(same).copied()
    }

    /// The word `text`, from the list where it is there.
    pub fn read(&self, text: &str) -> (Option<u32>, Arc<Word>) {
        let at = self.find(text);
        let word = at.and_then(|at| Some(self.word(at)?.1.clone()));
        (at, word.unwrap_or_else(|| Arc::new(Word::new(text))))
    }

    /// The rows that the word `at` is in.
    pub fn rows(&self, at: u32) -> &[u32] {
        let end = |at: usize| self.starts.get(at).copied().map_or(0, place);
        let at = place(at);
        let range = end(at)..end(at.saturating_add(1));
        self.rows.get(range).unwrap_or_default()
    }

    /// Every listed word that agrees with `word`, the listed word `at` if it is one. What a listed
    /// word agrees with is worked out once.
    pub fn agreeing(&self, at: Option<u32>, word: &Word, mut found: impl FnMut(u32, Agreement)) {
        let worked_out;
        let agreements: &[(u32, Agreement)] = match at.and_then(|at| self.kept.get(place(at))) {
            Some(kept) => kept.get_or_init(|| self.work_out(word)),
            None => {
                worked_out = self.work_out(word);
                &worked_out
            }
        };
        for (at, agreement) in agreements {
            found(*at, *agreement);
        }
    }

    fn work_out(&self, word: &Word) -> Agreements {
        let mut candidates: Vec<u32> = Vec::with_capacity(64);
        for feature in word.probes() {
            candidates.extend(self.features.get(feature));
        }
        let (profile, found) = (&self.profile, &mut candidates);
        self.near
            .find(word.script as u64, &word.chars, profile, found);
        for sound in &word.sounds {
            self.sounding.find(0, &sound.chars, profile, found);
        }
        self.add_same_text(word, found);
        candidates.sort_unstable();
        candidates.dedup();
        candidates
            .into_iter()
            .filter_map(|at| {
                let (_, other) = self.words.get(place(at))?;
                Some((at, agreement(word, other, profile)?))
            })
            .collect()
    }

    /// Calls `found` with every listed word that agrees with `joined`, neighbours of the query
    /// written as one.
    pub fn agreeing_with_joined(&self, joined: &Word, mut found: impl FnMut(u32, Agreement)) {
        let mut candidates: Vec<u32> = Vec::new();
        for feature in joined.whole_probes() {
            candidates.extend(self.features.get(feature));
        }
        self.add_same_text(joined, &mut candidates);
        candidates.sort_unstable();
        candidates.dedup();
        for at in candidates {
            if let Some((_, other)) = self.words.get(place(at))
                && let Some(agreement) = joined_agreement(joined, other, &self.profile)
            {
                found(at, agreement);
            }
        }
    }

    /// Listed single letters that may stand for `word`.
    pub fn initials(&self, word: &Word) -> Vec<u32> {
        let mut initials: Vec<u32> = word
            .firsts()
            .flat_map(|c| self.features.get(hash(Feature::Initial, Some(c))))
            .copied()
            .collect();
        initials.sort_unstable();
        initials.dedup();
        initials
    }

    /// Words of the same letters.
    fn add_same_text(&self, word: &Word, found: &mut Vec<u32>) {
        let feature = hash(Feature::Text, word.chars.iter().copied());
        found.extend(self.features.get(feature));
    }
}
