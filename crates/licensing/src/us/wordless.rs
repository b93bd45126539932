//! The burden of a plain export alone, without a word of an answer: comparing two lists asks the same law about hundreds of items
//! and every kind of destination. The steps judge by the same functions as in a whole decision; a test compares the two.

use concord_controls::entry::{Entry, Path, RequirementRow};
use concord_controls::evaluate::Truth;

use super::conclude::{Claim, conclude};
use super::exceptions::{self, Doors};
use super::reach::{Subject, limb};
use super::requirements::RowStanding;
use super::{Ctx, may_reach, requirements, review, sanctions};
use crate::classified::ParagraphRef;
use crate::destination::Place;
use crate::facts::{Activity, Facts, PartyStep};
use crate::law::LawEdition;
use crate::law::us_tables::UsTables;
use crate::outcome::Burden;

/// The enforced burden of an export from the country itself with clean parties, of an item that leaves nothing open. `None`: the
/// facts say more than that or leave a row open, and the whole decision must be made.
pub(crate) fn burden(law: &LawEdition, tables: &UsTables, facts: &Facts<'_>) -> Option<Burden> {
    let ctx = Ctx {
        tables,
        at: law.regime().at(facts.as_of),
        facts,
    };
    let transaction = facts.transaction;
    let place = Place::resolve(
        transaction.destination.as_deref()?,
        &tables.chart,
        &tables.groups,
        &tables.sanctions,
        facts.as_of,
    )?;
    let clean = matches!(facts.parties, PartyStep::Examined { hits, incomplete }
        if hits.is_empty() && incomplete.is_empty());
    let plain = clean
        && !facts.strict
        && facts.classification.open.is_empty()
        && !place.home
        && transaction.origin.as_deref().is_none_or(|o| ctx.is_home(o))
        && ctx.activity() == Activity::Export
        && transaction.parties.is_empty()
        && transaction.ownership.is_empty();
    // An end use that was answered is a requirement of its own.
    let triggers = &tables.end_uses.triggers;
    if !plain
        || triggers
            .iter()
            .any(|t| limb::asked(&ctx, &t.asked) == Truth::Met)
    {
        return None;
    }
    let paragraphs = facts.classification.paragraphs();
    let mut claims = Vec::new();
    let mut undecided = false;
    for paragraph in &paragraphs {
        let found = rows(&ctx, &place, paragraph, &mut claims);
        if found.open {
            return None;
        }
        undecided |= found.undecided;
    }
    notices(&ctx, &place, &mut claims);
    let listed = facts.classification.is_listed();
    claims.extend(sanctions::claims(&ctx, &place, listed));
    let doors = Doors::of(&ctx, &place);
    exceptions::carry(&ctx, &place, &doors, &paragraphs, false, &mut claims);
    Some(conclude(&ctx, &claims, undecided, Subject::Yes, |c| c.enforced).burden)
}

/// How the rows of a paragraph were found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rows {
    /// A table had no answer for it.
    pub undecided: bool,
    /// The facts leave some row open; it is among the claims.
    pub open: bool,
}

/// The rows of a paragraph beside the claims that stand already, also those that the facts leave open.
pub(super) fn rows<'c>(
    ctx: &Ctx<'c>,
    place: &Place<'_>,
    paragraph: &'c ParagraphRef,
    claims: &mut Vec<Claim<'c>>,
) -> Rows {
    let mut found = Rows::default();
    let entry = ctx.entry(&paragraph.entry);
    let Some(entry) = entry.filter(|e| !e.requirements.is_empty()) else {
        let residual = ctx.at.regime().residual();
        found.undecided = residual.is_none_or(|r| **r != *paragraph.entry);
        return found;
    };
    let Some(path) = Path::parse(&paragraph.path) else {
        return found;
    };
    for row in &entry.requirements {
        let taken = claims
            .iter()
            .any(|c| *c.entry == *entry.code && *c.row == *row.id);
        if taken {
            continue;
        }
        let unmodelled = match requirements::standing(ctx, place, row, &path) {
            RowStanding::Absent => continue,
            RowStanding::NoChartRow => {
                found.undecided = true;
                continue;
            }
            RowStanding::Open { .. } => {
                found.open = true;
                false
            }
            RowStanding::Reaches { unmodelled } => unmodelled,
        };
        claims.push(Claim {
            unmodelled,
            ..claim(ctx, place, entry, row, paragraph)
        });
    }
    found
}

/// A row of an entry as if it reached the paragraph.
pub(super) fn claim<'c>(
    ctx: &Ctx<'c>,
    place: &Place<'_>,
    entry: &'c Entry,
    row: &'c RequirementRow,
    paragraph: &'c ParagraphRef,
) -> Claim<'c> {
    Claim {
        enforced: requirements::row_enforced(ctx, row),
        denial: review::presumes_denial(ctx, place, row, paragraph),
        ..Claim::standing(&row.reason, &entry.code, &paragraph.path, &row.id)
    }
}

/// Notices addressed to the company or product.
fn notices<'c>(ctx: &Ctx<'c>, place: &Place<'_>, claims: &mut Vec<Claim<'c>>) {
    let named = ctx.facts.classification.notices.iter();
    let notices = named.filter_map(|id| ctx.at.regime().notice(id));
    let here =
        notices.filter(|n| n.period.contains(ctx.facts.as_of) && may_reach(place.reached(&n.to)));
    claims.extend(here.map(|n| Claim::standing(&n.reason, "", "", &n.id)));
}

#[cfg(test)]
mod tests {
    use concord_controls::embedded;
    use concord_controls::item::{Item, ItemInput, Judgements};

    use crate::classified::{Classified, ClassifiedBy, ParagraphRef};
    use crate::facts::{Facts, PartyStep, Transaction};
    use crate::law::LawEdition;

    /// For paragraphs of all categories, for what no entry meets and for a notice, at two dates.
    #[test]
    fn the_burden_alone_is_that_of_the_whole_decision() {
        let law = LawEdition::load(&embedded::source(), "us").unwrap();
        let tables = law.us_tables().unwrap();
        let item = Item::read(&ItemInput::default(), law.regime().vocabulary()).unwrap();
        let (judgements, parties) = (Judgements::none(), PartyStep::clean());
        let mut questions = Vec::new();
        for entry in law.regime().entries().iter().step_by(4) {
            let middle = entry.paragraphs.get(entry.paragraphs.len() / 2);
            questions.push((middle.map_or(&*entry.code, |p| &*p.code).to_owned(), false));
        }
        questions.push(("EAR99".to_owned(), false));
        questions.push(("3A991.p".to_owned(), true));
        let mut compared = 0;
        for as_of in ["2023-12-01", "2026-10-01"] {
            let as_of = as_of.parse().unwrap();
            for (code, noticed) in &questions {
                let paragraph = ParagraphRef::parse(code);
                let listed = code != "EAR99";
                let notices = law.regime().notices().iter().map(|n| n.id.to_string());
                let classification = Classified {
                    by: if listed {
                        ClassifiedBy::Computed
                    } else {
                        ClassifiedBy::Residual
                    },
                    code: code.clone(),
                    matches: listed.then_some(paragraph).into_iter().collect(),
                    notices: notices.filter(|_| *noticed).collect(),
                    ..Classified::unresolved()
                };
                for destination in ["CN", "KR", "RU", "IR", "VN", "AE", "GB", "IN", "MO", "GI"] {
                    let transaction = Transaction {
                        origin: Some("US".to_owned()),
                        destination: Some(destination.to_owned()),
                        ..Transaction::default()
                    };
                    let facts = Facts {
                        item: &item,
                        classification: &classification,
                        judgements: &judgements,
                        transaction: &transaction,
                        parties: &parties,
                        as_of,
                        strict: false,
                    };
                    let whole = law.decide(&facts).burden;
                    let alone = super::burden(&law, tables, &facts);
                    // Where the facts leave a row open, the whole decision is made.
                    if let Some(alone) = alone {
                        assert_eq!(alone, whole, "{code} to {destination} on {as_of}");
                        compared += 1;
                    }
                }
            }
        }
        assert!(compared > 2_000, "{compared}");
    }
}
