//! Step R: how an application would be reviewed.

use concord_controls::condition::Condition;
use concord_controls::entry::RequirementRow;
use concord_controls::evaluate::Truth;

use super::Ctx;
use crate::classified::{ParagraphRef, lies_under};
use crate::decision::{Cite, Question, Requirement, StepStatus, Text};
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
        let (entry, path) = (&requirement.entry, &requirement.path);
        let named = requirement.review.as_deref();
        let (basis, reason) = (&requirement.basis, &requirement.reason);
        let Some(review) = review_of(ctx, named, basis, reason, entry, path) else {
            continue;
        };
        let (rule, open) = choose(ctx, place, review);
        let inputs = open.iter().flat_map(|when| ctx.evaluate(when).missing);
        asked.extend(inputs.map(|m| m.id.to_string()));
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
        let text = Text::new(
            format!("{input}? It decides how an application is reviewed"),
            format!("{input}? 심사 방침을 결정합니다"),
        );
        draft.ask(Question::plain(&input, "parameter", false, text));
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

/// Whether an application under the row would meet denial as a rule: the same choice, for trials.
pub(super) fn presumes_denial(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    row: &RequirementRow,
    paragraph: &ParagraphRef,
) -> bool {
    let (entry, path) = (&paragraph.entry, &paragraph.path);
    let basis = super::requirements::basis(ctx, row);
    review_of(ctx, row.review.as_deref(), basis, &row.reason, entry, path)
        .and_then(|review| choose(ctx, place, review).0)
        .and_then(|rule| ctx.tables.policies.get(&rule.policy))
        .is_some_and(|policy| policy.denial)
}

/// Which reviews name the paragraph, one after the other.
pub(super) fn coverage(ctx: &Ctx<'_>, paragraph: &ParagraphRef) -> Vec<bool> {
    let reviews = ctx.tables.reviews.values();
    reviews
        .map(|r| names(r, &paragraph.entry, &paragraph.path))
        .collect()
}

fn names(review: &Review, entry: &str, path: &str) -> bool {
    review.codes.iter().any(|c| lies_under(entry, path, c))
}

fn review_of<'a>(
    ctx: &Ctx<'a>,
    named: Option<&str>,
    basis: &str,
    reason: &str,
    entry: &str,
    path: &str,
) -> Option<&'a Review> {
    let reviews = &ctx.tables.reviews;
    if let Some(id) = named {
        return reviews.get(id);
    }
    let by_basis = |review: &&Review| review.basis.iter().any(|b| b == basis);
    let by_code = |review: &&Review| names(review, entry, path);
    let number = entry.get(2..).unwrap_or_default();
    let by_series = |review: &&Review| review.series.iter().any(|s| number.starts_with(s.as_str()));
    let by_reason = |review: &&Review| review.reasons.iter().any(|r| r == reason);
    // The most particular first.
    (reviews.values().find(by_basis))
        .or_else(|| reviews.values().find(by_code))
        .or_else(|| reviews.values().find(by_series))
        .or_else(|| reviews.values().find(by_reason))
        .or_else(|| reviews.get("default"))
}

/// The first rule whose destination, origin and formula hold, and the formulas passed over as undecided.
fn choose<'a>(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    review: &'a Review,
) -> (Option<&'a ReviewRule>, Vec<&'a Condition>) {
    let mut open = Vec::new();
    let origin = ctx.facts.transaction.origin.as_deref();
    let from_home = origin.is_none_or(|o| ctx.is_home(o));
    for rule in &review.rules {
        let elsewhere = !rule.period.contains(ctx.facts.as_of)
            || (rule.home_origin && !from_home)
            || place.reached(rule.to.predicate()) != Reached::Yes;
        if elsewhere {
            continue;
        }
        let Some(when) = &rule.when else {
            return (Some(rule), open);
        };
        match ctx.truth(when) {
            Truth::Met => return (Some(rule), open),
            Truth::Unknown => open.push(when),
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
