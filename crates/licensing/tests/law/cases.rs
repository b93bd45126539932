//! The public cases at the core: every expectation of every case.

use concord_controls::item::{ItemInput, QuantityInput, StatedInput};
use concord_controls::problem::Problems;
use concord_controls::vocabulary::Attribute;
use concord_controls::yaml::{Cursor, Document};
use concord_licensing::{
    Activity, ExceptionStatus, LineDecision, OwnershipShare, Party, PointerKind, Side, Transaction,
    divergences, under,
};

use super::load::{Law, date, decide, law, shared_data};

/// A pair of a mapping by key.
pub fn get<'a>(node: Cursor<'a>, key: &str) -> Option<Cursor<'a>> {
    let mut problems = Problems::new();
    node.pairs(&mut problems)
        .into_iter()
        .find(|(k, ..)| *k == key)
        .map(|(.., value)| value)
}

pub fn text(node: Cursor<'_>) -> String {
    node.text(&mut Problems::new())
        .unwrap_or_default()
        .to_owned()
}

pub fn word(node: Cursor<'_>, key: &str) -> Option<String> {
    get(node, key).filter(|v| !v.is_null()).map(text)
}

pub fn list<'a>(node: Cursor<'a>, key: &str) -> Vec<Cursor<'a>> {
    get(node, key).map_or_else(Vec::new, |v| v.items(&mut Problems::new()))
}

pub fn words(node: Cursor<'_>, key: &str) -> Vec<String> {
    list(node, key).into_iter().map(text).collect()
}

fn pairs<'a>(node: Cursor<'a>, key: &str) -> Vec<(String, Cursor<'a>)> {
    get(node, key).map_or_else(Vec::new, |v| {
        let found = v.pairs(&mut Problems::new());
        found
            .into_iter()
            .map(|(k, _, value)| (k.to_owned(), value))
            .collect()
    })
}

fn quantity(node: Cursor<'_>) -> Option<QuantityInput> {
    Some(QuantityInput {
        value: word(node, "value")?,
        unit: word(node, "unit")?,
    })
}

fn read_item(node: Cursor<'_>) -> ItemInput {
    let mut input = ItemInput::default();
    for key in [
        "name",
        "kind",
        "type",
        "cas",
        "hs6",
        "material",
        "process",
        "wetted_material",
    ] {
        if let Some(value) = word(node, key) {
            input
                .attributes
                .push((Attribute::from_id(key).unwrap(), value));
        }
    }
    input.parameters = pairs(node, "parameters")
        .into_iter()
        .map(|(id, q)| (id, quantity(q)))
        .collect();
    input.flags = pairs(node, "flags")
        .into_iter()
        .map(|(id, on)| (id, on.boolean(&mut Problems::new())))
        .collect();
    input.stated = pairs(node, "stated_classification")
        .into_iter()
        .map(|(jurisdiction, code)| StatedInput {
            jurisdiction,
            code: text(code),
            source: None,
            reference: None,
        })
        .collect();
    input.value = get(node, "value").and_then(quantity);
    input
}

fn overridden(mut input: ItemInput, node: Cursor<'_>) -> ItemInput {
    for (id, value) in pairs(node, "item_override") {
        if id == "wetted_material" {
            input
                .attributes
                .retain(|(a, _)| *a != Attribute::from_id(&id).unwrap());
            input
                .attributes
                .push((Attribute::from_id(&id).unwrap(), text(value)));
        } else {
            input.parameters.retain(|(known, _)| *known != id);
            input.parameters.push((id, quantity(value)));
        }
    }
    input
}

fn read_transaction(node: Option<Cursor<'_>>) -> Transaction {
    let Some(node) = node else {
        return Transaction::default();
    };
    Transaction {
        origin: word(node, "origin"),
        destination: word(node, "destination"),
        activity: word(node, "activity").map(|a| Activity::parse(&a).unwrap()),
        parties: list(node, "parties")
            .into_iter()
            .map(|p| Party {
                role: word(p, "role").unwrap_or_default(),
                country: word(p, "country"),
                cp_grade: word(p, "cp_grade"),
            })
            .collect(),
        to_foreign_national: word(node, "recipient").as_deref() == Some("foreign_national"),
        contract_date: word(node, "contract_date").map(|d| date(&d)),
        ownership: list(node, "party_ownership")
            .into_iter()
            .map(|o| OwnershipShare {
                list: word(o, "list"),
                basis_points: word(o, "percent").unwrap().parse::<u32>().unwrap() * 100,
            })
            .collect(),
        consignee_in_supp8: word(node, "consignee_in_supp8").map(|b| b == "true"),
    }
}

/// What one case asks, and the failures found so far.
struct Run<'a> {
    law: &'a Law,
    failures: Vec<String>,
    label: String,
}

impl Run<'_> {
    fn check(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.failures.push(format!("{}: {}", self.label, what()));
        }
    }

    fn equal(&mut self, key: &str, expected: Option<String>, found: &str) {
        if let Some(expected) = expected {
            self.check(expected == found, || {
                format!("{key}: expected {expected}, found `{found}`")
            });
        }
    }

    fn us(&mut self, expect: Cursor<'_>, decision: &LineDecision) {
        let met = |code: &str| decision.matches.iter().any(|m| under(m, code));
        if let Some(code) = word(expect, "classification") {
            self.check(under(&decision.code, &code), || {
                format!("classification: expected {code}, found `{}`", decision.code)
            });
        }
        let any = words(expect, "classification_any_of");
        self.check(
            any.is_empty() || any.iter().any(|c| under(&decision.code, c)),
            || {
                format!(
                    "classification: expected one of {any:?}, found `{}`",
                    decision.code
                )
            },
        );
        for code in words(expect, "matches") {
            self.check(met(&code), || {
                format!("{code} should be met, met: {:?}", decision.matches)
            });
        }
        for code in words(expect, "must_not_match") {
            self.check(!met(&code), || format!("{code} must not be met"));
        }
        self.equal(
            "outcome",
            word(expect, "outcome"),
            decision.outcome.as_str(),
        );
        if let Some(wrong) = word(expect, "must_not_be") {
            self.check(wrong != decision.outcome.as_str(), || {
                format!("must not be {wrong}")
            });
        }
        let plain = |s: &str| s.replace(' ', "");
        let based = |expected: &str, found: &str| {
            let (expected, found) = (plain(expected), plain(found));
            !expected.starts_with(|c: char| c.is_ascii_digit()) || found.starts_with(&expected)
        };
        for wanted in list(expect, "requirements") {
            let reason = word(wanted, "reason").unwrap_or_default();
            let (column, basis) = (word(wanted, "column"), word(wanted, "basis"));
            let row = word(wanted, "row_used");
            let found = decision.requirements.iter().any(|r| {
                r.reason == reason
                    && column.as_ref().is_none_or(|c| plain(&r.column) == plain(c))
                    && basis.as_ref().is_none_or(|b| based(b, &r.basis))
                    && row.as_ref().is_none_or(|used| r.row_used == *used)
            });
            self.check(found, || {
                let all: Vec<_> = decision
                    .requirements
                    .iter()
                    .map(|r| format!("{} {} {}", r.reason, r.column, r.basis))
                    .collect();
                format!("requirement {reason} {column:?} {basis:?} is not among {all:?}")
            });
        }
        if let Some(exceptions) = get(expect, "exceptions") {
            let wanted = [
                ("candidates", ExceptionStatus::Candidate),
                ("foreclosed", ExceptionStatus::Foreclosed),
                ("candidates_to_check", ExceptionStatus::ToCheck),
            ];
            for (key, status) in wanted {
                for symbol in words(exceptions, key) {
                    let found = decision.exceptions.iter().find(|x| x.symbol == symbol);
                    self.check(found.is_some_and(|x| x.status == status), || {
                        format!(
                            "{symbol}: expected {key}, found {:?}",
                            found.map(|x| x.status)
                        )
                    });
                }
            }
        }
        let policy = decision.review_policy.as_deref().unwrap_or_default();
        self.equal("review_policy", word(expect, "review_policy"), policy);
        if let Some(overlay) = get(expect, "overlay") {
            let id = word(overlay, "id");
            let found = decision
                .overlays
                .iter()
                .find(|o| Some(&o.id) == id.as_ref());
            let literal = found.map_or("", |o| o.literal_outcome.as_str());
            let enforced = found.map_or("", |o| o.enforced_outcome.as_str());
            self.equal("literal_outcome", word(overlay, "literal_outcome"), literal);
            self.equal(
                "enforced_outcome",
                word(overlay, "enforced_outcome"),
                enforced,
            );
        }
        if let Some(basis) = word(expect, "basis") {
            let found = decision
                .requirements
                .iter()
                .any(|r| based(&basis, &r.basis));
            self.check(found, || format!("no requirement rests on {basis}"));
        }
        let pointers = [
            ("exemptions_to_check", PointerKind::ExemptionToCheck),
            ("other_controls_to_check", PointerKind::OtherControl),
            ("red_flags", PointerKind::RedFlag),
        ];
        for (key, kind) in pointers {
            for id in words(expect, key) {
                let found = decision
                    .pointers
                    .iter()
                    .any(|p| p.kind == kind && based(&id, &p.id));
                self.check(found, || format!("{key}: no pointer {id}"));
            }
        }
        for key in ["affiliate_rule", "content_test", "subject_to_ear"] {
            self.equal(
                key,
                word(expect, key),
                decision.finding(key).unwrap_or_default(),
            );
        }
    }

    fn kr(&mut self, expect: Cursor<'_>, decision: &LineDecision) {
        if let Some(code) = word(expect, "classification") {
            let found = if decision.code.is_empty() {
                "none_found"
            } else {
                &decision.code
            };
            self.check(under(found, &code), || {
                format!("kr classification: expected {code}, found `{found}`")
            });
        }
        self.equal(
            "kr outcome",
            word(expect, "outcome"),
            decision.outcome.as_str(),
        );
        const FACTS: [&str; 10] = [
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
        for key in FACTS {
            self.equal(
                key,
                word(expect, key),
                decision.finding(key).unwrap_or_default(),
            );
        }
    }

    fn both(
        &mut self,
        expect: Cursor<'_>,
        item: &ItemInput,
        transaction: &Transaction,
        as_of: &str,
    ) {
        let us = decide(self.law, "US", item, transaction, as_of);
        let kr = decide(self.law, "KR", item, transaction, as_of);
        if let Some(expect) = get(expect, "us") {
            self.us(expect, &us);
        }
        if let Some(expect) = get(expect, "kr") {
            self.kr(expect, &kr);
        }
        let own = Side {
            decision: &us,
            law: Some(&self.law.us),
        };
        let other = Side {
            decision: &kr,
            law: Some(&self.law.kr),
        };
        let found = divergences(own, other, &self.law.alignment);
        for wanted in list(expect, "divergence") {
            let kind = word(wanted, "kind").unwrap_or_default();
            let (by, stricter) = (word(wanted, "controlled_by"), word(wanted, "stricter"));
            let holds = found.iter().any(|d| {
                d.kind.as_str() == kind
                    && (by.is_none() || d.controlled_by == by)
                    && (stricter.is_none() || d.stricter == stricter)
            });
            self.check(holds, || {
                let kinds: Vec<_> = found.iter().map(|d| d.kind.as_str()).collect();
                format!("divergence {kind} is not among {kinds:?}")
            });
        }
    }
}

/// What one case asks about: its item and route at each of its dates, and mirrored.
pub struct Situation {
    pub id: String,
    pub item: ItemInput,
    pub transaction: Transaction,
    pub as_of: String,
}

/// Every situation of the public cases; none where they are not given.
pub fn situations() -> Vec<Situation> {
    let Some(data) = shared_data() else {
        eprintln!("public cases not run: CONCORD_TEST_DATA is not set");
        return Vec::new();
    };
    let bytes = std::fs::read(data.join("gold/classification_public.yaml")).unwrap();
    let document = Document::parse("classification_public.yaml", &bytes).unwrap();
    let mut all = Vec::new();
    for case in list(document.root(), "cases") {
        let item = read_item(get(case, "item").unwrap());
        let mut add = |as_of: String, transaction: Transaction| {
            all.push(Situation {
                id: word(case, "id").unwrap(),
                item: item.clone(),
                transaction,
                as_of,
            });
        };
        let (as_of, expect) = (word(case, "as_of").unwrap(), get(case, "expect").unwrap());
        let transaction = read_transaction(get(case, "transaction"));
        for point in list(expect, "timeline") {
            add(word(point, "as_of").unwrap(), transaction.clone());
        }
        for also in list(expect, "also") {
            let there = Transaction {
                destination: word(also, "destination"),
                ..transaction.clone()
            };
            add(as_of.clone(), there);
        }
        if let Some(mirror) = get(expect, "mirror") {
            let mirrored = read_transaction(get(mirror, "transaction"));
            add(as_of.clone(), mirrored);
        }
        add(as_of, transaction);
    }
    all
}

fn run(law: &Law, case: Cursor<'_>) -> Vec<String> {
    let id = word(case, "id").unwrap();
    let mut run = Run {
        law,
        failures: Vec::new(),
        label: id.clone(),
    };
    let as_of = word(case, "as_of").unwrap();
    let item = read_item(get(case, "item").unwrap());
    let transaction = read_transaction(get(case, "transaction"));
    let expect = get(case, "expect").unwrap();
    run.both(expect, &item, &transaction, &as_of);
    for point in list(expect, "timeline") {
        let day = word(point, "as_of").unwrap();
        run.label = format!("{id} at {day}");
        run.both(point, &item, &transaction, &day);
    }
    for also in list(expect, "also") {
        let destination = word(also, "destination").unwrap();
        run.label = format!("{id} to {destination}");
        let there = Transaction {
            destination: Some(destination),
            ..transaction.clone()
        };
        run.both(also, &overridden(item.clone(), also), &there, &as_of);
    }
    for contrast in list(expect, "contrast") {
        run.label = format!("{id} against {}", word(contrast, "item").unwrap());
        run.both(
            contrast,
            &overridden(item.clone(), contrast),
            &transaction,
            &as_of,
        );
    }
    if let Some(mirror) = get(expect, "mirror") {
        run.label = format!("{id} mirrored");
        run.both(
            mirror,
            &item,
            &read_transaction(get(mirror, "transaction")),
            &as_of,
        );
    }
    run.failures
}

#[test]
fn public_cases() {
    let Some(data) = shared_data() else {
        eprintln!("public cases not run: CONCORD_TEST_DATA is not set");
        return;
    };
    let bytes = std::fs::read(data.join("gold/classification_public.yaml")).unwrap();
    let document = Document::parse("classification_public.yaml", &bytes).unwrap();
    let cases = list(document.root(), "cases");
    assert!(cases.len() >= 15, "only {} cases", cases.len());
    let law = law();
    let failures: Vec<_> = cases.into_iter().flat_map(|case| run(law, case)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
