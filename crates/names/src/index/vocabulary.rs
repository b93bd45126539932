//! The distinct words of a list, the rows they are in, and which of them may agree with a word.
//!
//! Near spellings are found by deletions: two words within `k` edits (insertions, deletions,
//! substitutions, exchanged neighbours) have the same letters in common after at most `k` deletions
//! from the first [`PREFIX`] letters of either. For let an optimal sequence of edits be cut where
//! it has used up the prefix of the one word: each edit before the cut costs either prefix at most
//! one deletion, and the letters by which the other prefix then is longer are as many as letters
//! deleted from the first, which cost the other nothing so far.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::postings::{Multimap, MultimapBuilder};
use super::{number, place};
use crate::profile::Profile;
use crate::script::Script;
use crate::similarity::possible;
use crate::word::{Agreement, Feature, Word, agreement, hash, joined_agreement, reach};

/// Letters of a word that deletions are made from.
const PREFIX: usize = 7;

/// Collects words and rows.
pub(super) struct VocabularyBuilder {
    profile: Profile,
    by_text: HashMap<String, u32>,
    words: Vec<(Box<str>, Arc<Word>)>,
    rows: Vec<Vec<u32>>,
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

    /// Adds `word`, written `text`, as one of `row` and returns its number.
    pub fn add(&mut self, word: Arc<Word>, text: &str, row: u32) -> u32 {
        let at = match self.by_text.get(text) {
            Some(at) => *at,
            None => {
                let at = number(self.words.len());
                self.by_text.insert(text.to_owned(), at);
                self.words.push((text.into(), word));
                self.rows.push(Vec::new());
                at
            }
        };
        if let Some(rows) = self.rows.get_mut(place(at))
            && rows.last() != Some(&row)
        {
            rows.push(row);
        }
        at
    }

    pub fn build(self) -> Vocabulary {
        let mut features = MultimapBuilder::default();
        let (mut near, mut sounding) = (MultimapBuilder::default(), MultimapBuilder::default());
        let (mut shapes, mut sounds) = (Vec::new(), Vec::new());
        let mut hashes = Vec::new();
        for ((_, word), at) in self.words.iter().zip(0..) {
            for feature in word.features() {
                features.add(feature, at);
            }
            shapes.push((word.script, (word.chars.len(), word.letters)));
            deletions(Feature::Deletion, &word.chars, &self.profile, &mut hashes);
            for hash in hashes.drain(..) {
                near.add(hash, at);
            }
            for sound in &word.sounds {
                deletions(
                    Feature::SoundDeletion,
                    &sound.chars,
                    &self.profile,
                    &mut hashes,
                );
                for hash in hashes.drain(..) {
                    sounding.add(hash, number(sounds.len()));
                }
                sounds.push((at, (sound.chars.len(), sound.letters)));
            }
        }
        Vocabulary {
            kept: self.words.iter().map(|_| OnceLock::new()).collect(),
            by_text: self.by_text,
            words: self.words,
            rows: self.rows.into_iter().map(Vec::into_boxed_slice).collect(),
            features: features.build(),
            near: near.build(),
            shapes,
            sounding: sounding.build(),
            sounds,
            profile: self.profile,
        }
    }
}

/// Listed words with how another agrees with them.
type Agreements = Box<[(u32, Agreement)]>;

/// Length and letters, for [`possible`].
type Shape = (usize, u64);

/// The words of a list.
#[derive(Debug)]
pub(super) struct Vocabulary {
    by_text: HashMap<String, u32>,
    words: Vec<(Box<str>, Arc<Word>)>,
    rows: Vec<Box<[u32]>>,
    features: Multimap,
    /// Words by deletions from their spelling.
    near: Multimap,
    shapes: Vec<(Script, Shape)>,
    /// Sounds by deletions; a sound is of a word.
    sounding: Multimap,
    sounds: Vec<(u32, Shape)>,
    /// What each word agrees with, once somebody has asked.
    kept: Vec<OnceLock<Agreements>>,
    profile: Profile,
}

impl Vocabulary {
    /// The word `at` with its text.
    pub fn word(&self, at: u32) -> Option<(&str, &Arc<Word>)> {
        self.words
            .get(place(at))
            .map(|(text, word)| (&**text, word))
    }

    /// The rows that the word `at` is in.
    pub fn rows(&self, at: u32) -> &[u32] {
        self.rows.get(place(at)).map_or(&[], |rows| rows)
    }

    /// Calls `found` with every listed word that agrees with `word`, written `text`, and its rows.
    /// What a listed word agrees with is worked out once.
    pub fn agreeing<'a>(
        &'a self,
        text: &str,
        word: &Word,
        mut found: impl FnMut(u32, Agreement, &'a [u32]),
    ) {
        let listed = self.by_text.get(text).copied();
        let kept = listed.and_then(|at| self.kept.get(place(at)));
        let worked_out;
        let agreements: &[(u32, Agreement)] = match kept {
            Some(kept) => kept.get_or_init(|| self.work_out(word)),
            None => {
                worked_out = self.work_out(word);
                &worked_out
            }
        };
        for (at, agreement) in agreements {
            found(*at, *agreement, self.rows(*at));
        }
    }

    fn work_out(&self, word: &Word) -> Agreements {
        let mut candidates: Vec<u32> = Vec::new();
        for feature in word.probes() {
            candidates.extend(self.features.get(feature));
        }
        let mut hashes = Vec::new();
        deletions(Feature::Deletion, &word.chars, &self.profile, &mut hashes);
        let own = (word.chars.len(), word.letters);
        for hash in hashes.drain(..) {
            // The flat table rules most of them out without a look at the words.
            candidates.extend(self.near.get(hash).iter().filter(|at| {
                self.shapes.get(place(**at)).is_some_and(|(s, shape)| {
                    *s == word.script && possible(own, *shape, &self.profile)
                })
            }));
        }
        for sound in &word.sounds {
            let own = (sound.chars.len(), sound.letters);
            deletions(
                Feature::SoundDeletion,
                &sound.chars,
                &self.profile,
                &mut hashes,
            );
            for hash in hashes.drain(..) {
                candidates.extend(self.sounding.get(hash).iter().filter_map(|at| {
                    let (word, shape) = self.sounds.get(place(*at))?;
                    possible(own, *shape, &self.profile).then_some(word)
                }));
            }
        }
        candidates.extend(self.same_text(word));
        candidates.sort_unstable();
        candidates.dedup();
        candidates
            .into_iter()
            .filter_map(|at| {
                let (_, other) = self.words.get(place(at))?;
                Some((at, agreement(word, other, &self.profile)?))
            })
            .collect()
    }

    /// Calls `found` with every listed word that agrees with `joined`, neighbours of the query
    /// written as one.
    pub fn agreeing_with_joined<'a>(
        &'a self,
        joined: &Word,
        profile: &Profile,
        mut found: impl FnMut(u32, Agreement, &'a [u32]),
    ) {
        let mut candidates: Vec<u32> = Vec::new();
        for feature in joined.probes() {
            candidates.extend(self.features.get(feature));
        }
        for sound in &joined.sounds {
            let feature = hash(
                Feature::SoundDeletion,
                sound.chars.iter().copied().take(PREFIX),
            );
            let listed = self.sounding.get(feature).iter();
            candidates.extend(listed.filter_map(|at| Some(self.sounds.get(place(*at))?.0)));
        }
        candidates.extend(self.same_text(joined));
        candidates.sort_unstable();
        candidates.dedup();
        for at in candidates {
            if let Some((_, other)) = self.words.get(place(at))
                && let Some(agreement) = joined_agreement(joined, other, profile)
            {
                found(at, agreement, self.rows(at));
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

    fn same_text(&self, word: &Word) -> Option<u32> {
        let text: String = word.chars.iter().collect();
        self.by_text.get(&text).copied()
    }
}

/// Hashes of the first letters of `word` with up to as many of them left out as it may have edits.
fn deletions(feature: Feature, word: &[char], profile: &Profile, hashes: &mut Vec<u64>) {
    let most = place(reach(word.len(), profile));
    let prefix: Vec<char> = word.iter().take(PREFIX).copied().collect();
    let bits = 1_u32 << prefix.len();
    for left_out in 0..bits {
        if place(left_out.count_ones()) > most {
            continue;
        }
        let kept = prefix
            .iter()
            .enumerate()
            .filter(|(i, _)| left_out >> i & 1 == 0)
            .map(|(_, c)| *c);
        hashes.push(hash(feature, kept));
    }
    hashes.sort_unstable();
    hashes.dedup();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::similarity::edits_within;

    #[test]
    fn near_words_share_a_deletion() {
        let words: Vec<Vec<char>> = (0..3_u32.pow(9))
            .step_by(37)
            .map(|n| {
                (0..(n % 7) + 3)
                    .map(|i| ['a', 'b', 'c'][(n / 3_u32.pow(i % 9) % 3) as usize])
                    .collect()
            })
            .collect();
        let profile = &Profile::DEFAULT;
        let of = |word: &[char]| {
            let mut hashes = Vec::new();
            deletions(Feature::Deletion, word, profile, &mut hashes);
            hashes
        };
        let mut near = 0;
        for a in words.iter().step_by(2) {
            let own = of(a);
            for b in words.iter().step_by(3) {
                let allowed = crate::similarity::budget(a.len().max(b.len()), profile);
                if edits_within(a, b, allowed).is_some() {
                    near += 1;
                    let other = of(b);
                    assert!(
                        own.iter().any(|h| other.binary_search(h).is_ok()),
                        "{a:?} {b:?}"
                    );
                }
            }
        }
        assert!(near > 1000, "{near}");
    }
}
