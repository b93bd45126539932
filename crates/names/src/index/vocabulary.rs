//! The distinct words of a list, and which of them may agree with a word.

use std::collections::HashMap;
use std::sync::Arc;

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
}

impl VocabularyBuilder {
    pub fn new(profile: &Profile) -> Self {
        Self {
            profile: profile.clone(),
            by_text: HashMap::new(),
            words: Vec::new(),
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

    pub fn build(self) -> Vocabulary {
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
        Vocabulary {
            words: texts.into_iter().zip(self.words).collect(),
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

/// Listed words or windows with how a word agrees with them.
pub(super) type Agreements = Box<[(u32, Agreement)]>;

/// The words of a list.
#[derive(Debug)]
pub(super) struct Vocabulary {
    words: Vec<(Box<str>, Arc<Word>)>,
    firsts: Vec<u64>,
    features: Multimap,
    near: Near,
    sounding: Near,
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
    pub fn read(&self, text: &str) -> Arc<Word> {
        let word = self
            .find(text)
            .and_then(|at| Some(self.word(at)?.1.clone()));
        word.unwrap_or_else(|| Arc::new(Word::new(text)))
    }

    /// Every listed word that agrees with `word`.
    pub fn agreeing(&self, word: &Word) -> Agreements {
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

    /// Every listed word that agrees with `joined`, neighbours of the query written as one.
    pub fn agreeing_with_joined(&self, joined: &Word) -> Agreements {
        let mut candidates: Vec<u32> = Vec::new();
        for feature in joined.whole_probes() {
            candidates.extend(self.features.get(feature));
        }
        self.add_same_text(joined, &mut candidates);
        candidates.sort_unstable();
        candidates.dedup();
        let agreement = |at: u32| {
            let (_, other) = self.words.get(place(at))?;
            Some((at, joined_agreement(joined, other, &self.profile)?))
        };
        candidates.into_iter().filter_map(agreement).collect()
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
