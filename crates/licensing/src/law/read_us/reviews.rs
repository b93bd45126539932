//! `reviews.yaml`: how applications are reviewed.

use std::collections::BTreeMap;

use concord_controls::condition::Condition;
use concord_controls::problem::Problems;
use concord_controls::vocabulary::Vocabulary;
use concord_controls::yaml::Cursor;

use super::to;
use crate::law::fields::{Fields, each};
use crate::law::us_tables::{Policy, Review, ReviewRule};

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
