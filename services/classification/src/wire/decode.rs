//! Requests as input of the core. Every refusal names the field and says what would be right; all of them are collected.

use std::collections::BTreeMap;

use concord_controls::item::{
    InvalidItem, Item, ItemInput, Judgements, QuantityInput, StatedInput,
};
use concord_controls::regime::Regime;
use concord_controls::vocabulary::Attribute;
use concord_kit::status::Problem;
use concord_kit::violations::{Violations, shorten};
use concord_proto::classification as api;
use concord_proto::types as wire;
use jiff::civil::Date;
use tonic::{Code, Status};

use super::answer::Listed;
use crate::catalogue::{Catalogue, today};
use crate::error::{reason, refuse};

/// Most lines of one request.
const MAX_LINES: usize = 1_000;

/// The list of a jurisdiction.
pub fn regime<'c>(catalogue: &'c Catalogue, jurisdiction: &str) -> Result<&'c Regime, Status> {
    listed(catalogue, jurisdiction).map(|(regime, _)| regime)
}

/// The same with what it says of its paragraphs, as answers carry it.
pub fn listed<'c>(
    catalogue: &'c Catalogue,
    jurisdiction: &str,
) -> Result<(&'c Regime, &'c Listed), Status> {
    catalogue.listed(jurisdiction).ok_or_else(|| {
        let known: Vec<&str> = catalogue.all().map(|r| &**r.jurisdiction()).collect();
        let text = format!(
            "no list of jurisdiction `{}` is loaded; loaded: {}",
            shorten(jurisdiction),
            known.join(", ")
        );
        refuse(Code::NotFound, reason::UNKNOWN_JURISDICTION, text)
    })
}

/// The date at which the list is read: the one given, or today in the list's own time zone.
pub fn as_of(regime: &Regime, text: &str) -> Result<Date, Status> {
    if text.is_empty() {
        return Ok(today(regime));
    }
    date("as_of", text)
}

/// A civil date in a field.
pub fn date(field: &str, text: &str) -> Result<Date, Status> {
    let date = (text.len() == 10)
        .then(|| text.parse::<Date>().ok())
        .flatten();
    date.ok_or_else(|| {
        let why = format!("`{}` is not a date such as `2026-10-01`", shorten(text));
        Problem::invalid("INVALID_DATE", format!("{field}: {why}"))
            .violation(field, why)
            .into()
    })
}

/// The items with their line ids.
pub fn lines(
    regime: &Regime,
    lines: &[wire::Line],
    violations: &mut Violations,
) -> Vec<(String, Item)> {
    if lines.is_empty() || lines.len() > MAX_LINES {
        let text = format!("{} lines; 1 to {MAX_LINES} are accepted", lines.len());
        violations.add("TOO_MANY_OR_NO_LINES", "lines", text);
        return Vec::new();
    }
    let mut out = Vec::with_capacity(lines.len());
    for (i, line) in lines.iter().enumerate() {
        let Some(item) = &line.item else {
            violations.add(
                "MISSING_FIELD",
                format!("lines[{i}].item"),
                "the item is missing",
            );
            continue;
        };
        match Item::read(&input(item), regime.vocabulary()) {
            Ok(item) => out.push((line.line_id.clone(), item)),
            Err(error) => add(violations, &format!("lines[{i}].item."), &error),
        }
    }
    out
}

/// Item messages as the core's unchecked input.
pub fn input(item: &wire::Item) -> ItemInput {
    let kind = match item.kind() {
        wire::ItemKind::Unspecified => "",
        wire::ItemKind::Commodity => "commodity",
        wire::ItemKind::Software => "software",
        wire::ItemKind::Technology => "technology",
        wire::ItemKind::Any => "any",
        wire::ItemKind::List => "list",
        wire::ItemKind::Procedure => "procedure",
    };
    let attributes = [
        (Attribute::Name, item.name.as_str()),
        (Attribute::Kind, kind),
        (Attribute::Type, &item.r#type),
        (Attribute::Cas, &item.cas),
        (Attribute::Hs6, &item.hs6),
        (Attribute::Material, &item.material),
        (Attribute::Process, &item.process),
        (Attribute::WettedMaterial, &item.wetted_material),
        (Attribute::Manufacturer, &item.manufacturer),
        (Attribute::Model, &item.model),
    ];
    let quantity = |q: &wire::Quantity| QuantityInput {
        value: q.value.clone(),
        unit: q.unit.clone(),
    };
    let optional = |s: &str| (!s.is_empty()).then(|| s.to_owned());
    ItemInput {
        attributes: attributes
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(attribute, text)| (attribute, text.to_owned()))
            .collect(),
        parameters: item
            .parameters
            .iter()
            .map(|(id, q)| (id.clone(), Some(quantity(q))))
            .collect(),
        flags: item
            .flags
            .iter()
            .map(|(id, value)| (id.clone(), Some(*value)))
            .collect(),
        stated: item
            .stated_classifications
            .iter()
            .map(|s| StatedInput {
                jurisdiction: s.jurisdiction.clone(),
                code: s.code.clone(),
                source: source(s.source()),
                reference: optional(&s.reference),
            })
            .collect(),
        value: item.value.as_ref().map(quantity),
    }
}

fn source(s: wire::StatedSource) -> Option<String> {
    let word = match s {
        wire::StatedSource::Unspecified => return None,
        wire::StatedSource::Self_ => "self",
        wire::StatedSource::Ccats => "ccats",
        wire::StatedSource::KostiExpert => "kosti_expert",
        wire::StatedSource::Vendor => "vendor",
    };
    Some(word.to_owned())
}

/// Judgement answers by line; those without a line hold for every line.
#[derive(Debug)]
pub struct Answers {
    all: Judgements,
    by_line: BTreeMap<String, Judgements>,
}

impl Answers {
    /// The answers that hold for a line.
    pub fn of(&self, line_id: &str) -> &Judgements {
        self.by_line.get(line_id).unwrap_or(&self.all)
    }
}

/// Reads the judgement answers of a request.
pub fn judgements(
    regime: &Regime,
    request: &api::ClassifyRequest,
    violations: &mut Violations,
) -> Answers {
    let mut read = |line_id: Option<&str>| {
        let answers = request
            .judgements
            .iter()
            .filter(|a| a.line_id.is_empty() || line_id.is_some_and(|l| l == a.line_id))
            .map(|a| (a.judgement.as_str(), a.answer));
        Judgements::read(answers, regime.vocabulary()).unwrap_or_else(|error| {
            add(violations, "", &error);
            Judgements::none()
        })
    };
    let all = read(None);
    let mut by_line = BTreeMap::new();
    for answer in request.judgements.iter().filter(|a| !a.line_id.is_empty()) {
        if !by_line.contains_key(&answer.line_id) {
            let judgements = read(Some(&answer.line_id));
            by_line.insert(answer.line_id.clone(), judgements);
        }
    }
    for (i, answer) in request.judgements.iter().enumerate() {
        if !answer.line_id.is_empty() && !request.lines.iter().any(|l| l.line_id == answer.line_id)
        {
            // Free text of the caller: it is not repeated.
            let text = "there is no line with this id";
            violations.add("UNKNOWN_LINE", format!("judgements[{i}].line_id"), text);
        }
    }
    Answers { all, by_line }
}

/// The core's findings with their place in the request.
fn add(violations: &mut Violations, prefix: &str, error: &InvalidItem) {
    for e in &error.fields {
        violations.add(
            e.reason.word(),
            format!("{prefix}{}", e.field),
            e.message.clone(),
        );
    }
}
