//! A box in the space of items: an interval, a set of words or a truth value for each variable that it restricts.

use std::sync::Arc;

use super::logic::{End, Literal, Variable};
use super::space::Space;
use crate::exact::Rational;
use crate::vocabulary::{Attribute, ParameterId};

/// The values of one parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interval {
    pub(super) low: End,
    /// Absent: no upper end.
    pub(super) high: Option<End>,
}

impl Interval {
    /// What the vocabulary lets an item state.
    pub(super) fn sensible(vocabulary: &Space<'_>, parameter: ParameterId) -> Self {
        let closed = |value| End { value, open: false };
        let found = vocabulary.parameter(parameter);
        let low = closed(found.map_or(Rational::ZERO, |p| p.minimum));
        Self {
            low: End {
                open: low.value.is_zero() && vocabulary.divides(parameter),
                ..low
            },
            high: found.and_then(|p| p.maximum).map(closed),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.high.is_some_and(|high| {
            self.low.value > high.value
                || (self.low.value == high.value && (self.low.open || high.open))
        })
    }

    pub(super) fn point(&self) -> Option<Rational> {
        self.high
            .filter(|high| high.value == self.low.value)
            .map(|high| high.value)
    }

    pub(super) fn contains(&self, value: Rational) -> bool {
        let above = value > self.low.value || (value == self.low.value && !self.low.open);
        let below = self
            .high
            .is_none_or(|high| value < high.value || (value == high.value && !high.open));
        above && below
    }

    pub(super) fn with_low(self, end: End) -> Self {
        let low = if (end.value, end.open) > (self.low.value, self.low.open) {
            end
        } else {
            self.low
        };
        Self { low, ..self }
    }

    pub(super) fn with_high(self, end: End) -> Self {
        let high = match self.high {
            Some(high) if (high.value, !high.open) <= (end.value, !end.open) => high,
            _ => end,
        };
        Self {
            high: Some(high),
            ..self
        }
    }

    /// The same counts between closed ends: more than 3 is 4 or more.
    fn closed(self) -> Self {
        let step = |end: End, up: i128| {
            let moved = end.value.checked_add(Rational::integer(up));
            match moved {
                Ok(value) if end.open && end.value.is_integer() => End { value, open: false },
                _ => end,
            }
        };
        Self {
            low: step(self.low, 1),
            high: self.high.map(|high| step(high, -1)),
        }
    }

    /// One interval that holds both, where they touch.
    fn joined(self, other: Self) -> Option<Self> {
        let (first, second) =
            if (self.low.value, self.low.open) <= (other.low.value, other.low.open) {
                (self, other)
            } else {
                (other, self)
            };
        let touches = first.high.is_none_or(|high| {
            high.value > second.low.value
                || (high.value == second.low.value && !(high.open && second.low.open))
        });
        let high = match (first.high, second.high) {
            (Some(a), Some(b)) if (a.value, !a.open) >= (b.value, !b.open) => Some(a),
            (Some(_), Some(b)) => Some(b),
            _ => None,
        };
        touches.then_some(Self {
            low: first.low,
            high,
        })
    }
}

/// The values of one variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Domain {
    Interval(Interval),
    /// One of these words (or any other word).
    Words {
        words: Arc<[Arc<str>]>,
        inside: bool,
    },
    Truth(bool),
}

/// A box: what it does not name is free.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Cell {
    /// Sorted by variable.
    pub(super) domains: Vec<(Variable, Domain)>,
}

impl Cell {
    pub(super) fn domain(&self, variable: Variable) -> Option<&Domain> {
        let place = self.place(variable).ok()?;
        self.domains.get(place).map(|(_, domain)| domain)
    }

    fn place(&self, variable: Variable) -> Result<usize, usize> {
        self.domains
            .binary_search_by_key(&variable, |(known, _)| *known)
    }

    pub(super) fn set(&mut self, variable: Variable, domain: Domain) {
        match self.place(variable) {
            Ok(place) => {
                if let Some(slot) = self.domains.get_mut(place) {
                    slot.1 = domain;
                }
            }
            Err(place) => self.domains.insert(place, (variable, domain)),
        }
    }

    pub(super) fn interval(&self, vocabulary: &Space<'_>, parameter: ParameterId) -> Interval {
        match self.domain(Variable::Parameter(parameter)) {
            Some(Domain::Interval(interval)) => *interval,
            _ => Interval::sensible(vocabulary, parameter),
        }
    }

    /// Whether the literal holds everywhere in the box (or nowhere); `None`: in a part of it.
    pub(super) fn truth(&self, literal: &Literal, vocabulary: &Space<'_>) -> Option<bool> {
        match literal {
            Literal::Low(parameter, end) => {
                let interval = self.interval(vocabulary, *parameter);
                if (interval.low.value, interval.low.open) >= (end.value, end.open) {
                    return Some(true);
                }
                interval.with_low(*end).is_empty().then_some(false)
            }
            Literal::High(parameter, end) => {
                let interval = self.interval(vocabulary, *parameter);
                let within = |high: End| (high.value, !high.open) <= (end.value, !end.open);
                if interval.high.is_some_and(within) {
                    return Some(true);
                }
                interval.with_high(*end).is_empty().then_some(false)
            }
            Literal::Words {
                attribute,
                words,
                inside,
            } => {
                let among = match self.domain(Variable::Attribute(*attribute)) {
                    Some(Domain::Words {
                        words: own,
                        inside: true,
                    }) => {
                        let shared = own.iter().filter(|word| has(words, word)).count();
                        match shared {
                            0 => Some(false),
                            all if all == own.len() => Some(true),
                            _ => None,
                        }
                    }
                    Some(Domain::Words {
                        words: own,
                        inside: false,
                    }) if words.iter().all(|word| has(own, word)) => Some(false),
                    _ => None,
                };
                among.map(|among| among == *inside)
            }
            Literal::Truth(variable, value) => match self.domain(*variable) {
                Some(Domain::Truth(own)) => Some(own == value),
                _ => None,
            },
        }
    }

    /// Keeps the part in which the literal holds; false when there is none.
    pub(super) fn narrow(&mut self, literal: &Literal, vocabulary: &Space<'_>) -> bool {
        match literal {
            Literal::Low(parameter, _) | Literal::High(parameter, _) => {
                let interval = self.interval(vocabulary, *parameter);
                let interval = match literal {
                    Literal::Low(_, end) => interval.with_low(*end),
                    Literal::High(_, end) => interval.with_high(*end),
                    _ => interval,
                };
                let whole = vocabulary.parameter(*parameter).is_some_and(|p| p.whole);
                let interval = if whole { interval.closed() } else { interval };
                self.set(Variable::Parameter(*parameter), Domain::Interval(interval));
                !interval.is_empty()
            }
            Literal::Words {
                attribute,
                words,
                inside,
            } => {
                let variable = Variable::Attribute(*attribute);
                let known = match self.domain(variable) {
                    Some(Domain::Words { words, inside }) => Some((Arc::clone(words), *inside)),
                    _ => None,
                };
                let (words, inside) = match known {
                    None => (Arc::clone(words), *inside),
                    Some((own, own_inside)) => both((&own, own_inside), (words, *inside)),
                };
                let empty = no_word(vocabulary, *attribute, &words, inside);
                self.set(variable, Domain::Words { words, inside });
                !empty
            }
            Literal::Truth(variable, value) => {
                let fits = self.truth(literal, vocabulary) != Some(false);
                self.set(*variable, Domain::Truth(*value));
                fits
            }
        }
    }

    /// One box that holds exactly these two, where they differ in one variable only.
    pub(super) fn merged(&self, other: &Self, vocabulary: &Space<'_>) -> Option<Self> {
        if self.domains.len() != other.domains.len() {
            return None;
        }
        let mut differing = None;
        for (position, (mine, theirs)) in self.domains.iter().zip(&other.domains).enumerate() {
            if mine.0 != theirs.0 {
                return None;
            }
            if mine.1 != theirs.1 && differing.replace((position, mine, theirs)).is_some() {
                return None;
            }
        }
        let (position, mine, theirs) = differing?;
        let joined = match (&mine.1, &theirs.1) {
            (Domain::Interval(a), Domain::Interval(b)) => {
                Some(Domain::Interval(touching(*a, *b, mine.0, vocabulary)?))
            }
            (
                Domain::Words { words: a, inside },
                Domain::Words {
                    words: b,
                    inside: other,
                },
            ) => {
                // The union is the complement of what both leave out.
                let (words, outside) = both((a, !inside), (b, !other));
                let everything = outside && words.is_empty();
                (!everything).then_some(Domain::Words {
                    words,
                    inside: !outside,
                })
            }
            _ => None,
        };
        let mut merged = self.clone();
        merged.domains.remove(position);
        if let Some(joined) = joined
            && joined != Domain::Interval(sensible_of(mine.0, vocabulary)?)
        {
            merged.set(mine.0, joined);
        }
        Some(merged)
    }
}

fn sensible_of(variable: Variable, vocabulary: &Space<'_>) -> Option<Interval> {
    Some(match variable {
        Variable::Parameter(parameter) => Interval::sensible(vocabulary, parameter),
        // Never the interval of anything: words are not intervals.
        _ => Interval {
            low: End {
                value: Rational::ZERO,
                open: true,
            },
            high: None,
        },
    })
}

/// Counts touch across the gap between neighbours: 3 or less, and 4 or more.
fn touching(a: Interval, b: Interval, of: Variable, vocabulary: &Space<'_>) -> Option<Interval> {
    if let Some(joined) = a.joined(b) {
        return Some(joined);
    }
    let Variable::Parameter(parameter) = of else {
        return None;
    };
    if !vocabulary.parameter(parameter)?.whole {
        return None;
    }
    let (mut first, second) = if a.low.value <= b.low.value {
        (a, b)
    } else {
        (b, a)
    };
    let high = first.high?;
    let next = high.value.checked_add(Rational::ONE).ok()?;
    if next != second.low.value {
        return None;
    }
    first.high = Some(End {
        value: next,
        open: false,
    });
    first.joined(second)
}

fn has(words: &[Arc<str>], word: &str) -> bool {
    words.binary_search_by(|known| (**known).cmp(word)).is_ok()
}

type Set<'a> = (&'a Arc<[Arc<str>]>, bool);

/// What is in both sets; `true` with the words: exactly these, `false`: all others.
fn both(a: Set<'_>, b: Set<'_>) -> (Arc<[Arc<str>]>, bool) {
    let keep = |from: &Arc<[Arc<str>]>, other: &Arc<[Arc<str>]>, inside: bool| {
        from.iter()
            .filter(|word| has(other, word) == inside)
            .cloned()
            .collect()
    };
    match (a, b) {
        ((a, true), (b, inside)) => (keep(a, b, inside), true),
        ((a, false), (b, true)) => (keep(b, a, false), true),
        ((a, false), (b, false)) => {
            let mut union: Vec<Arc<str>> = a.iter().chain(b.iter()).cloned().collect();
            union.sort();
            union.dedup();
            (union.into(), false)
        }
    }
}

fn no_word(vocabulary: &Space<'_>, attribute: Attribute, words: &[Arc<str>], inside: bool) -> bool {
    if inside {
        return words.is_empty();
    }
    vocabulary
        .words(attribute)
        .is_some_and(|known| known.iter().all(|word| has(words, word)))
}
