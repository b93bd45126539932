//! Names put in order for searching.

use std::sync::Mutex;

use super::postings::MultimapBuilder;
use super::vocabulary::VocabularyBuilder;
use super::{Index, Listed, Row, number};
use crate::align::{Weighed, joins};
use crate::corpus::Corpus;
use crate::explain::{is_foreign, name_for};
use crate::name::{Class, Form, Name};
use crate::profile::{Method, Profile};
use crate::qualify::Qualifiers;

/// Collects entries and their names.
#[derive(Debug, Default)]
pub struct IndexBuilder {
    entries: Vec<Qualifiers>,
    names: Vec<(usize, usize, String, bool)>,
    counts: Vec<usize>,
}

impl IndexBuilder {
    /// Adds an entry and returns its number.
    pub fn entry(&mut self, facts: Qualifiers) -> usize {
        self.entries.push(facts);
        self.counts.push(0);
        self.entries.len() - 1
    }

    /// Adds a name to `entry`; `weak` for an alias its publisher calls weak. A name for an entry
    /// that does not exist is ignored.
    pub fn name(&mut self, entry: usize, text: &str, weak: bool) {
        if let Some(count) = self.counts.get_mut(entry) {
            self.names.push((entry, *count, text.to_owned(), weak));
            *count += 1;
        }
    }

    /// Builds the index with the corpus of its own names.
    #[must_use]
    pub fn build(self, profile: &Profile) -> Index {
        let mut corpus = Corpus::default();
        for (_, _, text, _) in &self.names {
            corpus.add(&Name::new(text));
        }
        self.build_with(corpus, profile)
    }

    /// Builds the index with a given corpus: scores then do not depend on what else is listed.
    #[must_use]
    pub fn build_with(self, corpus: Corpus, profile: &Profile) -> Index {
        let mut rows = Vec::with_capacity(self.names.len());
        let mut tokens: Vec<Listed> = Vec::with_capacity(4 * self.names.len());
        let mut words = VocabularyBuilder::new(profile);
        let mut joined = MultimapBuilder::default();
        let mut weighed: Vec<Weighed> = Vec::new();
        for (entry, name, text, weak) in self.names {
            for (form, text) in Form::all(&text) {
                let row = number(rows.len());
                let start = number(tokens.len());
                weighed.clear();
                for token in name_for(&text, profile).tokens {
                    let weight = corpus.weight(&token, profile);
                    let (at, word) = words.word(&token.text);
                    words.add(at, row);
                    tokens.push(Listed {
                        weight,
                        class: token.class,
                        word: at,
                    });
                    weighed.push(Weighed {
                        token,
                        word,
                        weight,
                    });
                }
                if profile.method == Method::Words {
                    for (_, word, _) in joins(&weighed) {
                        for feature in word.joined_features() {
                            joined.add(feature, row);
                        }
                    }
                }
                rows.push(Row {
                    foreign: is_foreign(&weighed),
                    entry,
                    name,
                    form,
                    weak: weak || form == Form::Parenthesised,
                    text,
                    start,
                    end: number(tokens.len()),
                    weight: weighed.iter().map(|t| u64::from(t.weight)).sum(),
                });
            }
        }
        let names = |class| matches!(class, Class::Ordinary | Class::Generic);
        let least_word = tokens.iter().filter(|t| names(t.class));
        Index {
            entries: self.entries,
            rows,
            least_word: least_word.map(|t| t.weight).min().unwrap_or(0),
            tokens,
            words: words.build(),
            joined: joined.build(),
            corpus,
            digest: profile.digest(),
            profile: profile.clone(),
            scratch: Mutex::default(),
        }
    }
}
