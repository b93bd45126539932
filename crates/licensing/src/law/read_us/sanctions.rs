//! `sanctions.yaml`: part 746 and the party lists.

use concord_controls::problem::Problems;
use concord_controls::yaml::Cursor;

use crate::law::fields::{Fields, each};
use crate::law::us_tables::{PartyEffect, PartyRule, Region, Sanction};

/// `sanctions.yaml`.
pub(crate) fn sanctions(
    root: Cursor<'_>,
    problems: &mut Problems,
) -> Option<(Vec<Sanction>, Vec<Region>, Vec<PartyRule>)> {
    let file = Fields::open(root, &["destinations", "regions", "parties"], problems)?;
    const KEYS: &[&str] = &[
        "code",
        "basis",
        "items",
        "policy",
        "label",
        "exceptions",
        "also",
        "note",
        "period",
        "cite",
    ];
    let destinations = each(
        file.required_items("destinations", problems),
        KEYS,
        problems,
        |place, problems| {
            Some(Sanction {
                code: place.text("code", problems)?,
                basis: place.text("basis", problems)?,
                any_item: place
                    .map()
                    .required("items", problems)?
                    .word(&[("any", true), ("listed", false)], problems)?,
                policy: place.text("policy", problems)?,
                label: place.label("label", problems)?,
                exceptions: place.words("exceptions", problems),
                also: place.words("also", problems),
                note: place.optional_label("note", problems),
                period: place.period(problems),
                cite: place.text("cite", problems)?,
            })
        },
    );
    let regions = each(
        file.items("regions", problems),
        &["code", "id", "label", "open", "cite"],
        problems,
        |region, problems| {
            Some(Region {
                code: region.text("code", problems)?,
                id: region.text("id", problems)?,
                label: region.label("label", problems)?,
                open: region.flag("open", problems),
            })
        },
    );
    Some((destinations, regions, parties(&file, problems)))
}

/// The `parties` of `us/sanctions.yaml` and of `kr/situational.yaml`.
pub(crate) fn parties(file: &Fields<'_>, problems: &mut Problems) -> Vec<PartyRule> {
    const KEYS: &[&str] = &[
        "effect", "lists", "reason", "basis", "policy", "label", "cite",
    ];
    each(
        file.required_items("parties", problems),
        KEYS,
        problems,
        |rule, problems| {
            Some(PartyRule {
                effect: rule.map().required("effect", problems)?.word(
                    &[
                        ("prohibited", PartyEffect::Prohibited),
                        ("licence_required", PartyEffect::LicenceRequired),
                        ("military_end_user", PartyEffect::MilitaryEndUser),
                        ("exceptions_foreclosed", PartyEffect::ExceptionsForeclosed),
                        ("red_flag", PartyEffect::RedFlag),
                        ("situational_licence", PartyEffect::SituationalLicence),
                    ],
                    problems,
                )?,
                lists: rule.words("lists", problems),
                reason: rule.text("reason", problems)?,
                basis: rule.text_or_empty("basis", problems),
                policy: rule.optional("policy", problems),
                label: rule.label("label", problems)?,
                cite: rule.text("cite", problems)?,
            })
        },
    )
}
