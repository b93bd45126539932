//! The agreements of one row: the same as `align` finds between the two names.

use super::ask::{Asked, Slots};
use super::{Index, Listed, Row};
use crate::align::{Agreed, Edge, Weighed, choose, comes_after, edge, initial, joins, score};
use crate::name::{Class, Token};
use crate::qualify::Manner;
use crate::word::joined_agreement;

impl Index {
    /// The agreements of one row and the score of the names; `None` without agreement. The same as
    /// `align` and `score` of the two names.
    pub(super) fn aligned(
        &self,
        asked: &Asked<'_>,
        slots: &Slots,
        row: &Row,
        number: u32,
    ) -> Option<(Vec<Edge>, u32)> {
        let listed = self.listed(row);
        let manner = self.manner(asked, row);
        let edges = self.edges(asked, slots, listed, number, manner);
        if edges.is_empty() {
            return None;
        }
        let turned = comes_after(
            asked.tokens,
            listed.iter().filter_map(|t| {
                let (text, _) = self.words.word(t.word)?;
                Some((text, t.class, t.weight))
            }),
        );
        let chosen = choose(edges, turned);
        let name_score = score(
            chosen.iter().map(Agreed::from),
            asked.tokens.iter().map(|t| t.weight),
            listed.iter().map(|t| t.weight),
            manner,
            &self.profile,
        );
        Some((chosen, name_score))
    }

    fn edges(
        &self,
        asked: &Asked<'_>,
        slots: &Slots,
        listed: &[Listed],
        number: u32,
        manner: Manner,
    ) -> Vec<Edge> {
        let mut edges = Vec::with_capacity(listed.len() + 2);
        for (j, token) in listed.iter().enumerate() {
            for found in slots.of(asked, token.word) {
                if !found.initial || manner.initials() && token.class == Class::Initial {
                    let agreement = found.agreement;
                    edges.push(edge(
                        found.at,
                        (j, 1),
                        agreement,
                        found.weight,
                        token.weight,
                    ));
                }
            }
            if !manner.initials() || asked.initials.is_empty() {
                continue;
            }
            let Some((_, word)) = self.words.word(token.word) else {
                continue;
            };
            for (i, x) in asked.tokens.iter().enumerate() {
                if x.token.class != Class::Initial {
                    continue;
                }
                let mut others = slots.of(asked, token.word);
                let (own, theirs) = ((&*x.word, x.token.class), (&**word, token.class));
                if !others.any(|f| f.at == (i, 1))
                    && let Some(found) = initial(own, theirs, manner, &self.profile)
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

    /// A listed name as it was weighed.
    pub(super) fn weighed(&self, listed: &[Listed]) -> Vec<Weighed> {
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
}
