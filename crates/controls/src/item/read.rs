//! Checking and normalising an item.

use std::sync::Arc;

use super::invalid::{Errors, FieldReason, InvalidItem};
use super::{Item, ItemInput, Judgements, KnownValue, Origin, QuantityInput, StatedCode, Value};
use crate::condition::bind::fold;
use crate::entry::{Code, Money};
use crate::exact::{Decimal, NumberError, Rational, shorten};
use crate::unit::{Unit, UnitError};
use crate::vocabulary::{Attribute, Derivation, Parameter, ParameterId, Vocabulary};

/// The longest free text of an item, in characters.
const MAX_FREE_TEXT: usize = 512;
/// Decimal places of a rounded value in a trace.
const TRACE_PLACES: u32 = 4;
/// The longest word of an item, in characters.
const MAX_WORD: usize = 64;

pub(super) fn item(input: &ItemInput, vocabulary: &Vocabulary) -> Result<Item, InvalidItem> {
    let mut errors = Errors::default();
    let mut item = Item {
        attributes: Default::default(),
        folded: Default::default(),
        values: Vec::with_capacity(input.parameters.len()),
        flags: vec![None; vocabulary.flags().len()],
        stated_flags: Vec::with_capacity(input.flags.len()),
        stated: Vec::new(),
        value: None,
        vocabulary: Arc::clone(vocabulary.digest()),
    };
    for (attribute, text) in &input.attributes {
        attribute_of(&mut item, *attribute, text, vocabulary, &mut errors);
    }
    // Stated values in their own precision, for the consistency check below.
    let mut tolerances: Vec<(ParameterId, Rational)> = Vec::new();
    for (name, quantity) in &input.parameters {
        let Some((id, parameter)) = vocabulary
            .parameter_id(name)
            .and_then(|id| Some((id, vocabulary.parameter(id)?)))
        else {
            let field = format!("parameters[{}]", shorten(name));
            errors.push(
                field,
                FieldReason::UnknownName,
                unknown("parameter", name, vocabulary),
            );
            continue;
        };
        let Some(quantity) = quantity else { continue };
        let Some((exact, tolerance)) = quantity_of(parameter, quantity, &mut errors) else {
            continue;
        };
        let Err(place) = item.place_of(id) else {
            let message = format!("`{name}` is stated twice");
            errors.push(
                format!("parameters[{name}]"),
                FieldReason::Duplicate,
                message,
            );
            continue;
        };
        let stated = Some(Arc::new(quantity.clone()));
        let known = known_value(id, exact, Origin::Stated, stated);
        item.values.insert(place, known);
        tolerances.push((id, tolerance));
    }
    for (name, flag) in &input.flags {
        let field = || format!("flags[{}]", shorten(name));
        let Some(id) = vocabulary.flag_id(name) else {
            let message = unknown("flag", name, vocabulary);
            errors.push(field(), FieldReason::UnknownName, message);
            continue;
        };
        let (Some(flag), Some(slot)) = (flag, item.flags.get_mut(usize::from(id.0))) else {
            continue;
        };
        if slot.replace(*flag).is_some() {
            errors.push(
                field(),
                FieldReason::Duplicate,
                format!("`{name}` is stated twice"),
            );
        } else {
            item.stated_flags.push(id);
        }
    }
    stated(&mut item, input, &mut errors);
    if let Some(value) = &input.value {
        item.value = money(value, &mut errors);
    }
    if errors.0.is_empty() {
        derive(&mut item, vocabulary, &tolerances, &mut errors);
    }
    if errors.0.is_empty() {
        item.stated_flags.sort_unstable();
        Ok(item)
    } else {
        Err(InvalidItem { fields: errors.0 })
    }
}

pub(super) fn judgements<'a>(
    answers: impl IntoIterator<Item = (&'a str, bool)>,
    vocabulary: &Vocabulary,
) -> Result<Judgements, InvalidItem> {
    let mut errors = Errors::default();
    let mut read = Judgements::none();
    for (name, answer) in answers {
        let field = format!("judgements.{}", shorten(name));
        let Some(id) = vocabulary.judgement_id(name) else {
            errors.push(
                field,
                FieldReason::UnknownName,
                unknown("judgement", name, vocabulary),
            );
            continue;
        };
        match read.answer(id) {
            None => read.answers.push((id, answer)),
            Some(earlier) if earlier == answer => {}
            Some(_) => {
                let message = format!("`{name}` is answered with yes and with no");
                errors.push(field, FieldReason::Inconsistent, message);
            }
        }
    }
    if errors.0.is_empty() {
        Ok(read)
    } else {
        Err(InvalidItem { fields: errors.0 })
    }
}

fn unknown(what: &str, name: &str, vocabulary: &Vocabulary) -> String {
    let hint = vocabulary.nearest(name);
    let hint = hint.map_or_else(String::new, |hint| format!("; did you mean `{hint}`?"));
    format!("unknown {what} `{}`{hint}", shorten(name))
}

fn attribute_of(
    item: &mut Item,
    attribute: Attribute,
    text: &str,
    vocabulary: &Vocabulary,
    errors: &mut Errors,
) {
    let field = || attribute.id().to_owned();
    let text = text.trim();
    if text.is_empty() {
        return;
    }
    let limit = if attribute.is_free_text() {
        MAX_FREE_TEXT
    } else {
        MAX_WORD
    };
    if text.chars().count() > limit {
        errors.push(
            field(),
            FieldReason::TooLong,
            format!("longer than {limit} characters"),
        );
        return;
    }
    if let Some(words) = vocabulary.words(attribute)
        && !words.iter().any(|word| **word == *text)
    {
        let message = format!("`{}` is not one of: {}", shorten(text), words.join(", "));
        errors.push(field(), FieldReason::UnknownWord, message);
        return;
    }
    if attribute == Attribute::Cas && !is_cas(text) {
        let message = format!(
            "`{text}` is not a CAS registry number such as `142-84-7` (check digit included)"
        );
        errors.push(field(), FieldReason::InvalidFormat, message);
        return;
    }
    if attribute == Attribute::Hs6 && !(text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()))
    {
        let message = format!(
            "`{}` is not a six-digit HS code such as `854231`",
            shorten(text)
        );
        errors.push(field(), FieldReason::InvalidFormat, message);
        return;
    }
    let position = attribute as usize;
    let compared = if attribute.is_free_text() {
        fold(text)
    } else {
        text.into()
    };
    if let Some(slot) = item.folded.get_mut(position) {
        *slot = Some(compared);
    }
    if let Some(slot) = item.attributes.get_mut(position)
        && slot.replace(text.into()).is_some()
    {
        errors.push(
            field(),
            FieldReason::Duplicate,
            format!("`{}` is stated twice", attribute.id()),
        );
    }
}

/// `dd…-dd-d` with the check digit of the registry: the digits before it, counted from the right, weighted 1, 2, 3, ….
fn is_cas(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [head, middle, check] = parts.as_slice() else {
        return false;
    };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !(2..=7).contains(&head.len()) || middle.len() != 2 || check.len() != 1 {
        return false;
    }
    if !digits(head) || !digits(middle) || !digits(check) {
        return false;
    }
    let sum: u32 = (1..)
        .zip(head.bytes().chain(middle.bytes()).rev())
        .map(|(weight, digit)| weight * u32::from(digit - b'0'))
        .sum();
    check.parse() == Ok(sum % 10)
}

/// The value in the canonical unit and half of its last digit.
fn quantity_of(
    parameter: &Parameter,
    quantity: &QuantityInput,
    errors: &mut Errors,
) -> Option<(Rational, Rational)> {
    let id = &parameter.id;
    let in_value = || format!("parameters[{id}].value");
    let number = match Decimal::parse(quantity.value.trim()) {
        Ok(number) => number,
        Err(error) => {
            errors.push(in_value(), number_reason(&error), error.to_string());
            return None;
        }
    };
    let converted = Unit::parse(quantity.unit.trim()).and_then(|unit| {
        let exact = unit.convert(number.to_rational()?, &parameter.unit)?;
        let tolerance = unit.convert_difference(number.half_last_digit()?, &parameter.unit)?;
        Ok((exact, tolerance))
    });
    let (exact, tolerance) = match converted {
        Ok(converted) => converted,
        Err(error) => {
            let field = format!("parameters[{id}].unit");
            match &error {
                UnitError::Unknown { .. } => {
                    let message = format!(
                        "{error}; `{id}` is measured in `{}`",
                        parameter.unit.symbol()
                    );
                    errors.push(field, FieldReason::UnknownUnit, message);
                }
                UnitError::WrongDimension { .. } => {
                    errors.push(field, FieldReason::WrongDimension, error.to_string());
                }
                UnitError::Number(number) => {
                    errors.push(in_value(), number_reason(number), error.to_string());
                }
            }
            return None;
        }
    };
    let refused = if exact < parameter.minimum {
        Some(format!(
            "must be at least {} {}",
            parameter.minimum,
            parameter.unit.symbol()
        ))
    } else if let Some(maximum) = parameter.maximum.filter(|maximum| exact > *maximum) {
        Some(format!(
            "must be at most {maximum} {}",
            parameter.unit.symbol()
        ))
    } else if parameter.whole && !exact.is_integer() {
        Some("must be a whole number".to_owned())
    } else {
        None
    };
    if let Some(rule) = refused {
        let message = format!(
            "`{} {}` {rule}",
            quantity.value.trim(),
            quantity.unit.trim()
        );
        errors.push(in_value(), FieldReason::OutOfRange, message);
        return None;
    }
    Some((exact, tolerance))
}

const fn number_reason(error: &NumberError) -> FieldReason {
    match error {
        NumberError::NotANumber { .. } => FieldReason::InvalidNumber,
        _ => FieldReason::OutOfRange,
    }
}

fn stated(item: &mut Item, input: &ItemInput, errors: &mut Errors) {
    for stated in &input.stated {
        let field = format!("stated_classifications[{}]", shorten(&stated.jurisdiction));
        let Some(code) = Code::parse(stated.code.trim()) else {
            let message = format!(
                "`{}` is not a code such as `3A090.a` or `EAR99`",
                shorten(&stated.code)
            );
            errors.push(field, FieldReason::InvalidFormat, message);
            continue;
        };
        let source = stated.source.as_deref().unwrap_or("self");
        if !matches!(source, "self" | "ccats" | "kosti_expert" | "vendor") {
            let message = format!(
                "`{}` is not one of: self, ccats, kosti_expert, vendor",
                shorten(source)
            );
            errors.push(format!("{field}.source"), FieldReason::UnknownWord, message);
            continue;
        }
        if item.stated(&stated.jurisdiction).is_some() {
            let message = "a jurisdiction has one stated code".to_owned();
            errors.push(field, FieldReason::Duplicate, message);
            continue;
        }
        item.stated.push(StatedCode {
            jurisdiction: stated.jurisdiction.as_str().into(),
            code,
            source: source.into(),
            reference: stated.reference.as_deref().map(Arc::from),
        });
    }
}

fn money(value: &QuantityInput, errors: &mut Errors) -> Option<Money> {
    let amount = match Decimal::parse(value.value.trim()).and_then(Decimal::to_rational) {
        Ok(amount) => amount,
        Err(error) => {
            errors.push(
                "value.value".to_owned(),
                number_reason(&error),
                error.to_string(),
            );
            return None;
        }
    };
    if amount.is_negative() {
        errors.push(
            "value.value".to_owned(),
            FieldReason::OutOfRange,
            "must not be negative",
        );
        return None;
    }
    let money = Money::new(amount, value.unit.trim());
    if money.is_none() {
        let message = format!(
            "`{}` is not an ISO 4217 currency such as `USD`",
            shorten(&value.unit)
        );
        errors.push("value.unit".to_owned(), FieldReason::InvalidFormat, message);
    }
    money
}

/// Fills in what follows from the rest, and refuses a statement that its own definition contradicts.
fn derive(
    item: &mut Item,
    vocabulary: &Vocabulary,
    tolerances: &[(ParameterId, Rational)],
    errors: &mut Errors,
) {
    for id in vocabulary.derived() {
        let Some((parameter, derivation)) = vocabulary
            .parameter(*id)
            .and_then(|parameter| Some((parameter, parameter.derived.as_ref()?)))
        else {
            continue;
        };
        let field = || format!("parameters[{}]", parameter.id);
        let exact = match derived_value(item, derivation) {
            None | Some(Err(NumberError::DivisionByZero)) => continue,
            Some(Err(error)) => {
                let message = format!("`{}` cannot be computed: {error}", derivation.text);
                errors.push(field(), FieldReason::OutOfRange, message);
                continue;
            }
            Some(Ok(exact)) => exact,
        };
        let place = match item.place_of(*id) {
            Ok(place) => place,
            Err(place) => {
                let known = known_value(*id, exact, Origin::Derived, None);
                item.values.insert(place, known);
                continue;
            }
        };
        let Some(slot) = item.values.get_mut(place) else {
            continue;
        };
        let statement = &slot.value;
        let tolerance = tolerances.iter().find(|(stated, _)| stated == id);
        let tolerance = tolerance.map_or(Rational::ZERO, |(_, tolerance)| *tolerance);
        let difference = statement.exact.checked_sub(exact).map(Rational::abs);
        if difference.is_ok_and(|difference| difference <= tolerance) {
            let stated = statement.stated.clone();
            *slot = known_value(*id, exact, Origin::Derived, stated);
        } else {
            let message = format!(
                "stated as {} {unit}, but `{}` gives {} {unit}: they differ by more than half the last digit",
                statement.exact,
                derivation.text,
                exact.to_text(6),
                unit = parameter.unit.symbol(),
            );
            errors.push(field(), FieldReason::Inconsistent, message);
        }
    }
}

fn known_value(
    id: ParameterId,
    exact: Rational,
    origin: Origin,
    stated: Option<Arc<QuantityInput>>,
) -> KnownValue {
    KnownValue {
        id,
        text: exact.to_text(TRACE_PLACES).into(),
        value: Value {
            exact,
            origin,
            stated,
        },
    }
}

/// `None` when an input is missing.
fn derived_value(item: &Item, derivation: &Derivation) -> Option<Result<Rational, NumberError>> {
    let mut value = Ok(derivation.scale);
    for id in &derivation.numerator {
        let factor = item.parameter(*id)?.exact;
        value = value.and_then(|value| value.checked_mul(factor));
    }
    for id in &derivation.denominator {
        let divisor = item.parameter(*id)?.exact;
        value = value.and_then(|value| value.checked_div(divisor));
    }
    Some(value)
}
