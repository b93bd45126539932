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
//! 1. A token of the query adds at most `b = max(0, w (s - t))` for the best of what it agrees with
//!    anywhere in the list, and where a name holds nothing that it agrees with, `f = -(t - c) x`.
//!    (An initial may agree with any word with its letter, which no posting holds: its `f` allows
//!    for that.) A hit's tokens add up to 0 or more. Tokens are granted to every name, the commonest
//!    first, as long as their `b` and the others' `f` are less than 0 together. A hit must then
//!    contain at least one of the other tokens: the names that do are read from the postings.
//! 2. For each of them the greatest `w (s - t)` of each token, and the greatest weights on either
//!    side that its agreements leave not over, are added up; what was granted counts in full, unless
//!    its postings are few against the names that are left and are read as well. A name whose sums
//!    satisfy neither condition is not a hit.
//! 3. The name's own tokens are looked at: each takes the agreement that adds most to one of the two
//!    conditions, whether or not another takes it as well. Only a name that passes is aligned and
//!    scored.
//!
//! An agreement of several tokens counts for each of them in step 2, and in step 3 for the first of
//! the listed ones with all that it adds.
//!
//! Whether two words agree is asked once for each distinct listed word, never once for each name, and
//! names of the same words are one line, which is weighed, aligned and scored once.
//! For `t < c` all names are scored. There is no limit on the number of names scored, unless the
//! caller sets one; then the answer says whether it was reached.

mod ask;
mod best;
mod bound;
mod build;
mod edges;
mod known;
mod lines;
mod near;
mod postings;
mod vocabulary;
mod windows;

use std::sync::{Arc, Mutex, PoisonError};

use crate::align::{Alignment, Edge, Weighed, alignment};
use crate::corpus::Corpus;
use crate::explain::{Explanation, Pair, has_patronymic, is_foreign, name_for};
use crate::name::Form;
use crate::profile::{Method, Profile};
use crate::qualify::Qualifiers;

use ask::{Asked, Slots};
use best::{Best, Budget, Held};
use bound::{Conditions, Gathered};
use known::{Kept, Known};
use lines::{Lines, bit};
use vocabulary::Vocabulary;
use windows::Windows;

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
    entry: u32,
    name: u32,
    line: u32,
    form: Form,
    weak: bool,
    text: Box<str>,
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
    lines: Lines,
    words: Vocabulary,
    windows: Windows,
    /// Least weight of a token that an initial may stand for, and the greatest of any token.
    least_word: u32,
    greatest_word: u32,
    corpus: Corpus,
    profile: Profile,
    digest: String,
    /// What words of queries agree with.
    kept: Kept,
    /// Working memory of searches that have ended.
    scratch: Mutex<Vec<Scratch>>,
}

/// Working memory of a search.
#[derive(Debug, Default)]
struct Scratch {
    gathered: Gathered,
    slots: Slots,
    edges: Vec<Edge>,
}

/// One form of what is searched for.
struct Asking {
    text: String,
    tokens: Vec<Weighed>,
    /// What each token agrees with; empty where the method asks for no words.
    known: Vec<Arc<Known>>,
    /// Whether some are in another script than the Latin one.
    foreign: bool,
    /// Whether a word stands between a person and a father.
    patronymic: bool,
}

/// A form of a query while it is searched for.
struct Searching<'a> {
    query: &'a Query,
    /// Which form, and the form.
    at: usize,
    form: &'a Asking,
    threshold: u32,
    asked: Asked<'a>,
    conditions: Conditions,
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
            let list = self.weighed(row.line);
            let score = self
                .pair(query, &form.text, &form.tokens, row, &list)
                .and_then(|pair| pair.score_from(threshold.max(1)));
            if let Some(score) = score {
                best.add(row, score, at, f, || None);
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
                let mut known = Vec::with_capacity(tokens.len());
                let tokens = tokens.into_iter().map(|token| {
                    let (listed, word) = match self.profile.method {
                        Method::Words => {
                            let own = self.known(&token.text);
                            let word = (own.listed, own.word.clone());
                            known.push(own);
                            word
                        }
                        Method::JaroWinkler => (None, self.words.read(&token.text)),
                    };
                    // A listed word has been weighed.
                    let weight = listed.and_then(|word| self.lines.weight(word, token.class));
                    Weighed {
                        weight: weight.unwrap_or_else(|| self.corpus.weight(&token, &self.profile)),
                        token,
                        word,
                    }
                });
                let tokens: Vec<Weighed> = tokens.collect();
                Asking {
                    foreign: is_foreign(&tokens),
                    patronymic: has_patronymic(&tokens),
                    tokens,
                    text,
                    known,
                }
            })
            .collect()
    }

    /// What the word `text` agrees with.
    fn known(&self, text: &str) -> Arc<Known> {
        let (words, windows) = (&self.words, &self.windows);
        self.kept.word(text, words, windows, &self.profile)
    }

    /// The hits with their accounts: from the alignment, where it is known, else from the names.
    fn hits(&self, query: &Query, forms: &[Asking], best: Best) -> Vec<Hit> {
        let hit = |found: Held| {
            let form = forms.get(found.form)?;
            let row = self.rows.get(place(found.row))?;
            let list = match form.patronymic || found.aligned.is_none() {
                true => self.weighed(row.line),
                false => Vec::new(),
            };
            let pair = self.pair(query, &form.text, &form.tokens, row, &list)?;
            let explanation = match found.aligned {
                Some((edges, score)) => {
                    let aligned = alignment(edges.into_iter());
                    pair.explanation_of(aligned, score, self.accounts(row.line))
                }
                None => pair.explanation(),
            };
            Some(Hit {
                entry: place(row.entry),
                name: place(row.name),
                form: row.form,
                weak: row.weak,
                score: explanation.score,
                explanation,
            })
        };
        let mut hits: Vec<Hit> = best.all().filter_map(hit).collect();
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
            list_facts: self.entries.get(place(row.entry))?,
            q: tokens,
            l: list_tokens,
            profile: &self.profile,
            digest: &self.digest,
        })
    }

    /// Adds every name that reaches `threshold` to `best`. False when the limit was reached before.
    fn score_candidates(
        &self,
        query: &Query,
        (at, form): (usize, &Asking),
        threshold: u32,
        budget: &mut Budget,
        best: &mut Best,
    ) -> bool {
        if !budget.take(form.tokens.len() as u64) {
            return false;
        }
        let asked = self.ask(form, query.facts.subject);
        let search = Searching {
            query,
            at,
            form,
            threshold,
            conditions: self.conditions(&asked, threshold),
            asked,
        };
        let pool = || self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = pool().pop().unwrap_or_default();
        let complete = self.score_with(&search, budget, best, &mut scratch);
        pool().push(scratch);
        complete
    }

    fn score_with(
        &self,
        search: &Searching<'_>,
        budget: &mut Budget,
        best: &mut Best,
        scratch: &mut Scratch,
    ) -> bool {
        let Scratch {
            gathered,
            slots,
            edges,
        } = scratch;
        let every;
        let candidates: &[u32] = if self.gather(search, gathered, &mut budget.cost) {
            &gathered.left
        } else {
            every = (0..number(self.lines.len())).collect::<Vec<u32>>();
            &every
        };
        if candidates.is_empty() {
            return budget.take(0);
        }
        slots.take_up(&search.asked, self);
        candidates.iter().all(|line| {
            let room = budget.take(1);
            if room {
                self.score_line(search, slots, *line, edges, best);
            }
            room
        })
    }

    /// Adds the rows of a line that reach the threshold.
    fn score_line(
        &self,
        search: &Searching<'_>,
        slots: &Slots,
        line: u32,
        edges: &mut Vec<Edge>,
        best: &mut Best,
    ) {
        let least = search.threshold.max(1);
        let about = self.lines.about(line);
        for (manner, subjects) in search.conditions.manners(&about) {
            let Some((chosen, name_score)) = self
                .aligned(search, slots, line, manner, edges)
                .filter(|(_, name_score)| *name_score >= least)
            else {
                continue;
            };
            // Most names have no fathers in them, and then their words do not matter here.
            let (list, aligned) = match search.form.patronymic {
                true => (self.weighed(line), alignment(chosen.iter().copied())),
                false => (Vec::new(), Alignment::default()),
            };
            for at in self.lines.rows(line) {
                let Some(row) = self.rows.get(place(*at)) else {
                    continue;
                };
                let form = search.form;
                let Some(pair) = self.pair(search.query, &form.text, &form.tokens, row, &list)
                else {
                    continue;
                };
                if subjects & bit(pair.list_facts.subject) == 0 {
                    continue;
                }
                let score = pair.lowered(&aligned, name_score);
                if score >= least {
                    let aligned = || Some((chosen.clone(), name_score));
                    best.add(row, score, *at, search.at, aligned);
                }
            }
        }
    }
}
