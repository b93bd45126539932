//! One classification from beginning to end.

use std::sync::Arc;

use super::addressed::addressed;
use super::questions::Questions;
use super::ranking::{rank, yields};
use super::{
    Classification, ClassifyError, Detail, NoteResult, NoticeResult, ParagraphResult, StatedResult,
    Status,
};
use crate::entry::{Code, Coverage, Entry, Paragraph};
use crate::evaluate::{Evaluator, InputKind, MissingInput, Open, ParagraphTruth, Truth};
use crate::item::{Item, Judgements, StatedCode};
use crate::regime::steady::{self, Slot, Told};
use crate::regime::{ParagraphSet, Regime, RegimeAt};
use crate::vocabulary::Attribute;
use crate::yaml::Label;

/// The flag by which the asker rules out the entries that the facts do not reach.
const OTHER_ENTRIES_EXCLUDED: &str = "other_entries_excluded";

/// The flag by which the asker rules out the paragraphs of addressed entries that nothing but the item's type reaches.
const OTHER_PARAGRAPHS_EXCLUDED: &str = "other_paragraphs_excluded";

pub(crate) fn classify(
    at: RegimeAt<'_>,
    item: &Item,
    judgements: &Judgements,
    detail: Detail,
) -> Result<Classification, ClassifyError> {
    let regime = at.regime;
    same_vocabulary(regime, item)?;
    let positions = addressed(at, item, judgements);
    let left = Others::of(regime, item, judgements);
    let mut run = Run {
        at,
        detail,
        evaluator: Evaluator::new(at, item, judgements),
        questions: Questions::default(),
        open: Open::default(),
        typed: item.attribute(Attribute::Type).is_some(),
        borne_upon: {
            // One question may ask about what is met elsewhere and open here; ruled out it is only where nothing stated reaches.
            let bearing = match left {
                Others::Excluded => &regime.index.bearing_through,
                Others::AskedAtOnce(_) | Others::AskedOneByOne => &regime.index.bearing,
            };
            bearing.upon(item, judgements, regime.paragraph_count)
        },
        others: left,
        stated: item
            .stated(&regime.jurisdiction)
            .map(|stated| &stated.code.entry),
        excluded: Vec::new(),
    };
    let (mut matches, mut unknown, mut not_met) = (Vec::new(), Vec::new(), Vec::new());
    let entries = || {
        positions
            .iter()
            .filter_map(|position| Some((*position, regime.entries.get(*position)?)))
    };
    let slots = regime
        .steady
        .of(item.attribute(Attribute::Type).map(|word| &**word));
    for (position, entry) in entries() {
        // What the asker stated of the entry decides it too.
        let slots = slots.filter(|_| run.stated != Some(&entry.code));
        for (number, paragraph) in entry.paragraphs.iter().enumerate() {
            if !paragraph.period.contains(at.date) {
                continue;
            }
            let slot = slots
                .filter(|_| !run.borne_upon.has(paragraph.index))
                .and_then(|slots| slots.slot(position, number, paragraph));
            let (truth, result) = match slot {
                Some((place, slot)) => run.kept(entry, paragraph, place, slot),
                None => run.result(entry, paragraph),
            };
            match truth {
                Truth::Met => matches.extend(result),
                Truth::Unknown => unknown.extend(result),
                Truth::NotMet => not_met.extend(result),
            }
        }
    }
    let stated = item.stated(&regime.jurisdiction);
    rank(
        regime,
        stated.map(|stated| &stated.code.entry),
        &mut matches,
    );
    let stated = stated.map(|stated| stated_result(regime, stated, &matches, &unknown, &not_met));
    let (status, primary) = governing(regime, item, stated.as_ref(), &matches);
    let (label, coverage) = describe(regime, primary.as_ref(), &matches);
    let (not_addressed_count, not_addressed) = others(at, &positions, detail);
    let notices = run.notices();
    let questions = match detail {
        Detail::Codes => Vec::new(),
        Detail::Basic | Detail::Full => run.questions.finish(&mut run.evaluator, &matches),
    };
    Ok(Classification {
        status,
        primary,
        label,
        coverage,
        addressed: entries()
            .map(|(_, entry)| Arc::clone(&entry.code))
            .collect(),
        not_addressed_count,
        not_addressed,
        stated,
        notices,
        questions,
        matches,
        unknown,
        not_met,
        excluded: run.excluded,
    })
}

/// Ids of one vocabulary mean nothing in another.
pub(super) fn same_vocabulary(regime: &Regime, item: &Item) -> Result<(), ClassifyError> {
    let digest = regime.vocabulary.digest();
    if item.vocabulary == *digest {
        return Ok(());
    }
    Err(ClassifyError::OtherVocabulary {
        item: Arc::clone(&item.vocabulary),
        regime: Arc::clone(digest),
    })
}

struct Run<'a> {
    at: RegimeAt<'a>,
    detail: Detail,
    evaluator: Evaluator<'a>,
    questions: Questions<'a>,
    /// What the last open paragraph hangs on.
    open: Open<'a>,
    others: Others,
    /// The item's type is stated.
    typed: bool,
    /// What something stated bears upon beside the item's type.
    borne_upon: ParagraphSet,
    /// The entry that the asker stated.
    stated: Option<&'a Arc<str>>,
    /// The open paragraphs that only the item's type reaches and that the asker rules out.
    excluded: Vec<Arc<str>>,
}

/// What becomes of the open paragraphs that nothing but the item's type reaches. A chip has dozens of them, about converters,
/// amplifiers and memories alike.
enum Others {
    /// The asker has ruled them out.
    Excluded,
    /// One question asks whether the asker rules them out.
    AskedAtOnce(MissingInput),
    /// Each asks for what it tests: nothing else is stated, or the asker does not rule them out.
    AskedOneByOne,
}

impl Others {
    fn of(regime: &Regime, item: &Item, judgements: &Judgements) -> Self {
        let vocabulary = regime.vocabulary();
        let Some(flag) = vocabulary.flag_id(OTHER_PARAGRAPHS_EXCLUDED) else {
            return Self::AskedOneByOne;
        };
        match item.flag(flag) {
            Some(true) => Self::Excluded,
            None if item.states_more_than_type() || answers_about_items(regime, judgements) => {
                Self::AskedAtOnce(MissingInput {
                    kind: InputKind::Flag,
                    id: vocabulary
                        .flag(flag)
                        .map(|flag| Arc::clone(&flag.id))
                        .unwrap_or_default(),
                    derivable_from: Vec::new(),
                })
            }
            Some(false) | None => Self::AskedOneByOne,
        }
    }
}

/// Whether some answer is about items: no formula tests those about a transaction.
fn answers_about_items(regime: &Regime, judgements: &Judgements) -> bool {
    let mut answered = judgements.answers.iter();
    answered.any(|(id, _)| regime.index.judgement(*id).is_some_and(|p| !p.is_empty()))
}

impl<'a> Run<'a> {
    fn result(
        &mut self,
        entry: &'a Entry,
        paragraph: &'a Paragraph,
    ) -> (Truth, Option<Arc<ParagraphResult>>) {
        let truth = self.evaluator.remembered(entry, paragraph);
        let by_type_alone = self.stated != Some(&entry.code)
            && !self.borne_upon.has(paragraph.index)
            && self.by_type_alone(paragraph, truth);
        let result = self.told(truth, by_type_alone, paragraph).map(|told| {
            let result = self.make(entry, paragraph, truth, by_type_alone, told, None);
            self.ask(entry, paragraph, &result, told, true);
            Arc::new(result)
        });
        (truth.truth, result)
    }

    /// The same from where the edition keeps it, or to there.
    fn kept(
        &mut self,
        entry: &'a Entry,
        paragraph: &'a Paragraph,
        place: usize,
        slot: &'a Slot,
    ) -> (Truth, Option<Arc<ParagraphResult>>) {
        let (truth, by_type_alone) = *slot.truth.get_or_init(|| {
            let truth = self.evaluator.remembered(entry, paragraph);
            (truth, self.by_type_alone(paragraph, truth))
        });
        let result = self.told(truth, by_type_alone, paragraph).and_then(|told| {
            let mut made = false;
            let result = slot.result(told)?.get_or_init(|| {
                made = true;
                let number = Some(steady::number(place, told));
                Arc::new(self.make(entry, paragraph, truth, by_type_alone, told, number))
            });
            self.ask(entry, paragraph, result, told, made);
            Some(Arc::clone(result))
        });
        (truth.truth, result)
    }

    /// Whether an open paragraph that nothing else stated bears upon is open by its formula, and not only by a note.
    fn by_type_alone(&mut self, paragraph: &Paragraph, truth: ParagraphTruth) -> bool {
        self.typed
            && truth.truth == Truth::Unknown
            && self.evaluator.term(paragraph.when.root()) == Truth::Unknown
    }

    /// How much the answer tells of a paragraph; `None`: the asker rules it out.
    fn told(
        &mut self,
        truth: ParagraphTruth,
        by_type_alone: bool,
        paragraph: &Paragraph,
    ) -> Option<Told> {
        let explained = match self.detail {
            Detail::Codes => false,
            Detail::Basic => truth.truth != Truth::NotMet,
            Detail::Full => true,
        };
        match &self.others {
            Others::Excluded if by_type_alone => {
                self.excluded.push(Arc::clone(&paragraph.code));
                None
            }
            Others::AskedAtOnce(_) if by_type_alone && explained => Some(Told::AtOnce),
            _ if explained => Some(Told::Explained),
            _ => Some(Told::Codes),
        }
    }

    /// What the answer says of a paragraph. What an explained one hangs on is left in `open`.
    fn make(
        &mut self,
        entry: &'a Entry,
        paragraph: &'a Paragraph,
        truth: ParagraphTruth,
        by_type_alone: bool,
        told: Told,
        kept: Option<usize>,
    ) -> ParagraphResult {
        let (mut comparisons, mut notes, mut missing) = (Vec::new(), Vec::new(), Vec::new());
        match (told, &self.others) {
            (Told::AtOnce, Others::AskedAtOnce(flag)) => {
                let flag = flag.clone();
                missing = self.lacking(entry, paragraph);
                missing.push(flag);
            }
            (Told::Explained, _) => {
                comparisons = self.evaluator.comparisons(&paragraph.when);
                notes = self.notes(entry, paragraph);
                if truth.truth == Truth::Unknown {
                    self.evaluator
                        .open_paragraph(entry, paragraph, &mut self.open);
                    let inputs = self.open.inputs.iter();
                    missing = inputs
                        .map(|input| self.evaluator.missing(input.wanted))
                        .collect();
                }
            }
            _ => {}
        }
        ParagraphResult {
            listed: Arc::clone(self.at.regime.traced.paragraph(paragraph)),
            truth: truth.truth,
            by_statement: truth.by_statement,
            by_type_alone,
            comparisons,
            missing,
            notes,
            kept,
        }
    }

    /// Enters what an open paragraph lacks among the questions. `made`: its result was made just now.
    fn ask(
        &mut self,
        entry: &'a Entry,
        paragraph: &'a Paragraph,
        result: &ParagraphResult,
        told: Told,
        made: bool,
    ) {
        if result.truth != Truth::Unknown {
            return;
        }
        match (told, &self.others) {
            (Told::AtOnce, Others::AskedAtOnce(flag)) => self.questions.at_once(flag, paragraph),
            (Told::Explained, _) => {
                if !made {
                    self.evaluator
                        .open_paragraph(entry, paragraph, &mut self.open);
                }
                self.questions
                    .ask(&self.evaluator, entry, paragraph, &self.open, &result.notes);
            }
            _ => {}
        }
    }

    /// What an open paragraph and its open notes lack, without asking for it.
    fn lacking(&mut self, entry: &'a Entry, paragraph: &'a Paragraph) -> Vec<MissingInput> {
        let open = &mut self.open;
        self.evaluator.open_into(paragraph.when.root(), open);
        for note in self.evaluator.notes_of(entry, paragraph) {
            self.evaluator.open_more(note.when.root(), open);
        }
        // With room for the question that stands for all of them.
        let mut lacking = Vec::with_capacity(open.inputs.len() + 1);
        lacking.extend((open.inputs.iter()).map(|input| self.evaluator.missing(input.wanted)));
        lacking
    }

    fn notes(&mut self, entry: &Entry, paragraph: &Paragraph) -> Vec<NoteResult> {
        let mut results = Vec::with_capacity(paragraph.notes.len());
        for note in self.evaluator.notes_of(entry, paragraph) {
            let evaluation = self.evaluator.evaluation(&note.when);
            results.push(NoteResult {
                listed: Arc::clone(&note.listed),
                truth: evaluation.truth,
                comparisons: evaluation.comparisons,
                missing: evaluation.missing,
            });
        }
        results
    }

    /// Notices are addressed to somebody: one that nothing stated reaches is not asked about.
    fn notices(&mut self) -> Vec<NoticeResult> {
        let mut results = Vec::new();
        for notice in self.at.regime.notices() {
            if !notice.period.contains(self.at.date) {
                continue;
            }
            let truth = self.evaluator.term(notice.when.root());
            if truth == Truth::Met {
                results.push(NoticeResult {
                    id: Arc::clone(&notice.id),
                    truth,
                    missing: Vec::new(),
                    cite: Arc::clone(&notice.cite),
                });
            }
        }
        results
    }
}

fn stated_result(
    regime: &Regime,
    stated: &StatedCode,
    matches: &[Arc<ParagraphResult>],
    unknown: &[Arc<ParagraphResult>],
    not_met: &[Arc<ParagraphResult>],
) -> StatedResult {
    let code = &stated.code;
    let residual = regime.residual() == Some(&code.entry);
    // A computed code agrees when it refines the stated one, contains it, or gives way to its entry.
    let contradicting: Vec<Arc<str>> = matches
        .iter()
        .filter(|met| {
            let same = met.entry == code.entry
                && (code.path.covers(&met.path) || met.path.covers(&code.path));
            !same && (residual || !yields(regime, &met.entry, &code.entry))
        })
        .map(|met| Arc::clone(&met.code))
        .collect();
    let at_or_below = |result: &&Arc<ParagraphResult>| {
        result.entry == code.entry && code.path.covers(&result.path)
    };
    let possible = matches
        .iter()
        .chain(unknown)
        .any(|result| at_or_below(&result));
    // What contains the stated paragraph is ruled out, or everything that our data has at or below it.
    let containing_ruled_out = not_met.iter().any(|result| {
        result.entry == code.entry && result.path != code.path && result.path.covers(&code.path)
    });
    let complete = !code.path.is_empty()
        || regime
            .entry(&code.entry)
            .is_some_and(|entry| entry.coverage == Coverage::Full);
    let all_ruled_out = complete && not_met.iter().any(|result| at_or_below(&result));
    let refuted = !possible && (containing_ruled_out || all_ruled_out);
    StatedResult {
        stated: stated.clone(),
        known: regime.knows(code),
        contradiction: refuted || !contradicting.is_empty(),
        contradicting,
    }
}

fn governing(
    regime: &Regime,
    item: &Item,
    stated: Option<&StatedResult>,
    matches: &[Arc<ParagraphResult>],
) -> (Status, Option<Arc<str>>) {
    if let Some(stated) = stated {
        let code = &stated.stated.code;
        // A computed paragraph at or below the stated code is the same statement, more precisely.
        let refined = matches.iter().find(|met| {
            met.entry == code.entry && code.path.covers(&met.path) && !met.by_statement
        });
        return match refined {
            Some(met) => (Status::Computed, Some(Arc::clone(&met.code))),
            None => (Status::Stated, Some(code.to_string().into())),
        };
    }
    if let Some(first) = matches.first() {
        return (Status::Computed, Some(Arc::clone(&first.code)));
    }
    let excluded = regime
        .vocabulary()
        .flag_id(OTHER_ENTRIES_EXCLUDED)
        .and_then(|id| item.flag(id));
    match (excluded, regime.residual()) {
        (Some(true), Some(residual)) => (Status::Residual, Some(Arc::clone(residual))),
        _ => (Status::Unresolved, None),
    }
}

fn describe(
    regime: &Regime,
    primary: Option<&Arc<str>>,
    matches: &[Arc<ParagraphResult>],
) -> (Option<Label>, Option<Coverage>) {
    let Some(primary) = primary else {
        return (None, None);
    };
    if let Some(met) = matches.iter().find(|met| met.code == *primary) {
        return (Some(met.label.clone()), Some(met.coverage));
    }
    let entry = Code::parse(primary).and_then(|code| regime.entry(&code.entry));
    entry.map_or((None, None), |entry| {
        (Some(entry.label.clone()), Some(entry.coverage))
    })
}

/// How many entries in force are not addressed, and their codes where they are wanted.
fn others(at: RegimeAt<'_>, addressed: &[usize], detail: Detail) -> (usize, Vec<Arc<str>>) {
    let in_force = at.regime.index.in_force(at.date);
    let count = in_force.saturating_sub(addressed.len());
    if detail != Detail::Full {
        return (count, Vec::new());
    }
    let mut codes = Vec::with_capacity(count);
    let mut next = addressed.iter().copied().peekable();
    for (position, entry) in at.regime.entries.iter().enumerate() {
        if next.next_if_eq(&position).is_none() && entry.period.contains(at.date) {
            codes.push(Arc::clone(&entry.code));
        }
    }
    (count, codes)
}
