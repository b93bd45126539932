//! Reading case files strictly: an unknown key is an error with its place.

use std::path::Path;

use concord_controls::problem::{ProblemKind, Problems};
use concord_controls::yaml::{Cursor, Document, MapReader, NodeKind};
use concord_proto::types::{Item, Line, Transaction};

use super::{Case, Check, Expectation, ExpectedDivergence};
use crate::document;
use crate::failure::Failure;

const CASE_KEYS: [&str; 12] = [
    "id",
    "title",
    "class",
    "as_of",
    "jurisdictions",
    "item",
    "transaction",
    "expect",
    "evidence",
    "status",
    "trap",
    "note",
];

/// Reads one case file.
///
/// # Errors
/// `INVALID_DOCUMENT` with every problem and its place.
pub fn read_case_file(path: &Path) -> Result<Vec<Case>, Failure> {
    let name = path.display().to_string();
    let bytes = document::read_bytes(path)?;
    let parsed = Document::parse(&name, &bytes).map_err(|p| document::refuse(&name, &[p]))?;
    let mut problems = Problems::new();
    let cases = read_root(parsed.root(), &mut problems).unwrap_or_default();
    document::finish(&name, problems)?;
    Ok(cases)
}

fn read_root(root: Cursor<'_>, problems: &mut Problems) -> Option<Vec<Case>> {
    let map = MapReader::open(root, &["schema_version", "sources", "cases"], problems)?;
    if let Some(version) = map.required("schema_version", problems)
        && version.text(problems).is_some_and(|v| v != "1")
    {
        problems.push(
            version.location(),
            ProblemKind::Invalid {
                what: "this program reads schema_version 1".into(),
            },
        );
    }
    let cases = map.required("cases", problems)?.items(problems);
    Some(
        cases
            .into_iter()
            .filter_map(|c| read_case(c, problems))
            .collect(),
    )
}

fn read_case(cursor: Cursor<'_>, problems: &mut Problems) -> Option<Case> {
    let map = MapReader::open(cursor, &CASE_KEYS, problems)?;
    let id = map.text("id", problems)?.to_string();
    let as_of = map.required("as_of", problems)?.date(problems)?.to_string();
    let status = map.required("status", problems)?.word(
        &[("verified", false), ("derived", false), ("advisory", true)],
        problems,
    )?;
    let item = document::read_item(map.required("item", problems)?, problems)?;
    let transaction = map
        .optional("transaction")
        .map(|c| document::read_transaction(c, problems))
        .unwrap_or_default();
    let expect = MapReader::open(
        map.required("expect", problems)?,
        &[
            "us",
            "kr",
            "divergence",
            "timeline",
            "also",
            "contrast",
            "mirror",
        ],
        problems,
    )?;
    let base = Check {
        part: "expect".into(),
        as_of,
        transaction: with_item(transaction, item.clone()),
        us: vec![],
        kr: vec![],
        divergences: vec![],
    };
    let mut checks = Vec::new();
    let mut first = base.clone();
    expectations(&expect, &mut first, problems);
    push(&mut checks, first);
    let list = |key: &str, problems: &mut Problems| {
        expect
            .optional(key)
            .map(|c| c.items(problems))
            .unwrap_or_default()
    };
    for (i, entry) in list("timeline", problems).into_iter().enumerate() {
        let m = MapReader::open(entry, &["as_of", "us", "kr", "divergence"], problems)?;
        let mut check = Check {
            part: format!("timeline[{i}]"),
            ..base.clone()
        };
        check.as_of = m.required("as_of", problems)?.date(problems)?.to_string();
        expectations(&m, &mut check, problems);
        push(&mut checks, check);
    }
    for (i, entry) in list("also", problems).into_iter().enumerate() {
        let m = MapReader::open(
            entry,
            &["destination", "item_override", "us", "kr"],
            problems,
        )?;
        let mut check = Check {
            part: format!("also[{i}]"),
            ..base.clone()
        };
        check.transaction.destination = m.text("destination", problems)?.to_string();
        apply_override(&m, &mut check, problems);
        expectations(&m, &mut check, problems);
        push(&mut checks, check);
    }
    for (i, entry) in list("contrast", problems).into_iter().enumerate() {
        let m = MapReader::open(entry, &["item", "item_override", "us", "kr"], problems)?;
        let mut check = Check {
            part: format!("contrast[{i}]"),
            ..base.clone()
        };
        apply_override(&m, &mut check, problems);
        expectations(&m, &mut check, problems);
        push(&mut checks, check);
    }
    if let Some(mirror) = expect.optional("mirror") {
        let m = MapReader::open(mirror, &["transaction", "us", "kr"], problems)?;
        let mut check = Check {
            part: "mirror".into(),
            ..base
        };
        let own = document::read_transaction(m.required("transaction", problems)?, problems);
        check.transaction = with_item(own, item);
        expectations(&m, &mut check, problems);
        push(&mut checks, check);
    }
    Some(Case {
        id,
        advisory: status,
        checks,
    })
}

/// A part that expects nothing is no check.
fn push(checks: &mut Vec<Check>, check: Check) {
    if !(check.us.is_empty() && check.kr.is_empty() && check.divergences.is_empty()) {
        checks.push(check);
    }
}

fn with_item(mut transaction: Transaction, item: Item) -> Transaction {
    transaction.lines = vec![Line {
        line_id: String::new(),
        item: Some(item),
    }];
    transaction
}

/// `item_override`: parameters by id, and words such as `wetted_material`, in place of those of the base item.
fn apply_override(map: &MapReader<'_>, check: &mut Check, problems: &mut Problems) {
    let Some(cursor) = map.optional("item_override") else {
        return;
    };
    let Some(item) = check
        .transaction
        .lines
        .first_mut()
        .and_then(|l| l.item.as_mut())
    else {
        return;
    };
    for (id, at, value) in cursor.pairs(problems) {
        match (id, value.kind()) {
            ("wetted_material", NodeKind::Scalar { .. }) => {
                item.wetted_material = value.text(problems).unwrap_or("").to_owned();
            }
            (_, NodeKind::Map(_)) => {
                let Some(m) = MapReader::open(value, &["value", "unit"], problems) else {
                    continue;
                };
                let unit = m
                    .text("unit", problems)
                    .map(|u| u.to_string())
                    .unwrap_or_default();
                match m.optional("value").and_then(|v| v.text(problems)) {
                    Some(v) => {
                        let quantity = concord_proto::types::Quantity {
                            value: v.to_owned(),
                            unit,
                        };
                        item.parameters.insert(id.to_owned(), quantity);
                    }
                    None => {
                        item.parameters.remove(id);
                    }
                }
            }
            _ => problems.push(
                at,
                ProblemKind::Invalid {
                    what: format!(
                        "`{id}` is neither a parameter with value and unit nor wetted_material"
                    ),
                },
            ),
        }
    }
}

fn expectations(map: &MapReader<'_>, check: &mut Check, problems: &mut Problems) {
    if let Some(us) = map.optional("us") {
        check.us = read_us(us, problems);
    }
    if let Some(kr) = map.optional("kr") {
        check.kr = read_kr(kr, problems);
    }
    for d in map
        .optional("divergence")
        .map(|c| c.items(problems))
        .unwrap_or_default()
    {
        if let Some(m) = MapReader::open(d, &["kind", "controlled_by", "stricter"], problems)
            && let Some(kind) = m.text("kind", problems)
        {
            check.divergences.push(ExpectedDivergence {
                kind: kind.to_string(),
                controlled_by: m
                    .optional_text("controlled_by", problems)
                    .map(|t| t.to_string()),
                stricter: m.optional_text("stricter", problems).map(|t| t.to_string()),
            });
        }
    }
}

fn read_us(cursor: Cursor<'_>, problems: &mut Problems) -> Vec<Expectation> {
    const KEYS: [&str; 18] = [
        "classification",
        "classification_any_of",
        "matches",
        "must_not_match",
        "outcome",
        "requirements",
        "exceptions",
        "review_policy",
        "overlay",
        "also_plausible",
        "basis",
        "must_not_be",
        "exemptions_to_check",
        "other_controls_to_check",
        "red_flags",
        "affiliate_rule",
        "content_test",
        "subject_to_ear",
    ];
    let mut out = Vec::new();
    let Some(map) = MapReader::open(cursor, &KEYS, problems) else {
        return out;
    };
    let one = |key: &str, problems: &mut Problems| {
        map.optional_text(key, problems).map(|t| t.to_string())
    };
    let many = |key: &str, problems: &mut Problems| -> Vec<String> {
        map.texts(key, problems)
            .iter()
            .map(|t| t.to_string())
            .collect()
    };
    out.extend(one("classification", problems).map(|c| Expectation::Classification(vec![c])));
    let any = many("classification_any_of", problems);
    if !any.is_empty() {
        out.push(Expectation::Classification(any));
    }
    out.extend(
        many("matches", problems)
            .into_iter()
            .map(Expectation::Match),
    );
    out.extend(
        many("must_not_match", problems)
            .into_iter()
            .map(Expectation::NoMatch),
    );
    out.extend(one("outcome", problems).map(Expectation::Outcome));
    out.extend(one("must_not_be", problems).map(Expectation::OutcomeIsNot));
    for r in map
        .optional("requirements")
        .map(|c| c.items(problems))
        .unwrap_or_default()
    {
        if let Some(m) = MapReader::open(r, &["reason", "column", "basis", "row_used"], problems)
            && let Some(reason) = m.text("reason", problems)
        {
            let text = |key: &str, problems: &mut Problems| {
                m.optional_text(key, problems).map(|t| t.to_string())
            };
            out.push(Expectation::Requirement {
                reason: reason.to_string(),
                column: text("column", problems),
                basis: text("basis", problems),
                row_used: text("row_used", problems),
            });
        }
    }
    if let Some(c) = map.optional("exceptions")
        && let Some(m) = MapReader::open(
            c,
            &["candidates", "foreclosed", "candidates_to_check"],
            problems,
        )
    {
        for list in ["candidates", "foreclosed", "candidates_to_check"] {
            for symbol in m.texts(list, problems) {
                out.push(Expectation::Exception {
                    symbol: symbol.to_string(),
                    list: list.to_owned(),
                });
            }
        }
    }
    out.extend(one("review_policy", problems).map(Expectation::ReviewPolicy));
    if let Some(c) = map.optional("overlay")
        && let Some(m) =
            MapReader::open(c, &["id", "literal_outcome", "enforced_outcome"], problems)
    {
        let text = |key: &str, problems: &mut Problems| {
            m.optional_text(key, problems).map(|t| t.to_string())
        };
        out.push(Expectation::Overlay {
            id: text("id", problems),
            literal: text("literal_outcome", problems),
            enforced: text("enforced_outcome", problems),
        });
    }
    out.extend(one("basis", problems).map(Expectation::Basis));
    for (key, kind) in [
        ("exemptions_to_check", "exemption_to_check"),
        ("other_controls_to_check", "other_control"),
        ("red_flags", "red_flag"),
    ] {
        for id in many(key, problems) {
            out.push(Expectation::Pointer {
                kind: kind.to_owned(),
                id,
            });
        }
    }
    for key in ["affiliate_rule", "content_test", "subject_to_ear"] {
        out.extend(one(key, problems).map(|value| Expectation::Finding {
            key: key.to_owned(),
            value,
        }));
    }
    out
}

fn read_kr(cursor: Cursor<'_>, problems: &mut Problems) -> Vec<Expectation> {
    const FINDINGS: [&str; 10] = [
        "region",
        "list_status",
        "situational_list",
        "policy",
        "procedure",
        "self_classification",
        "expert_classification",
        "validity_months",
        "extensions_allowed",
        "count",
    ];
    let mut keys = vec!["classification", "outcome"];
    keys.extend(FINDINGS);
    let mut out = Vec::new();
    let Some(map) = MapReader::open(cursor, &keys, problems) else {
        return out;
    };
    let one = |key: &str, problems: &mut Problems| {
        map.optional_text(key, problems).map(|t| t.to_string())
    };
    out.extend(one("classification", problems).map(|c| Expectation::Classification(vec![c])));
    out.extend(one("outcome", problems).map(Expectation::Outcome));
    for key in FINDINGS {
        out.extend(one(key, problems).map(|value| Expectation::Finding {
            key: key.to_owned(),
            value,
        }));
    }
    out
}
