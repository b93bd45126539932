//! Which word of one name stands for which of the other: the alignment of greatest agreement.

use std::collections::BTreeSet;

use crate::name::{Class, Token};
use crate::profile::Profile;
use crate::qualify::Manner;
use crate::similarity::{letters, likeness, possible};

/// A token with its weight and letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Weighed {
    pub token: Token,
    pub chars: Vec<char>,
    /// [`letters`] of `chars`.
    pub letters: u64,
    pub weight: u32,
}

impl Weighed {
    pub fn new(token: &Token, weight: u32) -> Self {
        let chars: Vec<char> = token.text.chars().collect();
        Self {
            token: token.clone(),
            letters: letters(&chars),
            chars,
            weight,
        }
    }
}

/// By what two tokens were compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Their normalised spelling.
    Literal,
    /// Two neighbouring tokens of one name, written as one in the other.
    Joined,
    /// An initial and a word that begins with it.
    Initial,
}

impl Key {
    /// Stable lower-case word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Literal => "literal",
            Self::Joined => "joined",
            Self::Initial => "initial",
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Edge {
    a: (usize, usize),
    b: (usize, usize),
    key: Key,
    edits: u32,
    similarity: u32,
    weight: u32,
    matched: u64,
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
    // One canonical side order makes the result the same whichever name is the query.
    let key = |t: &Weighed| (t.token.clone(), t.weight);
    if query.iter().map(key).gt(list.iter().map(key)) {
        let edges = edges(list, query, manner, profile);
        let chosen = choose(edges, list.len());
        return alignment(chosen.into_iter().map(Edge::turned));
    }
    let edges = edges(query, list, manner, profile);
    alignment(choose(edges, query.len()).into_iter())
}

fn alignment(edges: impl Iterator<Item = Edge>) -> Alignment {
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
            if let Some((key, edits, similarity)) = single(x, y, manner, profile) {
                edges.push(edge(
                    (i, 1),
                    (j, 1),
                    key,
                    edits,
                    similarity,
                    x.weight,
                    y.weight,
                ));
            }
        }
    }
    joined_edges(a, b, profile, &mut edges);
    let before = edges.len();
    joined_edges(b, a, profile, &mut edges);
    for edge in edges.iter_mut().skip(before) {
        *edge = edge.turned();
    }
    edges
}

/// Agreements of two neighbours of `a` with one token of `b`.
fn joined_edges(a: &[Weighed], b: &[Weighed], profile: &Profile, edges: &mut Vec<Edge>) {
    for (i, (x, x2)) in a.iter().zip(a.iter().skip(1)).enumerate() {
        let (length, set) = (x.chars.len() + x2.chars.len(), x.letters | x2.letters);
        let mut chars = Vec::new();
        for (j, y) in b.iter().enumerate() {
            if !possible((length, set), (y.chars.len(), y.letters), profile) {
                continue;
            }
            if chars.is_empty() {
                chars.extend(x.chars.iter().chain(&x2.chars));
            }
            if let Some(l) = likeness(&chars, &y.chars, profile) {
                let weight = x.weight + x2.weight;
                edges.push(edge(
                    (i, 2),
                    (j, 1),
                    Key::Joined,
                    l.edits,
                    l.similarity,
                    weight,
                    y.weight,
                ));
            }
        }
    }
}

/// Neighbouring tokens written as one.
pub(crate) fn joins(tokens: &[Weighed]) -> impl Iterator<Item = Vec<char>> {
    let next = tokens.iter().skip(1);
    tokens
        .iter()
        .zip(next)
        .map(|(x, y)| x.chars.iter().chain(&y.chars).copied().collect())
}

fn single(x: &Weighed, y: &Weighed, manner: Manner, profile: &Profile) -> Option<(Key, u32, u32)> {
    if possible(
        (x.chars.len(), x.letters),
        (y.chars.len(), y.letters),
        profile,
    ) && let Some(l) = likeness(&x.chars, &y.chars, profile)
    {
        return Some((Key::Literal, l.edits, l.similarity));
    }
    let one = |t: &Weighed| t.token.class == Class::Initial;
    // Two different initials contradict; an initial stands for a word, not for a number.
    let initial = manner.initials()
        && one(x) != one(y)
        && x.chars.first() == y.chars.first()
        && [x, y]
            .iter()
            .any(|t| matches!(t.token.class, Class::Ordinary | Class::Generic));
    initial.then_some((Key::Initial, 0, profile.initial_similarity))
}

fn edge(
    a: (usize, usize),
    b: (usize, usize),
    key: Key,
    edits: u32,
    similarity: u32,
    x: u32,
    y: u32,
) -> Edge {
    let matched = u64::from(x) + u64::from(y);
    Edge {
        a,
        b,
        key,
        edits,
        similarity,
        weight: 2 * x.min(y),
        matched,
    }
}

/// The set of edges that share no token, of greatest worth: each group of edges that compete for
/// tokens on its own, since worths add.
fn choose(edges: Vec<Edge>, a_len: usize) -> Vec<Edge> {
    let mut chosen = Vec::new();
    for group in groups(edges, a_len) {
        match group.as_slice() {
            [single] => chosen.push(*single),
            several => chosen.extend(choose_among(several)),
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
    let mut best: Vec<Vec<Worth>> = vec![vec![(0, 0, 0); states]; b_used.len() + 2];
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

/// The score that `alignment` gives: agreement over all weight.
///
/// With `X` the weight of agreements, `U` and `V` the weights left over on either side, and `c` the
/// share forgiven for words merely left out of a person's name:
/// `(sum of weight * similarity + c * |U - V|) / (X + U + V)`.
pub(crate) fn score(
    alignment: &Alignment,
    query: &[Weighed],
    list: &[Weighed],
    manner: Manner,
    profile: &Profile,
) -> u32 {
    let left = |tokens: &[Weighed], side: fn(&Aligned) -> &Vec<usize>| -> u64 {
        tokens
            .iter()
            .enumerate()
            .filter(|(i, _)| !alignment.aligned.iter().any(|a| side(a).contains(i)))
            .map(|(_, t)| u64::from(t.weight))
            .sum()
    };
    let (u, v) = (left(query, |a| &a.query), left(list, |a| &a.list));
    let agreed: u64 = alignment.aligned.iter().map(|a| u64::from(a.weight)).sum();
    let gain: u64 = alignment
        .aligned
        .iter()
        .map(|a| u64::from(a.weight) * u64::from(a.similarity))
        .sum();
    let forgiven = u.abs_diff(v) * u64::from(forgiveness(manner.omissions(), profile));
    (gain + forgiven)
        .checked_div(agreed + u + v)
        .and_then(|score| u32::try_from(score).ok())
        .filter(|_| agreed > 0)
        .unwrap_or(0)
}

/// `c` above, of 10 000.
pub(crate) fn forgiveness(omissions: bool, profile: &Profile) -> u32 {
    if omissions {
        100_u32.saturating_sub(profile.omission_per_cent) * 100
    } else {
        0
    }
}
