//! What a control entry prints about an exception.

use concord_controls::entry::{EligibilityStatus, Entry, Money, Path, in_scope};
use concord_controls::evaluate::Truth;

use super::{Case, Ground, bars};
use crate::classified::ParagraphRef;
use crate::destination::{Place, Reached};
use crate::law::us_tables::Exception;
use crate::us::Ctx;

/// The entry's lines about one symbol, read for one paragraph.
#[derive(Default)]
pub(super) struct Printed<'a> {
    pub no: bool,
    pub named: bool,
    pub undecided: bool,
    pub limit: Option<&'a Money>,
}

pub(super) fn printed<'a>(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    entry: &'a Entry,
    path: &Path,
    symbol: &str,
) -> Printed<'a> {
    let mut found = Printed::default();
    let lines = entry.exceptions.iter().filter(|l| {
        *l.symbol == *symbol
            && l.period.contains(ctx.facts.as_of)
            && in_scope(&l.scope, path)
            && (l.groups.is_empty() || l.groups.iter().any(|g| place.in_group(g) != Reached::No))
    });
    for line in lines {
        let truth = line.when.as_ref().map_or(Truth::Met, |w| ctx.truth(w));
        match (line.status, truth) {
            (_, Truth::NotMet) => {}
            (EligibilityStatus::No, Truth::Met) => found.no = true,
            // An exclusion that the facts do not decide does not block; its condition is for a person to confirm.
            (EligibilityStatus::No, Truth::Unknown) => {}
            (EligibilityStatus::Candidate, Truth::Met) => {
                found.named = true;
                found.limit = line.value.as_ref().or(found.limit);
            }
            (EligibilityStatus::Candidate, Truth::Unknown) => found.undecided = true,
        }
    }
    found
}

/// What the entries must print for the symbol, and value limits; `None` where they print enough.
pub(super) fn undecided<'c>(case: &Case<'c, '_>, exception: &Exception) -> Option<Ground<'c>> {
    let mut named = false;
    // Every paragraph whose row has to be overcome must name it; one without such rows need not.
    for (code, found) in &case.bearing {
        let Some((entry, path)) = found else {
            continue;
        };
        let printed = printed(case.ctx, case.place, entry, path, &exception.symbol);
        if !printed.named && !printed.undecided {
            named = false;
            break;
        }
        if !printed.named {
            return Some(Ground::EntryAsks(code));
        }
        named = true;
        if exception.value_limit {
            match within(case.ctx, printed.limit) {
                Some(true) => {}
                Some(false) => return Some(Ground::AboveLimit(code)),
                None => return Some(Ground::ValueNotStated(code)),
            }
        }
    }
    (!named).then(|| Ground::NotNamed(case.bearing.first().map(|(code, _)| *code)))
}

/// Whether the stated value lies within the limit; `None` where value or limit are not known or not comparable.
fn within(ctx: &Ctx<'_>, limit: Option<&Money>) -> Option<bool> {
    let (limit, value) = (limit?, ctx.facts.item.value()?);
    (limit.currency == value.currency).then(|| value.amount <= limit.amount)
}

/// Which lines of the entry and which bars of 740.2 are about the paragraph, one after the other.
pub(in crate::us) fn coverage(
    ctx: &Ctx<'_>,
    entry: &Entry,
    path: &Path,
    paragraph: &ParagraphRef,
) -> (Vec<bool>, Vec<Truth>) {
    let lines = entry.exceptions.iter().map(|l| in_scope(&l.scope, path));
    let bars = ctx.tables.bars.iter().map(|b| bars::names(b, paragraph));
    (lines.collect(), bars.collect())
}
