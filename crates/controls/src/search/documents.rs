//! What is said about each entry, field by field, and the words of it.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::korean::{Lexicon, pairs};
use super::postings::{Collector, Field};
use super::words::{Script, words};
use super::{Link, Sources};
use crate::condition::{Condition, Term};
use crate::entry::Entry;
use crate::period::Period;
use crate::regime::Regime;
use crate::text::TextEntry;
use crate::vocabulary::Attribute;
use crate::yaml::Label;

/// Marks a pair of syllables among the words.
pub(super) const PAIR: char = '~';

/// One entry of one list.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) jurisdiction: Arc<str>,
    pub(super) code: Arc<str>,
    pub(super) period: Period,
    pub(super) label: Label,
}

impl Document {
    /// The group letter of the code: `D` for software, `E` for technology.
    pub(super) fn group(&self) -> char {
        self.code.chars().nth(1).unwrap_or(' ')
    }
}

/// A text and where it belongs.
struct Said<'s> {
    document: u32,
    field: Field,
    text: Cow<'s, str>,
}

/// Everything that is said about all entries.
pub(super) struct Library<'s> {
    pub(super) documents: Vec<Document>,
    /// Jurisdiction and code to document.
    by_code: HashMap<(&'s str, &'s str), u32>,
    /// CAS numbers that formulas test.
    pub(super) cas: BTreeMap<Arc<str>, Vec<u32>>,
    said: Vec<Said<'s>>,
}

impl<'s> Library<'s> {
    pub(super) fn gather(sources: &'s Sources<'s>) -> Self {
        let mut library = Self {
            documents: Vec::new(),
            by_code: HashMap::new(),
            cas: BTreeMap::new(),
            said: Vec::new(),
        };
        for list in &sources.lists {
            for entry in list.entries() {
                library.entry(list, entry);
            }
        }
        for link in &sources.links {
            library.aligned(link);
        }
        for product in &sources.words.products {
            for document in library.see(&product.see) {
                for name in &product.names {
                    library.say(document, Field::Products, name.as_str());
                }
            }
        }
        for (jurisdiction, text) in &sources.texts {
            for entry in &text.entries {
                if let Some(document) = library.find(jurisdiction, &entry.code) {
                    library.official(document, entry);
                }
            }
        }
        for table in &sources.keywords {
            for row in &table.rows {
                let Some(document) = library.find(&table.jurisdiction, &row.number.entry) else {
                    continue;
                };
                let fields = [Field::Keywords1, Field::Keywords2, Field::Keywords3];
                for (field, phrases) in fields.into_iter().zip(&row.words) {
                    for phrase in phrases {
                        library.say(document, field, phrase.as_str());
                    }
                }
            }
        }
        library
    }

    /// The document of an entry.
    pub(super) fn find(&self, jurisdiction: &str, code: &str) -> Option<u32> {
        self.by_code.get(&(jurisdiction, code)).copied()
    }

    /// The documents that a product points to.
    pub(super) fn see(&self, see: &[(Option<String>, String)]) -> Vec<u32> {
        let mut found: Vec<u32> = see
            .iter()
            .flat_map(|(jurisdiction, code)| {
                let entry = code.split('.').next().unwrap_or(code);
                let named = self.by_code.iter().filter(move |((j, c), _)| {
                    *c == entry && jurisdiction.as_deref().is_none_or(|wanted| wanted == *j)
                });
                named.map(|(_, document)| *document)
            })
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn say(&mut self, document: u32, field: Field, text: impl Into<Cow<'s, str>>) {
        let text = text.into();
        self.said.push(Said {
            document,
            field,
            text,
        });
    }

    fn label(&mut self, document: u32, field: Field, label: &'s Label) {
        self.say(document, field, &*label.en);
        self.say(document, field, &*label.ko);
    }

    fn entry(&mut self, list: &'s Regime, entry: &'s Entry) {
        let document = u32::try_from(self.documents.len()).unwrap_or(u32::MAX);
        self.documents.push(Document {
            jurisdiction: Arc::clone(list.jurisdiction()),
            code: Arc::clone(&entry.code),
            period: entry.period,
            label: entry.label.clone(),
        });
        self.by_code
            .insert((list.jurisdiction(), &entry.code), document);
        self.label(document, Field::Label, &entry.label);
        for subject in &entry.subjects {
            self.say(document, Field::Tested, subject.replace('_', " "));
        }
        for paragraph in &entry.paragraphs {
            if let Some(label) = &paragraph.label {
                self.label(document, Field::Paragraphs, label);
            }
            self.tested(document, list, &paragraph.when);
        }
    }

    fn tested(&mut self, document: u32, list: &'s Regime, condition: &'s Condition) {
        condition.each_term(&mut |term| match term {
            Term::OneOf {
                attribute: Attribute::Cas,
                words,
                ..
            } => {
                for cas in words {
                    let documents = self.cas.entry(Arc::clone(cas)).or_default();
                    if documents.last() != Some(&document) {
                        documents.push(document);
                    }
                }
            }
            Term::OneOf {
                attribute:
                    Attribute::Type
                    | Attribute::Name
                    | Attribute::Material
                    | Attribute::Process
                    | Attribute::Model,
                words,
                ..
            } => {
                for word in words {
                    self.say(document, Field::Tested, word.replace('_', " "));
                }
            }
            Term::Flag(id) => {
                let flag = list.vocabulary().flag(*id);
                if let Some(label) = flag.and_then(|f| f.label.as_ref()) {
                    self.label(document, Field::Tested, label);
                }
            }
            _ => {}
        });
    }

    fn aligned(&mut self, link: &'s Link) {
        for (jurisdiction, code) in &link.members {
            if let Some(document) = self.find(jurisdiction, code) {
                for text in &link.subject {
                    self.say(document, Field::Aligned, text.as_str());
                }
            }
        }
    }

    fn official(&mut self, document: u32, entry: &'s TextEntry) {
        self.say(document, Field::Heading, entry.heading.as_str());
        self.say(document, Field::Official, entry.body.as_str());
        for paragraph in &entry.paragraphs {
            self.say(document, Field::Official, paragraph.text.as_str());
        }
        for note in &entry.notes {
            self.say(document, Field::Notes, note.text.as_str());
        }
    }

    /// The Korean words of our own texts and of the tables.
    pub(super) fn lexicon(&self) -> Lexicon {
        let mut lexicon = Lexicon::default();
        for said in &self.said {
            for word in words(&said.text) {
                if word.script == Script::Hangul {
                    lexicon.add(&word.text);
                    if let Some(head) = word.text.strip_suffix('용') {
                        lexicon.add(head);
                    }
                }
            }
        }
        lexicon
    }

    /// Counts all words.
    pub(super) fn collect(&self, lexicon: &Lexicon) -> Collector {
        let mut collector = Collector::default();
        let mut marked = String::new();
        for said in &self.said {
            let (document, field) = (said.document, said.field);
            for word in words(&said.text) {
                if !word.compound {
                    collector.longer(document, field);
                }
                if word.script != Script::Hangul {
                    if word.text.len() > 1 {
                        collector.add(document, field, &word.text, 16);
                    }
                    continue;
                }
                let (bare, _) = lexicon.bare(&word.text);
                collector.add(document, field, bare, 16);
                for part in lexicon.within(bare) {
                    collector.add(document, field, part, 10);
                }
                for pair in pairs(bare) {
                    marked.clear();
                    marked.push(PAIR);
                    marked.push_str(pair);
                    collector.add(document, field, &marked, 16);
                }
            }
        }
        collector
    }
}
