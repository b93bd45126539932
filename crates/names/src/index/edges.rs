//! The agreements of one line: the same as `align` finds between the two names.

use super::ask::{Asked, Slots};
use super::bound::Conditions;
use super::lines::Term;
use super::{Index, Searching};
use crate::align::{Agreed, Edge, Weighed, choose, comes_after, edge, initial, score};
use crate::explain::WeighedToken;
use crate::name::{Class, Token};
use crate::qualify::Manner;

impl Index {
    /// The agreements of a line and the score of the names; `None` without agreement, and where
    /// step 3 rules it out. The same as `align` and `score` of the two names.
    pub(super) fn aligned(
        &self,
        search: &Searching<'_>,
        slots: &Slots,
        line: u32,
        manner: Manner,
        edges: &mut Vec<Edge>,
    ) -> Option<(Vec<Edge>, u32)> {
        let Searching {
            asked, conditions, ..
        } = search;
        if !self.edges((asked, slots, conditions), line, manner, edges) {
            return None;
        }
        let listed = self.lines.listed(line).filter_map(|t| {
            let (text, _) = self.words.word(t.word)?;
            Some((text, t.class, t.weight))
        });
        let chosen = choose(edges.clone(), comes_after(asked.tokens, listed));
        let name_score = score(
            chosen.iter().map(Agreed::from),
            asked.tokens.iter().map(|t| t.weight),
            self.lines.listed(line).map(|t| t.weight),
            manner,
            &self.profile,
        );
        Some((chosen, name_score))
    }

    /// Leaves every possible agreement of a line in `edges`; false without any, and where the greatest
    /// of each of its tokens, whether or not they exclude each other, satisfy neither condition.
    fn edges(
        &self,
        (asked, slots, conditions): (&Asked<'_>, &Slots, &Conditions),
        line: u32,
        manner: Manner,
        edges: &mut Vec<Edge>,
    ) -> bool {
        let terms = self.lines.line(line);
        let [first, second] = conditions.of(manner);
        let mut sums = [0, 0];
        edges.clear();
        for (j, term) in terms.iter().enumerate() {
            let mut best = [0, 0];
            let mut add = |found: Edge, x: u32, y: u32| {
                let [one, other] = &mut best;
                *one = first.gain(x, y, found.similarity).max(*one);
                *other = second.gain(x, y, found.similarity).max(*other);
                edges.push(found);
            };
            let own = slots.of(asked, *term);
            for found in own {
                if let Some((y, length)) = self.stands(found, terms, j, manner) {
                    let x = found.weight;
                    add(edge(found.at, (j, length), found.agreement, x, y), x, y);
                }
            }
            if manner.initials() && !asked.initials.is_empty() {
                let known = |i: usize| own.iter().any(|f| f.at == (i, 1) && !f.is_window());
                self.initials(asked, *term, manner, known, |i, found, x, y| {
                    add(edge((i, 1), (j, 1), found, x, y), x, y);
                });
            }
            let [one, other] = best;
            sums = [sums[0] + one, sums[1] + other];
        }
        let weight = self.lines.about(line).weight;
        let [one, other] = sums;
        !edges.is_empty()
            && (one >= conditions.cost(first, weight) || other >= conditions.cost(second, weight))
    }

    /// Calls `found` for the initials of the query that may stand for the listed `term` and do not
    /// agree with it otherwise.
    fn initials(
        &self,
        asked: &Asked<'_>,
        term: u32,
        manner: Manner,
        known: impl Fn(usize) -> bool,
        mut found: impl FnMut(usize, crate::word::Agreement, u32, u32),
    ) {
        let Some(Term {
            word,
            weight,
            class,
        }) = self.lines.term(term).copied()
        else {
            return;
        };
        let letters = self.words.first_letters(word);
        if !asked.initials.iter().any(|(own, _)| own & letters != 0) {
            return;
        }
        let Some((_, word)) = self.words.word(word) else {
            return;
        };
        for (i, x) in asked.tokens.iter().enumerate() {
            if x.token.class != Class::Initial || known(i) {
                continue;
            }
            let (own, theirs) = ((&*x.word, x.token.class), (&**word, class));
            if let Some(agreement) = initial(own, theirs, manner, &self.profile) {
                found(i, agreement, x.weight, weight);
            }
        }
    }

    /// The tokens of a line as they are told of.
    pub(super) fn accounts(&self, line: u32) -> Vec<WeighedToken> {
        let account = |t: &Term| {
            let (text, _) = self.words.word(t.word)?;
            Some(WeighedToken {
                text: text.to_owned(),
                class: t.class,
                weight: t.weight,
            })
        };
        self.lines.listed(line).filter_map(account).collect()
    }

    /// A listed name as it was weighed.
    pub(super) fn weighed(&self, line: u32) -> Vec<Weighed> {
        let weighed = |t: &Term| {
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
        self.lines.listed(line).filter_map(weighed).collect()
    }
}
