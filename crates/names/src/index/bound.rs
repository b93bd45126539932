//! Which names may reach a threshold: steps 1 and 2 of the proof at the head of `index.rs`, and the
//! conditions that step 3 asks again.

use super::ask::{Asked, Reach};
use super::lines::{About, KINDS, Lines, bit};
use super::{Index, Searching, number, place};
use crate::align::forgiveness;
use crate::name::Class;
use crate::qualify::{Manner, Subject};

/// Upper bounds of lines during one search; lines not stamped with `epoch` have none.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    epoch: u32,
    lines: Vec<Stamped>,
    /// The lines that passed.
    pub left: Vec<u32>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Stamped {
    epoch: u32,
    /// The token counted last, so that none counts twice.
    token: u32,
    /// The listed weight that was counted for it.
    last: u32,
    sums: Sums,
}

/// What agreements add at most: `w (s - t)`, and the weights that they leave not over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Sums {
    worth: i64,
    query: u32,
    list: u32,
}

impl Sums {
    fn plus(self, other: Self) -> Self {
        Self {
            worth: self.worth + other.worth,
            query: self.query.saturating_add(other.query),
            list: self.list.saturating_add(other.list),
        }
    }
}

impl Gathered {
    fn begin(&mut self, lines: usize) {
        self.lines.resize(lines, Stamped::default());
        self.epoch = match self.epoch.checked_add(1) {
            Some(epoch) => epoch,
            None => {
                self.lines.fill(Stamped::default());
                1
            }
        };
        self.left.clear();
    }

    /// Adds what `token` adds to the `lines` of a posting, `more`: to those that have a bound, and
    /// to `base` for the others where there is one. Postings of a token come in order of worth.
    fn add(&mut self, lines: &[u32], token: u32, more: Sums, base: Option<Sums>) {
        let epoch = self.epoch;
        for line in lines {
            let Some(stamped) = self.lines.get_mut(place(*line)) else {
                continue;
            };
            if stamped.epoch == epoch {
                if stamped.token != token {
                    stamped.token = token;
                    stamped.last = more.list;
                    stamped.sums = stamped.sums.plus(more);
                } else if stamped.last < more.list {
                    // The token agrees with several words of the line: the greatest of everything.
                    stamped.sums.list = stamped.sums.list.saturating_add(more.list - stamped.last);
                    stamped.last = more.list;
                }
            } else if let Some(base) = base {
                *stamped = Stamped {
                    epoch,
                    token,
                    last: more.list,
                    sums: base.plus(more),
                };
                self.left.push(*line);
            }
        }
    }

    /// Drops the lines that do not reach with what was granted.
    fn keep(&mut self, conditions: &Conditions, lines: &Lines, granted: Sums) {
        let stamped = &self.lines;
        self.left.retain(|line| {
            let sums = stamped
                .get(place(*line))
                .map_or(granted, |s| s.sums.plus(granted));
            conditions.allow(lines.about(*line), sums)
        });
    }
}

/// `w (s - t)` with its two conditions, in weight times 10 000.
#[derive(Debug, Clone, Copy)]
pub(super) struct Condition {
    threshold: i64,
    /// `t` plus or minus `c`, for the query's side and the list's.
    query: i64,
    list: i64,
}

impl Condition {
    /// What an agreement adds, with what its tokens would cost if they were left over.
    pub fn gain(&self, x: u32, y: u32, similarity: u32) -> i64 {
        let weight = 2 * i64::from(x.min(y));
        weight * (i64::from(similarity) - self.threshold)
            + self.query * i64::from(x)
            + self.list * i64::from(y)
    }

    /// What all tokens cost if they are left over.
    pub fn cost(&self, query: u64, list: u64) -> i64 {
        let weight = |w: u64| i64::try_from(w).unwrap_or(i64::MAX / 40_000);
        self.query * weight(query) + self.list * weight(list)
    }
}

/// The conditions for names by the manner in which they are compared: one of each pair must hold.
pub(super) struct Conditions {
    plain: [Condition; 2],
    person: [Condition; 2],
    translated: [Condition; 2],
    query_weight: u64,
    /// By [`About::kind`]: the manners in which a line is compared, as bits of [`MANNERS`].
    kinds: [u8; KINDS],
    /// What is asked for, and whether it is foreign.
    subject: Subject,
    foreign: bool,
}

/// Those whose conditions differ.
const MANNERS: [Manner; 3] = [Manner::Thing, Manner::Person, Manner::Translated];

impl Conditions {
    pub fn of(&self, manner: Manner) -> &[Condition; 2] {
        match manner {
            Manner::Person => &self.person,
            Manner::Translated => &self.translated,
            Manner::Thing | Manner::Unknown => &self.plain,
        }
    }

    /// What all tokens of the query and a list weight cost under `condition`.
    pub fn cost(&self, condition: &Condition, list: u64) -> i64 {
        condition.cost(self.query_weight, list)
    }

    /// How the names of a line are compared with what is asked for: each manner once, with the
    /// subjects that are compared so.
    pub fn manners(&self, about: &About) -> impl Iterator<Item = (Manner, u8)> {
        let (subjects, translated) = (about.subjects, self.foreign != about.foreign);
        let mut found: [Option<(Manner, u8)>; Subject::ALL.len()] = Default::default();
        for subject in Subject::ALL {
            if subjects & bit(subject) == 0 {
                continue;
            }
            let manner = self.subject.manner(subject, translated);
            for slot in &mut found {
                match slot {
                    Some((own, bits)) if *own == manner => *bits |= bit(subject),
                    Some(_) => continue,
                    None => *slot = Some((manner, bit(subject))),
                }
                break;
            }
        }
        found.into_iter().flatten()
    }

    /// Whether `sums` satisfy a condition against a line.
    fn allow(&self, about: About, sums: Sums) -> bool {
        let kind = self.kinds.get(about.kind()).copied().unwrap_or(u8::MAX);
        let holds = |condition: &Condition| {
            let kept = condition.cost(sums.query.into(), sums.list.into());
            sums.worth + kept >= self.cost(condition, about.weight)
        };
        MANNERS.iter().enumerate().any(|(bit, manner)| {
            // One that has two equal conditions is asked once.
            let [one, other] = self.of(*manner);
            kind >> bit & 1 == 1 && (holds(one) || *manner != Manner::Thing && holds(other))
        })
    }

    /// The same with [`Conditions::kinds`].
    fn with_kinds(self) -> Self {
        let kinds = About::all_kinds().map(|about| {
            let manners = self.manners(&about);
            manners.fold(0, |bits, (manner, _)| match manner {
                Manner::Thing | Manner::Unknown => bits | 1,
                Manner::Person => bits | 2,
                Manner::Translated => bits | 4,
            })
        });
        Self { kinds, ..self }
    }
}

/// Most lines of a token that are read for each line that is left: reading one is that much cheaper
/// than looking at the tokens of a line.
const CHEAPER: usize = 12;

/// Most tokens of a query whose sums are made.
const MOST: usize = 100_000;

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
            plain: both(Manner::Thing),
            person: both(Manner::Person),
            translated: both(Manner::Translated),
            query_weight: asked.tokens.iter().map(|t| u64::from(t.weight)).sum(),
            subject: asked.subject,
            foreign: asked.foreign,
            kinds: [0; KINDS],
        }
        .with_kinds()
    }

    /// Leaves the lines that steps 1 and 2 do not rule out in `gathered`; false when they rule out
    /// none. Adds the lines looked at to `cost`.
    pub(super) fn gather(
        &self,
        search: &Searching<'_>,
        gathered: &mut Gathered,
        cost: &mut u64,
    ) -> bool {
        let conditions = &search.conditions;
        let Some((mut grounds, mut reaches)) = self.grounds(&search.asked, search.threshold) else {
            return false;
        };
        // The commonest first: what is granted to every line is not looked for.
        grounds.sort_unstable_by_key(|ground| std::cmp::Reverse((ground.lines, ground.token)));
        let mut least: i64 = grounds.iter().map(|ground| ground.without).sum();
        for ground in &mut grounds {
            let more = ground.with - ground.without;
            if least + more < 0 {
                least += more;
                ground.granted = true;
            }
        }
        let base = grounds
            .iter()
            .fold(Sums::default(), |sum, g| sum.plus(g.base));
        gathered.begin(self.lines.len());
        reaches.sort_unstable_by(|a, b| a.0.token.cmp(&b.0.token).then(b.1.cmp(&a.1)));
        let own = |token: usize| {
            let start = reaches.partition_point(|(reach, _)| reach.token < token);
            let end = reaches.partition_point(|(reach, _)| reach.token <= token);
            reaches.get(start..end).unwrap_or_default()
        };
        for ground in grounds.iter().filter(|ground| !ground.granted) {
            *cost += ground.lines as u64;
            for (reach, more) in own(ground.token) {
                gathered.add(reach.lines, number(ground.token), *more, Some(base));
            }
        }
        let granted = |grounds: &[Ground]| {
            let granted = grounds.iter().filter(|ground| ground.granted);
            granted.fold(Sums::default(), |sum, ground| sum.plus(ground.most))
        };
        gathered.keep(conditions, &self.lines, granted(&grounds));
        // What was granted is taken back where it is cheaper to look than to go on with the lines.
        let few = gathered.left.len().saturating_mul(CHEAPER);
        for ground in grounds.iter_mut().filter(|g| g.granted && g.lines <= few) {
            ground.granted = false;
            *cost += ground.lines as u64;
            for (reach, more) in own(ground.token) {
                gathered.add(reach.lines, number(ground.token), *more, None);
            }
        }
        if gathered.left.len() > 1 {
            gathered.keep(conditions, &self.lines, granted(&grounds));
        }
        true
    }

    /// What each token of the query adds, and each of its postings with what an agreement there adds
    /// to the base; `None` where the threshold rules nothing out.
    fn grounds<'q>(&self, asked: &'q Asked<'_>, threshold: u32) -> Option<Grounds<'q>> {
        let thing = matches!(asked.subject, Subject::Organisation | Subject::Craft);
        // What is forgiven at most, whatever a name turns out to be compared as.
        let [translated, _] = forgiveness(Manner::Translated, &self.profile);
        let [person, _] = forgiveness(Manner::Person, &self.profile);
        let c = match thing {
            true => translated,
            false => translated.max(person),
        };
        let (t, c) = (i64::from(threshold), i64::from(c));
        // Sums are of 32 bits.
        if t <= c || asked.tokens.len() > MOST {
            return None;
        }
        let mut grounds: Vec<Ground> = Vec::with_capacity(asked.tokens.len());
        for (token, own) in asked.tokens.iter().enumerate() {
            let alone = -(t - c) * i64::from(own.weight);
            let mut ground = Ground {
                token,
                lines: 0,
                without: alone,
                with: alone,
                base: Sums::default(),
                most: Sums::default(),
                granted: false,
            };
            if own.token.class == Class::Initial && !thing {
                // It may agree with any word with its letter, which no posting holds.
                let similarity = i64::from(self.profile.initial_similarity);
                let least = match similarity < t {
                    true => own.weight.min(self.least_word),
                    false => own.weight,
                };
                let worth = 2 * i64::from(least) * (similarity - t);
                ground.without = alone.max(worth);
                ground.with = ground.without;
                ground.base = Sums {
                    worth: ground.without,
                    query: own.weight,
                    list: self.greatest_word,
                };
            }
            grounds.push(ground);
        }
        let mut reaches = Vec::with_capacity(asked.reach.len());
        for reach in &asked.reach {
            let (Some(ground), Some(own)) =
                (grounds.get_mut(reach.token), asked.tokens.get(reach.token))
            else {
                continue;
            };
            let better = i64::from(reach.similarity) - t;
            let worth = match reach.whole {
                true => 2 * i64::from(own.weight.min(reach.weight)) * better,
                false => 2 * i64::from(own.weight) * better.max(0),
            };
            let more = Sums {
                worth,
                query: own.weight,
                list: reach.weight,
            };
            // An initial has got its word already.
            let more = match ground.base == Sums::default() {
                true => more,
                false => Sums {
                    worth: (worth - ground.base.worth).max(0),
                    query: 0,
                    list: 0,
                },
            };
            ground.lines += reach.lines.len();
            ground.with = ground.with.max(worth);
            ground.most.worth = ground.most.worth.max(more.worth);
            ground.most.query = ground.most.query.max(more.query);
            ground.most.list = ground.most.list.max(more.list);
            reaches.push((reach, more));
        }
        let least: i64 = grounds.iter().map(|ground| ground.without).sum();
        (least < 0).then_some((grounds, reaches))
    }
}

/// Tokens of a query, and the postings of what they agree with.
type Grounds<'q> = (Vec<Ground>, Vec<(&'q Reach<'q>, Sums)>);

/// What a token of the query adds.
#[derive(Debug, Clone, Copy)]
struct Ground {
    token: usize,
    /// Length of its postings.
    lines: usize,
    /// To the sum of a name with something that it agrees with, and of one without, whatever is
    /// left over of the name.
    with: i64,
    without: i64,
    /// To every name, and at most to one with something that it agrees with.
    base: Sums,
    most: Sums,
    granted: bool,
}
