//! Step U: the end uses and end users of part 744, one by one, and the general prohibitions that stay for a person.

use concord_controls::evaluate::Truth;

use super::reach::limb;
use super::{Ctx, from_memory};
use crate::decision::{Cite, PointerKind, Requirement, StepStatus, Text};
use crate::destination::Place;
use crate::draft::Draft;
use crate::law::us_tables::EndUse;

/// Answers each trigger that item and destination leave in, or names it as not examined.
pub(super) fn step(ctx: &Ctx<'_>, place: &Place<'_>, draft: &mut Draft) {
    let (mut open, mut answered, mut found) = (0, 0, 0);
    let in_force = |t: &&EndUse| t.period.contains(ctx.facts.as_of);
    for trigger in ctx.tables.end_uses.triggers.iter().filter(in_force) {
        let destination = limb::place(place.reached(trigger.to.predicate()));
        if destination == Truth::NotMet {
            continue;
        }
        let item = limb::item(ctx, &trigger.items);
        if item == Truth::NotMet {
            continue;
        }
        match limb::asked(ctx, &trigger.asked) {
            Truth::Met => {
                let unmodelled = trigger.unstored || item.and(destination) == Truth::Unknown;
                draft
                    .requirements
                    .push(requirement(ctx, place, trigger, unmodelled));
                (found, answered) = (found + 1, answered + 1);
            }
            Truth::NotMet => answered += 1,
            Truth::Unknown => {
                open += 1;
                let section = &trigger.section;
                let label = from_memory(&trigger.asked.text, trigger.recalled);
                let text = Text::new(
                    format!("15 CFR {section}: {} was not stated", label.en),
                    format!("15 CFR {section}: {} 여부가 제시되지 않음", label.ko),
                );
                draft.skip("end_use", trigger.id.clone(), text);
                ctx.ask_word(draft, &trigger.asked, true);
            }
        }
    }
    let status = match (open, answered) {
        (0, _) => StepStatus::Done,
        (_, 0) => StepStatus::NotExamined,
        _ => StepStatus::Open,
    };
    draft.step(
        "end_use",
        status,
        Text::new(
            format!(
                "{found} requirement(s) of part 744; {open} end use(s) not stated, {answered} answered"
            ),
            format!("744부 요건 {found}건, 제시되지 않은 용도 {open}건, 답변 {answered}건"),
        ),
        vec![Cite::new(ctx.tables.end_uses.cite.clone())],
    );
}

fn requirement(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    trigger: &EndUse,
    unmodelled: bool,
) -> Requirement {
    let policy = ctx.tables.policies.get(&trigger.policy);
    Requirement {
        reason: trigger.id.clone(),
        column: String::new(),
        basis: trigger.section.clone(),
        row_used: place.row_used().to_owned(),
        entry: String::new(),
        code: ctx.facts.classification.code.clone(),
        path: String::new(),
        destinations: trigger.to.predicate().to_string(),
        destination: place.name.clone(),
        literal: true,
        enforced: true,
        overlay: None,
        overcome_by: Vec::new(),
        review_policy: Some(trigger.policy.clone()),
        denial: policy.is_some_and(|p| p.denial),
        cite: Cite {
            provision: format!("15 CFR {}", trigger.section),
            from: trigger.period.from,
            to: trigger.period.to,
        },
        label: from_memory(&trigger.asked.text, trigger.recalled),
        unmodelled,
        prohibits: false,
        row: trigger.id.clone(),
        review: None,
    }
}

/// The general prohibitions (part 736) whose step was not done to its end, or that no step examines.
pub(super) fn prohibitions(ctx: &Ctx<'_>, draft: &mut Draft) {
    for prohibition in &ctx.tables.end_uses.prohibitions {
        let done =
            |id: &String| (draft.steps.iter()).any(|s| s.id == *id && s.status == StepStatus::Done);
        let examined = !prohibition.steps.is_empty() && prohibition.steps.iter().all(done);
        if !examined {
            let label = prohibition.label.clone();
            draft.point(PointerKind::OtherControl, prohibition.id.clone(), label);
        }
    }
}

/// Those that bind United States persons although the item is outside the EAR.
pub(super) fn beyond_the_item(ctx: &Ctx<'_>, draft: &mut Draft) {
    for prohibition in ctx.tables.end_uses.prohibitions.iter().filter(|p| p.beyond) {
        let label = prohibition.label.clone();
        draft.point(PointerKind::OtherControl, prohibition.id.clone(), label);
    }
}
