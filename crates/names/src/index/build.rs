//! Names put in order for searching.

use std::sync::Mutex;

use super::known::Kept;
use super::lines::LinesBuilder;
use super::vocabulary::VocabularyBuilder;
use super::windows::WindowsBuilder;
use super::{Index, Row, number};
use crate::corpus::Corpus;
use crate::explain::name_for;
use crate::name::{Class, Form, Name};
use crate::profile::{Method, Profile};
use crate::qualify::Qualifiers;
use crate::script::Script;

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
        let mut words = VocabularyBuilder::new(profile);
        let mut lines = LinesBuilder::default();
        let mut windows = WindowsBuilder::default();
        let mut own: Vec<(u32, Class, u32)> = Vec::new();
        let mut scripts: Vec<(u32, Script)> = Vec::new();
        for (entry, name, text, weak) in self.names {
            let subject = self.entries.get(entry).map(|facts| facts.subject);
            for (form, text) in Form::all(&text) {
                own.clear();
                scripts.clear();
                for token in name_for(&text, profile).tokens {
                    let (at, word) = words.word(&token.text);
                    own.push((at, token.class, corpus.weight(&token, profile)));
                    scripts.push((at, word.script));
                }
                let foreign = scripts.iter().any(|(_, script)| *script != Script::Latin);
                let row = number(rows.len());
                let subject = subject.unwrap_or_default();
                let (line, new) = lines.add(row, own.iter().copied(), subject, foreign);
                if new && profile.method == Method::Words {
                    windows.add(line, &scripts);
                }
                rows.push(Row {
                    entry: number(entry),
                    name: number(name),
                    line,
                    form,
                    weak: weak || form == Form::Parenthesised,
                    text: text.into(),
                });
            }
        }
        let words = words.build();
        let lines = lines.build(words.len());
        let named = |class| matches!(class, Class::Ordinary | Class::Generic);
        let least = lines.all_terms().iter().filter(|term| named(term.class));
        let greatest = lines.all_terms().iter().map(|term| term.weight).max();
        Index {
            entries: self.entries,
            rows,
            least_word: least.map(|term| term.weight).min().unwrap_or(0),
            greatest_word: greatest.unwrap_or(0),
            windows: windows.build(&words),
            kept: Kept::new(words.len()),
            lines,
            words,
            corpus,
            digest: profile.digest(),
            profile: profile.clone(),
            scratch: Mutex::default(),
        }
    }
}
