//! Step J: is the item subject to the EAR? (15 CFR 734.3, 734.4, 734.9)

use concord_controls::vocabulary::Attribute;

use super::{Ctx, may_reach};
use crate::classified::{ClassifiedBy, under};
use crate::decision::{Cite, StepStatus, Text};
use crate::destination::{Place, Reached};
use crate::draft::{Draft, listed};
use crate::facts::Activity;
use crate::law::us_tables::ReachLimb;

/// Whether the law reaches the item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Yes,
    No,
    Unknown,
}

/// Decides it and says why.
pub(super) fn step(ctx: &Ctx<'_>, place: &Place<'_>, draft: &mut Draft) -> Subject {
    let origin = ctx.facts.transaction.origin.as_deref();
    let from_home = origin.is_none_or(|o| ctx.is_home(o));
    let deemed = matches!(ctx.activity(), Activity::DeemedExport);
    let (subject, text, cite) = if from_home && place.home {
        if deemed {
            draft.ask_transaction(
                "destination",
                true,
                Text::new(
                    "Of which country is the recipient a national or permanent resident?",
                    "수령자의 국적 또는 영주권 국가는 어디입니까?",
                ),
            );
            let text = Text::new(
                "a release inside the United States counts as an export to the recipient's country",
                "미국 내 이전은 수령자 국가로의 수출로 봄",
            );
            (Subject::Unknown, text, "15 CFR 734.13(a)(2)")
        } else {
            let text = Text::new(
                "the item stays in the United States",
                "미국 내에 머무는 품목",
            );
            (Subject::No, text, "15 CFR 734.13")
        }
    } else if from_home {
        let text = Text::new("the item leaves the United States", "미국에서 나가는 품목");
        (Subject::Yes, text, "15 CFR 734.3(a)(1)")
    } else if place.home {
        let text = Text::new("an import into the United States", "미국으로의 수입");
        (Subject::No, text, "15 CFR 734.13")
    } else {
        return foreign(ctx, place, draft);
    };
    say(draft, subject, text, cite);
    subject
}

fn say(draft: &mut Draft, subject: Subject, text: Text, cite: &str) {
    let (word, status) = match subject {
        Subject::Yes => ("yes", StepStatus::Done),
        Subject::No => ("no", StepStatus::Stopped),
        Subject::Unknown => ("unknown", StepStatus::Open),
    };
    let label = Text::new("subject to the EAR", "EAR 적용 여부");
    draft.find("subject_to_ear", word, cite, label);
    draft.step("jurisdiction", status, text, vec![Cite::new(cite)]);
}

/// The item moves between two foreign countries.
fn foreign(ctx: &Ctx<'_>, place: &Place<'_>, draft: &mut Draft) -> Subject {
    let content = content_test(ctx, place, draft);
    let product = direct_product(ctx, place, draft);
    let (subject, text, cite) = match (content, product) {
        (Content::Over, _) => (
            Subject::Yes,
            Text::new(
                "more controlled United States content than the limit",
                "통제 대상 미국산 비율이 한도를 초과함",
            ),
            "15 CFR 734.4",
        ),
        (_, Product::Yes) => (
            Subject::Yes,
            Text::new(
                "a direct product rule reaches it",
                "직접생산품 규칙이 적용됨",
            ),
            "15 CFR 734.9",
        ),
        (Content::NotStated, _) if ctx.activity() == Activity::Reexport => (
            // Whoever speaks of a re-export says that the item came from the United States.
            Subject::Yes,
            Text::new(
                "re-export of an item that came from the United States",
                "미국에서 온 품목의 재수출",
            ),
            "15 CFR 734.14",
        ),
        (Content::Within, Product::No) => (
            Subject::No,
            Text::new(
                "content within the limit, and no direct product rule reaches it",
                "비율이 한도 이내이며 직접생산품 규칙도 적용되지 않음",
            ),
            "15 CFR 734.4",
        ),
        _ => (
            Subject::Unknown,
            Text::new(
                "whether the EAR reaches the item is open",
                "EAR 적용 여부가 미정",
            ),
            "15 CFR 734",
        ),
    };
    say(draft, subject, text, cite);
    subject
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Over,
    Within,
    NotStated,
    Open,
}

/// De minimis: controlled content against the destination's limit, unless a case without a limit may apply.
fn content_test(ctx: &Ctx<'_>, place: &Place<'_>, draft: &mut Draft) -> Content {
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
    let Some(value) = stated else {
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
        return Content::NotStated;
    };
    let percent = concord_controls::exact::Rational::integer(i128::from(limit));
    let content = if value.exact > percent {
        Content::Over
    } else if value.exact == concord_controls::exact::Rational::ZERO {
        // Without any such content there is nothing that a case without a threshold could count.
        Content::Within
    } else {
        match zero_percent(ctx, place) {
            Reached::No => Content::Within,
            Reached::Yes => Content::Over,
            _ => {
                draft.ask_transaction(
                    "no_zero_percent_case",
                    true,
                    Text::new(
                        "Does one of the cases without a de minimis limit apply?",
                        "최소허용 한도가 없는 경우에 해당합니까?",
                    ),
                );
                Content::Open
            }
        }
    };
    let word = match content {
        Content::Over => "subject",
        Content::Within => "not_subject_by_content",
        Content::NotStated | Content::Open => return content,
    };
    let label = Text::new(format!("limit {limit} %"), format!("한도 {limit}%"));
    draft.find("content_test", word, &reach.content_cite().provision, label);
    content
}

/// Whether a case without a threshold applies: stated, or ruled out for every case by destination or classification.
fn zero_percent(ctx: &Ctx<'_>, place: &Place<'_>) -> Reached {
    if flag(ctx, "no_zero_percent_case") == Some(true) {
        return Reached::No;
    }
    let mut any = Reached::No;
    for case in &ctx.tables.reach.zero_percent {
        let there = may_reach(place.reached(case.to.predicate()));
        if there && item_limb(ctx, case) != Some(false) {
            // The case also asks what the content is; that is never among the facts.
            any = Reached::Unknown;
        }
    }
    any
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Product {
    Yes,
    No,
    Open,
}

/// The direct product rules, limb by limb.
fn direct_product(ctx: &Ctx<'_>, place: &Place<'_>, draft: &mut Draft) -> Product {
    let (mut met, mut open) = (Vec::new(), Vec::new());
    let in_force = |r: &&ReachLimb| r.period.contains(ctx.facts.as_of);
    for rule in ctx.tables.reach.direct_product.iter().filter(in_force) {
        // A rule that turns on a listed party needs a hit; the screened parties have been asked already.
        let party = rule.parties.then(|| super::parties::footnote_party(ctx));
        let place_limb = place.reached(rule.to.predicate());
        let reach_limb = match party {
            Some(Reached::No) => Reached::No,
            Some(other) if place_limb != Reached::No => other,
            _ => place_limb,
        };
        if reach_limb == Reached::No {
            continue;
        }
        let plant = rule.flag.as_deref().map(|f| flag(ctx, f));
        let item = item_limb(ctx, rule);
        if item == Some(false) || plant == Some(Some(false)) {
            continue;
        }
        let decided = reach_limb == Reached::Yes && item == Some(true);
        if rule.decides && decided && plant == Some(Some(true)) {
            met.push(rule.id.clone());
            let label = Text::new("direct product rule", "직접생산품 규칙");
            draft.find("direct_product_rule", rule.id.clone(), &rule.cite, label);
        } else {
            open.push(rule.id.clone());
        }
    }
    if !met.is_empty() {
        return Product::Yes;
    }
    if open.is_empty() {
        return Product::No;
    }
    draft.skip(
        "jurisdiction",
        "direct_product_open",
        Text::new(
            format!("direct product rules left open: {}", listed(&open)),
            format!("결정되지 않은 직접생산품 규칙: {}", listed(&open)),
        ),
    );
    Product::Open
}

/// Whether the item is of the kind a limb names; `None` where the facts do not tell.
fn item_limb(ctx: &Ctx<'_>, limb: &ReachLimb) -> Option<bool> {
    let unnamed = limb.codes.is_empty()
        && limb.series.is_empty()
        && limb.reasons.is_empty()
        && limb.types.is_empty();
    if unnamed {
        return None;
    }
    if !limb.types.is_empty() {
        let kind = ctx.facts.item.attribute(Attribute::Type)?;
        return Some(limb.types.iter().any(|t| **t == **kind));
    }
    let classified = ctx.facts.classification;
    let named = |code: &str| {
        let number = code.get(2..).unwrap_or_default();
        let entry = code.split('.').next().unwrap_or_default();
        let reasons = ctx.at.regime().entry(entry).map_or(&[][..], |e| &e.reasons);
        limb.codes.iter().any(|prefix| under(code, prefix))
            || limb.series.iter().any(|s| number.starts_with(s.as_str()))
            || limb
                .reasons
                .iter()
                .any(|r| reasons.iter().any(|own| **own == **r))
    };
    let codes = classified
        .matches
        .iter()
        .map(crate::classified::ParagraphRef::code);
    if codes
        .chain([classified.code.clone()])
        .any(|code| named(&code))
    {
        return Some(true);
    }
    match classified.by {
        ClassifiedBy::Unresolved => None,
        _ if classified.open.iter().any(|o| named(&o.paragraph.code())) => None,
        _ => Some(false),
    }
}

fn flag(ctx: &Ctx<'_>, id: &str) -> Option<bool> {
    let id = ctx.at.regime().vocabulary().flag_id(id)?;
    ctx.facts.item.flag(id)
}
