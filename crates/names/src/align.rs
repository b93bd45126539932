//! Which word of one name stands for which of the other: the alignment of greatest agreement.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::name::{Class, Token};
use crate::profile::Profile;
use crate::qualify::Manner;
use crate::word::{Agreement, Word, agreement, joined_agreement};

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

/// What is maximised, in this order: agreement; then, for equal agreement, less weight spent on
/// it; then more weight covered. Sums, so the order of tokens cannot matter.
type Worth = (u64, i64, u64);

impl Edge {
    fn worth(&self) -> Worth {
        let weight = u64::from(self.weight);
        (
            weight * u64::from(self.similarity),
            -i64::from(self.weight),
            self.matched,
        )
    }

    fn turned(self) -> Self {
        Self {
            a: self.b,
            b: self.a,
            ..self
        }
    }
}

fn plus(x: Worth, y: Worth) -> Worth {
    (x.0 + y.0, x.1 + y.1, x.2 + y.2)
}

/// Largest number of tokens on the smaller side that is aligned optimally; longer names are
/// aligned greedily (the best agreement first), which is as deterministic.
const OPTIMAL: usize = 12;

/// The alignment of `query` and `list`.
pub(crate) fn align(
    query: &[Weighed],
    list: &[Weighed],
    manner: Manner,
    profile: &Profile,
) -> Alignment {
    let turned = comes_after(query, list.iter().map(|t| (&t.token, t.weight)));
    alignment(choose(edges(query, list, manner, profile), query.len(), turned).into_iter())
}

/// One canonical side order makes the result the same whichever name is the query: true when the
/// query is the later one.
pub(crate) fn comes_after<'a>(
    query: &'a [Weighed],
    list: impl Iterator<Item = (&'a Token, u32)>,
) -> bool {
    query.iter().map(|t| (&t.token, t.weight)).gt(list)
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
const JOINED: usize = 3;

/// Neighbouring tokens of one script written as one: where they are, the word, their weight.
pub(crate) fn joins(tokens: &[Weighed]) -> Vec<((usize, usize), Word, u32)> {
    let mut joins = Vec::new();
    for length in 2..=JOINED {
        for (at, window) in tokens.windows(length).enumerate() {
            let script = window.first().map(|t| t.word.script);
            if window.iter().all(|t| Some(t.word.script) == script) {
                let text: String = window.iter().map(|t| t.token.text.as_str()).collect();
                let weight = window.iter().map(|t| t.weight).sum();
                joins.push(((at, length), Word::joined(&text), weight));
            }
        }
    }
    joins
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

/// The set of edges that share no token, of greatest worth: each group of edges that compete for
/// tokens on its own, since worths add. The order of `edges` does not matter; `turned` says that
/// the sides are the other way round than in the canonical order.
pub(crate) fn choose(mut edges: Vec<Edge>, a_len: usize, turned: bool) -> Vec<Edge> {
    let mut a_len = a_len;
    if turned {
        a_len = edges.iter().map(|e| e.b.0 + e.b.1).max().unwrap_or(0);
        for edge in &mut edges {
            *edge = edge.turned();
        }
    }
    edges.sort_unstable();
    let mut chosen = Vec::new();
    for group in groups(edges, a_len) {
        match group.as_slice() {
            [single] => chosen.push(*single),
            several => chosen.extend(choose_among(several)),
        }
    }
    if turned {
        for edge in &mut chosen {
            *edge = edge.turned();
        }
    }
    chosen
}

/// Splits edges into groups such that edges of different groups share no token.
fn groups(edges: Vec<Edge>, a_len: usize) -> Vec<Vec<Edge>> {
    let mut groups: Vec<(BTreeSet<usize>, Vec<Edge>)> = Vec::new();
    for edge in edges {
        // One number per token of either side.
        let mut tokens: BTreeSet<usize> = (edge.a.0..edge.a.0 + edge.a.1)
            .chain(a_len + edge.b.0..a_len + edge.b.0 + edge.b.1)
            .collect();
        let mut members = vec![edge];
        groups.retain_mut(|(held, edges)| {
            let apart = held.is_disjoint(&tokens);
            if !apart {
                tokens.append(held);
                members.append(edges);
            }
            apart
        });
        groups.push((tokens, members));
    }
    groups.into_iter().map(|(_, edges)| edges).collect()
}

fn choose_among(edges: &[Edge]) -> Vec<Edge> {
    let used = |side: fn(&Edge) -> (usize, usize)| -> Vec<usize> {
        let all: BTreeSet<usize> = edges
            .iter()
            .map(side)
            .flat_map(|(start, len)| start..start + len)
            .collect();
        all.into_iter().collect()
    };
    let (a_used, b_used) = (used(|e| e.a), used(|e| e.b));
    if a_used.len() <= OPTIMAL && a_used.len() <= b_used.len() {
        optimal(edges, &a_used, &b_used)
    } else if b_used.len() <= OPTIMAL {
        let turned: Vec<Edge> = edges.iter().copied().map(Edge::turned).collect();
        optimal(&turned, &b_used, &a_used)
            .into_iter()
            .map(Edge::turned)
            .collect()
    } else {
        greedy(edges.to_vec())
    }
}

/// Dynamic programme over `b`'s tokens from the last to the first and the set of `a`'s tokens in
/// use: exact, in `b_used * 2^a_used * edges`.
fn optimal(edges: &[Edge], a_used: &[usize], b_used: &[usize]) -> Vec<Edge> {
    let mask_of = |e: &Edge| {
        a_used
            .iter()
            .enumerate()
            .filter(|(_, i)| (e.a.0..e.a.0 + e.a.1).contains(i))
            .fold(0_usize, |mask, (bit, _)| mask | 1 << bit)
    };
    // Both tokens of a joined edge are in use, so it ends as many places on as it has tokens.
    let from: Vec<Vec<(usize, &Edge)>> = b_used
        .iter()
        .map(|j| {
            edges
                .iter()
                .filter(|e| e.b.0 == *j)
                .map(|e| (mask_of(e), e))
                .collect()
        })
        .collect();
    let states = 1_usize << a_used.len();
    let mut best: Vec<Vec<Worth>> = vec![vec![(0, 0, 0); states]; b_used.len() + JOINED];
    let worth = |best: &[Vec<Worth>], j: usize, mask: usize| {
        best.get(j)
            .and_then(|row| row.get(mask))
            .copied()
            .unwrap_or((0, 0, 0))
    };
    for (j, row) in from.iter().enumerate().rev() {
        let values: Vec<Worth> = (0..states)
            .map(|mask| {
                row.iter()
                    .filter(|(m, _)| m & mask == 0)
                    .map(|(m, e)| plus(e.worth(), worth(&best, j + e.b.1, mask | m)))
                    .fold(worth(&best, j + 1, mask), Worth::max)
            })
            .collect();
        if let Some(slot) = best.get_mut(j) {
            *slot = values;
        }
    }
    let (mut chosen, mut j, mut mask) = (Vec::new(), 0, 0);
    while let Some(row) = from.get(j) {
        let target = worth(&best, j, mask);
        let step = row.iter().find(|(m, e)| {
            m & mask == 0 && plus(e.worth(), worth(&best, j + e.b.1, mask | m)) == target
        });
        match step {
            Some((m, e)) => {
                chosen.push(**e);
                mask |= m;
                j += e.b.1;
            }
            None => j += 1,
        }
    }
    chosen
}

fn greedy(mut edges: Vec<Edge>) -> Vec<Edge> {
    edges.sort_by(|x, y| y.worth().cmp(&x.worth()).then((x.a, x.b).cmp(&(y.a, y.b))));
    let mut chosen: Vec<Edge> = Vec::new();
    let apart = |x: (usize, usize), y: (usize, usize)| x.0 + x.1 <= y.0 || y.0 + y.1 <= x.0;
    for e in edges {
        if chosen.iter().all(|c| apart(c.a, e.a) && apart(c.b, e.b)) {
            chosen.push(e);
        }
    }
    chosen
}

/// The score that agreements give: agreement over all weight.
///
/// With `X` the weight of agreements, `U` and `V` the weights left over on either side, and `c` the
/// share forgiven for words merely left out of a person's name:
/// `(sum of weight * similarity + c * |U - V|) / (X + U + V)`.
pub(crate) fn score(
    agreements: impl Iterator<Item = Agreed>,
    query: impl Iterator<Item = u32>,
    list: impl Iterator<Item = u32>,
    manner: Manner,
    profile: &Profile,
) -> u32 {
    let (mut agreed, mut gain, mut q_used, mut l_used) = (0_u64, 0_u64, Used::NONE, Used::NONE);
    for a in agreements {
        agreed += u64::from(a.weight);
        gain += u64::from(a.weight) * u64::from(a.similarity);
        q_used.mark(a.query);
        l_used.mark(a.list);
    }
    let u = q_used.left(query);
    let v = l_used.left(list);
    let forgiven = u.abs_diff(v) * u64::from(forgiveness(manner.omissions(), profile));
    (gain + forgiven)
        .checked_div(agreed + u + v)
        .and_then(|score| u32::try_from(score).ok())
        .filter(|_| agreed > 0)
        .unwrap_or(0)
}

/// What a score needs of an agreement: positions as (first, length).
pub(crate) struct Agreed {
    pub query: (usize, usize),
    pub list: (usize, usize),
    pub weight: u32,
    pub similarity: u32,
}

impl From<&Edge> for Agreed {
    fn from(e: &Edge) -> Self {
        Self {
            query: e.a,
            list: e.b,
            weight: e.weight,
            similarity: e.similarity,
        }
    }
}

impl From<&Aligned> for Agreed {
    fn from(a: &Aligned) -> Self {
        let range =
            |positions: &[usize]| (positions.first().copied().unwrap_or(0), positions.len());
        Self {
            query: range(&a.query),
            list: range(&a.list),
            weight: a.weight,
            similarity: a.similarity,
        }
    }
}

/// Positions that are in an agreement: the first 128 in bits, the others in a list.
struct Used {
    bits: u128,
    more: Vec<usize>,
}

impl Used {
    const NONE: Self = Self {
        bits: 0,
        more: Vec::new(),
    };

    fn mark(&mut self, (start, length): (usize, usize)) {
        for at in start..start + length {
            if at < 128 {
                self.bits |= 1 << at;
            } else {
                self.more.push(at);
            }
        }
    }

    /// The weight of the others.
    fn left(&self, weights: impl Iterator<Item = u32>) -> u64 {
        weights
            .enumerate()
            .filter(|(at, _)| {
                if *at < 128 {
                    self.bits >> at & 1 == 0
                } else {
                    !self.more.contains(at)
                }
            })
            .map(|(_, weight)| u64::from(weight))
            .sum()
    }
}

/// `c` above, of 10 000.
pub(crate) fn forgiveness(omissions: bool, profile: &Profile) -> u32 {
    if omissions {
        100_u32.saturating_sub(profile.omission_per_cent) * 100
    } else {
        0
    }
}
