//! Reads the tables of the United States (`docs/regimes.md`).

mod end_uses;
mod reach;

use std::collections::{BTreeMap, BTreeSet};

use concord_controls::condition::Condition;
use concord_controls::period::Period;
use concord_controls::problem::Problems;
use concord_controls::vocabulary::Vocabulary;
use concord_controls::yaml::Cursor;

use super::fields::{Fields, each};
use super::us_tables::{
    Affiliates, Bar, Chart, ChartChange, Country, DatedState, EntryRole, Exception, Group,
    GroupChange, Limb, Overlay, OverlayState, Overlays, PartyEffect, PartyRule, Policy, Region,
    Review, ReviewRule, Row, Sanction,
};
use crate::destination::{self, Destinations};
pub(crate) use end_uses::end_uses;
pub(crate) use reach::reach;

/// `countries.yaml`.
pub(crate) fn chart(root: Cursor<'_>, problems: &mut Problems) -> Option<Chart> {
    let file = Fields::open(root, &["chart", "countries"], problems)?;
    let head = Fields::open(
        file.map().required("chart", problems)?,
        &["cite", "observed", "earliest", "columns"],
        problems,
    )?;
    let columns = head.set("columns", problems);
    let earliest = head.map().required("earliest", problems)?.date(problems)?;
    let mut countries = BTreeMap::new();
    const KEYS: &[&str] = &[
        "code",
        "en",
        "ko",
        "marks",
        "footnotes",
        "before",
        "row",
        "pointer",
        "no_row",
        "home",
        "cite",
    ];
    for cursor in file.required_items("countries", problems) {
        let Some(fields) = Fields::open(cursor, KEYS, problems) else {
            continue;
        };
        if let Some((code, country)) = country(&fields, &columns, problems)
            && countries.insert(code.clone(), country).is_some()
        {
            fields.refuse(format!("`{code}` is given twice"), problems);
        }
    }
    Some(Chart {
        cite: head.text("cite", problems)?,
        earliest,
        countries,
    })
}

fn country(
    fields: &Fields<'_>,
    columns: &BTreeSet<String>,
    problems: &mut Problems,
) -> Option<(String, Country)> {
    let code = fields.text("code", problems)?;
    let name = fields.name(problems)?;
    let cite = fields.optional("cite", problems);
    let marks = fields.optional_words("marks", problems);
    let of = fields.optional("row", problems);
    let pointer = fields.optional("pointer", problems);
    let missing = fields.flag("no_row", problems);
    let home = fields.flag("home", problems);
    let known = usize::from(marks.is_some())
        + usize::from(of.is_some())
        + usize::from(pointer.is_some())
        + usize::from(missing)
        + usize::from(home);
    if known != 1 {
        let what = "a destination has exactly one of marks, row, pointer, no_row, home".to_owned();
        fields.refuse(what, problems);
        return None;
    }
    let before = each(
        fields.items("before", problems),
        &["to", "add", "remove"],
        problems,
        |change, problems| {
            Some(ChartChange {
                to: change.map().required("to", problems)?.date(problems)?,
                add: change.words("add", problems),
                remove: change.words("remove", problems),
            })
        },
    );
    let mentioned = marks
        .iter()
        .flatten()
        .chain(before.iter().flat_map(|c| &c.add));
    for mark in mentioned {
        if !columns.contains(mark) {
            fields.refuse(format!("`{mark}` is not a column of the chart"), problems);
        }
    }
    let row = match (marks, of, pointer) {
        (Some(marks), ..) => Row::Own {
            marks: marks.into_iter().collect(),
            before,
        },
        (_, Some(of), _) => Row::Of(of),
        (_, _, Some(pointer)) => Row::Pointer(pointer),
        _ if home => Row::Home,
        _ => Row::Missing,
    };
    let un_noted = fields.words("footnotes", problems).iter().any(|f| f == "1");
    Some((
        code,
        Country {
            name,
            row,
            un_noted,
            cite,
        },
    ))
}

/// `groups.yaml`.
pub(crate) fn groups(root: Cursor<'_>, problems: &mut Problems) -> Option<Vec<Group>> {
    let file = Fields::open(root, &["groups"], problems)?;
    let body = Fields::open(
        file.map().required("groups", problems)?,
        &["cite", "observed", "list"],
        problems,
    )?;
    Some(each(
        body.required_items("list", problems),
        &["id", "en", "ko", "members", "changes"],
        problems,
        |group, problems| {
            let changes = each(
                group.items("changes", problems),
                &["code", "member", "to"],
                problems,
                |change, problems| {
                    Some(GroupChange {
                        code: change.text("code", problems)?,
                        member: change.flag("member", problems),
                        to: change.map().required("to", problems)?.date(problems)?,
                    })
                },
            );
            Some(Group {
                id: group.text("id", problems)?,
                members: group.set("members", problems),
                changes,
            })
        },
    ))
}

fn to(fields: &Fields<'_>, problems: &mut Problems) -> Destinations {
    fields
        .map()
        .optional("to")
        .and_then(|c| destination::read(c, problems))
        .unwrap_or_else(Destinations::worldwide)
}

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

/// What `reviews.yaml` holds.
pub(crate) struct ReviewTables {
    pub policies: BTreeMap<String, Policy>,
    pub reviews: BTreeMap<String, Review>,
    pub sections: BTreeMap<String, String>,
}

/// `reviews.yaml`.
pub(crate) fn reviews(
    root: Cursor<'_>,
    vocabulary: &Vocabulary,
    problems: &mut Problems,
) -> Option<ReviewTables> {
    let file = Fields::open(root, &["policies", "sections", "reviews"], problems)?;
    let sections = file
        .map()
        .required("sections", problems)?
        .pairs(problems)
        .into_iter()
        .filter_map(|(reason, _, section)| {
            Some((reason.to_owned(), section.text(problems)?.to_owned()))
        })
        .collect();
    let policies: BTreeMap<String, Policy> = each(
        file.required_items("policies", problems),
        &["id", "denial", "label"],
        problems,
        |policy, problems| {
            Some((
                policy.text("id", problems)?,
                Policy {
                    denial: policy.flag("denial", problems),
                    label: policy.label("label", problems)?,
                },
            ))
        },
    )
    .into_iter()
    .collect();
    const REVIEW: &[&str] = &["id", "cite", "codes", "series", "basis", "reasons", "rules"];
    let mut reviews = BTreeMap::new();
    for cursor in file.required_items("reviews", problems) {
        let Some(fields) = Fields::open(cursor, REVIEW, problems) else {
            continue;
        };
        let (Some(id), Some(cite)) = (fields.text("id", problems), fields.text("cite", problems))
        else {
            continue;
        };
        const RULE: &[&str] = &[
            "policy",
            "to",
            "when",
            "origin",
            "period",
            "conditions",
            "cite",
        ];
        let rules = each(
            fields.required_items("rules", problems),
            RULE,
            problems,
            |rule, problems| {
                let policy = rule.text("policy", problems)?;
                if !policies.contains_key(&policy) {
                    rule.refuse(format!("`{policy}` is not a policy of this file"), problems);
                }
                let origin = rule.optional("origin", problems);
                if origin.as_deref().is_some_and(|o| o != "home") {
                    rule.refuse("`origin` knows only home".to_owned(), problems);
                }
                Some(ReviewRule {
                    policy,
                    to: to(rule, problems),
                    when: rule
                        .map()
                        .optional("when")
                        .and_then(|c| Condition::read(c, vocabulary, problems)),
                    home_origin: origin.is_some(),
                    conditions: rule.optional_label("conditions", problems),
                    period: rule.period(problems),
                    cite: rule
                        .optional("cite", problems)
                        .unwrap_or_else(|| cite.clone()),
                })
            },
        );
        let (codes, basis) = (
            fields.words("codes", problems),
            fields.words("basis", problems),
        );
        reviews.insert(
            id,
            Review {
                codes,
                series: fields.words("series", problems),
                reasons: fields.words("reasons", problems),
                basis,
                rules,
            },
        );
    }
    Some(ReviewTables {
        policies,
        reviews,
        sections,
    })
}

/// `overlays.yaml`.
pub(crate) fn overlays(root: Cursor<'_>, problems: &mut Problems) -> Option<Overlays> {
    let file = Fields::open(root, &["states", "overlays", "affiliates"], problems)?;
    let states: BTreeMap<String, OverlayState> = each(
        file.required_items("states", problems),
        &["id", "enforced", "confirm", "label"],
        problems,
        |state, problems| {
            Some((
                state.text("id", problems)?,
                OverlayState {
                    enforced: state.flag("enforced", problems),
                    confirm: state.flag("confirm", problems),
                    label: state.label("label", problems)?,
                },
            ))
        },
    )
    .into_iter()
    .collect();
    let overlays: BTreeMap<String, Overlay> = each(
        file.required_items("overlays", problems),
        &["id", "label", "cite", "states"],
        problems,
        |overlay, problems| {
            let dated = each(
                overlay.required_items("states", problems),
                &["state", "period", "cite"],
                problems,
                |state, problems| {
                    let word = state.text("state", problems)?;
                    if !states.contains_key(&word) {
                        state.refuse(format!("`{word}` is not a state of this file"), problems);
                    }
                    Some(DatedState {
                        state: word,
                        period: state.period(problems),
                        cite: state.text("cite", problems)?,
                    })
                },
            );
            for (i, a) in dated.iter().enumerate() {
                if dated
                    .iter()
                    .skip(i + 1)
                    .any(|b| a.period.first_common_day(&b.period).is_some())
                {
                    overlay.refuse("two states on one day".to_owned(), problems);
                }
            }
            Some((
                overlay.text("id", problems)?,
                Overlay {
                    label: overlay.label("label", problems)?,
                    states: dated,
                },
            ))
        },
    )
    .into_iter()
    .collect();
    let rule = Fields::open(
        file.map().required("affiliates", problems)?,
        &["overlay", "threshold_percent", "lists", "cite"],
        problems,
    )?;
    let affiliates = Affiliates {
        overlay: rule.text("overlay", problems)?,
        threshold_basis_points: u64::from(rule.number("threshold_percent", problems)?) * 100,
        lists: rule.words("lists", problems),
        cite: rule.text("cite", problems)?,
    };
    if !overlays.contains_key(&affiliates.overlay) {
        rule.refuse(
            format!("`{}` is not an overlay of this file", affiliates.overlay),
            problems,
        );
    }
    Some(Overlays {
        states,
        overlays,
        affiliates,
    })
}

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
