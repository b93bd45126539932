//! What goods are called in trade, and what to pass over in a sentence (`regimes/search/`): our own words.

use std::collections::HashSet;

use super::words::{Script, common_form, is_hangul, words};
use crate::entry::Code;
use crate::problem::{LoadError, ProblemKind, Problems};
use crate::regime::{Regime, RegimeSource};
use crate::yaml::{Document, MapReader};

/// The folder of these files below `regimes/`.
const FOLDER: &str = "search";

/// One kind of goods under its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Names in English and Korean, as the file writes them.
    pub names: Vec<String>,
    /// Entries to look at: jurisdiction and code; without jurisdiction, the entry of that code in every list.
    pub see: Vec<(Option<String>, String)>,
}

/// Everything in the folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TradeWords {
    pub(super) products: Vec<Product>,
    /// Words that say what is done with goods, by whom and where, in common form.
    pub(super) ignored: HashSet<String>,
    /// Beginnings of Korean verbs with the same meaning.
    pub(super) ignored_verbs: Vec<String>,
    /// Words that ask for software.
    pub(super) software: Vec<String>,
    /// Words that ask for technology.
    pub(super) technology: Vec<String>,
}

impl TradeWords {
    /// Reads the files below `search/`.
    ///
    /// # Errors
    /// [`LoadError`] with every problem: a wrong shape, or a code that no list has.
    pub fn load(source: &RegimeSource, lists: &[&Regime]) -> Result<Self, LoadError> {
        let mut problems = Problems::new();
        let mut all = Self::default();
        for (path, bytes) in source.below(FOLDER) {
            match Document::parse(path, bytes) {
                Ok(document) => all.read(&document, lists, &mut problems),
                Err(problem) => problems.push(problem.at, problem.kind),
            }
        }
        problems.finish()?;
        Ok(all)
    }

    fn read(&mut self, document: &Document, lists: &[&Regime], problems: &mut Problems) {
        const KEYS: &[&str] = &[
            "products",
            "ignored",
            "ignored_verbs",
            "software",
            "technology",
        ];
        let Some(file) = MapReader::open(document.root(), KEYS, problems) else {
            return;
        };
        for word in file.texts("ignored", problems) {
            self.ignored
                .extend(words(&word).into_iter().map(|w| w.text));
        }
        let verbs = file.texts("ignored_verbs", problems);
        self.ignored_verbs
            .extend(verbs.iter().map(|v| common_form(v)));
        for (key, into) in [
            ("software", &mut self.software),
            ("technology", &mut self.technology),
        ] {
            for word in file.texts(key, problems) {
                into.extend(words(&word).into_iter().map(|w| w.text));
            }
        }
        let Some(products) = file.optional("products") else {
            return;
        };
        for product in products.items(problems) {
            const KEYS: &[&str] = &["en", "ko", "see"];
            let Some(map) = MapReader::open(product, KEYS, problems) else {
                continue;
            };
            let mut names: Vec<String> = Vec::new();
            for key in ["en", "ko"] {
                names.extend(map.texts(key, problems).iter().map(|n| n.to_string()));
            }
            let mut see = Vec::new();
            for text in map.texts("see", problems) {
                let (jurisdiction, code) = match text.split_once(':') {
                    Some((jurisdiction, code)) => (Some(jurisdiction.to_owned()), code),
                    None => (None, &*text),
                };
                let known = lists.iter().any(|list| {
                    jurisdiction
                        .as_deref()
                        .is_none_or(|j| j == &**list.jurisdiction())
                        && Code::parse(code).is_some_and(|c| list.knows(&c))
                });
                if !known {
                    let code = text.to_string();
                    problems.push(map.location(), ProblemKind::DanglingReference { code });
                }
                see.push((jurisdiction, code.to_owned()));
            }
            if names.is_empty() {
                let key = "en".to_owned();
                problems.push(map.location(), ProblemKind::MissingKey { key });
            }
            self.products.push(Product { names, see });
        }
    }

    /// The words that say nothing about the goods.
    pub(super) fn passed_over(&self) -> impl Iterator<Item = &str> {
        self.ignored.iter().map(|word| &**word)
    }

    /// True for a word of a question that says nothing about the goods.
    pub(super) fn passes_over(&self, word: &str) -> bool {
        self.ignored.contains(word)
            || self
                .ignored_verbs
                .iter()
                .any(|v| word.starts_with(v.as_str()))
    }
}

/// A name in the form in which questions are looked through for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    /// Latin words that must stand side by side.
    Latin(Vec<String>),
    /// Letters without white space that must occur in a row; `whole` when they are so few that they must be a word.
    Run { text: String, whole: bool },
}

impl Name {
    /// Its words; a run of letters is one.
    pub(super) fn words(&self) -> Vec<&str> {
        match self {
            Self::Latin(words) => words.iter().map(String::as_str).collect(),
            Self::Run { text, .. } => vec![text],
        }
    }

    pub(super) fn of(name: &str) -> Option<Self> {
        let parts = words(name);
        if parts.is_empty() {
            return None;
        }
        if parts.iter().all(|w| w.script != Script::Hangul) {
            return Some(Self::Latin(parts.into_iter().map(|w| w.text).collect()));
        }
        let text = squeezed(name);
        let whole = text.chars().count() < 3 || text.chars().filter(|c| is_hangul(*c)).count() < 2;
        Some(Self::Run { text, whole })
    }
}

/// Letters and digits alone.
pub(super) fn squeezed(text: &str) -> String {
    common_form(text)
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect()
}
