//! Which names may reach a threshold: steps 1 to 3 of the proof at the head of `index.rs`.

use super::ask::{Asked, Slots};
use super::{Index, Row, number, place};
use crate::align::forgiveness;
use crate::name::Class;
use crate::qualify::{Manner, Subject};

/// Sums of rows during one search; rows not stamped with `epoch` have none.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    epoch: u32,
    rows: Vec<Stamped>,
    /// The rows that passed, ascending.
    pub rows_left: Vec<u32>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Stamped {
    epoch: u32,
    /// The token counted last, so that none counts twice.
    token: u32,
    sum: i64,
}

impl Gathered {
    fn begin(&mut self, rows: usize) {
        self.rows.resize(rows, Stamped::default());
        self.epoch = match self.epoch.checked_add(1) {
            Some(epoch) => epoch,
            None => {
                self.rows.fill(Stamped::default());
                1
            }
        };
        self.rows_left.clear();
    }
}

/// `w (s - t)` with its two conditions, in weight times 10 000.
#[derive(Debug, Clone, Copy)]
struct Condition {
    threshold: i64,
    /// `t` plus or minus `c`, for the query's side and the list's.
    query: i64,
    list: i64,
}

impl Condition {
    /// What an agreement adds, with what its tokens would cost if they were left over.
    fn gain(&self, x: u32, y: u32, similarity: u32) -> i64 {
        let weight = 2 * i64::from(x.min(y));
        weight * (i64::from(similarity) - self.threshold)
            + self.query * i64::from(x)
            + self.list * i64::from(y)
    }

    /// What tokens of the query that weigh `x` add at most by agreeing with neighbours written as
    /// one, without what these cost.
    fn joined(&self, x: u32) -> i64 {
        let full = i64::from(crate::FULL);
        i64::from(x) * (2 * (full - self.threshold).max(0) + self.query.max(0))
    }

    /// What all tokens cost if they are left over.
    fn cost(&self, query: u64, list: u64) -> i64 {
        let weight = |w: u64| i64::try_from(w).unwrap_or(i64::MAX / 20_000);
        self.query * weight(query) + self.list * weight(list)
    }
}

/// The conditions for names by the manner in which they are compared.
pub(super) struct Conditions {
    plain: [Condition; 1],
    person: [Condition; 2],
    translated: [Condition; 2],
    query_weight: u64,
}

impl Index {
    pub(super) fn conditions(&self, asked: &Asked<'_>, threshold: u32) -> Conditions {
        let t = i64::from(threshold);
        let condition = |query, list| Condition {
            threshold: t,
            query,
            list,
        };
        let both = |manner| {
            let [c, d] = forgiveness(manner, &self.profile).map(i64::from);
            let more = t + c - 2 * d;
            [condition(t - c, more), condition(more, t - c)]
        };
        Conditions {
            plain: [condition(t, t)],
            person: both(Manner::Person),
            translated: both(Manner::Translated),
            query_weight: asked.tokens.iter().map(|t| u64::from(t.weight)).sum(),
        }
    }

    /// Leaves the rows that steps 1 and 2 do not rule out in `gathered`, ascending; false when they
    /// rule out none. Adds the rows looked at to `cost`.
    pub(super) fn gather(
        &self,
        asked: &Asked<'_>,
        threshold: u32,
        gathered: &mut Gathered,
        cost: &mut u64,
    ) -> bool {
        let thing = matches!(asked.subject, Subject::Organisation | Subject::Craft);
        // What is forgiven at most, whatever a name turns out to be compared as.
        let [translated, _] = forgiveness(Manner::Translated, &self.profile);
        let [person, _] = forgiveness(Manner::Person, &self.profile);
        let c = match thing {
            true => translated,
            false => translated.max(person),
        };
        let (t, c) = (i64::from(threshold), i64::from(c));
        if t <= c {
            return false;
        }
        let stands = |similarity: u32, weight: u32| {
            2 * i64::from(weight) * (i64::from(similarity) - t).max(0)
        };
        let mut tokens: Vec<Ground> = asked
            .tokens
            .iter()
            .enumerate()
            .map(|(token, own)| {
                let alone = -(t - c) * i64::from(own.weight);
                let without = if own.token.class == Class::Initial && !thing {
                    let similarity = i64::from(self.profile.initial_similarity);
                    let least = match similarity < t {
                        true => own.weight.min(self.least_word),
                        false => own.weight,
                    };
                    alone.max(2 * i64::from(least) * (similarity - t))
                } else {
                    alone
                };
                Ground {
                    rows: 0,
                    token,
                    without,
                    with: without,
                }
            })
            .collect();
        for reach in &asked.reach {
            if let (Some(ground), Some(own)) =
                (tokens.get_mut(reach.token), asked.tokens.get(reach.token))
            {
                ground.rows += reach.rows.len();
                ground.with = ground.with.max(stands(reach.similarity, own.weight));
            }
        }
        tokens.sort_unstable_by(|a, b| b.cmp(a));
        let mut base: i64 = tokens.iter().map(|ground| ground.without).sum();
        if base >= 0 {
            return false;
        }
        let mut essential = tokens.as_slice();
        while let [first, rest @ ..] = essential
            && base + first.with - first.without < 0
        {
            base += first.with - first.without;
            essential = rest;
        }
        gathered.begin(self.rows.len());
        let epoch = gathered.epoch;
        for ground in essential {
            let token = number(ground.token);
            let start = asked.reach.partition_point(|r| r.token < ground.token);
            let own = asked.reach.get(start..).unwrap_or_default();
            for reach in own.iter().take_while(|r| r.token == ground.token) {
                let weight = asked.tokens.get(ground.token).map_or(0, |t| t.weight);
                let more = stands(reach.similarity, weight).max(ground.without) - ground.without;
                *cost += reach.rows.len() as u64;
                for row in reach.rows {
                    let Some(stamped) = gathered.rows.get_mut(place(*row)) else {
                        continue;
                    };
                    if stamped.epoch != epoch {
                        *stamped = Stamped {
                            epoch,
                            token,
                            sum: base + more,
                        };
                        gathered.rows_left.push(*row);
                    } else if stamped.token != token {
                        // The token's best agreement comes first.
                        stamped.token = token;
                        stamped.sum += more;
                    }
                }
            }
        }
        let rows = &gathered.rows;
        let enough = |row: &u32| rows.get(place(*row)).is_some_and(|s| s.sum >= 0);
        gathered.rows_left.retain(enough);
        gathered.rows_left.sort_unstable();
        true
    }

    /// Step 3.
    pub(super) fn may_reach(
        &self,
        asked: &Asked<'_>,
        slots: &Slots,
        conditions: &Conditions,
        (row, at): (&Row, u32),
    ) -> bool {
        // Neighbours written as one take up a token of the query and may take up any of the row.
        let joined = asked.joined.binary_search(&at).is_ok();
        let manner = self.manner(asked, row);
        let conditions_of_row: &[Condition] = match manner {
            Manner::Person => &conditions.person,
            Manner::Translated => &conditions.translated,
            Manner::Thing | Manner::Unknown => &conditions.plain,
        };
        conditions_of_row.iter().any(|condition| {
            let needed = condition.cost(conditions.query_weight, row.weight);
            let mut sum = if joined {
                condition.joined(asked.joined_weight)
            } else {
                0
            };
            for token in self.listed(row) {
                let alone = if joined {
                    condition.list * i64::from(token.weight)
                } else {
                    0
                };
                let mut best = alone.max(0);
                for found in slots.of(asked, token.word) {
                    if !found.initial || manner.initials() && token.class == Class::Initial {
                        let similarity = found.agreement.similarity;
                        best = condition
                            .gain(found.weight, token.weight, similarity)
                            .max(best);
                    }
                }
                if manner.initials() && !asked.initials.is_empty() {
                    let letters = self.words.first_letters(token.word);
                    for (own, weight) in &asked.initials {
                        if own & letters != 0 {
                            let similarity = self.profile.initial_similarity;
                            best = condition.gain(*weight, token.weight, similarity).max(best);
                        }
                    }
                }
                sum += best;
            }
            sum >= needed
        })
    }
}

/// What a token of the query adds to the sum of a name with something that it agrees with, and of
/// one without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ground {
    rows: usize,
    token: usize,
    without: i64,
    with: i64,
}
