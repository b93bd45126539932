//! The 50 percent rule for owners on the lists (15 CFR 744.11(a)(1)): shares, their sum, and the rule's dated state.

use super::{push, rule_for, supplement_not_stored};
use crate::decision::{Cite, Finding, PointerKind, Text};
use crate::destination::Place;
use crate::draft::Draft;
use crate::law::us_tables::{Affiliates, PartyEffect, PartyRule};
use crate::us::Ctx;

/// All shares together, in hundredths of a percent.
const WHOLE: u64 = 10_000;

/// Owners on the lists: their shares are added and compared with half, and the state of the rule decides what follows.
pub(super) fn step(ctx: &Ctx<'_>, place: &Place<'_>, draft: &mut Draft) {
    let rule = &ctx.tables.overlays.affiliates;
    let state = ctx
        .tables
        .overlays
        .overlays
        .get(&rule.overlay)
        .and_then(|o| o.states.iter().find(|s| s.period.contains(ctx.facts.as_of)));
    let Some(state) = state else { return };
    let known = ctx.tables.overlays.states.get(&state.state);
    let label = known.map_or_else(Text::default, |s| s.label.clone());
    draft.findings.push(Finding {
        key: "affiliate_rule".to_owned(),
        value: state.state.clone(),
        cite: Cite {
            provision: state.cite.clone(),
            from: state.period.from,
            to: state.period.to,
        },
        label,
    });
    if known.is_some_and(|s| s.confirm) {
        unconfirmed(rule, draft);
    }
    let in_force = known.is_none_or(|s| s.enforced);
    let owners = &ctx.facts.transaction.ownership;
    if owners.is_empty() {
        if in_force && !ctx.facts.transaction.parties.is_empty() {
            draft.point(
                PointerKind::RedFlag,
                "29",
                Text::new(
                    "the owners of the consignee were not stated",
                    "수하인의 소유자가 제시되지 않음",
                ),
            );
        }
        return;
    }
    let counts = |list: &str| rule.lists.iter().any(|l| l == list);
    let mut listed: u64 = 0;
    let mut unknown: u64 = 0;
    for owner in owners {
        match owner.list.as_deref() {
            Some(list) if counts(list) => listed += u64::from(owner.basis_points),
            Some(_) => {}
            None => unknown += u64::from(owner.basis_points),
        }
    }
    // What nobody has stated belongs to owners that may be listed.
    let stated: u64 = owners.iter().map(|o| u64::from(o.basis_points)).sum();
    if in_force {
        unknown += WHOLE.saturating_sub(stated);
    }
    draft.find(
        "listed_ownership",
        percent(listed),
        &rule.cite,
        Text::new("share of listed owners", "등재 소유자 지분 합계"),
    );
    if listed >= rule.threshold_basis_points {
        if !in_force {
            // Suspended or not yet in force: the text of that day has no such requirement, so neither reading counts it.
            draft.point(
                PointerKind::RedFlag,
                "ownership_by_listed_party",
                Text::new(
                    "listed owners hold half or more; the rule is not in force on this date",
                    "등재 소유자 지분이 절반 이상이나 해당 날짜에는 규칙이 시행되지 않음",
                ),
            );
        } else if let Some(party) = governing_list(ctx, &rule.lists) {
            if party.effect == PartyEffect::MilitaryEndUser {
                supplement_not_stored(draft);
            }
            push(
                ctx,
                place,
                party,
                "affiliates",
                party.effect == PartyEffect::Prohibited,
                draft,
            );
            if let Some(last) = draft.requirements.last_mut() {
                last.cite = Cite {
                    provision: rule.cite.clone(),
                    from: state.period.from,
                    to: state.period.to,
                };
                last.label = Text::new(
                    "the consignee is owned half or more by listed parties",
                    "수하인 지분의 절반 이상을 등재자가 소유",
                );
            }
        }
    } else if listed > 0 {
        draft.point(
            PointerKind::RedFlag,
            "minority_ownership",
            Text::new("listed parties own a minority", "등재자가 소수 지분 보유"),
        );
    }
    if unknown > 0 && listed < rule.threshold_basis_points {
        draft.point(
            PointerKind::RedFlag,
            "29",
            Text::new(
                "ownership is not fully known",
                "소유 구조가 완전히 알려지지 않음",
            ),
        );
        if listed + unknown >= rule.threshold_basis_points {
            draft.could_raise = true;
            draft.ask_transaction(
                "party_ownership",
                true,
                Text::new(
                    "Are the remaining owners listed?",
                    "나머지 소유자는 등재되어 있습니까?",
                ),
            );
        }
    }
}

/// The most restrictive of the lists on which owners stand.
fn governing_list<'a>(ctx: &Ctx<'a>, lists: &[String]) -> Option<&'a PartyRule> {
    let stands = |list: &&String| {
        ctx.facts
            .transaction
            .ownership
            .iter()
            .any(|o| o.list.as_deref() == Some(list.as_str()))
    };
    // The order of `lists` in the data is that of restriction for rules of the same effect.
    lists
        .iter()
        .filter(stands)
        .find_map(|list| rule_for(&ctx.tables.parties, list))
}

fn percent(basis_points: u64) -> String {
    let (whole, rest) = (basis_points / 100, basis_points % 100);
    match rest {
        0 => whole.to_string(),
        r if r % 10 == 0 => format!("{whole}.{}", r / 10),
        r => format!("{whole}.{r:02}"),
    }
}

/// The state of the rule holds only unless something happened that our data does not show: an operator must confirm it.
fn unconfirmed(rule: &Affiliates, draft: &mut Draft) {
    let text = Text::new(
        "the operator must confirm whether the suspension was extended (state in overlays.yaml); until then the rule counts as in force",
        "정지가 연장되었는지 운영자가 확인해야 함(overlays.yaml의 상태), 그때까지 시행 중으로 봄",
    );
    draft.skip("party", "affiliate_rule_unconfirmed", text.clone());
    draft.point(PointerKind::OtherControl, rule.cite.clone(), text);
}
