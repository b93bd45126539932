//! Regions as people read them: inequalities in the formula language of `docs/regimes.md`.

use std::sync::Arc;

use super::cell::{Cell, Domain, Interval};
use super::logic::{Literal, Logic, Node, NodeId, Variable};
use super::space::Space;
use crate::exact::Rational;
use crate::vocabulary::{Attribute, ParameterId};

/// What a region says, one inequality each.
pub(super) fn inequalities(
    cell: &Cell,
    clauses: &[NodeId],
    logic: &Logic,
    vocabulary: &Space<'_>,
) -> Vec<String> {
    let mut out: Vec<String> = cell
        .domains
        .iter()
        .filter_map(|(variable, domain)| restriction(*variable, domain, logic, vocabulary))
        .collect();
    let clauses = clauses
        .iter()
        .map(|clause| formula(*clause, logic, vocabulary));
    out.extend(clauses);
    out
}

fn restriction(
    variable: Variable,
    domain: &Domain,
    logic: &Logic,
    vocabulary: &Space<'_>,
) -> Option<String> {
    Some(match (variable, domain) {
        (Variable::Parameter(id), Domain::Interval(interval)) => {
            return range(id, *interval, logic, vocabulary);
        }
        (Variable::Attribute(attribute), Domain::Words { words, inside }) => {
            among(attribute, words, *inside)
        }
        (variable, Domain::Truth(value)) => truth(variable, *value, logic, vocabulary),
        _ => return None,
    })
}

fn range(
    id: ParameterId,
    interval: Interval,
    logic: &Logic,
    vocabulary: &Space<'_>,
) -> Option<String> {
    let name = &vocabulary.parameter(id)?.id;
    let sensible = Interval::sensible(vocabulary, id);
    let number = |value| quantity(id, value, logic, vocabulary);
    if let Some(point) = interval.point() {
        return Some(format!("{name} = {}", number(point)));
    }
    let low = (interval.low != sensible.low).then_some(interval.low);
    let high = interval.high.filter(|_| interval.high != sensible.high);
    let symbol = |open, symbol| if open { symbol } else { "=" };
    Some(match (low, high) {
        (None, None) => return None,
        (Some(low), None) => {
            let equal = symbol(low.open, "");
            format!("{name} >{equal} {}", number(low.value))
        }
        (None, Some(high)) => {
            let equal = symbol(high.open, "");
            format!("{name} <{equal} {}", number(high.value))
        }
        (Some(low), Some(high)) => format!(
            "{} <{} {name} <{} {}",
            number(low.value),
            symbol(low.open, ""),
            symbol(high.open, ""),
            number(high.value)
        ),
    })
}

/// In the canonical unit; as a formula writes it where no decimal is exact in that unit.
pub(super) fn quantity(
    id: ParameterId,
    value: Rational,
    logic: &Logic,
    vocabulary: &Space<'_>,
) -> String {
    let text = value.to_text(4);
    if text.starts_with('~')
        && let Some(written) = logic.written(id, value)
    {
        return written.to_string();
    }
    let unit = vocabulary.parameter(id).map(|p| p.unit.symbol());
    match unit {
        Some(unit) if **unit != *"1" => format!("{text} {unit}"),
        _ => text,
    }
}

fn among(attribute: Attribute, words: &[Arc<str>], inside: bool) -> String {
    let quoted = words.iter().map(|word| {
        if word.contains([',', '{', '}']) {
            format!("\"{word}\"")
        } else {
            word.to_string()
        }
    });
    let words = quoted.collect::<Vec<_>>().join(", ");
    let not = if inside { "" } else { "not " };
    format!("{not}{} in {{{words}}}", attribute.id())
}

fn truth(variable: Variable, value: bool, logic: &Logic, vocabulary: &Space<'_>) -> String {
    let name = match variable {
        Variable::Flag(id) => vocabulary.flag(id).map(|flag| flag.id.to_string()),
        Variable::Judgement(id) => vocabulary
            .judgement(id)
            .map(|judgement| format!("judgement({})", judgement.id)),
        Variable::Opaque(position) => {
            let name = logic.opaque_name(position);
            let code = name.split_once(' ').map_or(name, |(_, code)| code);
            Some(format!("[{code}]"))
        }
        Variable::Parameter(_) | Variable::Attribute(_) => None,
    };
    let name = name.unwrap_or_default();
    if value { name } else { format!("not {name}") }
}

/// A formula in negation normal form.
fn formula(id: NodeId, logic: &Logic, vocabulary: &Space<'_>) -> String {
    let joined = |parts: &[NodeId], word: &str| {
        let parts = parts.iter().map(|part| {
            let text = formula(*part, logic, vocabulary);
            match logic.node(*part) {
                Node::Any(_) | Node::All(_) => format!("({text})"),
                _ => text,
            }
        });
        parts.collect::<Vec<_>>().join(word)
    };
    match logic.node(id) {
        Node::Constant(value) => value.to_string(),
        Node::Literal(literal) => atom(literal, logic, vocabulary),
        Node::All(parts) => joined(parts, " and "),
        Node::Any(parts) => joined(parts, " or "),
    }
}

fn atom(literal: &Literal, logic: &Logic, vocabulary: &Space<'_>) -> String {
    let compared = |id: ParameterId, end: super::logic::End, symbol: &str| {
        let name = vocabulary.parameter(id).map_or("", |p| &*p.id);
        let equal = if end.open { "" } else { "=" };
        let number = quantity(id, end.value, logic, vocabulary);
        format!("{name} {symbol}{equal} {number}")
    };
    match literal {
        Literal::Low(id, end) => compared(*id, *end, ">"),
        Literal::High(id, end) => compared(*id, *end, "<"),
        Literal::Words {
            attribute,
            words,
            inside,
        } => among(*attribute, words, *inside),
        Literal::Truth(variable, value) => truth(*variable, *value, logic, vocabulary),
    }
}
