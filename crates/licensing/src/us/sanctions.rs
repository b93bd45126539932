//! Step E: the sanctioned destinations and regions of part 746.

use super::Ctx;
use super::conclude::Claim;
use crate::classified::ClassifiedBy;
use crate::decision::{Cite, PointerKind, Requirement, StepStatus, Text};
use crate::destination::Place;
use crate::draft::Draft;
use crate::law::us_tables::Sanction;

/// Step E.
pub(super) fn step(ctx: &Ctx<'_>, place: &Place<'_>, draft: &mut Draft) {
    let before = draft.requirements.len();
    requirements(ctx, place, ctx.facts.classification.is_listed(), draft);
    for region in ctx.tables.regions.iter().filter(|r| r.code == place.code) {
        draft.point(
            PointerKind::OtherControl,
            region.id.clone(),
            region.label.clone(),
        );
        if region.open {
            // A country code cannot tell the region, so the absence of a requirement is never the last word.
            draft.region_open = true;
            draft.skip(
                "destination_sanction",
                "region_not_stated",
                region.label.clone(),
            );
        }
    }
    let found = draft.requirements.len() - before;
    draft.step(
        "destination_sanction",
        StepStatus::Done,
        Text::new(
            format!("{found} requirement(s) of part 746 for {}", place.name.en),
            format!("{} 관련 746부 요건 {found}건", place.name.ko),
        ),
        vec![Cite::new("15 CFR 746")],
    );
}

/// What part 746 says of the destination at the date.
fn in_force<'a>(ctx: &Ctx<'a>, place: &Place<'_>) -> impl Iterator<Item = &'a Sanction> {
    let here = move |s: &&Sanction| s.code == place.row && s.period.contains(ctx.facts.as_of);
    ctx.tables.sanctions.iter().filter(here)
}

/// The requirements of part 746, without words: for trials.
pub(super) fn claims<'a>(
    ctx: &Ctx<'a>,
    place: &Place<'_>,
    listed: bool,
) -> impl Iterator<Item = Claim<'a>> {
    in_force(ctx, place).map(move |sanction| Claim {
        unmodelled: !sanction.any_item && !listed,
        denial: (ctx.tables.policies.get(&sanction.policy)).is_some_and(|p| p.denial),
        ..Claim::standing("embargo", "", "", &sanction.code)
    })
}

fn requirements(ctx: &Ctx<'_>, place: &Place<'_>, listed: bool, draft: &mut Draft) {
    for sanction in in_force(ctx, place) {
        // For EAR99 to Russia or Belarus the tables by HTS code decide; they are not stored, so nothing is cleared.
        let unmodelled = !sanction.any_item && !listed;
        let residual = ctx.facts.classification.by == ClassifiedBy::Residual;
        if unmodelled && residual {
            draft.skip(
                "destination_sanction",
                "hts_tables_not_stored",
                Text::new(
                    "whether the HS code stands in the tables of part 746 was not examined",
                    "HS 코드가 746부 표에 있는지 확인하지 않음",
                ),
            );
        }
        let policy = ctx.tables.policies.get(&sanction.policy);
        draft.requirements.push(Requirement {
            reason: "embargo".to_owned(),
            column: String::new(),
            basis: sanction.basis.clone(),
            row_used: place.row_used().to_owned(),
            entry: String::new(),
            code: ctx.facts.classification.code.clone(),
            path: String::new(),
            destinations: format!("country({})", sanction.code),
            destination: place.name.clone(),
            literal: true,
            enforced: true,
            overlay: None,
            overcome_by: Vec::new(),
            review_policy: Some(sanction.policy.clone()),
            denial: policy.is_some_and(|p| p.denial),
            cite: Cite {
                provision: sanction.cite.clone(),
                from: sanction.period.from,
                to: sanction.period.to,
            },
            label: sanction.label.clone(),
            unmodelled,
            prohibits: false,
            row: sanction.code.clone(),
            review: None,
        });
        for also in &sanction.also {
            draft.point(
                PointerKind::OtherControl,
                also.clone(),
                Text::new(
                    "further requirements for this destination",
                    "이 목적지의 추가 요건",
                ),
            );
        }
        if let Some(note) = &sanction.note {
            draft.point(
                PointerKind::OtherControl,
                sanction.basis.clone(),
                note.clone(),
            );
        }
    }
}
