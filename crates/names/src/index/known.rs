//! What words of queries agree with, kept: the same words are asked for again and again.
//!
//! What is kept follows from the word, the list and the profile alone, so a search with it and one
//! without it are the same search.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::place;
use super::vocabulary::{Agreements, Vocabulary};
use super::windows::Windows;
use crate::profile::Profile;
use crate::word::Word;

/// A word of a query with everything in the list that it agrees with.
#[derive(Debug)]
pub(super) struct Known {
    /// Its number, if it is listed.
    pub listed: Option<u32>,
    pub word: Arc<Word>,
    /// Listed words.
    pub words: Agreements,
    /// Listed single letters that may stand for it and do not agree with it otherwise.
    pub initials: Box<[u32]>,
    /// Listed neighbours that agree with it when they are written as one.
    pub windows: Agreements,
}

/// What has been worked out.
#[derive(Debug)]
pub(super) struct Kept {
    /// For each listed word.
    listed: Vec<OnceLock<Arc<Known>>>,
    /// For other words, the latest ones.
    others: Latest<Known>,
    /// For neighbours of a query written as one, the latest ones.
    joined: Latest<[(u32, crate::word::Agreement)]>,
}

/// Agreements that are kept of words that are not listed (16 bytes each).
const MOST: usize = 1 << 19;

impl Kept {
    pub fn new(words: usize) -> Self {
        Self {
            listed: (0..words).map(|_| OnceLock::new()).collect(),
            others: Latest::default(),
            joined: Latest::default(),
        }
    }

    /// What the word `text` agrees with.
    pub fn word(
        &self,
        text: &str,
        words: &Vocabulary,
        windows: &Windows,
        profile: &Profile,
    ) -> Arc<Known> {
        let listed = words.find(text);
        let work_out = |word: Arc<Word>| {
            let agreements = words.agreeing(&word);
            let otherwise = |at: &u32| agreements.binary_search_by_key(at, |(at, _)| *at).is_ok();
            let mut initials = words.initials(&word);
            initials.retain(|at| !otherwise(at));
            Arc::new(Known {
                listed,
                initials: initials.into(),
                windows: windows.agreeing(&word, words, profile),
                words: agreements,
                word,
            })
        };
        if let Some(at) = listed
            && let Some(slot) = self.listed.get(place(at))
            && let Some((_, word)) = words.word(at)
        {
            return slot.get_or_init(|| work_out(word.clone())).clone();
        }
        self.others.get_or(text, || {
            let known = work_out(Arc::new(Word::new(text)));
            let size = known.words.len() + known.windows.len() + known.initials.len();
            // Its readings take as much as some agreements.
            (known, size + 32)
        })
    }

    /// What `text`, neighbours of a query written as one, agrees with.
    pub fn joined(&self, text: &str, words: &Vocabulary) -> Arc<[(u32, crate::word::Agreement)]> {
        self.joined.get_or(text, || {
            let agreements = words.agreeing_with_joined(&Word::joined(text));
            let size = agreements.len() + 8;
            (agreements.into(), size)
        })
    }
}

/// The latest answers by text, in two generations: the older one is forgotten when the younger one
/// is full.
#[derive(Debug)]
struct Latest<T: ?Sized>(Mutex<Generations<T>>);

#[derive(Debug)]
struct Generations<T: ?Sized> {
    young: HashMap<Box<str>, Arc<T>>,
    old: HashMap<Box<str>, Arc<T>>,
    /// What the younger ones hold.
    size: usize,
}

impl<T: ?Sized> Default for Latest<T> {
    fn default() -> Self {
        Self(Mutex::new(Generations {
            young: HashMap::new(),
            old: HashMap::new(),
            size: 0,
        }))
    }
}

impl<T: ?Sized> Latest<T> {
    /// The answer for `text`, from `make` with its size where it is not kept.
    fn get_or(&self, text: &str, make: impl FnOnce() -> (Arc<T>, usize)) -> Arc<T> {
        let held = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        {
            let generations = held();
            let known = generations.young.get(text).or(generations.old.get(text));
            if let Some(known) = known {
                return known.clone();
            }
        }
        // Two who ask at the same time work out the same.
        let (made, size) = make();
        let mut generations = held();
        if generations.size + size > MOST / 2 {
            generations.old = std::mem::take(&mut generations.young);
            generations.size = 0;
        }
        generations.size += size;
        generations.young.insert(text.into(), made.clone());
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_are_kept_and_no_more() {
        let latest: Latest<usize> = Latest::default();
        let ask = |n: usize| *latest.get_or(&n.to_string(), || (Arc::new(n), MOST / 200));
        for n in 0..1000 {
            assert_eq!(ask(n), n);
            assert_eq!(ask(n), n);
        }
        let generations = latest.0.lock().unwrap();
        let held = generations.young.len() + generations.old.len();
        assert!((100..=200).contains(&held), "{held}");
    }
}
