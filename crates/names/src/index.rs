//! Search over many names without losing one.
//!
//! # Why nothing is lost
//!
//! Let `x` be weights of the query's tokens and `y` of a listed name's, `w = 2 min(x, y)` the weight
//! of an agreement and `s` its similarity, `c >= d` the forgiven shares, `U` and `V` the weights left
//! over on either side. The score (`align::score`) is at least `t` exactly where
//! `sum w (s - t) + c |U - V| + 2 d min(U, V) >= t (U + V)`. Since `2 min(U, V)` is `U + V - |U - V|`,
//! `|U - V|` is the greater of `U - V` and `V - U`, and `c - d` is not negative, that is exactly where
//! one of
//!
//! - `sum w (s - t) >= (t - c) U + (t + c - 2 d) V`
//! - `sum w (s - t) >= (t + c - 2 d) U + (t - c) V`
//!
//! holds: each a sum over agreements and tokens left over, in which no token left over costs less
//! than `t - c` of its weight. Qualifiers only lower a score. So for `t >= c`:
//!
//! 1. A token of the query adds at most `b = max(0, 2 x (s - t))`, where `s` is the best similarity
//!    of what it agrees with anywhere in the list, and where a name holds nothing that it agrees
//!    with, `f = -(t - c) x`. (An initial may agree with any word with its letter, which no
//!    posting holds: its `f` allows for that.) A hit's tokens add up to 0 or more.
//! 2. Tokens are granted to every name, the commonest first, as long as their `b` and the others'
//!    `f` are less than 0 together. A hit must then contain at least one of the other tokens: the
//!    names that do are read from the postings, their `b` and `f` added up.
//! 3. Where the sum is not negative, the name's own tokens are looked at: each takes the agreement
//!    that adds most to one of the two conditions, whether or not another takes it as well. Only a
//!    name that passes is aligned and scored.
//!
//! Whether two words agree is asked once for each distinct listed word, never once for each name.
//! For `t < c` all names are scored. There is no limit on the number of names scored, unless the
//! caller sets one; then the answer says whether it was reached.

mod ask;
mod bound;
mod build;
mod edges;
mod near;
mod postings;
mod vocabulary;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, PoisonError};

use crate::align::{Alignment, Edge, Weighed, alignment};
use crate::corpus::Corpus;
use crate::explain::{Explanation, Pair, has_patronymic, is_foreign, name_for};
use crate::name::{Class, Form};
use crate::profile::{Method, Profile};
use crate::qualify::{Manner, Qualifiers, Subject};

use ask::{Asked, Slots};
use bound::Gathered;
use postings::Multimap;
use vocabulary::Vocabulary;

pub use build::IndexBuilder;

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// The name.
    pub name: String,
    /// What is known beside it.
    pub facts: Qualifiers,
}

/// An entry that reaches the threshold, by its best name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The entry, as [`IndexBuilder::entry`] numbered it.
    pub entry: usize,
    /// Which of its names, counted from 0 in the order they were added.
    pub name: usize,
    /// Which part of that name.
    pub form: Form,
    /// True when only a weak alias or an acronym in parentheses reaches this score.
    pub weak: bool,
    /// The score, of 10 000.
    pub score: u32,
    /// Why.
    pub explanation: Explanation,
}

/// What a search with a limit on its cost found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The hits, best first.
    pub hits: Vec<Hit>,
    /// What it cost: names weighed and names scored.
    pub cost: u64,
    /// False when the limit was reached: there may be other hits, and the answer is incomplete.
    pub complete: bool,
}

/// One form of one name.
#[derive(Debug)]
struct Row {
    entry: usize,
    name: usize,
    form: Form,
    weak: bool,
    text: String,
    /// Its tokens.
    start: u32,
    end: u32,
    /// What they weigh together.
    weight: u64,
    /// Whether some are in another script than the Latin one.
    foreign: bool,
}

/// One token of a listed name.
#[derive(Debug, Clone, Copy)]
struct Listed {
    word: u32,
    weight: u32,
    class: Class,
}

/// A row or word as it is stored.
fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn place(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// An immutable index of names.
#[derive(Debug)]
pub struct Index {
    entries: Vec<Qualifiers>,
    rows: Vec<Row>,
    tokens: Vec<Listed>,
    /// Least weight of a token that an initial may stand for.
    least_word: u32,
    words: Vocabulary,
    /// Neighbours written as one, to the rows they are in.
    joined: Multimap,
    corpus: Corpus,
    profile: Profile,
    digest: String,
    /// Working memory of searches that have ended.
    scratch: Mutex<Vec<Scratch>>,
}

/// Working memory of a search.
#[derive(Debug, Default)]
struct Scratch {
    gathered: Gathered,
    slots: Slots,
}

/// One form of what is searched for.
struct Asking {
    text: String,
    tokens: Vec<Weighed>,
    /// The listed words that are the same.
    listed: Vec<Option<u32>>,
    /// Whether some are in another script than the Latin one.
    foreign: bool,
}

impl Index {
    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True without entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The profile all scores are made with.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The corpus that weighs tokens.
    #[must_use]
    pub fn corpus(&self) -> &Corpus {
        &self.corpus
    }

    /// Every entry that scores at least `threshold` (of 10 000), best first; equal scores in order
    /// of entry. Equal, to the bit, to [`Index::search_exhaustively`].
    #[must_use]
    pub fn search(&self, query: &Query, threshold: u32) -> Vec<Hit> {
        self.search_within(query, threshold, u64::MAX).hits
    }

    /// The same with a limit on the cost. Where it is reached the answer says that it is not
    /// complete; what it then holds are hits, but not all of them.
    #[must_use]
    pub fn search_within(&self, query: &Query, threshold: u32, limit: u64) -> Found {
        let forms = self.forms(query);
        let mut best = Best::default();
        let mut budget = Budget { cost: 0, limit };
        let mut complete = true;
        for (f, form) in forms.iter().enumerate() {
            complete &= match self.profile.method {
                Method::Words => {
                    self.score_candidates(query, (f, form), threshold, &mut budget, &mut best)
                }
                Method::JaroWinkler => {
                    self.scan(query, (f, form), threshold, &mut budget, &mut best)
                }
            };
        }
        Found {
            hits: self.hits(query, &forms, best),
            cost: budget.cost,
            complete,
        }
    }

    /// The same by scoring every name: what [`Index::search`] is checked against.
    #[must_use]
    pub fn search_exhaustively(&self, query: &Query, threshold: u32) -> Vec<Hit> {
        let forms = self.forms(query);
        let mut best = Best::default();
        let mut budget = Budget {
            cost: 0,
            limit: u64::MAX,
        };
        for (f, form) in forms.iter().enumerate() {
            self.scan(query, (f, form), threshold, &mut budget, &mut best);
        }
        self.hits(query, &forms, best)
    }

    /// Scores every row, as [`crate::explain`] does. False when the limit was reached.
    fn scan(
        &self,
        query: &Query,
        (f, form): (usize, &Asking),
        threshold: u32,
        budget: &mut Budget,
        best: &mut Best,
    ) -> bool {
        for (row, at) in self.rows.iter().zip(0..) {
            if !budget.take(1) {
                return false;
            }
            let list = self.weighed(self.listed(row));
            let score = self
                .pair(query, &form.text, &form.tokens, row, &list)
                .and_then(|pair| pair.score_from(threshold.max(1)));
            if let Some(score) = score {
                best.add(row, score, at, f, None);
            }
        }
        true
    }

    /// The forms of the query that are searched, with their tokens.
    fn forms(&self, query: &Query) -> Vec<Asking> {
        let forms = Form::all(&query.name).into_iter();
        forms
            .filter(|(form, _)| *form != Form::Parenthesised)
            .map(|(_, text)| {
                let tokens = name_for(&text, &self.profile).tokens;
                let mut listed = Vec::with_capacity(tokens.len());
                let tokens = tokens.into_iter().map(|token| {
                    let (at, word) = self.words.read(&token.text);
                    listed.push(at);
                    Weighed {
                        weight: self.corpus.weight(&token, &self.profile),
                        token,
                        word,
                    }
                });
                let tokens: Vec<Weighed> = tokens.collect();
                Asking {
                    foreign: is_foreign(&tokens),
                    tokens,
                    text,
                    listed,
                }
            })
            .collect()
    }

    /// The hits with their accounts: from the alignment, where it is known, else from the names.
    fn hits(&self, query: &Query, forms: &[Asking], best: Best) -> Vec<Hit> {
        let mut hits: Vec<Hit> = best
            .0
            .into_values()
            .filter_map(|found| {
                let form = forms.get(found.form)?;
                let row = self.rows.get(place(found.row))?;
                let list = self.weighed(self.listed(row));
                let pair = self.pair(query, &form.text, &form.tokens, row, &list)?;
                let explanation = match found.aligned {
                    Some((edges, score)) => {
                        pair.explanation_of(alignment(edges.into_iter()), score)
                    }
                    None => pair.explanation(),
                };
                Some(Hit {
                    entry: row.entry,
                    name: row.name,
                    form: row.form,
                    weak: row.weak,
                    score: explanation.score,
                    explanation,
                })
            })
            .collect();
        hits.sort_by(|a, b| b.score.cmp(&a.score).then(a.entry.cmp(&b.entry)));
        hits
    }

    fn pair<'a>(
        &'a self,
        query: &'a Query,
        text: &'a str,
        tokens: &'a [Weighed],
        row: &'a Row,
        list_tokens: &'a [Weighed],
    ) -> Option<Pair<'a>> {
        Some(Pair {
            query: text,
            list: &row.text,
            query_facts: &query.facts,
            list_facts: self.entries.get(row.entry)?,
            q: tokens,
            l: list_tokens,
            profile: &self.profile,
            digest: &self.digest,
        })
    }

    fn listed(&self, row: &Row) -> &[Listed] {
        let range = place(row.start)..place(row.end);
        self.tokens.get(range).unwrap_or_default()
    }

    /// How the names of `row` and of what is asked for are compared.
    fn manner(&self, asked: &Asked<'_>, row: &Row) -> Manner {
        let entry = self.entries.get(row.entry);
        let subject = entry.map_or(Subject::Unknown, |facts| facts.subject);
        asked.subject.manner(subject, asked.foreign != row.foreign)
    }

    /// Adds every name that reaches `threshold` to `best`. False when the limit was reached before.
    fn score_candidates(
        &self,
        query: &Query,
        (f, form): (usize, &Asking),
        threshold: u32,
        budget: &mut Budget,
        best: &mut Best,
    ) -> bool {
        if !budget.take(form.tokens.len() as u64) {
            return false;
        }
        let mut pool = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = pool.pop().unwrap_or_default();
        drop(pool);
        let complete = self.score_with(query, (f, form), threshold, budget, best, &mut scratch);
        let mut pool = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        pool.push(scratch);
        complete
    }

    fn score_with(
        &self,
        query: &Query,
        (f, form): (usize, &Asking),
        threshold: u32,
        budget: &mut Budget,
        best: &mut Best,
        scratch: &mut Scratch,
    ) -> bool {
        let Scratch { gathered, slots } = scratch;
        let asked = self.ask(form, query.facts.subject);
        let narrowed = self.gather(&asked, threshold, gathered, &mut budget.cost);
        let every;
        let candidates: &[u32] = if narrowed {
            &gathered.rows_left
        } else {
            every = (0..number(self.rows.len())).collect::<Vec<u32>>();
            &every
        };
        let conditions = self.conditions(&asked, threshold);
        slots.take_up(&asked, self.words.len());
        for at in candidates {
            if !budget.take(1) {
                return false;
            }
            let Some(row) = self.rows.get(place(*at)) else {
                continue;
            };
            if self.may_reach(&asked, slots, &conditions, (row, *at))
                && let Some((edges, name_score)) = self.aligned(&asked, slots, row, *at)
                && name_score >= threshold.max(1)
                && let Some(score) = self.lowered(query, form, row, &edges, name_score)
                && score >= threshold.max(1)
            {
                best.add(row, score, *at, f, Some((edges, name_score)));
            }
        }
        true
    }

    /// What the facts beside the names leave of a score.
    fn lowered(
        &self,
        query: &Query,
        form: &Asking,
        row: &Row,
        edges: &[Edge],
        name_score: u32,
    ) -> Option<u32> {
        // Most names have no fathers in them, and then their words do not matter here.
        let list = match has_patronymic(&form.tokens) {
            true => self.weighed(self.listed(row)),
            false => Vec::new(),
        };
        let alignment = match list.is_empty() {
            true => Alignment::default(),
            false => alignment(edges.iter().copied()),
        };
        let pair = self.pair(query, &form.text, &form.tokens, row, &list)?;
        Some(pair.lowered(&alignment, name_score))
    }
}

/// What a search may cost, and has.
struct Budget {
    cost: u64,
    limit: u64,
}

impl Budget {
    /// False when there is no room for `more`.
    fn take(&mut self, more: u64) -> bool {
        self.cost = self.cost.saturating_add(more);
        self.cost <= self.limit
    }
}

/// Order of preference among names of one entry; less is better.
type Rank = (u32, bool, Form, usize, usize);

/// The best row of an entry.
struct Held {
    rank: Rank,
    row: u32,
    form: usize,
    aligned: Option<(Vec<Edge>, u32)>,
}

/// Best row per entry: higher score, then a strong name, then the whole name, then the earlier
/// name and query form.
#[derive(Default)]
struct Best(HashMap<usize, Held>);

impl Best {
    fn add(
        &mut self,
        row: &Row,
        score: u32,
        at: u32,
        form: usize,
        aligned: Option<(Vec<Edge>, u32)>,
    ) {
        let found = Held {
            rank: (u32::MAX - score, row.weak, row.form, row.name, form),
            row: at,
            form,
            aligned,
        };
        match self.0.entry(row.entry) {
            Entry::Vacant(free) => {
                free.insert(found);
            }
            Entry::Occupied(mut held) if found.rank < held.get().rank => {
                held.insert(found);
            }
            Entry::Occupied(_) => {}
        }
    }
}
