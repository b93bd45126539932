//! Requests as facts of the core. Every refusal names the field and says what would be right; all of them are collected.

use std::collections::BTreeSet;

use concord_controls::item::{Item, ItemInput, Judgements, QuantityInput, StatedInput};
use concord_controls::regime::Regime;
use concord_controls::vocabulary::Attribute;
use concord_licensing as core;
use concord_proto::types as wire;
use jiff::civil::Date;

use concord_kit::violations::{Violations, shorten};

/// The list on which 740 Supp. 8 names consignees, as requests name it.
const SUPPLEMENT_8: &str = "740_supp_8";
/// Most lines of one transaction.
const MAX_LINES: usize = 1_000;
/// Most parties of one transaction.
const MAX_PARTIES: usize = 1_000;

/// A checked request.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// Route, act and parties as the core reads them.
    pub transaction: core::Transaction,
    /// The date at which the law is read; absent: today in the jurisdiction's time zone.
    pub as_of: Option<Date>,
}

/// Checks a transaction and reduces it to what the law asks about. `prefix` is the path of the message in its request.
pub fn decode_transaction(
    t: &wire::Transaction,
    as_of: &str,
    prefix: &str,
    violations: &mut Violations,
) -> Decoded {
    lines(t, prefix, violations);
    if t.parties.len() > MAX_PARTIES {
        violations.add(
            "TOO_MANY",
            format!("{prefix}.parties"),
            format!(
                "{} parties; at most {MAX_PARTIES} are accepted",
                t.parties.len()
            ),
        );
    }
    let activity = match wire::Activity::try_from(t.activity) {
        Ok(wire::Activity::Unspecified) => None,
        Ok(a) => Some(activity(a)),
        Err(_) => {
            let text = format!("{} is not a value of Activity", t.activity);
            violations.add("UNKNOWN_VALUE", format!("{prefix}.activity"), text);
            None
        }
    };
    if !t.recipient.is_empty() && t.recipient != "foreign_national" {
        let text = format!(
            "`{}` is not `foreign_national`; leave it empty otherwise",
            t.recipient
        );
        violations.add("UNKNOWN_VALUE", format!("{prefix}.recipient"), text);
    }
    let transaction = core::Transaction {
        origin: country(&t.origin, &format!("{prefix}.origin"), violations),
        destination: country(&t.destination, &format!("{prefix}.destination"), violations),
        activity,
        parties: t
            .parties
            .iter()
            .enumerate()
            .map(|(i, p)| party(p, &format!("{prefix}.parties[{i}]"), violations))
            .collect(),
        to_foreign_national: t.recipient == "foreign_national",
        contract_date: date(
            &t.contract_date,
            &format!("{prefix}.contract_date"),
            violations,
        ),
        ownership: t
            .consignee_owners
            .iter()
            .enumerate()
            .filter_map(|(i, o)| owner(o, &format!("{prefix}.consignee_owners[{i}]"), violations))
            .collect(),
        consignee_in_supp8: supplement_8(t, prefix, violations),
    };
    let as_of = date(as_of, "as_of", violations);
    Decoded { transaction, as_of }
}

fn lines(t: &wire::Transaction, prefix: &str, violations: &mut Violations) {
    let field = format!("{prefix}.lines");
    if t.lines.is_empty() || t.lines.len() > MAX_LINES {
        let text = format!("{} lines; 1 to {MAX_LINES} are accepted", t.lines.len());
        violations.add("TOO_MANY_OR_NO_LINES", field, text);
        return;
    }
    let mut seen = BTreeSet::new();
    for (i, line) in t.lines.iter().enumerate() {
        if line.item.is_none() {
            violations.add(
                "MISSING_FIELD",
                format!("{field}[{i}].item"),
                "the item is missing",
            );
        }
        if line.line_id.is_empty() && t.lines.len() > 1 {
            let text = "every line of several needs a line_id";
            violations.add("MISSING_FIELD", format!("{field}[{i}].line_id"), text);
        } else if line.line_id.len() > 64 {
            let text = "longer than 64 characters";
            violations.add("TOO_LONG", format!("{field}[{i}].line_id"), text);
        } else if !seen.insert(line.line_id.as_str()) {
            let text = "an earlier line has the same id";
            violations.add("DUPLICATE_LINE_ID", format!("{field}[{i}].line_id"), text);
        }
    }
}

/// An ISO 3166 alpha-2 code; empty is unknown.
fn country(code: &str, field: &str, violations: &mut Violations) -> Option<String> {
    if code.is_empty() {
        return None;
    }
    if !core::is_country(code) {
        let text = format!(
            "`{}` is not an ISO 3166 alpha-2 code such as `KR`",
            shorten(code)
        );
        violations.add("UNKNOWN_COUNTRY", field, text);
        return None;
    }
    Some(code.to_owned())
}

/// A civil date; empty is unknown.
fn date(text: &str, field: &str, violations: &mut Violations) -> Option<Date> {
    if text.is_empty() {
        return None;
    }
    let parsed = (text.len() == 10)
        .then(|| text.parse::<Date>().ok())
        .flatten();
    if parsed.is_none() {
        let why = format!("`{}` is not a date such as `2026-10-01`", shorten(text));
        violations.add("INVALID_DATE", field, why);
    }
    parsed
}

fn party(p: &wire::Party, prefix: &str, violations: &mut Violations) -> core::Party {
    let grade = p.compliance_grade.as_str();
    if !matches!(grade, "" | "none" | "A" | "AA" | "AAA") {
        let text = format!("`{}` is not one of none, A, AA, AAA", shorten(grade));
        violations.add("UNKNOWN_VALUE", format!("{prefix}.compliance_grade"), text);
    }
    if p.name.chars().count() > 512 {
        violations.add(
            "TOO_LONG",
            format!("{prefix}.name"),
            "longer than 512 characters",
        );
    }
    if p.address.chars().count() > 1_024 {
        violations.add(
            "TOO_LONG",
            format!("{prefix}.address"),
            "longer than 1,024 characters",
        );
    }
    core::Party {
        role: p.role.clone(),
        country: country(&p.country, &format!("{prefix}.country"), violations),
        cp_grade: (!grade.is_empty()).then(|| grade.to_owned()),
    }
}

/// A share in percent with at most two decimals, so that sums are exact.
fn owner(
    o: &wire::OwnershipShare,
    prefix: &str,
    violations: &mut Violations,
) -> Option<core::OwnershipShare> {
    if !matches!(
        o.list.as_str(),
        "" | "entity_list" | "meu_list" | "sdn" | "none"
    ) {
        let text = format!(
            "`{}` is not one of entity_list, meu_list, sdn, none",
            shorten(&o.list)
        );
        violations.add("UNKNOWN_VALUE", format!("{prefix}.list"), text);
    }
    let Some(basis_points) = basis_points(&o.percent) else {
        let text = format!(
            "`{}` is not a percentage from 0 to 100 with at most two decimals",
            shorten(&o.percent)
        );
        violations.add("INVALID_NUMBER", format!("{prefix}.percent"), text);
        return None;
    };
    Some(core::OwnershipShare {
        list: (!o.list.is_empty()).then(|| o.list.clone()),
        basis_points,
    })
}

/// `50`, `50.0` and `50.25` in hundredths of a percent.
fn basis_points(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 3 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > 2 {
        return None;
    }
    let hundredths: u32 = format!("{fraction:0<2}").parse().ok()?;
    let value = whole.parse::<u32>().ok()? * 100 + hundredths;
    (value <= 10_000).then_some(value)
}

fn supplement_8(t: &wire::Transaction, prefix: &str, violations: &mut Violations) -> Option<bool> {
    for (field, names) in [
        ("consignee_listed_in", &t.consignee_listed_in),
        ("consignee_not_listed_in", &t.consignee_not_listed_in),
    ] {
        for (i, name) in names.iter().enumerate().filter(|(_, n)| *n != SUPPLEMENT_8) {
            let text = format!(
                "`{}` is not a known list; `{SUPPLEMENT_8}` is",
                shorten(name)
            );
            violations.add("UNKNOWN_VALUE", format!("{prefix}.{field}[{i}]"), text);
        }
    }
    let named = |names: &[String]| names.iter().any(|n| n == SUPPLEMENT_8);
    match (
        named(&t.consignee_listed_in),
        named(&t.consignee_not_listed_in),
    ) {
        (true, true) => {
            let text = format!("`{SUPPLEMENT_8}` is also in consignee_listed_in");
            violations.add(
                "CONTRADICTION",
                format!("{prefix}.consignee_not_listed_in"),
                text,
            );
            None
        }
        (true, false) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    }
}

fn activity(a: wire::Activity) -> core::Activity {
    match a {
        wire::Activity::Unspecified | wire::Activity::Export => core::Activity::Export,
        wire::Activity::Reexport => core::Activity::Reexport,
        wire::Activity::DeemedExport => core::Activity::DeemedExport,
        wire::Activity::TechnologyTransfer => core::Activity::TechnologyTransfer,
        wire::Activity::Transit => core::Activity::Transit,
        wire::Activity::Transshipment => core::Activity::Transshipment,
        wire::Activity::Brokering => core::Activity::Brokering,
    }
}

/// The items of a checked transaction as the core reads them, with every wrong field.
pub fn item_facts(
    regime: &Regime,
    t: &wire::Transaction,
    violations: &mut Violations,
) -> Vec<Item> {
    let mut items = Vec::with_capacity(t.lines.len());
    for (i, line) in t.lines.iter().enumerate() {
        let Some(item) = &line.item else { continue };
        match Item::read(&input(item), regime.vocabulary()) {
            Ok(item) => items.push(item),
            Err(error) => {
                for e in error.fields {
                    let field = format!("transaction.lines[{i}].item.{}", e.field);
                    violations.add(e.reason.word(), field, e.message);
                }
            }
        }
    }
    for (i, answer) in t.judgements.iter().enumerate() {
        let one = [(answer.judgement.as_str(), answer.answer)];
        if let Err(error) = Judgements::read(one, regime.vocabulary()) {
            for e in error.fields {
                violations.add(
                    e.reason.word(),
                    format!("transaction.judgements[{i}].judgement"),
                    e.message,
                );
            }
        }
        if !answer.line_id.is_empty() && !t.lines.iter().any(|l| l.line_id == answer.line_id) {
            // Free text of the caller: it is not repeated.
            let text = "there is no line with this id";
            violations.add(
                "UNKNOWN_LINE",
                format!("transaction.judgements[{i}].line_id"),
                text,
            );
        }
    }
    items
}

/// Item messages as the core's unchecked input.
fn input(item: &wire::Item) -> ItemInput {
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
    let stated = attributes.into_iter().filter(|(_, text)| !text.is_empty());
    let quantity = |q: &wire::Quantity| QuantityInput {
        value: q.value.clone(),
        unit: q.unit.clone(),
    };
    ItemInput {
        attributes: stated
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
                source: None,
                reference: None,
            })
            .collect(),
        value: item.value.as_ref().map(quantity),
    }
}

/// What the classification service answered, as the core reads it.
pub fn classified(c: &wire::LineClassification) -> core::Classified {
    use wire::ClassificationStatus as Status;
    let by = match c.status() {
        Status::Computed => core::ClassifiedBy::Computed,
        Status::Stated => core::ClassifiedBy::Stated,
        Status::Aligned => core::ClassifiedBy::Aligned,
        Status::Residual => core::ClassifiedBy::Residual,
        Status::Unresolved | Status::Unspecified => core::ClassifiedBy::Unresolved,
    };
    let reference = |p: &wire::ParagraphResult| core::ParagraphRef {
        entry: p.entry.clone(),
        path: p.path.clone(),
    };
    core::Classified {
        by,
        code: c.code.clone(),
        matches: c.matches.iter().map(reference).collect(),
        open: c
            .open
            .iter()
            .map(|p| core::OpenParagraph {
                paragraph: reference(p),
                missing: p.missing.clone(),
            })
            .collect(),
        notices: c
            .notices
            .iter()
            .filter(|n| n.truth() == wire::Truth::Met)
            .map(|n| n.notice_id.clone())
            .collect(),
        questions: c.questions.iter().map(super::returned::question).collect(),
        contradicts_stated: c.contradicts_stated,
    }
}

/// What the screening service answered, as the core reads it.
pub fn party_step(s: &wire::ScreeningSummary) -> core::PartyStep {
    let mut hits = Vec::new();
    for p in &s.parties {
        // What a person has looked at and found to be another party is in the record, and no hit.
        for h in p.hits.iter().filter(|h| h.suppressed.is_none()) {
            let strength = match h.score {
                10_000 => core::Strength::Exact,
                // The name is the same but a qualifier (country, kind) lowered the score, or nearly the same.
                9_000.. => core::Strength::Strong,
                // An identifier is the same, whatever the name.
                _ if !h.matched_identifier.is_empty() => core::Strength::Strong,
                _ => core::Strength::Possible,
            };
            hits.push(core::PartyHit {
                party: p.index as usize,
                list: h.list_id.clone(),
                entity: h.party_id.clone(),
                strength,
            });
        }
    }
    let incomplete = s.incomplete.iter().map(|r| r.reason.clone()).collect();
    core::PartyStep::Examined { hits, incomplete }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact_hundredths_of_a_percent() {
        assert_eq!(basis_points("50"), Some(5_000));
        assert_eq!(basis_points("49.99"), Some(4_999));
        assert_eq!(basis_points("33.30"), Some(3_330));
        assert_eq!(basis_points("100.0"), Some(10_000));
        for bad in ["", "-1", "100.01", "1e2", "50%", ".5", "33.333", "+5"] {
            assert_eq!(basis_points(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_violation_is_named_with_its_field() {
        let t = wire::Transaction {
            origin: "us".into(),
            destination: "ZZ".into(),
            contract_date: "2026-02-30".into(),
            lines: vec![wire::Line::default(), wire::Line::default()],
            parties: vec![wire::Party {
                compliance_grade: "B".into(),
                ..Default::default()
            }],
            ..Default::default()
        };
        let mut v = Violations::default();
        let _ = decode_transaction(&t, "tomorrow", "transaction", &mut v);
        let fields: Vec<&str> = v.fields().collect();
        for field in [
            "transaction.origin",
            "transaction.destination",
            "transaction.contract_date",
            "transaction.lines[0].item",
            "transaction.lines[1].line_id",
            "transaction.parties[0].compliance_grade",
            "as_of",
        ] {
            assert!(fields.contains(&field), "{field} in {fields:?}");
        }
    }
}
