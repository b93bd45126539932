//! Finding entries by words: an index over codes, our labels, names of goods, and the official texts and tables that are
//! attached at run time, in English and Korean.
//!
//! Ranking is BM25 over weighted fields in integers: the same sources and question give the same answer everywhere. An entry
//! shares the worth of its counterpart in another list, so that a Korean question finds entries of the United States. A customs
//! code gives candidates only.

mod documents;
mod english;
mod found;
mod korean;
mod postings;
mod products;
mod question;
mod spelling;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

pub use products::{Product, TradeWords};
pub use question::{MAX_QUESTION, QuestionError};

use self::documents::{Document, Library};
use self::korean::Lexicon;
use self::postings::Postings;
use self::products::Name;
use self::question::Question;
use self::spelling::Spelling;
use crate::regime::Regime;
use crate::table::{HskTable, KeywordTable};
use crate::text::TextTree;
use crate::yaml::Label;

/// Entries that stand for one another, and what both sides speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Jurisdiction and entry code, without a path.
    pub members: Vec<(String, String)>,
    /// Our words for the subject, in any language.
    pub subject: Vec<String>,
}

/// What an index is made of.
#[derive(Debug)]
pub struct Sources<'s> {
    /// The lists.
    pub lists: Vec<&'s Regime>,
    /// Names of goods and words to pass over.
    pub words: &'s TradeWords,
    /// Which entry of one list stands for which of the other.
    pub links: Vec<Link>,
    /// Official texts with the jurisdiction of their list.
    pub texts: Vec<(&'s str, &'s TextTree)>,
    /// Tables of search words.
    pub keywords: Vec<&'s KeywordTable>,
    /// Linkages of customs codes.
    pub customs: Vec<&'s HskTable>,
}

/// What an entry was found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// The question names its code.
    Code,
    /// The question names a CAS number that it tests.
    Cas,
    /// Words.
    Words,
    /// Its counterpart in another list was found.
    Alignment,
    /// A customs code under which such goods may be declared: a candidate, not a classification.
    CustomsCode,
}

impl Evidence {
    /// As answers write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Cas => "cas",
            Self::Words => "words",
            Self::Alignment => "alignment",
            Self::CustomsCode => "hs_candidate",
        }
    }
}

/// One found entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The jurisdiction of the list.
    pub jurisdiction: Arc<str>,
    /// The entry.
    pub code: Arc<str>,
    /// Our words for it.
    pub label: Label,
    /// What it is worth of the most that an entry could be for this question, in 1/10,000.
    pub score: u32,
    /// Words of the question that were found, those that weigh most first.
    pub matched: Vec<String>,
    /// What it was found by.
    pub evidence: Vec<Evidence>,
}

/// A product whose names questions are looked through for.
#[derive(Debug)]
struct KnownProduct {
    names: Vec<Name>,
    see: Vec<u32>,
}

/// The finished index. Building takes the time of reading all texts; asking takes well under a millisecond.
#[derive(Debug)]
pub struct SearchIndex {
    documents: Vec<Document>,
    counterparts: Vec<Vec<u32>>,
    words: TradeWords,
    products: Vec<KnownProduct>,
    lexicon: Lexicon,
    postings: Postings,
    spelling: Spelling,
    cas: BTreeMap<Arc<str>, Vec<u32>>,
    /// Customs codes with documents, one per control number.
    customs: Vec<(Arc<str>, Vec<u32>)>,
}

impl SearchIndex {
    /// Reads all sources.
    #[must_use]
    pub fn build(sources: &Sources<'_>) -> Self {
        let library = Library::gather(sources);
        let lexicon = library.lexicon();
        let postings = library
            .collect(&lexicon)
            .finish(library.documents.len() as u64);
        let products = sources.words.products.iter().map(|product| KnownProduct {
            names: product.names.iter().filter_map(|n| Name::of(n)).collect(),
            see: library.see(&product.see),
        });
        let mut counterparts = vec![Vec::new(); library.documents.len()];
        for link in &sources.links {
            let members: Vec<(&str, u32)> = link
                .members
                .iter()
                .filter_map(|(j, code)| Some((j.as_str(), library.find(j, code)?)))
                .collect();
            for (j, from) in &members {
                for (other, to) in &members {
                    if let Some(known) = counterparts.get_mut(*from as usize)
                        && j != other
                        && !known.contains(to)
                    {
                        known.push(*to);
                    }
                }
            }
        }
        let mut customs: BTreeMap<Arc<str>, Vec<u32>> = BTreeMap::new();
        for table in &sources.customs {
            for row in &table.rows {
                let found = row
                    .numbers
                    .iter()
                    .filter_map(|n| library.find(&table.jurisdiction, &n.entry));
                let known = customs.entry(Arc::clone(&row.hsk)).or_default();
                known.extend(found);
            }
        }
        let products: Vec<KnownProduct> = products.collect();
        let names = products.iter().flat_map(|product| &product.names);
        let names = names.flat_map(Name::words);
        let ignored = sources.words.passed_over();
        let spelling = Spelling::of(postings.each_word().chain(names).chain(ignored));
        Self {
            products,
            spelling,
            documents: library.documents,
            counterparts,
            words: sources.words.clone(),
            lexicon,
            postings,
            cas: library.cas,
            customs: customs.into_iter().collect(),
        }
    }

    /// Entries in force that answer a question, best first. `dates` are the lists to look in, with the day at which each is
    /// read; counterparts in lists that are not among them count with the first of these days.
    ///
    /// # Errors
    /// [`QuestionError`]: an empty, overlong or unreadable question.
    pub fn search(&self, text: &str, dates: &[(&str, Date)]) -> Result<Vec<Hit>, QuestionError> {
        question::check(text)?;
        let question = Question::read(self, text);
        let date = |jurisdiction: &str| dates.iter().find(|(j, _)| *j == jurisdiction);
        let in_force = |at: usize| {
            self.documents.get(at).is_some_and(|document| {
                let day = date(&document.jurisdiction).or(dates.first());
                day.is_some_and(|(_, day)| document.period.contains(*day))
            })
        };
        let wanted = |at: usize| {
            let document = self.documents.get(at);
            document.is_some_and(|d| date(&d.jurisdiction).is_some())
        };
        Ok(found::search(self, &question, &in_force, &wanted))
    }

    /// How many entries and different words it holds.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (self.documents.len(), self.postings.words())
    }

    fn counterparts(&self, at: usize) -> impl Iterator<Item = usize> {
        let known = self.counterparts.get(at).map_or(&[][..], Vec::as_slice);
        known.iter().map(|document| *document as usize)
    }

    fn has_cas(&self, number: &str) -> bool {
        self.cas.contains_key(number)
    }

    fn with_cas(&self, number: &str) -> &[u32] {
        self.cas.get(number).map_or(&[], Vec::as_slice)
    }

    fn with_customs_code<'i>(&'i self, digits: &'i str) -> impl Iterator<Item = u32> + 'i {
        self.customs
            .iter()
            .filter(move |(code, _)| code.starts_with(digits) || digits.starts_with(&**code))
            .flat_map(|(_, documents)| documents.iter().copied())
    }
}
