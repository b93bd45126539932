//! What to ask: each missing input once, with what it will be compared with, the most useful first.

mod smallest;

use std::sync::Arc;

use super::{ClassifyError, NoteResult, ParagraphResult, Question, Use};
use crate::entry::{Entry, Paragraph};
use crate::evaluate::{
    ComparisonMade, Entangled, Evaluator, InputKind, MissingInput, Open, Tested, Truth, Wanted,
};
use crate::item::{Item, Judgements};
use crate::regime::{Regime, RegimeAt};
use crate::vocabulary::Named;
use crate::yaml::Label;

/// The questions of one classification, collected paragraph by paragraph.
#[derive(Default)]
pub(super) struct Questions<'a> {
    asked: Vec<Asked<'a>>,
    /// Where what open formulas want is among them, sorted.
    places: Vec<(Wanted<'a>, usize)>,
    /// Where the inputs of the last open paragraph are among them.
    last: Vec<usize>,
    /// The paragraphs in which an answer may spare another.
    entangled: Vec<Entangled<'a>>,
}

struct Asked<'a> {
    input: MissingInput,
    /// As open formulas want it; absent where only notes of met paragraphs ask.
    wanted: Option<Wanted<'a>>,
    /// Some paragraph stays open without it whatever else is answered.
    needed: bool,
    uses: Vec<Use>,
    /// Where a comparison is among the uses, sorted by its place in memory: comparisons of one edition are the same when they are
    /// the same there. It orders nothing that is told.
    used: Vec<(*const Tested, usize)>,
    closes: usize,
    codes: Vec<Arc<str>>,
    exclusions: Vec<Arc<str>>,
}

/// What would settle those among the paragraphs of `codes` that are open.
pub(crate) fn about(
    at: RegimeAt<'_>,
    item: &Item,
    judgements: &Judgements,
    codes: &[&str],
) -> Result<Vec<Question>, ClassifyError> {
    super::run::same_vocabulary(at.regime, item)?;
    let mut evaluator = Evaluator::new(at, item, judgements);
    let (mut questions, mut open) = (Questions::default(), Open::default());
    for code in codes {
        let entry = code
            .split('.')
            .next()
            .and_then(|code| at.regime.entry(code));
        let Some(entry) = entry else { continue };
        let versions = entry.paragraphs.iter();
        for paragraph in versions.filter(|p| *p.code == **code && p.period.contains(at.date)) {
            if evaluator.remembered(entry, paragraph).truth == Truth::Unknown {
                evaluator.open_paragraph(entry, paragraph, &mut open);
                questions.ask(&evaluator, entry, paragraph, &open, &[]);
            }
        }
    }
    Ok(questions.finish(&mut evaluator, &[]))
}

impl<'a> Questions<'a> {
    /// Enters what an open paragraph hangs on.
    pub(super) fn ask(
        &mut self,
        evaluator: &Evaluator<'_>,
        entry: &'a Entry,
        paragraph: &'a Paragraph,
        open: &Open<'a>,
        notes: &[NoteResult],
    ) {
        let alone = !open.entangled || open.inputs.len() == 1;
        self.last.clear();
        for input in &open.inputs {
            let position = self.wanted(evaluator, input.wanted);
            self.last.push(position);
            let asked = self.at(position);
            asked.codes.push(Arc::clone(&paragraph.code));
            asked.closes += usize::from(input.decides);
            asked.needed |= alone;
        }
        for (of, tested) in &open.tested {
            if let Some(position) = self.last.get(*of).copied() {
                self.at(position).test(tested, &paragraph.code);
            }
        }
        for note in notes {
            for input in &note.missing {
                if let Some(asked) = self.find(input) {
                    asked.compare(&note.comparisons, &paragraph.code);
                }
            }
        }
        if !alone {
            let inputs = open.inputs.iter().map(|input| input.wanted).collect();
            self.entangled
                .push(Entangled::new(entry, paragraph, inputs));
        }
    }

    /// Enters a paragraph under the one question that closes it and all its like.
    pub(super) fn at_once(&mut self, flag: &MissingInput, paragraph: &Paragraph) {
        let asked = self.input(flag);
        asked.needed = true;
        asked.codes.push(Arc::clone(&paragraph.code));
        asked.closes += 1;
    }

    /// The questions, with those that undecided exclusions of met paragraphs raise.
    pub(super) fn finish(
        mut self,
        evaluator: &mut Evaluator<'a>,
        matches: &[Arc<ParagraphResult>],
    ) -> Vec<Question> {
        self.spare(evaluator);
        for paragraph in matches {
            let open = paragraph
                .notes
                .iter()
                .filter(|note| note.truth == Truth::Unknown);
            for note in open {
                for missing in &note.missing {
                    let asked = self.input(missing);
                    if asked.exclusions.last() != Some(&paragraph.code) {
                        asked.exclusions.push(Arc::clone(&paragraph.code));
                    }
                    asked.compare(&note.comparisons, &paragraph.code);
                }
            }
        }
        self.asked.sort_by(|a, b| {
            let count =
                |asked: &Asked<'_>| (asked.closes, asked.codes.len(), asked.exclusions.len());
            count(b)
                .cmp(&count(a))
                .then_with(|| a.input.kind.cmp(&b.input.kind))
                .then_with(|| a.input.id.cmp(&b.input.id))
        });
        let regime = evaluator.regime();
        self.asked
            .into_iter()
            .map(|asked| asked.question(regime))
            .collect()
    }

    fn wanted(&mut self, evaluator: &Evaluator<'_>, wanted: Wanted<'a>) -> usize {
        match self
            .places
            .binary_search_by(|(known, _)| known.cmp(&wanted))
        {
            Ok(place) => self.places.get(place).map_or(0, |(_, position)| *position),
            Err(place) => {
                // Notes may have asked for it before.
                let position = self.position(&evaluator.missing(wanted));
                self.at(position).wanted = Some(wanted);
                self.places.insert(place, (wanted, position));
                position
            }
        }
    }

    fn input(&mut self, input: &MissingInput) -> &mut Asked<'a> {
        let position = self.position(input);
        self.at(position)
    }

    fn find(&mut self, input: &MissingInput) -> Option<&mut Asked<'a>> {
        self.asked.iter_mut().find(|asked| asked.is(input))
    }

    /// Where an input is, entered when it is not there yet.
    fn position(&mut self, input: &MissingInput) -> usize {
        let known = self.asked.iter().position(|asked| asked.is(input));
        known.unwrap_or_else(|| {
            self.asked.push(Asked {
                input: input.clone(),
                wanted: None,
                needed: false,
                uses: Vec::new(),
                used: Vec::new(),
                closes: 0,
                codes: Vec::new(),
                exclusions: Vec::new(),
            });
            self.asked.len() - 1
        })
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "the position was found or pushed just before"
    )]
    fn at(&mut self, position: usize) -> &mut Asked<'a> {
        &mut self.asked[position]
    }
}

impl Asked<'_> {
    fn is(&self, input: &MissingInput) -> bool {
        same(self.input.kind, &self.input.id, input.kind, &input.id)
    }

    fn test(&mut self, tested: &Arc<Tested>, code: &Arc<str>) {
        let at = Arc::as_ptr(tested);
        match self.used.binary_search_by(|(known, _)| known.cmp(&at)) {
            Ok(place) => {
                let place = self.used.get(place).map(|(_, place)| *place);
                let Some(known) = place.and_then(|place| self.uses.get_mut(place)) else {
                    return;
                };
                let last = known.codes.last();
                if last.is_none_or(|last| !Arc::ptr_eq(last, code)) {
                    known.codes.push(Arc::clone(code));
                }
            }
            Err(place) => {
                self.used.insert(place, (at, self.uses.len()));
                self.uses.push(Use {
                    tested: Arc::clone(tested),
                    codes: vec![Arc::clone(code)],
                });
            }
        }
    }

    /// Enters what a note compares it with.
    fn compare(&mut self, comparisons: &[ComparisonMade], code: &Arc<str>) {
        if !matches!(self.input.kind, InputKind::Parameter | InputKind::Attribute) {
            return;
        }
        for made in comparisons {
            if same(self.input.kind, &self.input.id, made.kind, &made.subject) {
                self.test(&made.tested, code);
            }
        }
    }

    fn question(self, regime: &Regime) -> Question {
        let (unit, label) = words(regime, &self.input);
        Question {
            kind: self.input.kind,
            id: self.input.id,
            unit,
            uses: self.uses,
            derivable_from: self.input.derivable_from,
            needed: self.needed,
            closes: self.closes,
            codes: self.codes,
            exclusions: self.exclusions,
            label,
        }
    }
}

/// The same input. Parameters, flags and judgements have their id from the vocabulary, where each is once in memory.
fn same(kind: InputKind, id: &Arc<str>, other_kind: InputKind, other: &Arc<str>) -> bool {
    let by_text = matches!(kind, InputKind::Attribute | InputKind::StatedCode);
    kind == other_kind && (Arc::ptr_eq(id, other) || (by_text && id == other))
}

/// The unit and our words for an input.
fn words(regime: &Regime, missing: &MissingInput) -> (Option<Arc<str>>, Option<Label>) {
    let vocabulary = regime.vocabulary();
    if missing.kind == InputKind::StatedCode {
        let entry = missing.id.split('.').next().unwrap_or_default();
        return (None, regime.entry(entry).map(|entry| entry.label.clone()));
    }
    match vocabulary.find(&missing.id) {
        Some(Named::Parameter(id)) if missing.kind == InputKind::Parameter => {
            let parameter = vocabulary.parameter(id);
            let unit = parameter.map(|parameter| Arc::clone(parameter.unit.symbol()));
            (
                unit,
                parameter.and_then(|parameter| parameter.label.clone()),
            )
        }
        Some(Named::Flag(id)) if missing.kind == InputKind::Flag => (
            None,
            vocabulary.flag(id).and_then(|flag| flag.label.clone()),
        ),
        Some(Named::Judgement(id)) if missing.kind == InputKind::Judgement => (
            None,
            vocabulary
                .judgement(id)
                .map(|judgement| judgement.question.clone()),
        ),
        _ => (None, None),
    }
}
