//! `exceptions.yaml`: part 740.

use concord_controls::period::Period;
use concord_controls::problem::Problems;
use concord_controls::yaml::Cursor;

use super::{recalled, to};
use crate::law::fields::{Fields, each};
use crate::law::us_tables::{Bar, EntryRole, Exception, Limb};

/// `exceptions.yaml`: the exceptions and the bars of 740.2.
pub(crate) fn exceptions(
    root: Cursor<'_>,
    problems: &mut Problems,
) -> Option<(Vec<Exception>, Vec<Bar>)> {
    let file = Fields::open(root, &["exceptions", "bars"], problems)?;
    let body = Fields::open(
        file.map().required("exceptions", problems)?,
        &["cite", "observed", "list"],
        problems,
    )?;
    const KEYS: &[&str] = &[
        "symbol",
        "section",
        "label",
        "period",
        "entry",
        "moves_outcome",
        "notification",
        "kinds",
        "codes",
        "activities",
        "to",
        "to_check_elsewhere",
        "versions",
        "only_reasons",
        "value_limit",
        "limbs",
        "conditions",
    ];
    let list = each(
        body.required_items("list", problems),
        KEYS,
        problems,
        exception,
    );
    const BAR: &[&str] = &[
        "id",
        "label",
        "codes",
        "near",
        "series",
        "reasons",
        "to",
        "only",
        "forecloses",
        "sanctioned",
        "party_effect",
        "unless",
        "denied",
        "headquarters",
        "period",
        "basis",
    ];
    let bars = each(
        file.required_items("bars", problems),
        BAR,
        problems,
        |bar, problems| {
            let unless = bar.optional("unless", problems);
            if unless.as_deref().is_some_and(|u| u != "consignee_in_supp8") {
                bar.refuse(
                    "`unless` knows only consignee_in_supp8".to_owned(),
                    problems,
                );
            }
            Some(Bar {
                id: bar.text("id", problems)?,
                label: bar.optional_label("label", problems).unwrap_or_default(),
                codes: bar.words("codes", problems),
                near: bar.words("near", problems),
                series: bar.words("series", problems),
                reasons: bar.words("reasons", problems),
                to: to(bar, problems),
                only: bar.optional_words("only", problems),
                forecloses: bar.words("forecloses", problems),
                sanctioned: bar.flag("sanctioned", problems),
                party_effect: bar.optional("party_effect", problems),
                unless_supp8: unless.is_some(),
                denied: bar.optional("denied", problems),
                headquarters: bar.optional_label("headquarters", problems),
                period: bar.period(problems),
                recalled: recalled(bar, problems),
            })
        },
    );
    Some((list, bars))
}

fn exception(fields: &Fields<'_>, problems: &mut Problems) -> Option<Exception> {
    let entry = fields.map().required("entry", problems)?.word(
        &[
            ("required", EntryRole::Required),
            ("named", EntryRole::Named),
            ("silent_ok", EntryRole::SilentOk),
        ],
        problems,
    )?;
    let only_reasons = fields.words("only_reasons", problems);
    let base = to(fields, problems);
    let versions = each(
        fields.items("versions", problems),
        &["to", "period"],
        problems,
        |version, problems| Some((to(version, problems), version.period(problems))),
    );
    let mut limbs = each(
        fields.items("limbs", problems),
        &["id", "to", "only_reasons", "period"],
        problems,
        |limb, problems| {
            Some(Limb {
                id: limb.text("id", problems)?,
                to: to(limb, problems),
                only_reasons: limb.words("only_reasons", problems),
                period: limb.period(problems),
            })
        },
    );
    if limbs.is_empty() {
        // A version replaces the first destination from its day on; the first one ends there.
        let end = versions.iter().filter_map(|(_, p)| p.from).min();
        limbs.push(Limb {
            id: String::new(),
            to: base,
            only_reasons: only_reasons.clone(),
            period: Period {
                from: None,
                to: end,
            },
        });
        limbs.extend(versions.into_iter().map(|(to, period)| Limb {
            id: String::new(),
            to,
            only_reasons: only_reasons.clone(),
            period,
        }));
    }
    Some(Exception {
        symbol: fields.text("symbol", problems)?,
        section: fields.text("section", problems)?,
        label: fields.label("label", problems)?,
        period: fields.period(problems),
        entry,
        moves_outcome: fields.flag("moves_outcome", problems),
        notification: fields.flag("notification", problems),
        kinds: fields.words("kinds", problems),
        codes: fields.words("codes", problems),
        activities: fields.words("activities", problems),
        limbs,
        to_check_elsewhere: fields.flag("to_check_elsewhere", problems),
        value_limit: fields.flag("value_limit", problems),
        conditions: fields.labels("conditions", problems),
    })
}
