//! Items made to meet a paragraph: facts under which its formula holds and no note takes it out.

use std::collections::BTreeMap;

use concord_controls::condition::{Term, Threshold};
use concord_controls::entry::{Entry, NoteKind, Paragraph, Path};
use concord_controls::exact::{Decimal, Rational};
use concord_controls::item::{ItemInput, QuantityInput};
use concord_controls::regime::Regime;
use concord_controls::unit::Unit;
use concord_controls::vocabulary::{Attribute, Vocabulary};

/// How much is tried for one item.
const STEPS: usize = 4_000;

/// What is said of an item that a formula can test, by id.
#[derive(Clone, Default)]
pub struct Facts<'r> {
    /// Limits with whether they must hold.
    pub limits: BTreeMap<String, Vec<(&'r Threshold, bool)>>,
    pub flags: BTreeMap<String, bool>,
    pub judgements: BTreeMap<String, bool>,
    pub words: BTreeMap<Attribute, Vec<(Vec<String>, bool)>>,
}

/// Something that must come out so.
#[derive(Clone, Copy)]
pub enum Goal<'r> {
    Term(&'r Term, bool),
    /// A paragraph with its notes.
    Paragraph(&'r Entry, &'r Paragraph, bool),
}

pub struct Maker<'r> {
    pub regime: &'r Regime,
    pub date: jiff::civil::Date,
    /// How much may still be tried.
    pub steps: usize,
}

/// Numbers at, just above and just below a limit, as its formula writes them.
pub fn around(threshold: &Threshold, whole: bool) -> [(String, String); 3] {
    let (number, unit) = threshold
        .text
        .split_once(' ')
        .unwrap_or((&threshold.text, "1"));
    let (digits, power) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
    let mantissa: i128 = format!("{before}{after}").parse().unwrap();
    let power: i32 = power.parse::<i32>().unwrap() - i32::try_from(after.len()).unwrap();
    let finer = if whole { 0 } else { 4 };
    let scaled = mantissa * 10_i128.pow(finer);
    let step = |by: i128| format!("{}e{}", scaled + by, power - i32::try_from(finer).unwrap());
    [number.to_owned(), step(1), step(-1)].map(|number| (number, unit.to_owned()))
}

impl<'r> Maker<'r> {
    pub fn vocabulary(&self) -> &'r Vocabulary {
        self.regime.vocabulary()
    }

    /// A value that keeps to all limits of one parameter, `first` ones first.
    pub fn value(&self, id: &str, limits: &[(&'r Threshold, bool)]) -> Option<QuantityInput> {
        let parameter = self
            .vocabulary()
            .parameter(self.vocabulary().parameter_id(id)?)?;
        let mut tried: Vec<(String, String)> = Vec::new();
        for (threshold, _) in limits {
            tried.extend(around(threshold, parameter.whole));
        }
        tried.into_iter().find_map(|(value, unit)| {
            let exact = canonical(&value, &unit, &parameter.unit)?;
            let sensible = exact >= parameter.minimum
                && parameter.maximum.is_none_or(|maximum| exact <= maximum)
                && (!parameter.whole || exact.is_integer());
            let keeps = |(threshold, must): &(&Threshold, bool)| {
                threshold.operator.holds(exact.cmp(&threshold.bound)) == *must
            };
            (sensible && limits.iter().all(keeps)).then_some(QuantityInput { value, unit })
        })
    }

    pub fn word(&self, attribute: Attribute, sets: &[(Vec<String>, bool)]) -> Option<String> {
        let known = self.vocabulary().words(attribute).unwrap_or_default();
        let free = match attribute {
            Attribute::Cas => "7732-18-5",
            Attribute::Hs6 => "000000",
            _ => "something else",
        };
        let named = sets
            .iter()
            .filter(|(_, must)| *must)
            .flat_map(|(words, _)| words.clone());
        let other = known.iter().map(ToString::to_string);
        let free = known.is_empty().then(|| free.to_owned());
        named.chain(other).chain(free).find(|word| {
            sets.iter()
                .all(|(words, must)| words.contains(word) == *must)
        })
    }

    pub fn reached(&self, entry: &str, path: &Path) -> Option<(&'r Entry, Vec<&'r Paragraph>)> {
        let entry = self.regime.entry(entry)?;
        let date = self.date;
        let below = entry
            .paragraphs
            .iter()
            .filter(|p| path.covers(&p.path) && p.period.contains(date));
        Some((
            entry,
            if entry.period.contains(date) {
                below.collect()
            } else {
                Vec::new()
            },
        ))
    }

    /// Facts that meet a paragraph: with a type of its entry, or else with one that only the formula names.
    pub fn meeting(
        &mut self,
        entry: &'r Entry,
        goals: &[Goal<'r>],
        start: Facts<'r>,
    ) -> Option<Facts<'r>> {
        let mut typed = start.clone();
        if !entry.subjects.is_empty() {
            let subjects = entry.subjects.iter().map(ToString::to_string).collect();
            typed.words.insert(Attribute::Type, vec![(subjects, true)]);
        }
        [typed, start].into_iter().find_map(|facts| {
            self.steps = STEPS;
            self.solve(goals.to_vec(), facts)
        })
    }

    /// Facts under which all goals come out as wanted.
    pub fn solve(&mut self, mut goals: Vec<Goal<'r>>, mut facts: Facts<'r>) -> Option<Facts<'r>> {
        loop {
            self.steps = self.steps.checked_sub(1)?;
            let Some(goal) = goals.pop() else {
                return Some(facts);
            };
            let (term, want) = match goal {
                Goal::Term(term, want) => (term, want),
                Goal::Paragraph(entry, paragraph, want) => {
                    let notes: Vec<&Term> = entry
                        .notes
                        .iter()
                        .filter(|note| {
                            note.kind == NoteKind::Exclude && note.period.contains(self.date)
                        })
                        .filter(|note| {
                            concord_controls::entry::in_scope(&note.scope, &paragraph.path)
                        })
                        .map(|note| note.when.root())
                        .collect();
                    goals.extend(
                        notes
                            .into_iter()
                            .filter(|_| want)
                            .map(|note| Goal::Term(note, false)),
                    );
                    goals.push(Goal::Term(paragraph.when.root(), want));
                    continue;
                }
            };
            let choose: Vec<Goal<'r>> = match (term, want) {
                (Term::Constant(value), _) => {
                    if *value != want {
                        return None;
                    }
                    continue;
                }
                (Term::Not(inner), _) => {
                    goals.push(Goal::Term(inner, !want));
                    continue;
                }
                (Term::All(parts), true) | (Term::Any(parts), false) => {
                    goals.extend(parts.iter().rev().map(|part| Goal::Term(part, want)));
                    continue;
                }
                (Term::All(parts), false) | (Term::Any(parts), true) => {
                    parts.iter().map(|part| Goal::Term(part, want)).collect()
                }
                (Term::Compare(threshold), _) => {
                    let id = self
                        .vocabulary()
                        .parameter(threshold.parameter)?
                        .id
                        .to_string();
                    let limits = facts.limits.entry(id.clone()).or_default();
                    limits.push((threshold, want));
                    let limits = limits.clone();
                    self.value(&id, &limits)?;
                    continue;
                }
                (
                    Term::OneOf {
                        attribute, words, ..
                    },
                    _,
                ) => {
                    let words = words.iter().map(ToString::to_string).collect();
                    let sets = facts.words.entry(*attribute).or_default();
                    sets.push((words, want));
                    let sets = sets.clone();
                    self.word(*attribute, &sets)?;
                    continue;
                }
                (Term::Flag(flag), _) => {
                    let id = self.vocabulary().flag(*flag)?.id.to_string();
                    if *facts.flags.entry(id).or_insert(want) != want {
                        return None;
                    }
                    continue;
                }
                (Term::Judgement(judgement), _) => {
                    let id = self.vocabulary().judgement(*judgement)?.id.to_string();
                    if *facts.judgements.entry(id).or_insert(want) != want {
                        return None;
                    }
                    continue;
                }
                (Term::Reference(reference), _) => {
                    let (entry, paragraphs) = self.reached(&reference.entry, &reference.path)?;
                    let each = paragraphs
                        .into_iter()
                        .map(|p| Goal::Paragraph(entry, p, want));
                    if !want {
                        goals.extend(each);
                        continue;
                    }
                    each.collect()
                }
            };
            for one in choose {
                let mut rest = goals.clone();
                rest.push(one);
                if let Some(found) = self.solve(rest, facts.clone()) {
                    return Some(found);
                }
            }
            return None;
        }
    }

    pub fn input(&self, facts: &Facts<'r>) -> Option<ItemInput> {
        let mut input = ItemInput::default();
        for (id, limits) in &facts.limits {
            input
                .parameters
                .push((id.clone(), Some(self.value(id, limits)?)));
        }
        for (id, value) in &facts.flags {
            input.flags.push((id.clone(), Some(*value)));
        }
        for (attribute, sets) in &facts.words {
            input
                .attributes
                .push((*attribute, self.word(*attribute, sets)?));
        }
        Some(input)
    }
}

pub fn canonical(value: &str, unit: &str, target: &Unit) -> Option<Rational> {
    let number = Decimal::parse(value).ok()?.to_rational().ok()?;
    Unit::parse(unit).ok()?.convert(number, target).ok()
}
