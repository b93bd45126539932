//! 15 CFR 740.2: what closes exceptions before any of them is looked at.

use concord_controls::evaluate::Truth;

use super::{Case, Ground};
use crate::classified::ParagraphRef;
use crate::decision::PointerKind;
use crate::destination::{Place, Reached};
use crate::draft::Draft;
use crate::law::us_tables::Bar;
use crate::us::Ctx;
use crate::us::conclude::Claim;

/// The bars that concern these items at this destination, whatever the exception; `true`: for certain.
pub(super) fn in_the_way<'a>(
    ctx: &Ctx<'a>,
    place: &Place<'_>,
    paragraphs: &[ParagraphRef],
    claims: &[Claim<'_>],
) -> Vec<(&'a Bar, bool)> {
    let mut found = Vec::new();
    for bar in &ctx.tables.bars {
        if !bar.period.contains(ctx.facts.as_of) || bar.party_effect.is_some() {
            continue;
        }
        let denied = |flag: &String| ctx.answer(flag) == Some(false);
        let items = items(bar, paragraphs, claims);
        if items == Truth::NotMet || !bar.denied.as_ref().is_none_or(denied) {
            continue;
        }
        let named = ctx.facts.transaction.consignee_in_supp8;
        let decided = match (place.reached(bar.to.predicate()), bar.unless_supp8, named) {
            (Reached::No, ..) | (_, true, Some(true)) => continue,
            (Reached::Yes, true, None) => false,
            (Reached::Yes, ..) => true,
            _ => false,
        };
        found.push((bar, decided && items == Truth::Met));
    }
    found
}

/// The bar that closes the symbol for certain, or else the first that may.
pub(super) fn barred<'c>(case: &Case<'c, '_>, symbol: &str) -> Option<Ground<'c>> {
    let mut open = None;
    let about = |bar: &Bar| closes(bar, symbol, case.ctx, case.place);
    for (bar, closes) in case.bars.iter().copied().filter(|(bar, _)| about(bar)) {
        let ground = Ground::Bar { bar, closes };
        if closes {
            return Some(ground);
        }
        open = open.or(Some(ground));
    }
    open
}

/// Whether the bar is about this symbol at all.
fn closes(bar: &Bar, symbol: &str, ctx: &Ctx<'_>, place: &Place<'_>) -> bool {
    if bar.sanctioned {
        // 740.2(a)(6): only what part 746 names for the destination.
        return ctx.tables.sanctions.iter().any(|s| {
            s.code == place.row
                && s.period.contains(ctx.facts.as_of)
                && !s.exceptions.iter().any(|x| x == symbol)
        });
    }
    match &bar.only {
        Some(only) => !only.iter().any(|s| s == symbol),
        None => bar.forecloses.iter().any(|s| s == symbol),
    }
}

/// Whether the bar is about these items: by paragraph, by reason for control, or about any.
fn items(bar: &Bar, paragraphs: &[ParagraphRef], claims: &[Claim<'_>]) -> Truth {
    let any = bar.codes.is_empty() && bar.near.is_empty() && bar.series.is_empty();
    let by_code = if any {
        Truth::Met
    } else {
        (paragraphs.iter()).fold(Truth::NotMet, |all, p| all.or(names(bar, p)))
    };
    let reasons = |c: &Claim<'_>| bar.reasons.iter().any(|r| *r == *c.reason);
    let by_reason = bar.reasons.is_empty() || claims.iter().any(reasons);
    by_code.and(Truth::known(by_reason))
}

/// Whether the bar names the paragraph. A code stated too generally may lie within: a bar is then taken to apply.
pub(super) fn names(bar: &Bar, paragraph: &ParagraphRef) -> Truth {
    let within = |c: &String| paragraph.is_under(c) || paragraph.covers(c);
    if bar.codes.iter().any(within) || paragraph.is_of_series(&bar.series) {
        Truth::Met
    } else if bar.near.iter().any(within) {
        Truth::Unknown
    } else {
        Truth::NotMet
    }
}

/// Bars that turn on the seat of a party where the destination does not meet them: named, for a person to confirm.
pub(super) fn point_to_headquarters(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    paragraphs: &[ParagraphRef],
    draft: &mut Draft,
) {
    for bar in &ctx.tables.bars {
        let Some(text) = &bar.headquarters else {
            continue;
        };
        let elsewhere = bar.period.contains(ctx.facts.as_of)
            && place.reached(bar.to.predicate()) != Reached::Yes
            && paragraphs.iter().any(|p| names(bar, p) != Truth::NotMet);
        if elsewhere {
            draft.point(PointerKind::RedFlag, bar.id.clone(), text.clone());
        }
    }
}
