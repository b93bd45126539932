//! One item in a region, in few digits.

use super::cell::{Cell, Domain, Interval};
use super::decimal::{near_end, short};
use super::linked::{Solved, ordered, solve};
use super::logic::{End, Logic, Variable};
use super::print::quantity;
use super::space::Space;
use crate::exact::Rational;
use crate::item::{ItemInput, QuantityInput, StatedInput};
use crate::vocabulary::{Attribute, ParameterId};

/// An item in a region. It is made up: nobody sells it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Witness {
    /// What it states.
    pub item: ItemInput,
    /// Answers to judgement questions by id.
    pub judgements: Vec<(String, bool)>,
}

impl Witness {
    /// The facts in the formula language, one each: `tpp = 1600 TPP`, `process in {milling}`, `not for_servers`.
    #[must_use]
    pub fn facts(&self) -> Vec<String> {
        let not = |value: bool| if value { "" } else { "not " };
        let mut out = Vec::new();
        for (id, quantity) in &self.item.parameters {
            if let Some(QuantityInput { value, unit }) = quantity {
                let unit = if unit == "1" {
                    String::new()
                } else {
                    format!(" {unit}")
                };
                out.push(format!("{id} = {value}{unit}"));
            }
        }
        for (attribute, word) in &self.item.attributes {
            let quote = if word.contains(',') { "\"" } else { "" };
            out.push(format!("{} in {{{quote}{word}{quote}}}", attribute.id()));
        }
        for (id, value) in &self.item.flags {
            if let Some(value) = value {
                out.push(format!("{}{id}", not(*value)));
            }
        }
        for (id, value) in &self.judgements {
            out.push(format!("{}judgement({id})", not(*value)));
        }
        for stated in &self.item.stated {
            out.push(format!("[{}]", stated.code));
        }
        out
    }
}

/// Where in each interval the value is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Inside,
    LowEnd,
    HighEnd,
}

/// An item in a box; `None` when no values were found. `fill`: variables that get a value although the box leaves them free.
pub(super) fn witness(
    cell: &Cell,
    fill: &[Variable],
    place: Place,
    logic: &Logic,
    vocabulary: &Space<'_>,
) -> Option<Witness> {
    let mut witness = Witness::default();
    let mut whole_cell = cell.clone();
    for variable in fill {
        if let Variable::Parameter(id) = variable
            && cell.domain(*variable).is_none()
        {
            let interval = Interval::sensible(vocabulary, *id);
            whole_cell.set(*variable, Domain::Interval(interval));
        }
    }
    let linked = match solve(&whole_cell, vocabulary) {
        Solved::Free => Vec::new(),
        Solved::Values(values) => values,
        Solved::Infeasible | Solved::Undecided => return None,
    };
    for (lesser, greater) in ordered(&whole_cell, vocabulary) {
        // The lesser first, at most as high as the greater can be; then the greater, at least as high as that.
        let [first, second] = [lesser, greater].map(|id| whole_cell.interval(vocabulary, id));
        let first = second.high.map_or(first, |high| first.with_high(high));
        let value = in_interval(lesser, first, place, logic, vocabulary)?;
        let end = End { value, open: false };
        let point = Interval {
            low: end,
            high: Some(end),
        };
        whole_cell.set(Variable::Parameter(lesser), Domain::Interval(point));
        let second = Domain::Interval(second.with_low(end));
        whole_cell.set(Variable::Parameter(greater), second);
    }
    // Where no decimal inputs give the result (a third of it), the result itself is stated, with the inputs that matter.
    let exact = |(id, value): &(ParameterId, Rational)| is_exact(*id, *value, logic);
    let by_inputs = linked.iter().all(exact);
    if by_inputs {
        for (id, value) in &linked {
            parameter(&mut witness, *id, *value, logic, vocabulary)?;
        }
    }
    for (variable, domain) in &whole_cell.domains {
        match (variable, domain) {
            (Variable::Parameter(id), Domain::Interval(interval)) => {
                let found = vocabulary.parameter(*id)?;
                let is_linked = found.derived.is_some() || linked.iter().any(|l| l.0 == *id);
                if by_inputs && is_linked {
                    continue;
                }
                let value = in_interval(*id, *interval, place, logic, vocabulary)?;
                parameter(&mut witness, *id, value, logic, vocabulary)?;
            }
            (Variable::Attribute(attribute), Domain::Words { words, inside }) => {
                let word = if *inside {
                    words.first()?.to_string()
                } else {
                    other_word(*attribute, words, vocabulary)?
                };
                witness.item.attributes.push((*attribute, word));
            }
            (variable, Domain::Truth(value)) => {
                say(&mut witness, *variable, *value, logic, vocabulary)?;
            }
            _ => return None,
        }
    }
    for variable in fill {
        match variable {
            _ if cell.domain(*variable).is_some() => {}
            Variable::Parameter(_) => {}
            Variable::Attribute(attribute) => {
                let word = other_word(*attribute, &[], vocabulary)?;
                witness.item.attributes.push((*attribute, word));
            }
            other => say(&mut witness, *other, false, logic, vocabulary)?,
        }
    }
    Some(witness)
}

/// A value of a parameter in few digits.
fn in_interval(
    id: ParameterId,
    interval: Interval,
    place: Place,
    logic: &Logic,
    vocabulary: &Space<'_>,
) -> Option<Rational> {
    let whole = vocabulary.parameter(id)?.whole;
    let end = match place {
        Place::Inside => None,
        Place::LowEnd => near_end(interval, false, whole),
        Place::HighEnd => near_end(interval, true, whole),
    };
    end.filter(|value| is_exact(id, *value, logic))
        .or_else(|| short(interval, whole))
}

/// A decimal in the canonical unit or in one that a formula uses.
fn is_exact(id: ParameterId, value: Rational, logic: &Logic) -> bool {
    !value.to_text(4).starts_with('~') || logic.written(id, value).is_some()
}

fn parameter(
    witness: &mut Witness,
    id: ParameterId,
    value: Rational,
    logic: &Logic,
    vocabulary: &Space<'_>,
) -> Option<()> {
    let text = quantity(id, value, logic, vocabulary);
    if text.starts_with('~') {
        return None;
    }
    let (value, unit) = text.split_once(' ').unwrap_or((&text, "1"));
    let quantity = QuantityInput {
        value: value.to_owned(),
        unit: unit.to_owned(),
    };
    let name = vocabulary.parameter(id)?.id.to_string();
    witness.item.parameters.push((name, Some(quantity)));
    Some(())
}

fn say(
    witness: &mut Witness,
    variable: Variable,
    value: bool,
    logic: &Logic,
    vocabulary: &Space<'_>,
) -> Option<()> {
    match variable {
        Variable::Flag(id) => {
            let name = vocabulary.flag(id)?.id.to_string();
            witness.item.flags.push((name, Some(value)));
        }
        Variable::Judgement(id) => {
            let name = vocabulary.judgement(id)?.id.to_string();
            witness.judgements.push((name, value));
        }
        // That a paragraph is not met can only be left unsaid.
        Variable::Opaque(position) if value => {
            let (jurisdiction, code) = logic.opaque_name(position).split_once(' ')?;
            witness.item.stated.push(StatedInput {
                jurisdiction: jurisdiction.to_owned(),
                code: code.to_owned(),
                ..StatedInput::default()
            });
        }
        _ => {}
    }
    Some(())
}

/// A word that is none of these.
fn other_word(
    attribute: Attribute,
    words: &[std::sync::Arc<str>],
    vocabulary: &Space<'_>,
) -> Option<String> {
    let free = |word: &str| !words.iter().any(|known| **known == *word);
    if let Some(known) = vocabulary.words(attribute) {
        return known
            .iter()
            .find(|word| free(word))
            .map(ToString::to_string);
    }
    match attribute {
        // Water, sodium chloride, glucose, ethanol, benzene: registry numbers with their check digit.
        Attribute::Cas => ["7732-18-5", "7647-14-5", "50-99-7", "64-17-5", "71-43-2"]
            .into_iter()
            .find(|word| free(word))
            .map(str::to_owned),
        Attribute::Hs6 => (0..100_u32)
            .map(|number| format!("{:06}", 960_100 + number))
            .find(|word| free(word)),
        _ => (0..100_u32)
            .map(|number| match number {
                0 => "other".to_owned(),
                number => format!("other {number}"),
            })
            .find(|word| free(word)),
    }
}
