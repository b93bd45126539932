//! Search over many names without losing one.
//!
//! # Why nothing is lost
//!
//! Let a query's tokens weigh `W` in all, and let `P` be those that could stand for something in a
//! listed name (each alone, or joined with neighbours, or for joined words, or as an initial).
//! An agreement weighs at most twice its query side, so agreements weigh at most `X = 2 W(P)`; the
//! other tokens are left over: `U >= W - W(P)`. The score (see `align::score`, `c` the forgiven
//! share) is at most `max(c, (X + c U) / (X + U))`: more on the list's side only lowers it, or
//! drives it towards `c`. For a threshold `t > c` a hit therefore has
//! `W(P) (2 - c - t) >= W (t - c)`.
//!
//! Tokens are granted to every name, the commonest first, as long as the granted weight alone does
//! not satisfy that bound. A hit must then contain at least one of the other tokens: the names that
//! do are read from the postings, weighed, and scored if the bound allows. Whether two words agree
//! is asked once for each distinct listed word, never once for each name. Qualifiers only lower a
//! score. There is no limit on the number of names scored, unless the caller sets one; then the
//! answer says whether it was reached.

mod postings;
mod vocabulary;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::align::{
    Agreed, Edge, Weighed, alignment, choose, comes_after, edge, forgiveness, initial, joins, score,
};
use crate::corpus::Corpus;
use crate::explain::{Explanation, Pair, name_for, weigh};
use crate::name::{Class, Form, Name, Token};
use crate::profile::{Method, Profile};
use crate::qualify::{Manner, Qualifiers, Subject};
use crate::word::{Agreement, joined_agreement};

use postings::{Multimap, MultimapBuilder};
use vocabulary::{Vocabulary, VocabularyBuilder};

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
        let mut rows = Vec::new();
        let mut tokens: Vec<Listed> = Vec::new();
        let mut words = VocabularyBuilder::new(profile);
        let mut joined = MultimapBuilder::default();
        for (entry, name, text, weak) in self.names {
            for (form, text) in Form::all(&text) {
                let number = number(rows.len());
                let start = tokens.len();
                let weighed: Vec<Weighed> = weigh(&name_for(&text, profile), &corpus, profile);
                for (_, word, _) in joins(&weighed) {
                    for feature in word.joined_features() {
                        joined.add(feature, number);
                    }
                }
                for w in weighed {
                    tokens.push(Listed {
                        weight: w.weight,
                        class: w.token.class,
                        word: words.add(w.word, &w.token.text, number),
                    });
                }
                rows.push(Row {
                    entry,
                    name,
                    form,
                    weak: weak || form == Form::Parenthesised,
                    text,
                    tokens: start..tokens.len(),
                });
            }
        }
        Index {
            entries: self.entries,
            rows,
            tokens,
            words: words.build(),
            joined: joined.build(),
            corpus,
            profile: profile.clone(),
            scratch: Mutex::default(),
        }
    }
}

/// One form of one name.
#[derive(Debug)]
struct Row {
    entry: usize,
    name: usize,
    form: Form,
    weak: bool,
    text: String,
    tokens: std::ops::Range<usize>,
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
    words: Vocabulary,
    /// Neighbours written as one, to the rows they are in.
    joined: Multimap,
    corpus: Corpus,
    profile: Profile,
    /// Working memory of searches that have ended.
    scratch: Mutex<Vec<Scratch>>,
}

/// Weights of rows during one search; rows not stamped with `epoch` have none.
#[derive(Debug, Default)]
struct Scratch {
    epoch: u32,
    rows: Vec<Stamped>,
    touched: Vec<u32>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Stamped {
    epoch: u32,
    /// The token counted last, so that none counts twice.
    token: u32,
    weight: u64,
}

/// The words of a list that one query agrees with.
struct Asked<'a> {
    tokens: &'a [Weighed],
    /// Per listed word: which tokens of the query agree with it, and how; sorted.
    agreements: Vec<(u32, (usize, usize), Agreement, u32)>,
    /// Rows by token of the query.
    reach: Vec<Vec<&'a [u32]>>,
    /// Rows where neighbours written as one may agree with a token, sorted.
    joined: Vec<u32>,
    /// Some token of the query is an initial.
    initials: bool,
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
        let mut cost = 0;
        let forms = self.forms(query);
        let mut best = Best::default();
        let mut complete = true;
        let mut asked = Vec::new();
        for (f, (text, tokens)) in forms.iter().enumerate() {
            if self.profile.method == Method::JaroWinkler {
                let spent = (limit, &mut cost);
                complete &= self.scan(query, text, tokens, threshold, f, spent, &mut best);
            } else {
                let own = self.ask(tokens);
                let spent = (limit, &mut cost);
                complete &= self.score_candidates(query, &own, threshold, f, spent, &mut best);
                asked.push(own);
            }
        }
        Found {
            hits: self.hits(query, &forms, &asked, best),
            cost,
            complete,
        }
    }

    /// The same by scoring every name: what [`Index::search`] is checked against.
    #[must_use]
    pub fn search_exhaustively(&self, query: &Query, threshold: u32) -> Vec<Hit> {
        let forms = self.forms(query);
        let mut best = Best::default();
        for (f, (text, tokens)) in forms.iter().enumerate() {
            self.scan(
                query,
                text,
                tokens,
                threshold,
                f,
                (u64::MAX, &mut 0),
                &mut best,
            );
        }
        self.hits(query, &forms, &[], best)
    }

    /// Scores every row, as [`crate::explain`] does. False when the limit was reached.
    #[allow(clippy::too_many_arguments)]
    fn scan(
        &self,
        query: &Query,
        text: &str,
        tokens: &[Weighed],
        threshold: u32,
        form: usize,
        (limit, cost): (u64, &mut u64),
        best: &mut Best,
    ) -> bool {
        for number in 0..self.rows.len() {
            *cost += 1;
            if *cost > limit {
                return false;
            }
            let Some(row) = self.rows.get(number) else {
                continue;
            };
            let list = self.weighed(self.tokens.get(row.tokens.clone()).unwrap_or_default());
            let score = self
                .pair(query, text, tokens, row, &list)
                .and_then(|pair| pair.score_from(threshold.max(1)));
            if let Some(score) = score {
                best.add(self, score, self::number(number), form);
            }
        }
        true
    }

    /// The forms of the query that are searched, with their tokens.
    fn forms(&self, query: &Query) -> Vec<(String, Vec<Weighed>)> {
        Form::all(&query.name)
            .into_iter()
            .filter(|(form, _)| *form != Form::Parenthesised)
            .map(|(_, text)| {
                let tokens = weigh(&name_for(&text, &self.profile), &self.corpus, &self.profile);
                (text, tokens)
            })
            .collect()
    }

    /// The hits with their accounts: from what was asked, where it was, else from the names.
    fn hits(
        &self,
        query: &Query,
        forms: &[(String, Vec<Weighed>)],
        asked: &[Asked<'_>],
        best: Best,
    ) -> Vec<Hit> {
        let mut hits: Vec<Hit> = best
            .0
            .into_values()
            .filter_map(|(_, number, f)| {
                let (text, tokens) = forms.get(f)?;
                let row = self.rows.get(place(number))?;
                let list = self.weighed(self.tokens.get(row.tokens.clone())?);
                let pair = self.pair(query, text, tokens, row, &list)?;
                let explanation = match asked.get(f) {
                    Some(asked) => {
                        let (chosen, score) = self.aligned(asked, query, row, number)?;
                        pair.explanation_of(alignment(chosen.into_iter()), score)
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
        })
    }

    /// Adds every name that reaches `threshold` to `best`. False when the limit was reached before.
    fn score_candidates(
        &self,
        query: &Query,
        asked: &Asked<'_>,
        threshold: u32,
        form: usize,
        (limit, cost): (u64, &mut u64),
        best: &mut Best,
    ) -> bool {
        let mut scratch = self.take_scratch();
        let all = !self.gather(asked, query, threshold, &mut scratch);
        let gathered = std::mem::take(&mut scratch.touched);
        let candidates: Box<dyn Iterator<Item = u32>> = if all {
            Box::new(0..number(self.rows.len()))
        } else {
            Box::new(gathered.iter().copied())
        };
        *cost += gathered.len() as u64;
        let mut complete = *cost <= limit;
        for number in candidates {
            *cost += 1;
            if *cost > limit {
                complete = false;
                break;
            }
            if let Some(score) = self.score_row(asked, query, number, threshold.max(1)) {
                best.add(self, score, number, form);
            }
        }
        scratch.touched = gathered;
        let mut pool = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        pool.push(scratch);
        complete
    }

    fn take_scratch(&self) -> Scratch {
        let mut pool = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = pool.pop().unwrap_or_default();
        drop(pool);
        scratch.rows.resize(self.rows.len(), Stamped::default());
        scratch.epoch = match scratch.epoch.checked_add(1) {
            Some(epoch) => epoch,
            None => {
                scratch.rows.fill(Stamped::default());
                1
            }
        };
        scratch.touched.clear();
        scratch
    }

    /// What the query's tokens agree with, asked of every distinct word.
    fn ask<'a>(&'a self, tokens: &'a [Weighed]) -> Asked<'a> {
        let mut agreements = Vec::new();
        let mut reach: Vec<Vec<&[u32]>> = vec![Vec::new(); tokens.len()];
        let mut joined_rows: Vec<u32> = Vec::new();
        for (i, token) in tokens.iter().enumerate() {
            self.words
                .agreeing(&token.token.text, &token.word, |word, found, rows| {
                    agreements.push((word, (i, 1), found, token.weight));
                    if let Some(reach) = reach.get_mut(i) {
                        reach.push(rows);
                    }
                });
            // Rows with an initial for the token.
            if token.token.class != Class::Initial {
                for word in self.words.initials(&token.word) {
                    if let Some(reach) = reach.get_mut(i) {
                        reach.push(self.words.rows(word));
                    }
                }
            }
            for feature in token.word.joined_probes() {
                let rows = self.joined.get(feature);
                joined_rows.extend(rows);
                if let Some(reach) = reach.get_mut(i) {
                    reach.push(rows);
                }
            }
        }
        for (at, joined, weight) in joins(tokens) {
            self.words
                .agreeing_with_joined(&joined, &self.profile, |word, found, rows| {
                    agreements.push((word, at, found, weight));
                    for reach in reach.iter_mut().skip(at.0).take(at.1) {
                        reach.push(rows);
                    }
                });
        }
        agreements.sort_unstable_by_key(|(word, at, ..)| (*word, *at));
        joined_rows.sort_unstable();
        joined_rows.dedup();
        Asked {
            tokens,
            agreements,
            reach,
            joined: joined_rows,
            initials: tokens.iter().any(|t| t.token.class == Class::Initial),
        }
    }

    /// Puts the rows that the bound does not rule out into `scratch.touched`, ascending; false when
    /// it rules out none.
    fn gather(
        &self,
        asked: &Asked<'_>,
        query: &Query,
        threshold: u32,
        scratch: &mut Scratch,
    ) -> bool {
        let thing = matches!(query.facts.subject, Subject::Organisation | Subject::Craft);
        let forgiven = u64::from(forgiveness(!thing, &self.profile));
        let (t, full) = (u64::from(threshold), u64::from(crate::FULL));
        let Some(above) = t.checked_sub(forgiven).filter(|above| *above > 0) else {
            return false;
        };
        let Some(slope) = (2 * full).checked_sub(forgiven + t).filter(|s| *s > 0) else {
            // Only reached where nothing can score: t = 2 - c > 1.
            return true;
        };
        let total: u64 = asked.tokens.iter().map(|t| u64::from(t.weight)).sum();
        // INVARIANT: a hit has slope * W(P) >= above * W.
        let enough = |weight: u64| slope * weight >= above * total;

        let mut order: Vec<(u64, usize, u64)> = asked
            .tokens
            .iter()
            .zip(&asked.reach)
            .enumerate()
            .map(|(i, (token, reach))| {
                // An initial may stand for any word with its letter, which no posting holds.
                let rows = match token.token.class {
                    Class::Initial => u64::MAX,
                    _ => reach.iter().map(|rows| rows.len() as u64).sum(),
                };
                (rows, i, u64::from(token.weight))
            })
            .collect();
        order.sort_unstable_by(|a, b| b.cmp(a));
        let mut granted = 0;
        let mut essential = Vec::new();
        for (rows, i, weight) in order {
            if essential.is_empty() && !enough(granted + weight) {
                granted += weight;
            } else if rows == u64::MAX {
                // Initials that are enough by themselves.
                return false;
            } else {
                essential.push((i, weight));
            }
        }
        let epoch = scratch.epoch;
        for (i, own) in essential {
            let token = number(i);
            for rows in asked.reach.get(i).into_iter().flatten() {
                for row in *rows {
                    let Some(stamped) = scratch.rows.get_mut(place(*row)) else {
                        continue;
                    };
                    if stamped.epoch != epoch {
                        *stamped = Stamped {
                            epoch,
                            token,
                            weight: own,
                        };
                        scratch.touched.push(*row);
                    } else if stamped.token != token {
                        stamped.token = token;
                        stamped.weight += own;
                    }
                }
            }
        }
        let rows = &scratch.rows;
        scratch.touched.retain(|row| {
            rows.get(place(*row))
                .is_some_and(|s| enough(granted + s.weight))
        });
        scratch.touched.sort_unstable();
        true
    }

    /// The score of one row if it is at least `least`.
    fn score_row(&self, asked: &Asked<'_>, query: &Query, number: u32, least: u32) -> Option<u32> {
        let row = self.rows.get(place(number))?;
        let (chosen, name_score) = self.aligned(asked, query, row, number)?;
        if name_score < least {
            return None;
        }
        let list = self.weighed(self.tokens.get(row.tokens.clone())?);
        let alignment = alignment(chosen.into_iter());
        let score = self
            .pair(query, &query.name, asked.tokens, row, &list)?
            .lowered(&alignment, name_score);
        (score >= least).then_some(score)
    }

    /// The agreements of one row and the score of the names; `None` without agreement. The same as
    /// `align` and `score` of the two names.
    fn aligned(
        &self,
        asked: &Asked<'_>,
        query: &Query,
        row: &Row,
        number: u32,
    ) -> Option<(Vec<Edge>, u32)> {
        let listed = self.tokens.get(row.tokens.clone())?;
        let manner = query.facts.manner(self.entries.get(row.entry)?);
        let edges = self.edges(asked, listed, number, manner);
        if edges.is_empty() {
            return None;
        }
        let chosen = if is_apart(&edges) {
            edges
        } else {
            let turned = self.comes_before(listed, asked.tokens);
            choose(edges, asked.tokens.len(), turned)
        };
        let name_score = score(
            chosen.iter().map(Agreed::from),
            asked.tokens.iter().map(|t| t.weight),
            listed.iter().map(|t| t.weight),
            manner,
            &self.profile,
        );
        Some((chosen, name_score))
    }

    /// Whether the listed name is the earlier one in the canonical order of sides.
    fn comes_before(&self, listed: &[Listed], query: &[Weighed]) -> bool {
        let list: Vec<(Token, u32)> = listed
            .iter()
            .filter_map(|t| {
                let token = Token {
                    text: self.words.word(t.word)?.0.to_owned(),
                    class: t.class,
                };
                Some((token, t.weight))
            })
            .collect();
        comes_after(query, list.iter().map(|(token, weight)| (token, *weight)))
    }

    /// Every possible agreement with a row: the same as `align` finds.
    fn edges(
        &self,
        asked: &Asked<'_>,
        listed: &[Listed],
        number: u32,
        manner: Manner,
    ) -> Vec<Edge> {
        let mut edges = Vec::new();
        for (j, token) in listed.iter().enumerate() {
            let start = asked.agreements.partition_point(|a| a.0 < token.word);
            let own = asked.agreements.get(start..).unwrap_or_default();
            let own = own.iter().take_while(|a| a.0 == token.word);
            let mut alone = 0_u128;
            for (_, at, found, weight) in own {
                if at.1 == 1 && at.0 < 128 {
                    alone |= 1 << at.0;
                }
                edges.push(edge(*at, (j, 1), *found, *weight, token.weight));
            }
            let initials = token.class == Class::Initial || asked.initials;
            if !manner.initials() || !initials {
                continue;
            }
            let Some((_, word)) = self.words.word(token.word) else {
                continue;
            };
            for (i, x) in asked.tokens.iter().enumerate() {
                let one = x.token.class == Class::Initial || token.class == Class::Initial;
                let agrees = match i < 128 {
                    true => alone >> i & 1 == 1,
                    false => edges.iter().any(|e| e.a == (i, 1) && e.b == (j, 1)),
                };
                if one
                    && !agrees
                    && let Some(found) = initial(
                        (&x.word, x.token.class),
                        (word, token.class),
                        manner,
                        &self.profile,
                    )
                {
                    edges.push(edge((i, 1), (j, 1), found, x.weight, token.weight));
                }
            }
        }
        if asked.joined.binary_search(&number).is_ok() {
            self.joined_edges(asked, listed, &mut edges);
        }
        edges
    }

    /// A listed name as it was weighed.
    fn weighed(&self, listed: &[Listed]) -> Vec<Weighed> {
        let weighed = |t: &Listed| {
            let (text, word) = self.words.word(t.word)?;
            Some(Weighed {
                token: Token {
                    text: text.to_owned(),
                    class: t.class,
                },
                word: word.clone(),
                weight: t.weight,
            })
        };
        listed.iter().filter_map(weighed).collect()
    }

    fn joined_edges(&self, asked: &Asked<'_>, listed: &[Listed], edges: &mut Vec<Edge>) {
        let weighed = self.weighed(listed);
        for (at, joined, weight) in joins(&weighed) {
            for (i, x) in asked.tokens.iter().enumerate() {
                if let Some(found) = joined_agreement(&joined, &x.word, &self.profile) {
                    edges.push(edge((i, 1), at, found, x.weight, weight));
                }
            }
        }
    }
}

/// True when no two edges share a token.
fn is_apart(edges: &[Edge]) -> bool {
    let over = |x: (usize, usize), y: (usize, usize)| x.0 < y.0 + y.1 && y.0 < x.0 + x.1;
    edges.iter().enumerate().all(|(n, e)| {
        edges
            .iter()
            .skip(n + 1)
            .all(|f| !over(e.a, f.a) && !over(e.b, f.b))
    })
}

/// Order of preference among names of one entry; less is better.
type Rank = (u32, bool, Form, usize, usize);

/// Best row per entry: higher score, then a strong name, then the whole name, then the earlier
/// name and query form.
#[derive(Default)]
struct Best(BTreeMap<usize, (Rank, u32, usize)>);

impl Best {
    fn add(&mut self, index: &Index, score: u32, number: u32, form: usize) {
        let Some(row) = index.rows.get(place(number)) else {
            return;
        };
        let rank = (u32::MAX - score, row.weak, row.form, row.name, form);
        let found = (rank, number, form);
        self.0
            .entry(row.entry)
            .and_modify(|held| *held = (*held).min(found))
            .or_insert(found);
    }
}
