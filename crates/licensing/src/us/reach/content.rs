//! 15 CFR 734.4: controlled United States content against the destination's limit, and the cases without a limit.

use concord_controls::evaluate::Truth;
use concord_controls::exact::Rational;

use super::limb;
use crate::decision::Text;
use crate::destination::{Place, Reached};
use crate::draft::Draft;
use crate::law::us_tables::ZeroPercent;
use crate::us::Ctx;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Over,
    Within,
    NotStated,
    /// Within the limit, but a case without a limit may apply.
    Open,
}

/// Decides the test and says what it was compared with.
pub(super) fn test(ctx: &Ctx<'_>, place: &Place<'_>, draft: &mut Draft) -> Content {
    let reach = &ctx.tables.reach;
    let vocabulary = ctx.at.regime().vocabulary();
    let stated = vocabulary
        .parameter_id("us_controlled_content")
        .and_then(|id| ctx.facts.item.parameter(id));
    let lower = place.reached(reach.lower_to.predicate()) != Reached::No;
    let limit = if lower {
        reach.lower_percent
    } else {
        reach.default_percent
    };
    if stated.is_none() {
        draft.ask_transaction(
            "us_controlled_content",
            true,
            Text::new(
                format!(
                    "How much controlled United States content, by value? The limit is {limit} %"
                ),
                format!("통제 대상 미국산 비율은 얼마입니까? 한도는 {limit}%입니다"),
            ),
        );
    }
    let percent = Rational::integer(i128::from(limit));
    let over = stated.is_some_and(|v| v.exact > percent);
    // Without any such content there is nothing that a case without a threshold could count.
    let none = stated.is_some_and(|v| v.exact == Rational::ZERO);
    let cases = if over || none {
        Truth::NotMet
    } else {
        cases(ctx, place, draft)
    };
    let content = match (stated.is_some(), cases) {
        _ if over => Content::Over,
        (_, Truth::Met) => Content::Over,
        (false, _) => Content::NotStated,
        (true, Truth::Unknown) => Content::Open,
        (true, Truth::NotMet) => Content::Within,
    };
    if cases == Truth::Unknown && stated.is_some() {
        draft.ask_transaction(
            "no_zero_percent_case",
            true,
            Text::new(
                "Does one of the cases without a de minimis limit apply?",
                "최소허용 한도가 없는 경우에 해당합니까?",
            ),
        );
    }
    let word = match content {
        Content::Over => "subject",
        Content::Within | Content::Open => "not_subject_by_content",
        Content::NotStated => return content,
    };
    let label = if content == Content::Open {
        Text::new(
            format!("within the limit of {limit} %; cases without a limit are open"),
            format!("한도 {limit}% 이내, 한도가 없는 경우는 미정"),
        )
    } else {
        Text::new(format!("limit {limit} %"), format!("한도 {limit}%"))
    };
    draft.find("content_test", word, &reach.content_cite().provision, label);
    content
}

/// The cases without a threshold, each with its limbs; a case that the destination rules out is not named.
fn cases(ctx: &Ctx<'_>, place: &Place<'_>, draft: &mut Draft) -> Truth {
    let mut any = match ctx.answer("no_zero_percent_case") {
        Some(true) => return Truth::NotMet,
        // Somebody says that one applies; which one is not known.
        Some(false) => Truth::Unknown,
        None => Truth::NotMet,
    };
    let in_force = |c: &&ZeroPercent| c.period.contains(ctx.facts.as_of);
    for case in ctx.tables.reach.zero_percent.iter().filter(in_force) {
        let destination = limb::place(place.reached(case.to.predicate()));
        let (item, content) = (limb::item(ctx, &case.item), limb::asked(ctx, &case.content));
        if destination == Truth::NotMet {
            continue;
        }
        let truth = item.and(content).and(destination);
        any = any.or(truth);
        let value = format!(
            "{} {} (item {}, content {}, destination {})",
            case.id,
            truth.word(),
            item.word(),
            content.word(),
            destination.word()
        );
        draft.find(
            "zero_percent_case",
            value,
            &case.cite,
            case.content.text.clone(),
        );
        if truth == Truth::Unknown && content == Truth::Unknown {
            ctx.ask_word(draft, &case.content, true);
        }
    }
    any
}
