//! Step X: part 740. The general restrictions of 740.2 run first; each requirement must be overcome by itself.

use concord_controls::destination::DestinationPredicate;
use concord_controls::entry::{EligibilityStatus, Entry, Path, in_scope};
use concord_controls::evaluate::Truth;
use concord_controls::vocabulary::Attribute;

use super::{Ctx, carries};
use crate::classified::{ParagraphRef, under};
use crate::decision::{Cite, ExceptionResult, ExceptionStatus, StepStatus, Text};
use crate::destination::{Place, Reached};
use crate::draft::{Draft, listed};
use crate::law::us_tables::{Bar, EntryRole, Exception};

/// Looks at every exception in force, where some requirement needs one.
pub(super) fn step(ctx: &Ctx<'_>, place: &Place<'_>, draft: &mut Draft) -> Vec<ExceptionResult> {
    let results = evaluate(ctx, place, &ctx.facts.classification.paragraphs(), draft);
    if draft.requirements.is_empty() {
        return results;
    }
    let of = |status| {
        let found = results
            .iter()
            .filter(|r: &&ExceptionResult| r.status == status);
        found.map(|r| r.symbol.clone()).collect::<Vec<_>>()
    };
    let (candidates, to_check) = (of(ExceptionStatus::Candidate), of(ExceptionStatus::ToCheck));
    draft.step(
        "exception",
        StepStatus::Done,
        Text::new(
            format!(
                "candidates: [{}]; to check: [{}]",
                listed(&candidates),
                listed(&to_check)
            ),
            format!(
                "후보: [{}], 확인 필요: [{}]",
                listed(&candidates),
                listed(&to_check)
            ),
        ),
        vec![
            Cite::new("15 CFR 740.2"),
            Cite::new("15 CFR 738.4(a)(2)(ii)(A)"),
        ],
    );
    results
}

/// The same for any set of paragraphs; fills `overcome_by` of the draft's requirements.
pub(super) fn evaluate(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    paragraphs: &[ParagraphRef],
    draft: &mut Draft,
) -> Vec<ExceptionResult> {
    if draft.requirements.is_empty() {
        return Vec::new();
    }
    let mut results = Vec::new();
    for exception in &ctx.tables.exceptions {
        if !exception.period.contains(ctx.facts.as_of) {
            continue;
        }
        let mut judged = judge(ctx, place, paragraphs, exception, draft);
        let made_for_it = made_for(exception, place);
        if carries(judged.status)
            && !made_for_it
            && draft.requirements.iter().any(|r| r.reason == EMBARGO)
        {
            // Part 746 names it, under terms of its own that the facts do not hold.
            judged.status = ExceptionStatus::ToCheck;
        }
        if carries(judged.status) {
            for requirement in &mut draft.requirements {
                // Exceptions overcome list rows (738.4(a)(2)(ii)(A)), never part 744; an embargo only where made for it.
                let list_row = !requirement.entry.is_empty();
                let embargo = requirement.reason == EMBARGO && made_for_it;
                if (list_row || embargo) && !requirement.unmodelled {
                    requirement.overcome_by.push(exception.symbol.clone());
                }
            }
        }
        judged.conditions.clone_from(&exception.conditions);
        if judged.status == ExceptionStatus::OutOfScope
            || judged.status == ExceptionStatus::Foreclosed
        {
            judged.conditions.clear();
        }
        results.push(judged);
    }
    results
}

/// The reason of a requirement of part 746.
const EMBARGO: &str = "embargo";

/// Whether the exception was made for this destination by name (SPP for Syria).
fn made_for(exception: &Exception, place: &Place<'_>) -> bool {
    exception.limbs.iter().any(|limb| {
        matches!(limb.to.predicate(), DestinationPredicate::Country(codes)
            if codes.iter().any(|c| c == place.row))
    })
}

/// What stands in the way, or nothing.
struct Finding {
    status: ExceptionStatus,
    cites: Vec<Cite>,
    reason: Text,
}

impl Finding {
    fn new(status: ExceptionStatus, cites: Vec<Cite>, en: &str, ko: &str) -> Self {
        Self {
            status,
            cites,
            reason: Text::new(en, ko),
        }
    }
}

fn judge(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    paragraphs: &[ParagraphRef],
    exception: &Exception,
    draft: &Draft,
) -> ExceptionResult {
    // What closes it for sure comes first, then what the entry prints, and last what the facts leave open.
    let settled = |f: &Finding| {
        matches!(
            f.status,
            ExceptionStatus::Foreclosed | ExceptionStatus::OutOfScope
        )
    };
    let bar = barred(ctx, place, paragraphs, exception, draft);
    let scope = out_of_scope(ctx, place, exception, draft);
    let (bar_closes, bar_open) = split(bar, settled);
    let (scope_closes, scope_open) = split(scope, settled);
    let found = bar_closes
        .or_else(|| closed_by_entry(ctx, place, paragraphs, exception))
        .or(scope_closes)
        .or_else(|| undecided(ctx, place, exception, draft))
        .or(bar_open)
        .or(scope_open)
        .unwrap_or_else(|| {
            if exception.moves_outcome {
                Finding::new(
                    ExceptionStatus::Candidate,
                    Vec::new(),
                    "the mechanical tests pass; the conditions must be confirmed",
                    "기계적 요건은 충족, 조건은 확인 필요",
                )
            } else {
                Finding::new(
                    ExceptionStatus::ToCheck,
                    Vec::new(),
                    "its own terms are not among the facts",
                    "고유 요건이 제시되지 않음",
                )
            }
        });
    let limb = exception
        .limbs
        .iter()
        .find(|l| place.reached(l.to.predicate()) == Reached::Yes && !l.id.is_empty());
    ExceptionResult {
        symbol: exception.symbol.clone(),
        section: format!("{}{}", exception.section, limb.map_or("", |l| &l.id)),
        status: found.status,
        barred_by: found.cites,
        conditions: Vec::new(),
        needs_notification: exception.notification,
        reason: found.reason,
        label: exception.label.clone(),
    }
}

/// A finding as the first or the second of a pair.
fn split(
    finding: Option<Finding>,
    first: impl Fn(&Finding) -> bool,
) -> (Option<Finding>, Option<Finding>) {
    match finding {
        Some(f) if first(&f) => (Some(f), None),
        other => (None, other),
    }
}

/// 740.2 and the party lists.
fn barred(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    paragraphs: &[ParagraphRef],
    exception: &Exception,
    draft: &Draft,
) -> Option<Finding> {
    let cites: Vec<Cite> = draft.party_bars.clone();
    if !cites.is_empty() {
        return Some(Finding::new(
            ExceptionStatus::Foreclosed,
            cites,
            "a listed party closes it",
            "등재된 거래당사자로 인해 사용 불가",
        ));
    }
    let mut open = None;
    for bar in &ctx.tables.bars {
        let applies = bar.period.contains(ctx.facts.as_of)
            && bar.party_effect.is_none()
            && closes(bar, &exception.symbol, ctx, place)
            && items(bar, paragraphs, draft);
        if !applies {
            continue;
        }
        let reached = place.reached(bar.to.predicate());
        let decided = match (
            reached,
            bar.unless_supp8,
            ctx.facts.transaction.consignee_in_supp8,
        ) {
            (Reached::No, ..) => continue,
            (_, true, Some(true)) => continue,
            (Reached::Yes, true, None) => false,
            (Reached::Yes, ..) => true,
            _ => false,
        };
        let cites = vec![Cite::new(format!("15 CFR {}", bar.id))];
        if decided {
            return Some(Finding {
                status: ExceptionStatus::Foreclosed,
                cites,
                reason: bar.label.clone(),
            });
        }
        open.get_or_insert(Finding {
            status: ExceptionStatus::Indeterminate,
            cites,
            reason: bar.label.clone(),
        });
    }
    open
}

/// Whether the bar is about this symbol at all.
fn closes(bar: &Bar, symbol: &str, ctx: &Ctx<'_>, place: &Place<'_>) -> bool {
    if bar.sanctioned {
        // 740.2(a)(6): only what part 746 names for the destination.
        return ctx.tables.sanctions.iter().any(|s| {
            s.code == place.row
                && s.period.contains(ctx.facts.as_of)
                && !s.exceptions.iter().any(|x| x == symbol)
        });
    }
    match &bar.only {
        Some(only) => !only.iter().any(|s| s == symbol),
        None => bar.forecloses.iter().any(|s| s == symbol),
    }
}

/// Whether the bar is about these items: by paragraph, by reason for control, or about any.
fn items(bar: &Bar, paragraphs: &[ParagraphRef], draft: &Draft) -> bool {
    let by_code = bar.codes.is_empty() || paragraphs.iter().any(|p| named_by(bar, p));
    let by_reason = bar.reasons.is_empty()
        || draft
            .requirements
            .iter()
            .any(|r| bar.reasons.contains(&r.reason));
    by_code && by_reason
}

/// Whether the bar names the paragraph. A code stated too generally may lie within: a bar is then taken to apply.
fn named_by(bar: &Bar, paragraph: &ParagraphRef) -> bool {
    bar.codes
        .iter()
        .any(|c| paragraph.is_under(c) || paragraph.covers(c))
}

/// Which lines of the entry and which bars of 740.2 are about the paragraph, one after the other.
pub(super) fn coverage(
    ctx: &Ctx<'_>,
    entry: &Entry,
    path: &Path,
    paragraph: &ParagraphRef,
) -> (Vec<bool>, Vec<bool>) {
    let lines = entry.exceptions.iter().map(|l| in_scope(&l.scope, path));
    let bars = ctx.tables.bars.iter().map(|b| named_by(b, paragraph));
    (lines.collect(), bars.collect())
}

/// What the entries print about the symbol.
struct Printed {
    no: bool,
    named: bool,
    undecided: bool,
    limit: Option<concord_controls::entry::Money>,
}

fn printed(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    paragraph: &ParagraphRef,
    symbol: &str,
) -> Option<Printed> {
    let entry = ctx.entry(&paragraph.entry)?;
    let path = Path::parse(&paragraph.path)?;
    let mut found = Printed {
        no: false,
        named: false,
        undecided: false,
        limit: None,
    };
    let lines = entry.exceptions.iter().filter(|l| {
        *l.symbol == *symbol
            && l.period.contains(ctx.facts.as_of)
            && in_scope(&l.scope, &path)
            && (l.groups.is_empty() || l.groups.iter().any(|g| place.in_group(g) != Reached::No))
    });
    for line in lines {
        let truth = line.when.as_ref().map_or(Truth::Met, |w| ctx.truth(w));
        match (line.status, truth) {
            (_, Truth::NotMet) => {}
            (EligibilityStatus::No, Truth::Met) => found.no = true,
            // An exclusion that the facts do not decide does not block; its condition is for a person to confirm.
            (EligibilityStatus::No, Truth::Unknown) => {}
            (EligibilityStatus::Candidate, Truth::Met) => {
                found.named = true;
                if let Some(limit) = &line.value {
                    found.limit = Some(limit.clone());
                }
            }
            (EligibilityStatus::Candidate, Truth::Unknown) => found.undecided = true,
        }
    }
    Some(found)
}

fn closed_by_entry(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    paragraphs: &[ParagraphRef],
    exception: &Exception,
) -> Option<Finding> {
    for paragraph in paragraphs {
        let Some(printed) = printed(ctx, place, paragraph, &exception.symbol) else {
            continue;
        };
        if printed.no {
            return Some(Finding::new(
                ExceptionStatus::Foreclosed,
                vec![Cite::new(format!(
                    "15 CFR 774 Supp. 1, {}",
                    paragraph.entry
                ))],
                "the entry says that it may not be used",
                "통제항목이 사용을 허용하지 않음",
            ));
        }
    }
    None
}

fn out_of_scope(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    exception: &Exception,
    draft: &Draft,
) -> Option<Finding> {
    let section = || vec![Cite::new(format!("15 CFR {}", exception.section))];
    let out =
        |en: &str, ko: &str| Some(Finding::new(ExceptionStatus::OutOfScope, section(), en, ko));
    if !exception.kinds.is_empty()
        && let Some(kind) = ctx.facts.item.attribute(Attribute::Kind)
        && !exception.kinds.iter().any(|k| **k == **kind)
    {
        return out(
            "not for this kind of item",
            "이 품목 종류에는 적용되지 않음",
        );
    }
    if !exception.codes.is_empty()
        && !exception
            .codes
            .iter()
            .any(|c| under(&ctx.facts.classification.code, c))
    {
        return out("not for this classification", "이 분류에는 적용되지 않음");
    }
    let activity = ctx.activity().as_str();
    if !exception.activities.is_empty() && !exception.activities.iter().any(|a| a == activity) {
        return out("not for this act", "이 행위에는 적용되지 않음");
    }
    let limbs = exception
        .limbs
        .iter()
        .filter(|l| l.period.contains(ctx.facts.as_of));
    let (mut there, mut open, mut other_reason) = (false, false, false);
    for limb in limbs {
        match place.reached(limb.to.predicate()) {
            Reached::No => {}
            Reached::Yes if reasons_fit(&limb.only_reasons, draft) => there = true,
            Reached::Yes => other_reason = true,
            _ => open = true,
        }
    }
    if there {
        None
    } else if open || exception.to_check_elsewhere {
        let status = if open {
            ExceptionStatus::Indeterminate
        } else {
            ExceptionStatus::ToCheck
        };
        Some(Finding::new(
            status,
            section(),
            "the destination's tier is not stored",
            "목적지 등급이 수록되지 않음",
        ))
    } else if other_reason {
        out(
            "a requirement has another reason for control",
            "다른 통제사유의 요건이 있음",
        )
    } else {
        out("not for this destination", "이 목적지에는 적용되지 않음")
    }
}

fn reasons_fit(only: &[String], draft: &Draft) -> bool {
    only.is_empty() || draft.requirements.iter().all(|r| only.contains(&r.reason))
}

/// What the entry must print for the symbol, and value limits.
fn undecided(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    exception: &Exception,
    draft: &Draft,
) -> Option<Finding> {
    if exception.entry == EntryRole::SilentOk {
        return None;
    }
    let at_entry = |p: &ParagraphRef| vec![Cite::new(format!("15 CFR 774 Supp. 1, {}", p.entry))];
    let mut named = false;
    // Every paragraph whose row has to be overcome must name it; one without such rows need not.
    let mut bearing: Vec<ParagraphRef> = Vec::new();
    for requirement in draft.requirements.iter().filter(|r| !r.entry.is_empty()) {
        let paragraph = ParagraphRef::parse(&requirement.code);
        if !bearing.contains(&paragraph) {
            bearing.push(paragraph);
        }
    }
    for paragraph in &bearing {
        let Some(printed) = printed(ctx, place, paragraph, &exception.symbol) else {
            continue;
        };
        if !printed.named && !printed.undecided {
            named = false;
            break;
        }
        if !printed.named {
            return Some(Finding::new(
                ExceptionStatus::Indeterminate,
                at_entry(paragraph),
                "the facts do not decide what the entry asks",
                "통제항목의 조건을 사실로 판단할 수 없음",
            ));
        }
        named = true;
        if exception.value_limit {
            match within(ctx, printed.limit.as_ref()) {
                Some(true) => {}
                Some(false) => {
                    return Some(Finding::new(
                        ExceptionStatus::OutOfScope,
                        at_entry(paragraph),
                        "the value is above the entry's limit",
                        "금액이 항목 한도를 초과함",
                    ));
                }
                None => {
                    return Some(Finding::new(
                        ExceptionStatus::ToCheck,
                        at_entry(paragraph),
                        "the value was not stated",
                        "금액이 제시되지 않음",
                    ));
                }
            }
        }
    }
    if named {
        return None;
    }
    Some(Finding::new(
        ExceptionStatus::OutOfScope,
        bearing.first().map(at_entry).unwrap_or_default(),
        "the entry does not name it",
        "통제항목에 명시되지 않음",
    ))
}

/// Whether the stated value lies within the limit; `None` where value or limit are not known or not comparable.
fn within(ctx: &Ctx<'_>, limit: Option<&concord_controls::entry::Money>) -> Option<bool> {
    let (limit, value) = (limit?, ctx.facts.item.value()?);
    (limit.currency == value.currency).then(|| value.amount <= limit.amount)
}
