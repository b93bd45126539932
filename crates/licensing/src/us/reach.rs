//! Step J: is the item subject to the EAR? (15 CFR 734.3, 734.4, 734.9)

mod content;
pub(super) mod limb;
mod product;

use concord_controls::evaluate::Truth;
use concord_controls::vocabulary::Attribute;

use self::content::Content;
use super::Ctx;
use crate::decision::{Cite, PointerKind, StepStatus, Text};
use crate::destination::Place;
use crate::draft::Draft;
use crate::facts::Activity;

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
    let deemed = is_deemed(ctx);
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
    } else if from_home && deemed {
        deemed_release(ctx, draft);
        let text = Text::new(
            "a release to a foreign person counts as an export to the country stated",
            "외국인에 대한 이전은 제시된 국가로의 수출로 봄",
        );
        (Subject::Yes, text, "15 CFR 734.13(a)(2)")
    } else if from_home {
        let text = Text::new("the item leaves the United States", "미국에서 나가는 품목");
        (Subject::Yes, text, "15 CFR 734.3(a)(1)")
    } else if place.home {
        let text = Text::new("an import into the United States", "미국으로의 수입");
        (Subject::No, text, "15 CFR 734.13")
    } else {
        if deemed {
            deemed_release(ctx, draft);
        }
        return foreign(ctx, place, draft);
    };
    say(draft, subject, text, cite);
    subject
}

/// A release of technology or source code to a foreign person: the deemed export of 734.13(a)(2), or its re-export.
fn is_deemed(ctx: &Ctx<'_>) -> bool {
    match ctx.activity() {
        Activity::DeemedExport => true,
        Activity::TechnologyTransfer => ctx.facts.transaction.to_foreign_national,
        _ => false,
    }
}

/// What a deemed export turns on beside its country.
fn deemed_release(ctx: &Ctx<'_>, draft: &mut Draft) {
    draft.find(
        "deemed_export",
        ctx.facts.transaction.destination.clone().unwrap_or_default(),
        "15 CFR 734.13(b)",
        Text::new(
            "the destination is the most recent citizenship or permanent residency of the recipient",
            "목적지는 수령자의 가장 최근 국적 또는 영주권 국가",
        ),
    );
    draft.point(
        PointerKind::ExemptionToCheck,
        "734.20",
        Text::new(
            "releases abroad that are no deemed re-export (section recalled)",
            "간주 재수출에 해당하지 않는 해외 이전(기억에 따른 조문)",
        ),
    );
    let kind = ctx.facts.item.attribute(Attribute::Kind);
    if kind.is_some_and(|kind| **kind == *"commodity") {
        draft.point(
            PointerKind::RedFlag,
            "734.13(a)(2)",
            Text::new(
                "a deemed export is a release of technology or source code; a commodity was stated",
                "간주수출은 기술·소스코드의 이전이나 물품으로 제시됨",
            ),
        );
    }
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
    let content = content::test(ctx, place, draft);
    let product = product::rules(ctx, place, draft);
    let (subject, text, cite) = match (content, product) {
        (Content::Over, _) => (
            Subject::Yes,
            Text::new(
                "more controlled United States content than the limit",
                "통제 대상 미국산 비율이 한도를 초과함",
            ),
            "15 CFR 734.4",
        ),
        (_, Truth::Met) => (
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
        (Content::Within, Truth::NotMet) => (
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
