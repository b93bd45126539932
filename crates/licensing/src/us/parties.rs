//! Step P: what the screened parties do to the transaction, and the 50 percent rule for owners.

mod affiliates;

use super::Ctx;
use crate::decision::{Cite, Finding, PointerKind, Question, Requirement, StepStatus, Text};
use crate::destination::{Place, Reached};
use crate::draft::Draft;
use crate::facts::{PartyStep, Strength};
use crate::law::us_tables::{PartyEffect, PartyRule};

/// Whether a party is on the Entity List, for rules that turn on a footnote of it.
pub(super) fn footnote_party(ctx: &Ctx<'_>) -> Reached {
    match ctx.facts.parties {
        PartyStep::NotExamined(_) => Reached::Unmodelled,
        PartyStep::Examined { hits, .. } => {
            let entity = |list: &str| {
                rule_for(&ctx.tables.parties, list).is_some_and(|r| r.reason == "entity_list")
            };
            // The footnote itself is not among the facts: a listed party leaves it to a person.
            if hits.iter().any(|h| entity(&h.list)) {
                Reached::Unmodelled
            } else {
                Reached::No
            }
        }
    }
}

/// The rule for a list id.
pub(crate) fn rule_for<'r>(rules: &'r [PartyRule], list: &str) -> Option<&'r PartyRule> {
    rules
        .iter()
        .find(|rule| rule.lists.iter().any(|id| id.eq_ignore_ascii_case(list)))
}

/// Reads the findings into requirements, bars and questions.
pub(super) fn step(ctx: &Ctx<'_>, place: &Place<'_>, draft: &mut Draft) {
    affiliates::step(ctx, place, draft);
    let (hits, incomplete) = match ctx.facts.parties {
        PartyStep::NotExamined(reason) => {
            let text = Text::new(
                "the parties were not screened here",
                "거래당사자가 심사되지 않음",
            );
            draft.skip("party", reason.clone(), text.clone());
            draft.step(
                "party",
                StepStatus::NotExamined,
                text,
                vec![Cite::new("15 CFR 744")],
            );
            return;
        }
        PartyStep::Examined { hits, incomplete } => (hits, incomplete),
    };
    if ctx.facts.transaction.parties.is_empty() {
        draft.skip(
            "party",
            "no_party_stated",
            Text::new(
                "no party was stated, so none was screened",
                "당사자가 제시되지 않아 심사하지 않음",
            ),
        );
    }
    for reason in incomplete {
        draft.incomplete.push(reason.clone());
        let text = Text::new(
            "a party list was not complete",
            "거래당사자 목록이 완전하지 않음",
        );
        draft.skip("party", reason.clone(), text);
    }
    for hit in hits {
        let Some(rule) = rule_for(&ctx.tables.parties, &hit.list) else {
            // A list that no rule knows is never read as harmless.
            draft.could_raise = true;
            let text = Text::new(
                format!(
                    "a party stands on the list `{}`, which no rule reads",
                    hit.list
                ),
                format!("거래당사자가 규칙에 없는 목록 `{}`에 있음", hit.list),
            );
            draft.point(PointerKind::RedFlag, hit.list.clone(), text);
            continue;
        };
        draft.findings.push(Finding {
            key: "party_hit".to_owned(),
            value: format!("parties[{}] {} {}", hit.party, rule.reason, hit.entity),
            cite: Cite::new(rule.cite.clone()),
            label: rule.label.clone(),
        });
        if hit.strength == Strength::Possible {
            draft.could_raise = true;
            let text = Text::new(
                format!(
                    "Is parties[{}] the listed party {} ({})?",
                    hit.party, hit.entity, rule.label.en
                ),
                format!(
                    "parties[{}]이(가) 등재자 {}({})입니까?",
                    hit.party, hit.entity, rule.label.ko
                ),
            );
            let input = format!("parties[{}]", hit.party);
            draft.ask(Question::plain(&input, "party", true, text));
            continue;
        }
        apply(ctx, place, rule, &hit.entity, draft);
    }
    let status = if hits.iter().any(|h| h.strength == Strength::Possible) {
        StepStatus::Open
    } else {
        StepStatus::Done
    };
    draft.step(
        "party",
        status,
        Text::new(
            format!(
                "{} of {} parties hit a list",
                hits.len(),
                ctx.facts.transaction.parties.len()
            ),
            format!(
                "당사자 {}명 중 {}건 일치",
                ctx.facts.transaction.parties.len(),
                hits.len()
            ),
        ),
        vec![Cite::new("15 CFR 744")],
    );
}

/// What one rule does for this transaction.
fn apply(ctx: &Ctx<'_>, place: &Place<'_>, rule: &PartyRule, entity: &str, draft: &mut Draft) {
    match rule.effect {
        PartyEffect::Prohibited => push(ctx, place, rule, entity, true, draft),
        PartyEffect::LicenceRequired | PartyEffect::SituationalLicence => {
            push(ctx, place, rule, entity, false, draft);
        }
        PartyEffect::MilitaryEndUser => {
            supplement_not_stored(draft);
            push(ctx, place, rule, entity, false, draft);
        }
        PartyEffect::ExceptionsForeclosed => {
            bar(draft, rule);
            draft.point(
                PointerKind::OtherControl,
                rule.basis.clone(),
                Text::new(
                    "a UVL statement is needed before the shipment",
                    "선적 전 UVL 진술서 필요",
                ),
            );
        }
        PartyEffect::RedFlag => {
            draft.point(
                PointerKind::RedFlag,
                rule.reason.clone(),
                rule.label.clone(),
            );
        }
    }
}

/// Supp. 2 of part 744 names the items for most destinations; it is not stored, so a hit requires a licence.
fn supplement_not_stored(draft: &mut Draft) {
    draft.skip(
        "party",
        "supplement_not_stored",
        Text::new(
            "whether the item stands in 744 Supp. 2 was not examined",
            "744부 Supp. 2 해당 여부는 확인하지 않음",
        ),
    );
}

/// Notes the provision that closes exceptions, once however many hits there are.
fn bar(draft: &mut Draft, rule: &PartyRule) {
    let cite = Cite::new(rule.cite.clone());
    if !draft.party_bars.contains(&cite) {
        draft.party_bars.push(cite);
    }
}

fn push(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    rule: &PartyRule,
    entity: &str,
    prohibits: bool,
    draft: &mut Draft,
) {
    // The Entity List and its kin leave no exception but those that the entry names, which is not among the facts.
    bar(draft, rule);
    let policy = rule
        .policy
        .as_ref()
        .and_then(|p| ctx.tables.policies.get(p));
    draft.requirements.push(Requirement {
        reason: rule.reason.clone(),
        column: String::new(),
        basis: rule.basis.clone(),
        row_used: String::new(),
        entry: String::new(),
        code: ctx.facts.classification.code.clone(),
        path: String::new(),
        destinations: "worldwide".to_owned(),
        destination: place.name.clone(),
        literal: true,
        enforced: true,
        overlay: None,
        overcome_by: Vec::new(),
        review_policy: rule.policy.clone(),
        denial: policy.is_some_and(|p| p.denial),
        cite: Cite::new(rule.cite.clone()),
        label: rule.label.clone(),
        unmodelled: false,
        prohibits,
        row: entity.to_owned(),
        review: None,
    });
}
