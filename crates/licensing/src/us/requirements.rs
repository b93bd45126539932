//! Step L: the requirement rows of the entries, and notices.

use concord_controls::destination::DestinationPredicate;
use concord_controls::entry::{Entry, Path, RequirementRow};
use concord_controls::evaluate::Truth;

use super::{Ctx, may_reach, pointer_kind};
use crate::classified::ParagraphRef;
use crate::decision::{Cite, PointerKind, Question, Requirement, StepStatus, Text};
use crate::destination::{Place, Reached, column_of};
use crate::draft::Draft;

/// What is asked where a stated code is too general to tell which rows it falls under.
const STATED: &str = "stated_classification";

/// Collects every row that reaches the destination for these paragraphs.
pub(super) fn step(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    paragraphs: &[ParagraphRef],
    draft: &mut Draft,
) {
    let before = draft.requirements.len();
    let mut seen: Vec<&str> = Vec::new();
    for paragraph in paragraphs {
        let Some(entry) = ctx
            .entry(&paragraph.entry)
            .filter(|e| !e.requirements.is_empty())
        else {
            let residual = ctx.at.regime().residual();
            if residual.is_none_or(|r| **r != *paragraph.entry) {
                rows_unknown(paragraph, draft);
            }
            continue;
        };
        let first = !seen.contains(&&*entry.code);
        seen.push(&entry.code);
        entry_rows(ctx, place, entry, paragraph, draft);
        entry_pointers(ctx, place, entry, paragraph, draft);
        if first && entry.coverage != concord_controls::entry::Coverage::Full {
            draft.skip(
                "classification",
                "partial_coverage",
                Text::new(
                    format!("our data covers {} only in part", entry.code),
                    format!("{} 항목의 데이터가 일부만 수록됨", entry.code),
                ),
            );
        }
    }
    notices(ctx, place, draft);
    if ctx.facts.as_of < ctx.tables.chart.earliest {
        draft.skip(
            "list_requirement",
            "chart_before_first_edition",
            Text::new(
                format!(
                    "the marks of {} are assumed for the earlier date",
                    ctx.tables.chart.earliest
                ),
                format!(
                    "이전 날짜에도 {} 기준 표시를 사용함",
                    ctx.tables.chart.earliest
                ),
            ),
        );
    }
    let found = draft.requirements.len() - before;
    let mut cites = vec![Cite::new(ctx.tables.chart.cite.clone())];
    cites.extend(place.row_cite.clone());
    let groups = place.group_ids().join(", ");
    draft.step(
        "list_requirement",
        if draft.undecided {
            StepStatus::Open
        } else {
            StepStatus::Done
        },
        Text::new(
            format!(
                "{found} requirement(s) reach {} (groups {groups})",
                place.name.en
            ),
            format!(
                "{}에 적용되는 요건 {found}건 (그룹 {groups})",
                place.name.ko
            ),
        ),
        cites,
    );
}

/// A stated code whose entry is not in our data, or not on this date: that no row is known says nothing.
fn rows_unknown(paragraph: &ParagraphRef, draft: &mut Draft) {
    draft.undecided = true;
    draft.skip(
        "list_requirement",
        "entry_not_in_data",
        Text::new(
            format!(
                "our data holds no requirement rows of {} for this date",
                paragraph.entry
            ),
            format!("해당 날짜의 {} 요건이 데이터에 없음", paragraph.entry),
        ),
    );
}

/// How a row stands for a paragraph, without words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowStanding {
    /// It does not reach the paragraph or the destination, its formula is not met, or its relief is.
    Absent,
    /// The facts do not decide; `below`: the stated code is too general to tell.
    Open { below: bool },
    /// The chart has no row for the destination.
    NoChartRow,
    /// It reaches the transaction; `unmodelled`: by a rule that a person must resolve.
    Reaches { unmodelled: bool },
}

/// The one judge of rows, for the answer and for trials alike.
pub(super) fn standing(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    row: &RequirementRow,
    path: &Path,
) -> RowStanding {
    if !row.period.contains(ctx.facts.as_of) {
        return RowStanding::Absent;
    }
    let covered = covers(&row.scope, path);
    if covered == Truth::NotMet {
        return RowStanding::Absent;
    }
    let reached = reached(ctx, place, &row.to);
    if reached == Reached::No {
        return RowStanding::Absent;
    }
    let when = row.when.as_ref().map_or(Truth::Met, |w| ctx.truth(w));
    let relief = row.unless.as_ref().map(|u| ctx.truth(u));
    // Undecided, the row stands: relief is never assumed.
    if relief == Some(Truth::Met) {
        return RowStanding::Absent;
    }
    match (covered.and(when), reached) {
        (Truth::NotMet, _) => RowStanding::Absent,
        (Truth::Unknown, _) => RowStanding::Open {
            below: covered == Truth::Unknown,
        },
        (Truth::Met, Reached::Unknown) => RowStanding::NoChartRow,
        (Truth::Met, reached) => RowStanding::Reaches {
            unmodelled: reached == Reached::Unmodelled,
        },
    }
}

fn entry_rows(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    entry: &Entry,
    paragraph: &ParagraphRef,
    draft: &mut Draft,
) {
    let Some(path) = Path::parse(&paragraph.path) else {
        return;
    };
    for row in &entry.requirements {
        let taken = draft
            .requirements
            .iter()
            .any(|r| *r.entry == *entry.code && *r.row == *row.id);
        if taken {
            continue;
        }
        row_questions(ctx, place, entry, row, &path, draft);
        match standing(ctx, place, row, &path) {
            RowStanding::Absent => {}
            // Whether it could raise the outcome is tried when the rest is known (open.rs).
            RowStanding::Open { below } => {
                if below {
                    ask_paragraph(draft, entry, &path);
                }
            }
            RowStanding::NoChartRow => {
                draft.undecided = true;
                draft.skip(
                    "list_requirement",
                    "no_chart_row",
                    Text::new(
                        format!("the chart has no row for {}", place.name.en),
                        format!("국가표에 {} 행이 없음", place.name.ko),
                    ),
                );
            }
            RowStanding::Reaches { unmodelled } => {
                draft
                    .requirements
                    .push(requirement(ctx, place, entry, row, paragraph, unmodelled));
            }
        }
    }
}

/// What a row that reaches paragraph and destination asks: the facts of its formula, and its relief where that is open.
fn row_questions(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    entry: &Entry,
    row: &RequirementRow,
    path: &Path,
    draft: &mut Draft,
) {
    let absent = !row.period.contains(ctx.facts.as_of)
        || covers(&row.scope, path) == Truth::NotMet
        || (row.when.is_none() && row.unless.is_none())
        || reached(ctx, place, &row.to) == Reached::No;
    if absent {
        return;
    }
    if let Some(when) = &row.when
        && ctx.truth(when) == Truth::Unknown
    {
        for missing in ctx.evaluate(when).missing {
            ask_row(draft, row, entry, missing.id.as_ref(), missing.kind.word());
        }
    }
    if let Some(unless) = &row.unless
        && ctx.truth(unless) == Truth::Unknown
    {
        draft.point(
            PointerKind::ExemptionToCheck,
            format!("{} {}", entry.code, row.id),
            Text::new(
                format!("the row falls away where: {}", unless.text()),
                format!("다음에 해당하면 이 요건은 적용되지 않음: {}", unless.text()),
            ),
        );
    }
}

/// What an open row lacks.
pub(super) fn lacking(ctx: &Ctx<'_>, row: &RequirementRow, path: &Path) -> Vec<String> {
    let mut inputs = Vec::new();
    if covers(&row.scope, path) == Truth::Unknown {
        inputs.push(STATED.to_owned());
    }
    if let Some(when) = &row.when
        && ctx.truth(when) == Truth::Unknown
    {
        let missing = ctx.evaluate(when).missing;
        inputs.extend(missing.iter().map(|input| input.id.to_string()));
    }
    inputs
}

/// What the rows of the entry make of the paragraph, one after the other.
pub(super) fn coverage(entry: &Entry, path: &Path) -> Vec<Truth> {
    entry
        .requirements
        .iter()
        .map(|row| covers(&row.scope, path))
        .collect()
}

/// Met: the row covers the paragraph. Unknown: the row covers only something below it (a stated code that is too
/// general to tell).
fn covers(scope: &[Path], path: &Path) -> Truth {
    if concord_controls::entry::in_scope(scope, path) {
        Truth::Met
    } else if scope.iter().any(|below| path.covers(below)) {
        Truth::Unknown
    } else {
        Truth::NotMet
    }
}

/// A row about a party with a footnote of the Entity List is decided by the party step, where that was made.
fn reached(ctx: &Ctx<'_>, place: &Place<'_>, predicate: &DestinationPredicate) -> Reached {
    place.reached_with(predicate, super::parties::footnote_party(ctx))
}

fn ask_row(draft: &mut Draft, row: &RequirementRow, entry: &Entry, input: &str, kind: &str) {
    let text = Text::new(
        format!(
            "{input}? It decides the {} row of {}",
            row.reason, entry.code
        ),
        format!(
            "{input}? {} 항목의 {} 요건을 결정함",
            entry.code, row.reason
        ),
    );
    draft.ask(Question {
        thresholds: row.when.iter().map(|w| w.text().to_string()).collect(),
        codes: vec![entry.code.to_string()],
        ..Question::plain(input, kind, false, text)
    });
}

fn ask_paragraph(draft: &mut Draft, entry: &Entry, path: &Path) {
    let code = if path.is_empty() {
        entry.code.to_string()
    } else {
        format!("{}.{path}", entry.code)
    };
    draft.ask_transaction(
        STATED,
        false,
        Text::new(
            format!("Which paragraph below {code} is it? Its rows differ"),
            format!("{code} 아래 어느 호에 해당합니까? 요건이 서로 다릅니다"),
        ),
    );
}

fn requirement(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    entry: &Entry,
    row: &RequirementRow,
    paragraph: &ParagraphRef,
    unmodelled: bool,
) -> Requirement {
    let column = row
        .column
        .as_deref()
        .or_else(|| column_of(&row.to))
        .unwrap_or_default()
        .to_owned();
    let enforced = row_enforced(ctx, row);
    let basis = basis(ctx, row).to_owned();
    Requirement {
        reason: row.reason.to_string(),
        label: Text::new(
            format!(
                "{} control of {} reaches {}",
                row.reason,
                paragraph.code(),
                place.name.en
            ),
            format!(
                "{}의 {} 통제가 {}에 적용됨",
                paragraph.code(),
                row.reason,
                place.name.ko
            ),
        ),
        column,
        basis,
        row_used: place.row_used().to_owned(),
        entry: entry.code.to_string(),
        code: paragraph.code(),
        path: paragraph.path.clone(),
        destinations: row.to.to_string(),
        destination: place.name.clone(),
        literal: true,
        enforced,
        overlay: row.overlay.as_deref().map(str::to_owned),
        overcome_by: Vec::new(),
        review_policy: None,
        denial: false,
        cite: Cite {
            provision: row.cite.to_string(),
            from: row.period.from,
            to: row.period.to,
        },
        unmodelled,
        prohibits: false,
        row: row.id.to_string(),
        review: row.review.as_deref().map(str::to_owned),
    }
}

/// The section that the row rests on; for a row that names only a column, the section of its reason for control.
pub(super) fn basis<'a>(ctx: &Ctx<'a>, row: &'a RequirementRow) -> &'a str {
    row.basis.as_deref().unwrap_or_else(|| {
        let section = ctx.tables.sections.get(&*row.reason);
        section.map_or("", String::as_str)
    })
}

/// Whether the row counts as enforced.
pub(super) fn row_enforced(ctx: &Ctx<'_>, row: &RequirementRow) -> bool {
    row.overlay.as_deref().is_none_or(|id| enforced(ctx, id))
}

/// Whether the overlay is enforced at the date; a day without a state is in force.
fn enforced(ctx: &Ctx<'_>, overlay: &str) -> bool {
    let state = ctx
        .tables
        .overlays
        .overlays
        .get(overlay)
        .and_then(|o| o.states.iter().find(|s| s.period.contains(ctx.facts.as_of)));
    state
        .and_then(|s| ctx.tables.overlays.states.get(&s.state))
        .is_none_or(|state| state.enforced)
}

fn entry_pointers(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    entry: &Entry,
    paragraph: &ParagraphRef,
    draft: &mut Draft,
) {
    let Some(path) = Path::parse(&paragraph.path) else {
        return;
    };
    for pointer in entry
        .pointers
        .iter()
        .filter(|p| p.period.contains(ctx.facts.as_of))
    {
        let reaches = pointer
            .to
            .as_ref()
            .is_none_or(|to| may_reach(reached(ctx, place, to)));
        let applies = pointer
            .when
            .as_ref()
            .is_none_or(|w| ctx.truth(w) != Truth::NotMet);
        if reaches && applies && covers(&pointer.scope, &path) != Truth::NotMet {
            let text = pointer.label.as_ref().map_or_else(
                || {
                    Text::new(
                        format!("see {}", pointer.id),
                        format!("{} 참조", pointer.id),
                    )
                },
                |l| Text::new(l.en.to_string(), l.ko.to_string()),
            );
            draft.point(pointer_kind(pointer.kind), pointer.id.to_string(), text);
        }
    }
}

/// Notices addressed to the company or product.
fn notices(ctx: &Ctx<'_>, place: &Place<'_>, draft: &mut Draft) {
    for id in &ctx.facts.classification.notices {
        let Some(notice) = ctx.at.regime().notice(id) else {
            continue;
        };
        let in_force = notice.period.contains(ctx.facts.as_of);
        if !in_force || place.reached(&notice.to) == Reached::No {
            continue;
        }
        draft.requirements.push(Requirement {
            reason: notice.reason.to_string(),
            column: String::new(),
            basis: notice.basis.to_string(),
            row_used: place.row_used().to_owned(),
            entry: String::new(),
            code: ctx.facts.classification.code.clone(),
            path: String::new(),
            destinations: notice.to.to_string(),
            destination: place.name.clone(),
            literal: true,
            enforced: true,
            overlay: None,
            overcome_by: Vec::new(),
            review_policy: None,
            denial: false,
            cite: Cite {
                provision: notice.cite.to_string(),
                from: notice.period.from,
                to: notice.period.to,
            },
            label: Text::new(
                "a notice to the exporter requires a licence",
                "수출자에게 통지된 허가 요건",
            ),
            unmodelled: false,
            prohibits: false,
            row: id.clone(),
            review: None,
        });
    }
}
