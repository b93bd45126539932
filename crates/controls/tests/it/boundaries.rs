//! Every paragraph of both lists at its limits: an item made to meet it is met, one just on the other side of a limit is not,
//! and one that lacks a fact is open, whatever the asker rules out.

use std::collections::BTreeMap;

use concord_controls::classify::{Classification, Detail};
use concord_controls::condition::{Condition, Term, Threshold};
use concord_controls::entry::{Entry, NoteKind, Paragraph, Path};
use concord_controls::evaluate::Truth;
use concord_controls::exact::{Decimal, Rational};
use concord_controls::item::{Item, ItemInput, Judgements, QuantityInput};
use concord_controls::period::parse_date;
use concord_controls::regime::Regime;
use concord_controls::unit::Unit;
use concord_controls::vocabulary::Attribute;

use crate::folder;

const OTHERS: &str = "other_paragraphs_excluded";

/// What is said of an item that a formula can test, by id.
#[derive(Clone, Default)]
struct Facts<'r> {
    /// Limits with whether they must hold.
    limits: BTreeMap<String, Vec<(&'r Threshold, bool)>>,
    flags: BTreeMap<String, bool>,
    judgements: BTreeMap<String, bool>,
    words: BTreeMap<Attribute, Vec<(Vec<String>, bool)>>,
}

/// Something that must come out so.
#[derive(Clone, Copy)]
enum Goal<'r> {
    Term(&'r Term, bool),
    /// A paragraph with its notes.
    Paragraph(&'r Entry, &'r Paragraph, bool),
}

struct Maker<'r> {
    regime: &'r Regime,
    date: jiff::civil::Date,
    steps: usize,
}

/// Numbers at, just above and just below a limit, as its formula writes them.
fn around(threshold: &Threshold, whole: bool) -> [(String, String); 3] {
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
    fn vocabulary(&self) -> &'r concord_controls::vocabulary::Vocabulary {
        self.regime.vocabulary()
    }

    /// A value that keeps to all limits of one parameter, `first` ones first.
    fn value(&self, id: &str, limits: &[(&'r Threshold, bool)]) -> Option<QuantityInput> {
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

    fn word(&self, attribute: Attribute, sets: &[(Vec<String>, bool)]) -> Option<String> {
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

    fn reached(&self, entry: &str, path: &Path) -> Option<(&'r Entry, Vec<&'r Paragraph>)> {
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

    /// Facts under which all goals come out as wanted.
    fn solve(&mut self, mut goals: Vec<Goal<'r>>, mut facts: Facts<'r>) -> Option<Facts<'r>> {
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

    fn input(&self, facts: &Facts<'r>) -> Option<ItemInput> {
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

    fn classify(
        &self,
        input: &ItemInput,
        facts: &Facts<'_>,
        excluded: bool,
    ) -> Option<Classification> {
        let mut input = input.clone();
        if excluded && !input.flags.iter().any(|(id, _)| id == OTHERS) {
            input.flags.push((OTHERS.to_owned(), Some(true)));
        }
        let item = Item::read(&input, self.vocabulary()).ok()?;
        let answers = facts
            .judgements
            .iter()
            .map(|(id, value)| (id.as_str(), *value));
        let judgements = Judgements::read(answers, self.vocabulary()).unwrap();
        Some(
            self.regime
                .at(self.date)
                .classify(&item, &judgements, Detail::Codes)
                .unwrap(),
        )
    }
}

fn canonical(value: &str, unit: &str, target: &Unit) -> Option<Rational> {
    let number = Decimal::parse(value).ok()?.to_rational().ok()?;
    Unit::parse(unit).ok()?.convert(number, target).ok()
}

/// The way from the root to every limit: what must hold beside it and what must not, so that it alone decides.
fn limits<'r>(
    term: &'r Term,
    want: bool,
    beside: &mut Vec<Goal<'r>>,
    found: &mut Vec<(&'r Threshold, bool, Vec<Goal<'r>>)>,
) {
    match term {
        Term::Not(inner) => limits(inner, !want, beside, found),
        Term::All(parts) | Term::Any(parts) => {
            // Under a negation the parts of an `or` must not hold, so that the other way round decides.
            let others = matches!(term, Term::All(_));
            for (position, part) in parts.iter().enumerate() {
                let before = beside.len();
                let rest = parts
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| *other != position);
                beside.extend(rest.map(|(_, other)| Goal::Term(other, others)));
                limits(part, want, beside, found);
                beside.truncate(before);
            }
        }
        Term::Compare(threshold) => found.push((threshold, want, beside.clone())),
        _ => {}
    }
}

/// How a condition comes out with everything stated that `facts` says, for the paragraph without its notes.
fn holds(
    maker: &Maker<'_>,
    condition: &Condition,
    input: &ItemInput,
    facts: &Facts<'_>,
) -> Option<bool> {
    let item = Item::read(input, maker.vocabulary()).ok()?;
    let answers = facts
        .judgements
        .iter()
        .map(|(id, value)| (id.as_str(), *value));
    let judgements = Judgements::read(answers, maker.vocabulary()).unwrap();
    match maker
        .regime
        .at(maker.date)
        .truth(condition, &item, &judgements)
    {
        Truth::Met => Some(true),
        Truth::NotMet => Some(false),
        Truth::Unknown => None,
    }
}

struct Found {
    met: bool,
    open: bool,
    ruled_out: bool,
}

fn of(answer: &Classification, code: &str) -> Found {
    let is = |list: &[concord_controls::classify::ParagraphResult]| {
        list.iter().any(|p| &*p.code == code)
    };
    Found {
        met: is(&answer.matches),
        open: is(&answer.unknown),
        ruled_out: is(&answer.not_met) || answer.excluded.iter().any(|c| &**c == code),
    }
}

fn check(regime: &Regime, date: &str) -> (usize, Vec<String>, Vec<String>) {
    let (mut checked, mut wrong, mut unmade) = (0, Vec::new(), Vec::new());
    let day = parse_date(date).unwrap();
    let mut maker = Maker {
        regime,
        date: day,
        steps: 0,
    };
    for entry in regime.entries().iter().filter(|e| e.period.contains(day)) {
        for paragraph in entry.paragraphs.iter().filter(|p| p.period.contains(day)) {
            let code = &paragraph.code;
            let mut start = Facts::default();
            if !entry.subjects.is_empty() {
                let subjects = entry.subjects.iter().map(ToString::to_string).collect();
                start.words.insert(Attribute::Type, vec![(subjects, true)]);
            }
            let mut cases = vec![(None, vec![Goal::Paragraph(entry, paragraph, true)])];
            let mut found = Vec::new();
            limits(paragraph.when.root(), true, &mut Vec::new(), &mut found);
            for (threshold, want, mut beside) in found {
                beside.push(Goal::Paragraph(entry, paragraph, true));
                cases.push((Some((threshold, want)), beside));
            }
            for (limit, goals) in cases {
                let mut facts = start.clone();
                let mut id = String::new();
                if let Some((threshold, want)) = limit {
                    id = maker
                        .vocabulary()
                        .parameter(threshold.parameter)
                        .unwrap()
                        .id
                        .to_string();
                    facts.limits.insert(id.clone(), vec![(threshold, want)]);
                }
                maker.steps = 4_000;
                let mut made = maker.solve(goals.clone(), facts.clone());
                if made.is_none() {
                    // A type that only the formula names, not the entry's subjects.
                    facts.words.clear();
                    maker.steps = 4_000;
                    made = maker.solve(goals, facts);
                }
                let Some(facts) = made else {
                    unmade.push(format!("{code} {}", limit.map_or("", |(t, _)| &*t.text)));
                    continue;
                };
                let Some(input) = maker.input(&facts) else {
                    continue;
                };
                let mut tell =
                    |what: &str, input: &ItemInput| wrong.push(format!("{code} {what}: {input:?}"));
                for excluded in [false, true] {
                    let Some(answer) = maker.classify(&input, &facts, excluded) else {
                        tell("the item is refused", &input);
                        break;
                    };
                    checked += 1;
                    if !of(&answer, code).met {
                        tell("is not met at its limits", &input);
                    }
                }
                if let Some((threshold, _)) = limit {
                    let position = input.parameters.iter().position(|(p, _)| *p == id).unwrap();
                    let parameter = maker.vocabulary().parameter(threshold.parameter).unwrap();
                    for (value, unit) in around(threshold, parameter.whole) {
                        let mut other = input.clone();
                        let exact = canonical(&value, &unit, &parameter.unit).unwrap();
                        other.parameters[position].1 = Some(QuantityInput { value, unit });
                        if holds(&maker, &paragraph.when, &other, &facts) != Some(false) {
                            continue;
                        }
                        checked += 1;
                        let answer = maker.classify(&other, &facts, true).unwrap();
                        let met = of(&answer, code).met;
                        let this = threshold.operator.holds(exact.cmp(&threshold.bound));
                        if met {
                            tell(&format!("is met beyond its limit ({this})"), &other);
                        }
                    }
                    continue;
                }
                // Each fact left out in turn: what the rest does not decide is open, and nothing rules it out.
                let mut less = Vec::new();
                for position in 0..input.parameters.len() {
                    let mut without = input.clone();
                    without.parameters.remove(position);
                    less.push((without, facts.clone()));
                }
                // What a value derives from, without the rest of it, bears upon the paragraph as the value does.
                for position in 0..input.parameters.len() {
                    let vocabulary = maker.vocabulary();
                    let id = vocabulary
                        .parameter_id(&input.parameters[position].0)
                        .unwrap();
                    let derivation = vocabulary.parameter(id).unwrap().derived.as_ref();
                    let part = derivation.and_then(|derivation| derivation.inputs().next());
                    if let Some(part) = part.and_then(|part| vocabulary.parameter(part)) {
                        let (value, unit) = ("1".to_owned(), part.unit.symbol().to_string());
                        let mut without = input.clone();
                        without.parameters[position] =
                            (part.id.to_string(), Some(QuantityInput { value, unit }));
                        less.push((without, facts.clone()));
                    }
                }
                for position in 0..input.flags.len() {
                    let mut without = input.clone();
                    without.flags.remove(position);
                    less.push((without, facts.clone()));
                }
                for judgement in facts.judgements.keys() {
                    let mut rest = facts.clone();
                    rest.judgements.remove(judgement);
                    less.push((input.clone(), rest));
                }
                for (without, facts) in less {
                    let left =
                        without.parameters.len() + without.flags.len() + facts.judgements.len();
                    // Of what nothing but the type is left the asker may rule out the paragraph.
                    if left == 0 || Item::read(&without, maker.vocabulary()).is_err() {
                        continue;
                    }
                    if holds(&maker, &paragraph.when, &without, &facts).is_some() {
                        continue;
                    }
                    checked += 1;
                    let found = of(&maker.classify(&without, &facts, true).unwrap(), code);
                    if found.ruled_out || !(found.open || found.met) {
                        tell("is not open for want of a fact", &without);
                    }
                }
            }
        }
    }
    (checked, wrong, unmade)
}

#[test]
fn every_paragraph_is_met_at_its_limits_and_open_without_a_fact() {
    let mut all = Vec::new();
    for folder in ["us", "kr"] {
        let regime = folder::regime(folder);
        let (checked, wrong, unmade) = check(&regime, "2026-10-01");
        assert!(unmade.is_empty(), "{folder}: no item meets {unmade:?}");
        assert!(checked > 2_000, "{folder}: {checked} answers checked");
        all.extend(wrong);
    }
    assert!(all.is_empty(), "{} wrong\n{}", all.len(), all.join("\n"));
}
