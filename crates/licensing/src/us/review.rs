//! Step R: how an application would be reviewed.

use concord_controls::evaluate::Truth;

use super::Ctx;
use crate::classified::under;
use crate::decision::{Cite, Requirement, StepStatus, Text};
use crate::destination::{Place, Reached};
use crate::draft::Draft;
use crate::law::us_tables::{Review, ReviewRule};
use crate::outcome::Outcome;

/// Gives every requirement of the list its review policy.
pub(super) fn step(ctx: &Ctx<'_>, place: &Place<'_>, draft: &mut Draft) {
    let mut cites = Vec::new();
    let mut asked = Vec::new();
    for index in 0..draft.requirements.len() {
        let Some(requirement) = draft.requirements.get(index) else {
            break;
        };
        if requirement.review_policy.is_some() || requirement.entry.is_empty() {
            continue;
        }
        let Some(review) = review_of(ctx, requirement) else {
            continue;
        };
        let (rule, open) = choose(ctx, place, review);
        asked.extend(open);
        let Some(rule) = rule else { continue };
        let denial = ctx
            .tables
            .policies
            .get(&rule.policy)
            .is_some_and(|p| p.denial);
        if let Some(requirement) = draft.requirements.get_mut(index) {
            requirement.review_policy = Some(rule.policy.clone());
            requirement.denial = denial;
        }
        let cite = Cite {
            provision: rule.cite.clone(),
            from: rule.period.from,
            to: rule.period.to,
        };
        if !cites.contains(&cite) {
            cites.push(cite);
        }
        if let Some(conditions) = &rule.conditions {
            draft.point(
                crate::decision::PointerKind::OtherControl,
                rule.cite.clone(),
                conditions.clone(),
            );
        }
    }
    for input in asked {
        // A milder review is never assumed; the answer could only lower the burden.
        draft.ask(crate::decision::Question {
            text: Text::new(
                format!("{input}? It decides how an application is reviewed"),
                format!("{input}? 심사 방침을 결정합니다"),
            ),
            input,
            kind: "parameter".to_owned(),
            unit: String::new(),
            thresholds: Vec::new(),
            codes: Vec::new(),
            could_raise: false,
        });
    }
    if !draft.requirements.is_empty() {
        let names = |word: fn(&Text) -> &str| {
            let policies = draft
                .requirements
                .iter()
                .filter_map(|r| r.review_policy.as_ref());
            let known = policies.filter_map(|p| ctx.tables.policies.get(p));
            let mut labels: Vec<_> = known.map(|p| word(&p.label).to_owned()).collect();
            labels.dedup();
            labels.join("; ")
        };
        let summary = Text::new(names(|t| &t.en), names(|t| &t.ko));
        draft.step("review_policy", StepStatus::Done, summary, cites);
    }
}

/// Which reviews name the code, one after the other.
pub(super) fn coverage(ctx: &Ctx<'_>, code: &str) -> Vec<bool> {
    let reviews = ctx.tables.reviews.values();
    reviews.map(|r| names(r, code)).collect()
}

fn names(review: &Review, code: &str) -> bool {
    review.codes.iter().any(|c| under(code, c))
}

fn review_of<'a>(ctx: &Ctx<'a>, requirement: &Requirement) -> Option<&'a Review> {
    let reviews = &ctx.tables.reviews;
    if let Some(id) = &requirement.review {
        return reviews.get(id);
    }
    reviews
        .values()
        .find(|review| review.basis.contains(&requirement.basis))
        .or_else(|| {
            reviews
                .values()
                .find(|review| names(review, &requirement.code))
        })
        .or_else(|| reviews.get("default"))
}

/// The first rule whose destination, origin and formula hold, and the inputs of rules passed over as undecided.
fn choose<'a>(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    review: &'a Review,
) -> (Option<&'a ReviewRule>, Vec<String>) {
    let mut open = Vec::new();
    let from_home = ctx
        .facts
        .transaction
        .origin
        .as_deref()
        .is_none_or(|o| ctx.is_home(o));
    for rule in review
        .rules
        .iter()
        .filter(|r| r.period.contains(ctx.facts.as_of))
    {
        if (rule.home_origin && !from_home) || place.reached(rule.to.predicate()) != Reached::Yes {
            continue;
        }
        let Some(when) = &rule.when else {
            return (Some(rule), open);
        };
        let evaluation = ctx.evaluate(when);
        match evaluation.truth {
            Truth::Met => return (Some(rule), open),
            Truth::Unknown => open.extend(evaluation.missing.iter().map(|m| m.id.to_string())),
            Truth::NotMet => {}
        }
    }
    (None, open)
}

/// The policy of the whole answer: the severest among the requirements that stand. None where no licence is asked for.
pub(super) fn overall(
    ctx: &Ctx<'_>,
    requirements: &[Requirement],
    outcome: Outcome,
) -> Option<String> {
    if !matches!(outcome, Outcome::LicenceRequired | Outcome::Indeterminate) {
        return None;
    }
    let severity = |policy: &str| {
        let denial = ctx.tables.policies.get(policy).is_some_and(|p| p.denial);
        (
            denial,
            policy != "presumption_of_approval",
            policy == "policy_of_denial",
            policy == "case_by_case",
        )
    };
    requirements
        .iter()
        .filter(|r| r.enforced && r.overcome_by.is_empty())
        .filter_map(|r| r.review_policy.as_deref())
        // The default of a row that states none says less than any policy that is stated.
        .max_by_key(|policy| severity(policy))
        .map(str::to_owned)
}
