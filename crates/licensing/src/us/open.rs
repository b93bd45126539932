//! The paragraphs that the facts leave open: whether meeting one of them would raise the burden (design rule 2).

use concord_controls::entry::Path;
use concord_controls::evaluate::Truth;

use super::reach::Subject;
use super::{Ctx, Verdict, conclude, exceptions, requirements, review};
use crate::classified::ParagraphRef;
use crate::destination::Place;
use crate::draft::Draft;
use crate::outcome::{Burden, Outcome};

/// Whether meeting some open paragraph would raise the burden; marks the questions that matter.
pub(super) fn step(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    subject: Subject,
    draft: &mut Draft,
    now: Verdict,
) -> bool {
    // What is unknown only because nothing is classified is compared with "no requirement": otherwise an unknown
    // burden, which stands last, would hide every rise.
    let floor = if now.burden.is_known() {
        now.burden
    } else {
        Burden::NoListLicence
    };
    let mut tried: Vec<(Reading<'_>, bool)> = Vec::new();
    let mut raises = false;
    for open in &ctx.facts.classification.open {
        let reading = Reading::of(ctx, &open.paragraph);
        let known = tried.iter().find(|(other, _)| *other == reading);
        let rises = known.map(|(_, rises)| *rises).unwrap_or_else(|| {
            let rises = would_raise(ctx, place, subject, draft, now, floor, &open.paragraph);
            tried.push((reading, rises));
            rises
        });
        if rises {
            raises = true;
            draft.raising_inputs.extend(open.missing.iter().cloned());
        }
    }
    raises
}

/// Everything by which the law tells one paragraph of an entry from another: paragraphs that read the same come out the same,
/// so that one trial answers for all of them (a chip leaves dozens open, which differ in a handful of ways).
#[derive(PartialEq)]
struct Reading<'a> {
    entry: &'a str,
    rows: Vec<Truth>,
    lines: Vec<bool>,
    bars: Vec<bool>,
    reviews: Vec<bool>,
}

impl<'a> Reading<'a> {
    fn of(ctx: &Ctx<'_>, paragraph: &'a ParagraphRef) -> Self {
        let (mut rows, mut lines, mut bars) = (Vec::new(), Vec::new(), Vec::new());
        let (entry, path) = (ctx.entry(&paragraph.entry), Path::parse(&paragraph.path));
        if let (Some(entry), Some(path)) = (entry, path) {
            rows = requirements::coverage(entry, &path);
            (lines, bars) = exceptions::coverage(ctx, entry, &path, paragraph);
        }
        Self {
            entry: &paragraph.entry,
            rows,
            lines,
            bars,
            reviews: review::coverage(ctx, &paragraph.code()),
        }
    }
}

/// Tries the paragraph as if it were met.
fn would_raise(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    subject: Subject,
    draft: &Draft,
    now: Verdict,
    floor: Burden,
    paragraph: &ParagraphRef,
) -> bool {
    let mut paragraphs: Vec<ParagraphRef> = ctx.facts.classification.paragraphs();
    paragraphs.push(paragraph.clone());
    let mut trial = Draft::default();
    requirements::step(ctx, place, &paragraphs, &mut trial);
    requirements::sanctions_for(ctx, place, true, &mut trial);
    let others = draft.requirements.iter().filter(|r| r.entry.is_empty());
    trial.requirements.extend(others.cloned());
    trial.party_bars.clone_from(&draft.party_bars);
    let exceptions = exceptions::evaluate(ctx, place, &paragraphs, &mut trial);
    review::step(ctx, place, &mut trial);
    let verdict = conclude(ctx, &trial, &exceptions, subject, |r| r.enforced);
    let would = match verdict.outcome {
        Outcome::Indeterminate => Burden::Prohibited,
        // Parties or reach are open for their own reasons; the paragraph adds what its rows add.
        Outcome::NeedsInformation if trial.requirements.is_empty() => Burden::NoListLicence,
        Outcome::NeedsInformation => Burden::ExceptionCandidate,
        _ if verdict.burden.is_known() => verdict.burden,
        _ => Burden::IndividualLicence,
    };
    let adds_nothing = trial.requirements.iter().all(|r| {
        draft
            .requirements
            .iter()
            .any(|k| k.entry == r.entry && k.row == r.row)
    });
    would > floor && !(adds_nothing && verdict.outcome == now.outcome)
}
