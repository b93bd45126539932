//! The public cases, as far as one list classifies one item: codes, met paragraphs, paragraphs that must not be met.

use std::fmt::Write as _;

use concord_controls::classify::{Classification, Detail};
use concord_controls::entry::Code;
use concord_controls::item::{Item, ItemInput, Judgements, QuantityInput, StatedInput};
use concord_controls::period::parse_date;
use concord_controls::problem::Problems;
use concord_controls::regime::Regime;
use concord_controls::vocabulary::Attribute;
use concord_controls::yaml::{Cursor, Document, NodeKind};

use crate::folder;

fn get<'a>(cursor: Cursor<'a>, key: &str) -> Option<Cursor<'a>> {
    let pairs = match cursor.kind() {
        NodeKind::Map(_) => cursor.pairs(&mut Problems::new()),
        _ => return None,
    };
    pairs
        .into_iter()
        .find(|(name, _, _)| *name == key)
        .map(|(_, _, value)| value)
}

fn text(cursor: Cursor<'_>) -> String {
    cursor.text(&mut Problems::new()).unwrap().to_owned()
}

fn texts(cursor: Option<Cursor<'_>>) -> Vec<String> {
    cursor.map_or_else(Vec::new, |c| {
        c.items(&mut Problems::new())
            .into_iter()
            .map(text)
            .collect()
    })
}

fn quantity(cursor: Cursor<'_>) -> QuantityInput {
    QuantityInput {
        value: text(get(cursor, "value").unwrap()),
        unit: text(get(cursor, "unit").unwrap()),
    }
}

fn read_into(input: &mut ItemInput, item: Cursor<'_>) {
    for (key, _, value) in item.pairs(&mut Problems::new()) {
        match key {
            "parameters" => {
                for (id, _, value) in value.pairs(&mut Problems::new()) {
                    input
                        .parameters
                        .push((id.to_owned(), Some(quantity(value))));
                }
            }
            "flags" => {
                for (id, _, value) in value.pairs(&mut Problems::new()) {
                    let flag = (!value.is_null()).then(|| text(value) == "true");
                    input.flags.push((id.to_owned(), flag));
                }
            }
            "stated_classification" => {
                for (jurisdiction, _, value) in value.pairs(&mut Problems::new()) {
                    input.stated.push(StatedInput {
                        jurisdiction: jurisdiction.to_owned(),
                        code: text(value),
                        ..StatedInput::default()
                    });
                }
            }
            "value" => input.value = Some(quantity(value)),
            attribute => input
                .attributes
                .push((Attribute::from_id(attribute).expect(attribute), text(value))),
        }
    }
}

/// `item_override` of the cases: parameters by id, and words, that replace those of the base item.
fn override_with(input: &mut ItemInput, change: Cursor<'_>) {
    for (key, _, value) in change.pairs(&mut Problems::new()) {
        if let Some(attribute) = Attribute::from_id(key) {
            input.attributes.retain(|(known, _)| *known != attribute);
            input.attributes.push((attribute, text(value)));
        } else {
            input.parameters.retain(|(known, _)| known != key);
            input
                .parameters
                .push((key.to_owned(), Some(quantity(value))));
        }
    }
}

fn under(code: &str, expected: &str) -> bool {
    let (code, expected) = (Code::parse(code).unwrap(), Code::parse(expected).unwrap());
    expected.covers(&code)
}

fn differences(found: &Classification, expected: Cursor<'_>) -> String {
    let mut out = String::new();
    let met = |code: &str| {
        found
            .matches
            .iter()
            .any(|paragraph| under(&paragraph.code, code))
    };
    let primary = found.primary.as_deref().unwrap_or("none");
    if let Some(code) = get(expected, "classification").map(text)
        && code != "none_found"
        && !(primary == code || under(primary, &code) || met(&code))
    {
        let _ = write!(out, " classification {code}, found {primary};");
    }
    let any = texts(get(expected, "classification_any_of"));
    if !any.is_empty() && !any.iter().any(|code| met(code)) {
        let _ = write!(out, " any of {any:?}, found {primary};");
    }
    for code in texts(get(expected, "matches")) {
        if !met(&code) {
            let _ = write!(out, " {code} not met;");
        }
    }
    for code in texts(get(expected, "must_not_match")) {
        if met(&code) {
            let _ = write!(out, " {code} met;");
        }
    }
    out
}

fn classify(regime: &Regime, input: &ItemInput, date: &str) -> Classification {
    let item = Item::read(input, regime.vocabulary()).unwrap_or_else(|error| panic!("{error}"));
    let at = regime.at(parse_date(date).unwrap());
    at.classify(&item, &Judgements::none(), Detail::Basic)
        .unwrap()
}

/// One item of a case at one date, with what is expected of it.
pub struct Variant<'d> {
    /// Id of the case.
    pub id: String,
    /// The date.
    pub date: String,
    /// The item.
    pub input: ItemInput,
    advisory: bool,
    expected: Cursor<'d>,
}

/// The public cases; `None` where the shared data is not there.
pub fn document() -> Option<Document> {
    let data = folder::shared_data()?;
    let bytes = std::fs::read(data.join("gold/classification_public.yaml")).unwrap();
    Some(Document::parse("classification_public.yaml", &bytes).unwrap())
}

/// Every item of every case, with the changes that the cases make to it.
pub fn variants(document: &Document) -> Vec<Variant<'_>> {
    let mut variants = Vec::new();
    for case in get(document.root(), "cases")
        .unwrap()
        .items(&mut Problems::new())
    {
        let Some(item) = get(case, "item") else {
            continue;
        };
        let mut input = ItemInput::default();
        read_into(&mut input, item);
        let base = Variant {
            id: text(get(case, "id").unwrap()),
            date: text(get(case, "as_of").unwrap()),
            input,
            advisory: get(case, "status").map(text).as_deref() == Some("advisory"),
            expected: get(case, "expect").unwrap(),
        };
        for key in ["timeline", "also", "contrast"] {
            let Some(list) = get(base.expected, key) else {
                continue;
            };
            let list = match list.kind() {
                NodeKind::Seq(_) => list.items(&mut Problems::new()),
                _ => vec![list],
            };
            for variant in list {
                let mut input = base.input.clone();
                if let Some(change) = get(variant, "item_override") {
                    override_with(&mut input, change);
                }
                variants.push(Variant {
                    id: base.id.clone(),
                    date: get(variant, "as_of").map_or_else(|| base.date.clone(), text),
                    input,
                    advisory: base.advisory,
                    expected: variant,
                });
            }
        }
        variants.push(base);
    }
    variants
}

#[test]
fn public_cases_classify_as_expected() {
    let Some(document) = document() else {
        return;
    };
    let regimes = [("us", folder::regime("us")), ("kr", folder::regime("kr"))];
    let (mut checked, mut wrong) = (0, Vec::new());
    for variant in variants(&document) {
        let Variant {
            id,
            date,
            input,
            advisory,
            expected,
        } = variant;
        for (name, regime) in &regimes {
            let Some(expected) = get(expected, name) else {
                continue;
            };
            // What is answered from the alignment of two lists is not this core's to say.
            if input
                .stated
                .iter()
                .any(|s| s.jurisdiction != regime.jurisdiction().as_ref())
                && input.stated.len() == 1
            {
                continue;
            }
            let found = differences(&classify(regime, &input, &date), expected);
            checked += 1;
            if !found.is_empty() && !advisory {
                wrong.push(format!("{id} ({name}, {date}):{found}"));
            }
        }
    }
    assert!(checked > 20, "{checked} expectations checked");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
