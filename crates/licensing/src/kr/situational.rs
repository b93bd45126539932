//! The situational licence (Foreign Trade Act Art. 19-3): items listed for a destination, parties of concern, signs.

use jiff::civil::Date;

use super::Ctx;
use crate::decision::{Cite, Finding, PointerKind, StepStatus, Text};
use crate::draft::Draft;
use crate::facts::{PartyStep, Strength};
use crate::law::kr_tables;
use crate::law::us_tables::PartyEffect;
use crate::us::parties::rule_for;

/// What Annex 2-2 says.
pub(super) struct Situational {
    pub listed: bool,
    /// Knowledge or a sign was stated.
    pub triggered: bool,
    pub policy: String,
}

/// How an application is looked at where no list says more.
const CASE_BY_CASE: &str = "case_by_case";

/// Knowledge and the twelve signs, as far as they were answered: one yes is a trigger. What was not is named for the officer.
fn triggers(ctx: &Ctx<'_>, draft: &mut Draft) -> bool {
    let list = &ctx.tables.situational;
    let mut met = Vec::new();
    let mut open = false;
    for (sign, is_sign) in (list.knowledge.iter().map(|k| (k, false)))
        .chain(list.signs.iter().map(|sign| (sign, true)))
    {
        match ctx.judged(&sign.word) {
            Some(true) => met.push(sign),
            Some(false) => {}
            None => {
                open = true;
                if is_sign {
                    draft.point(PointerKind::RedFlag, sign.id.clone(), sign.label.clone());
                }
            }
        }
    }
    for sign in &met {
        let label = sign.label.clone();
        draft.find("situational_trigger", sign.id.clone(), &list.cite, label);
    }
    if open {
        draft.skip(
            "situational",
            "not_stated",
            Text::new(
                "knowledge and the twelve signs of Art. 19-3 were not all stated",
                "제19조의3의 인지 여부와 12개 징후가 모두 제시되지는 않음",
            ),
        );
    }
    !met.is_empty()
}

/// Looks the item up by the amendment in which it was first listed, as the asker states it.
pub(super) fn step(ctx: &Ctx<'_>, destination: &str, draft: &mut Draft) -> Situational {
    let list = &ctx.tables.situational;
    let mut found = Situational {
        listed: false,
        triggered: false,
        policy: list.policy.clone(),
    };
    found.triggered = triggers(ctx, draft);
    if found.triggered {
        found.policy = CASE_BY_CASE.to_owned();
    }
    if !list.destinations.contains(destination) {
        // Whoever says in which amendment the item was listed speaks of the list for those destinations.
        if list.flags.iter().any(|f| ctx.flag(&f.flag).is_some()) {
            found_in_list(list, "not_listed", None, draft);
        }
        draft.step(
            "situational",
            StepStatus::Done,
            Text::new(
                "no list of items for this destination",
                "이 목적지에 대한 품목 목록 없음",
            ),
            vec![Cite::new(list.cite.clone())],
        );
        return found;
    }
    removed(ctx, draft);
    let stated: Vec<_> = list
        .flags
        .iter()
        .map(|f| (f.from, ctx.flag(&f.flag)))
        .collect();
    let since = stated
        .iter()
        .filter(|(_, on)| *on == Some(true))
        .map(|(from, _)| *from)
        .min();
    let editions = || list.editions.iter().map(|e| e.from);
    let word = match since {
        Some(from) if from <= ctx.facts.as_of => {
            found.listed = true;
            "listed"
        }
        // First listed later than the date asked for: on that date it was not.
        Some(_) => "not_listed",
        None if editions().all(|from| from > ctx.facts.as_of) => "not_listed",
        None if stated.iter().all(|(_, on)| *on == Some(false)) && !stated.is_empty() => {
            // The first list of 2022 has no flag of its own; the asker ruled the later ones out.
            "not_listed"
        }
        None => "unknown",
    };
    if word == "unknown" {
        draft.could_raise = true;
        draft.ask_transaction(
            "annex_2_2",
            true,
            Text::new(
                "Does the HS code stand in Annex 2-2 for this destination, and since which amendment?",
                "HS 코드가 별표 2의2에 있습니까? 있다면 어느 개정부터입니까?",
            ),
        );
    }
    if found.listed {
        found.policy.clone_from(&list.policy);
    }
    if found.listed
        && let (Some(contract), Some(since)) = (ctx.facts.transaction.contract_date, since)
        && contract < since
    {
        found.policy.clone_from(&list.prior_contract_policy);
    }
    found_in_list(list, word, since, draft);
    let status = if word == "unknown" {
        StepStatus::Open
    } else {
        StepStatus::Done
    };
    draft.step(
        "situational",
        status,
        Text::new(format!("Annex 2-2: {word}"), format!("별표 2의2: {word}")),
        vec![Cite::new(list.list_cite.clone())],
    );
    found
}

/// What was taken off Annex 2-2 again by that day: its count and its flags do not know.
pub(super) fn removed(ctx: &Ctx<'_>, draft: &mut Draft) {
    let removed = ctx.tables.situational.removed.iter();
    for removed in removed.filter(|removed| removed.from <= ctx.facts.as_of) {
        draft.skip("situational", "removed_items", removed.label.clone());
    }
}

/// Whether the item stands in Annex 2-2 for the destination, and since when.
fn found_in_list(
    list: &kr_tables::Situational,
    word: &str,
    since: Option<Date>,
    draft: &mut Draft,
) {
    draft.findings.push(Finding {
        key: "situational_list".to_owned(),
        value: word.to_owned(),
        cite: Cite {
            provision: list.list_cite.clone(),
            from: since,
            to: None,
        },
        label: Text::new("Annex 2-2 for the destination", "별표 2의2 해당 여부"),
    });
}

/// Parties of concern. Returns the policy, where one stands.
pub(super) fn parties(ctx: &Ctx<'_>, draft: &mut Draft) -> Option<String> {
    let (hits, incomplete) = match ctx.facts.parties {
        PartyStep::NotExamined(reason) => {
            let text = Text::new(
                "the parties were not screened here",
                "거래당사자가 심사되지 않음",
            );
            draft.skip("party", reason.clone(), text.clone());
            draft.step("party", StepStatus::NotExamined, text, Vec::new());
            return None;
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
    let mut policy = None;
    for hit in hits {
        let Some(rule) = rule_for(&ctx.tables.situational.parties, &hit.list) else {
            // Another country's list is no Korean rule, but it is a sign that an officer must see.
            draft.point(
                PointerKind::RedFlag,
                hit.list.clone(),
                Text::new(
                    format!("a party stands on the foreign list `{}`", hit.list),
                    format!("거래당사자가 외국 목록 `{}`에 있음", hit.list),
                ),
            );
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
            draft.ask_transaction(
                &format!("parties[{}]", hit.party),
                true,
                Text::new(
                    format!("Is parties[{}] the listed party {}?", hit.party, hit.entity),
                    format!("parties[{}]이(가) 등재자 {}입니까?", hit.party, hit.entity),
                ),
            );
        } else if rule.effect == PartyEffect::SituationalLicence {
            policy = rule
                .policy
                .clone()
                .or_else(|| Some(CASE_BY_CASE.to_owned()));
        }
    }
    let hit = Text::new(
        format!("{} hit(s)", hits.len()),
        format!("일치 {}건", hits.len()),
    );
    draft.step(
        "party",
        StepStatus::Done,
        hit,
        vec![Cite::new(ctx.tables.situational.cite.clone())],
    );
    policy
}
