//! Every paragraph of both lists at its limits: an item made to meet it is met, one just on the other side of a limit is not,
//! and one that lacks a fact is open, whatever the asker rules out.

use std::sync::Arc;

use concord_controls::classify::{Classification, Detail};
use concord_controls::condition::{Condition, Term, Threshold};
use concord_controls::evaluate::Truth;
use concord_controls::item::{Item, ItemInput, Judgements, QuantityInput};
use concord_controls::period::parse_date;
use concord_controls::regime::Regime;

use crate::folder;
use crate::maker::{Facts, Goal, Maker, around, canonical};

const OTHERS: &str = "other_paragraphs_excluded";

fn classify(
    maker: &Maker<'_>,
    input: &ItemInput,
    facts: &Facts<'_>,
    excluded: bool,
) -> Option<Classification> {
    let mut input = input.clone();
    if excluded && !input.flags.iter().any(|(id, _)| id == OTHERS) {
        input.flags.push((OTHERS.to_owned(), Some(true)));
    }
    let item = Item::read(&input, maker.vocabulary()).ok()?;
    let answers = facts
        .judgements
        .iter()
        .map(|(id, value)| (id.as_str(), *value));
    let judgements = Judgements::read(answers, maker.vocabulary()).unwrap();
    Some(
        maker
            .regime
            .at(maker.date)
            .classify(&item, &judgements, Detail::Codes)
            .unwrap(),
    )
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
    let is = |list: &[Arc<concord_controls::classify::ParagraphResult>]| {
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
            let mut cases = vec![(None, vec![Goal::Paragraph(entry, paragraph, true)])];
            let mut found = Vec::new();
            limits(paragraph.when.root(), true, &mut Vec::new(), &mut found);
            for (threshold, want, mut beside) in found {
                beside.push(Goal::Paragraph(entry, paragraph, true));
                cases.push((Some((threshold, want)), beside));
            }
            for (limit, goals) in cases {
                let mut start = Facts::default();
                let mut id = String::new();
                if let Some((threshold, want)) = limit {
                    id = maker
                        .vocabulary()
                        .parameter(threshold.parameter)
                        .unwrap()
                        .id
                        .to_string();
                    start.limits.insert(id.clone(), vec![(threshold, want)]);
                }
                let Some(facts) = maker.meeting(entry, &goals, start) else {
                    unmade.push(format!("{code} {}", limit.map_or("", |(t, _)| &*t.text)));
                    continue;
                };
                let Some(input) = maker.input(&facts) else {
                    continue;
                };
                let mut tell =
                    |what: &str, input: &ItemInput| wrong.push(format!("{code} {what}: {input:?}"));
                for excluded in [false, true] {
                    let Some(answer) = classify(&maker, &input, &facts, excluded) else {
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
                        let answer = classify(&maker, &other, &facts, true).unwrap();
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
                    let found = of(&classify(&maker, &without, &facts, true).unwrap(), code);
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
