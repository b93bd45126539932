//! Which word of one name stands for which of the other: the alignment of greatest agreement.

mod choose;
mod score;

use std::sync::Arc;

use crate::name::{Class, Token};
use crate::profile::Profile;
use crate::qualify::Manner;
use crate::word::{Agreement, Word, agreement, joined_agreement};

pub(crate) use choose::choose;
pub(crate) use score::{Agreed, forgiveness, score};

/// A token with its weight and readings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Weighed {
    pub token: Token,
    pub word: Arc<Word>,
    pub weight: u32,
}

impl Weighed {
    pub fn new(token: &Token, weight: u32) -> Self {
        Self {
            token: token.clone(),
            word: Arc::new(Word::new(&token.text)),
            weight,
        }
    }
}

/// By what two tokens were compared. A later key is the less usual one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// Their normalised spelling.
    Literal,
    /// Neighbouring tokens of one name, written as one in the other.
    Joined,
    /// An initial and a word that begins with it.
    Initial,
    /// A word and its translation.
    Term,
    /// The sound of two Latin spellings.
    Sound,
    /// A Cyrillic word in Latin letters (BGN/PCGN).
    Cyrillic,
    /// A Greek word in Latin letters (ELOT 743).
    Greek,
    /// Kana in Latin letters (Hepburn).
    Kana,
    /// A word of another script in Latin letters.
    Romanised,
    /// The consonants of an Arabic or Persian word.
    Arabic,
    /// The consonants of a Hebrew word.
    Hebrew,
    /// The key of all romanisations of Hangul.
    Hangul,
    /// The Korean reading of Han characters.
    Hanja,
    /// Their Mandarin reading in pinyin.
    Pinyin,
    /// Their Mandarin reading in Wade-Giles.
    WadeGiles,
    /// Their Cantonese reading as Hong Kong spells it, or in Jyutping.
    Cantonese,
}

impl Key {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Literal,
        Self::Joined,
        Self::Initial,
        Self::Term,
        Self::Sound,
        Self::Cyrillic,
        Self::Greek,
        Self::Kana,
        Self::Romanised,
        Self::Arabic,
        Self::Hebrew,
        Self::Hangul,
        Self::Hanja,
        Self::Pinyin,
        Self::WadeGiles,
        Self::Cantonese,
    ];

    /// Stable lower-case word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Literal => "literal",
            Self::Joined => "joined",
            Self::Initial => "initial",
            Self::Term => "term",
            Self::Sound => "sound",
            Self::Cyrillic => "cyrillic",
            Self::Greek => "greek",
            Self::Kana => "kana",
            Self::Romanised => "romanised",
            Self::Arabic => "arabic",
            Self::Hebrew => "hebrew",
            Self::Hangul => "hangul",
            Self::Hanja => "hanja",
            Self::Pinyin => "pinyin",
            Self::WadeGiles => "wade_giles",
            Self::Cantonese => "cantonese",
        }
    }
}

/// One agreement between the names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Aligned {
    /// Positions of the query's tokens (two when joined).
    pub query: Vec<usize>,
    /// Positions of the listed name's tokens.
    pub list: Vec<usize>,
    /// By what they were compared.
    pub key: Key,
    /// Edits between them.
    pub edits: u32,
    /// Similarity of 10 000.
    pub similarity: u32,
    /// Weight of the agreement: twice the lesser of both sides, so that a misspelt common word
    /// does not gain weight by being rare.
    pub weight: u32,
}

/// All agreements, by position in the query.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Alignment {
    /// The agreements.
    pub aligned: Vec<Aligned>,
}

/// A possible agreement between ranges of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Edge {
    pub a: (usize, usize),
    pub b: (usize, usize),
    pub key: Key,
    pub edits: u32,
    pub similarity: u32,
    pub weight: u32,
    pub matched: u64,
}

/// The alignment of `query` and `list`.
pub(crate) fn align(
    query: &[Weighed],
    list: &[Weighed],
    manner: Manner,
    profile: &Profile,
) -> Alignment {
    let listed = list
        .iter()
        .map(|t| (t.token.text.as_str(), t.token.class, t.weight));
    let turned = comes_after(query, listed);
    alignment(choose(edges(query, list, manner, profile), turned).into_iter())
}

/// One canonical side order makes the result the same whichever name is the query: true when the
/// query is the later one.
pub(crate) fn comes_after<'a>(
    query: &'a [Weighed],
    list: impl Iterator<Item = (&'a str, Class, u32)>,
) -> bool {
    query
        .iter()
        .map(|t| (t.token.text.as_str(), t.token.class, t.weight))
        .gt(list)
}

pub(crate) fn alignment(edges: impl Iterator<Item = Edge>) -> Alignment {
    let range = |(start, len): (usize, usize)| (start..start + len).collect();
    let mut aligned: Vec<Aligned> = edges
        .map(|e| Aligned {
            query: range(e.a),
            list: range(e.b),
            key: e.key,
            edits: e.edits,
            similarity: e.similarity,
            weight: e.weight,
        })
        .collect();
    aligned.sort();
    Alignment { aligned }
}

/// Every possible agreement between `a` and `b`.
fn edges(a: &[Weighed], b: &[Weighed], manner: Manner, profile: &Profile) -> Vec<Edge> {
    let mut edges = Vec::new();
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            let found = agreement(&x.word, &y.word, profile)
                .or_else(|| initial(x.side(), y.side(), manner, profile));
            if let Some(found) = found {
                edges.push(edge((i, 1), (j, 1), found, x.weight, y.weight));
            }
        }
    }
    for (at, joined, weight) in joins(a) {
        for (j, y) in b.iter().enumerate() {
            if let Some(found) = joined_agreement(&joined, &y.word, profile) {
                edges.push(edge(at, (j, 1), found, weight, y.weight));
            }
        }
    }
    for (at, joined, weight) in joins(b) {
        for (i, x) in a.iter().enumerate() {
            if let Some(found) = joined_agreement(&joined, &x.word, profile) {
                edges.push(edge((i, 1), at, found, x.weight, weight));
            }
        }
    }
    edges
}

/// Most neighbours that may be written as one.
pub(crate) const JOINED: usize = 3;

/// Neighbouring tokens of one script written as one: where they are, the word, their weight.
fn joins(tokens: &[Weighed]) -> impl Iterator<Item = ((usize, usize), Word, u32)> {
    joined_texts(tokens).map(|(at, text, weight)| (at, Word::joined(&text), weight))
}

/// Neighbouring tokens of one script written as one: where they are, the text, their weight.
pub(crate) fn joined_texts(
    tokens: &[Weighed],
) -> impl Iterator<Item = ((usize, usize), String, u32)> {
    (2..=JOINED).flat_map(|length| {
        let windows = tokens.windows(length).enumerate();
        windows.filter_map(move |(at, window)| {
            let script = window.first().map(|t| t.word.script);
            window
                .iter()
                .all(|t| Some(t.word.script) == script)
                .then(|| {
                    let text = window.iter().map(|t| t.token.text.as_str()).collect();
                    ((at, length), text, window.iter().map(|t| t.weight).sum())
                })
        })
    })
}

impl Weighed {
    fn side(&self) -> (&Word, Class) {
        (&self.word, self.token.class)
    }
}

/// The agreement of an initial with a word that it may stand for.
pub(crate) fn initial(
    (x, x_class): (&Word, Class),
    (y, y_class): (&Word, Class),
    manner: Manner,
    profile: &Profile,
) -> Option<Agreement> {
    let one = |class| class == Class::Initial;
    // Two different initials contradict; an initial stands for a word, not for a number.
    let stands = manner.initials()
        && one(x_class) != one(y_class)
        && [x_class, y_class]
            .iter()
            .any(|class| matches!(class, Class::Ordinary | Class::Generic))
        && x.firsts().any(|c| y.firsts().any(|d| c == d));
    stands.then_some(Agreement {
        key: Key::Initial,
        edits: 0,
        similarity: profile.initial_similarity,
    })
}

pub(crate) fn edge(a: (usize, usize), b: (usize, usize), found: Agreement, x: u32, y: u32) -> Edge {
    Edge {
        a,
        b,
        key: found.key,
        edits: found.edits,
        similarity: found.similarity,
        weight: 2 * x.min(y),
        matched: u64::from(x) + u64::from(y),
    }
}
