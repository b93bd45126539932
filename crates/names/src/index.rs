//! Search over many names without losing one.
//!
//! # Why nothing is lost
//!
//! Let a query's tokens weigh `W` in all, and let `P` be those that could stand for something in a
//! listed name (each alone, or joined with a neighbour, or for two joined words, or as an initial).
//! An agreement weighs at most twice its query side, so agreements weigh at most `X = 2 W(P)`; the
//! other tokens are left over: `U >= W - W(P)`. The score (see `align::score`, `c` the forgiven
//! share) is at most `max(c, (X + c U) / (X + U))`: more on the list's side only lowers it, or
//! drives it towards `c`. For a threshold `t > c` a hit therefore has
//! `W(P) (2 - c - t) >= W (t - c)`. Names below that cannot be hits and are not scored; all others
//! are. Qualifiers only lower a score. There is no limit on the number of names scored.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::align::{Weighed, forgiveness, joins};
use crate::corpus::Corpus;
use crate::explain::{Explanation, Pair, weigh};
use crate::name::{Class, Form, Name};
use crate::profile::Profile;
use crate::qualify::{Qualifiers, Subject};
use crate::similarity::{budget, letters, likeness};

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
        let mut index = Index {
            entries: self.entries,
            rows: Vec::new(),
            words: Vocabulary::default(),
            joined: Vocabulary::default(),
            beginning: BTreeMap::new(),
            corpus,
            profile: profile.clone(),
        };
        for (entry, name, text, weak) in self.names {
            for (form, text) in Form::all(&text) {
                let tokens = weigh(&Name::new(&text), &index.corpus, profile);
                let weak = weak || form == Form::Parenthesised;
                index.add(Row {
                    entry,
                    name,
                    form,
                    weak,
                    text,
                    tokens,
                });
            }
        }
        index.words.close();
        index.joined.close();
        index
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
    tokens: Vec<Weighed>,
}

/// An immutable index of names.
#[derive(Debug)]
pub struct Index {
    entries: Vec<Qualifiers>,
    rows: Vec<Row>,
    words: Vocabulary,
    joined: Vocabulary,
    /// Rows by the first letters of their words, for initials in queries.
    beginning: BTreeMap<char, Vec<usize>>,
    corpus: Corpus,
    profile: Profile,
}

impl Index {
    fn add(&mut self, row: Row) {
        let number = self.rows.len();
        for token in &row.tokens {
            self.words.add(&token.chars, number);
            if let Some(first) = token.chars.first() {
                let rows = self.beginning.entry(*first).or_default();
                if rows.last() != Some(&number) {
                    rows.push(number);
                }
            }
        }
        for chars in joins(&row.tokens) {
            self.joined.add(&chars, number);
        }
        self.rows.push(row);
    }

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
        self.search_rows(query, threshold, |tokens| {
            self.candidates(tokens, query, threshold)
        })
    }

    /// The same by scoring every name: what [`Index::search`] is checked against.
    #[must_use]
    pub fn search_exhaustively(&self, query: &Query, threshold: u32) -> Vec<Hit> {
        self.search_rows(query, threshold, |_| (0..self.rows.len()).collect())
    }

    fn search_rows(
        &self,
        query: &Query,
        threshold: u32,
        candidates: impl Fn(&[Weighed]) -> Vec<usize>,
    ) -> Vec<Hit> {
        // Best row per entry: higher score, then a strong name, then the whole name, then the
        // earlier name and query form.
        let mut best: BTreeMap<usize, (Rank, usize, usize)> = BTreeMap::new();
        let forms: Vec<(String, Vec<Weighed>)> = Form::all(&query.name)
            .into_iter()
            .filter(|(form, _)| *form != Form::Parenthesised)
            .map(|(_, text)| {
                let tokens = weigh(&Name::new(&text), &self.corpus, &self.profile);
                (text, tokens)
            })
            .collect();
        for (f, (text, tokens)) in forms.iter().enumerate() {
            for number in candidates(tokens) {
                let Some((row, pair)) = self.pair(query, text, tokens, number) else {
                    continue;
                };
                if let Some(score) = pair.score_from(threshold.max(1)) {
                    let rank = (u32::MAX - score, row.weak, row.form, row.name, f);
                    let found = (rank, number, f);
                    best.entry(row.entry)
                        .and_modify(|held| *held = (*held).min(found))
                        .or_insert(found);
                }
            }
        }
        let mut hits: Vec<Hit> = best
            .into_values()
            .filter_map(|(_, number, f)| {
                let (text, tokens) = forms.get(f)?;
                let (row, pair) = self.pair(query, text, tokens, number)?;
                let explanation = pair.explanation();
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
        number: usize,
    ) -> Option<(&'a Row, Pair<'a>)> {
        let row = self.rows.get(number)?;
        let list_facts = self.entries.get(row.entry)?;
        let (q, l) = (tokens, row.tokens.as_slice());
        let (query_facts, list) = (&query.facts, row.text.as_str());
        let profile = &self.profile;
        Some((
            row,
            Pair {
                query: text,
                list,
                query_facts,
                list_facts,
                q,
                l,
                profile,
            },
        ))
    }

    /// Rows that the bound does not rule out, ascending.
    fn candidates(&self, tokens: &[Weighed], query: &Query, threshold: u32) -> Vec<usize> {
        let thing = matches!(query.facts.subject, Subject::Organisation | Subject::Craft);
        let forgiven = u64::from(forgiveness(!thing, &self.profile));
        let (t, full) = (u64::from(threshold), u64::from(crate::FULL));
        let all = || (0..self.rows.len()).collect();
        let Some(above) = t.checked_sub(forgiven).filter(|above| *above > 0) else {
            return all();
        };
        let Some(slope) = (2 * full).checked_sub(forgiven + t).filter(|s| *s > 0) else {
            return Vec::new();
        };
        let total: u64 = tokens.iter().map(|t| u64::from(t.weight)).sum();
        // INVARIANT: a hit has slope * W(P) >= above * W.
        let enough = |weight: u64| slope * weight >= above * total;

        let reach = self.reach(tokens);
        let mut granted = 0_u64;
        let mut weight = vec![0_u64; self.rows.len()];
        let mut seen = vec![usize::MAX; self.rows.len()];
        let mut touched = Vec::new();
        for (i, (token, postings)) in tokens.iter().zip(&reach).enumerate() {
            let own = u64::from(token.weight);
            // Counting a very common token costs more than it excludes: grant it to every name.
            if postings.iter().map(|p| p.len()).sum::<usize>() > self.rows.len() / 2 {
                granted += own;
                continue;
            }
            for row in postings.iter().copied().flatten() {
                if let (Some(w), Some(s)) = (weight.get_mut(*row), seen.get_mut(*row))
                    && *s != i
                {
                    if *s == usize::MAX {
                        touched.push(*row);
                    }
                    *s = i;
                    *w += own;
                }
            }
        }
        if enough(granted) {
            return all();
        }
        touched.retain(|row| enough(granted + weight.get(*row).copied().unwrap_or(0)));
        touched.sort_unstable();
        touched
    }

    /// For each token the rows in which it could stand for something.
    fn reach<'a>(&'a self, tokens: &[Weighed]) -> Vec<Vec<&'a [usize]>> {
        let profile = &self.profile;
        let mut reach: Vec<Vec<&[usize]>> = tokens
            .iter()
            .map(|token| {
                let mut rows = self.words.like(&token.chars, profile);
                rows.extend(self.joined.like(&token.chars, profile));
                if let Some(first) = token.chars.first() {
                    if token.token.class == Class::Initial {
                        rows.extend(self.beginning.get(first).map(Vec::as_slice));
                    } else {
                        rows.extend(self.words.exact(std::slice::from_ref(first)));
                    }
                }
                rows
            })
            .collect();
        for (i, chars) in joins(tokens).enumerate() {
            let rows = self.words.like(&chars, profile);
            for side in reach.iter_mut().skip(i).take(2) {
                side.extend(rows.iter().copied());
            }
        }
        reach
    }
}

/// Order of preference among names of one entry; less is better.
type Rank = (u32, bool, Form, usize, usize);

/// Distinct words with the rows they are in.
#[derive(Debug, Default)]
struct Vocabulary {
    /// While building: position in `words`; afterwards too.
    by_text: BTreeMap<Vec<char>, usize>,
    words: Vec<Word>,
    /// Positions in `words` sorted by length; `lengths[n]` is the range of length `n`.
    sorted: Vec<(u64, usize)>,
    lengths: Vec<Range<usize>>,
}

#[derive(Debug)]
struct Word {
    chars: Vec<char>,
    rows: Vec<usize>,
}

impl Vocabulary {
    fn add(&mut self, chars: &[char], row: usize) {
        let next = self.words.len();
        let at = *self.by_text.entry(chars.to_vec()).or_insert(next);
        if at == next {
            self.words.push(Word {
                chars: chars.to_vec(),
                rows: Vec::new(),
            });
        }
        if let Some(word) = self.words.get_mut(at)
            && word.rows.last() != Some(&row)
        {
            word.rows.push(row);
        }
    }

    fn close(&mut self) {
        let mut order: Vec<(usize, u64, usize)> = self
            .words
            .iter()
            .enumerate()
            .map(|(at, word)| (word.chars.len(), letters(&word.chars), at))
            .collect();
        order.sort_unstable();
        let longest = order.last().map_or(0, |(len, _, _)| *len);
        self.lengths = (0..=longest)
            .map(|n| {
                order.partition_point(|(len, _, _)| *len < n)
                    ..order.partition_point(|(len, _, _)| *len <= n)
            })
            .collect();
        self.sorted = order.into_iter().map(|(_, set, at)| (set, at)).collect();
    }

    fn exact(&self, chars: &[char]) -> Option<&[usize]> {
        let at = self.by_text.get(chars)?;
        self.words.get(*at).map(|word| word.rows.as_slice())
    }

    /// Rows of every word within budget of `chars`.
    fn like(&self, chars: &[char], profile: &Profile) -> Vec<&[usize]> {
        let mut found: Vec<&[usize]> = self.exact(chars).into_iter().collect();
        let set = letters(chars);
        let length = chars.len();
        // No pair is allowed more than three edits.
        for other in length.saturating_sub(3)..=length + 3 {
            let allowed = budget(length.max(other), profile);
            if allowed == 0 || length.abs_diff(other) > allowed as usize {
                continue;
            }
            let range = self.lengths.get(other).cloned().unwrap_or(0..0);
            for (letters, at) in self.sorted.get(range).unwrap_or_default() {
                // Tokens within k edits differ in at most 2k bits.
                if (letters ^ set).count_ones() > 2 * allowed {
                    continue;
                }
                if let Some(word) = self.words.get(*at)
                    && word.chars != chars
                    && likeness(chars, &word.chars, profile).is_some()
                {
                    found.push(&word.rows);
                }
            }
        }
        found
    }
}
