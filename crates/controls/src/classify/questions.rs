//! What to ask: each missing input once, with what it will be compared with, the most useful first.

use std::sync::Arc;

use super::{NoteResult, ParagraphResult, Question};
use crate::entry::Paragraph;
use crate::evaluate::{
    ComparisonMade, Evaluator, InputKind, MissingInput, Open, Tested, Truth, Wanted,
};
use crate::regime::Regime;
use crate::vocabulary::Named;
use crate::yaml::Label;

/// The questions of one classification, collected paragraph by paragraph.
#[derive(Default)]
pub(super) struct Questions<'a> {
    asked: Vec<Asked>,
    /// Where what open formulas want is among them, sorted.
    places: Vec<(Wanted<'a>, usize)>,
    /// Where the inputs of the last open paragraph are among them.
    last: Vec<usize>,
}

struct Asked {
    input: MissingInput,
    /// Comparisons of one edition are the same when they are the same in memory.
    tested: Vec<Arc<Tested>>,
    closes: usize,
    codes: Vec<Arc<str>>,
    exclusions: Vec<Arc<str>>,
}

impl<'a> Questions<'a> {
    /// Enters what an open paragraph hangs on; the answer is what it lacks.
    pub(super) fn ask(
        &mut self,
        evaluator: &Evaluator<'_>,
        paragraph: &Paragraph,
        open: &Open<'a>,
        notes: &[NoteResult],
    ) -> Vec<MissingInput> {
        let mut missing = Vec::with_capacity(open.inputs.len());
        self.last.clear();
        for input in &open.inputs {
            let position = self.wanted(evaluator, input.wanted);
            self.last.push(position);
            let asked = self.at(position);
            asked.codes.push(Arc::clone(&paragraph.code));
            asked.closes += usize::from(input.decides);
            missing.push(asked.input.clone());
        }
        for (of, tested) in &open.tested {
            if let Some(position) = self.last.get(*of).copied() {
                self.at(position).test(tested);
            }
        }
        for note in notes {
            for input in &note.missing {
                if let Some(asked) = self.find(input) {
                    asked.compare(&note.comparisons);
                }
            }
        }
        missing
    }

    /// Enters a paragraph under the one question that closes it and all its like.
    pub(super) fn at_once(&mut self, flag: &MissingInput, paragraph: &Paragraph) {
        let asked = self.input(flag);
        asked.codes.push(Arc::clone(&paragraph.code));
        asked.closes += 1;
    }

    /// Enters what keeps a paragraph open whose formula is met and excluded: the inclusions that would keep it in.
    pub(super) fn inclusion(
        &mut self,
        paragraph: &Paragraph,
        notes: &[NoteResult],
    ) -> Vec<MissingInput> {
        let mut missing: Vec<MissingInput> = Vec::new();
        for note in notes {
            for input in &note.missing {
                let asked = self.input(input);
                asked.compare(&note.comparisons);
                if missing.contains(input) {
                    continue;
                }
                missing.push(input.clone());
                asked.codes.push(Arc::clone(&paragraph.code));
                if note.missing.len() == 1 {
                    asked.closes += 1;
                }
            }
        }
        missing
    }

    /// The questions, with those that undecided exclusions of met paragraphs raise.
    pub(super) fn finish(mut self, regime: &Regime, matches: &[ParagraphResult]) -> Vec<Question> {
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
                    asked.compare(&note.comparisons);
                }
            }
        }
        self.asked.sort_by(|a, b| {
            let count = |asked: &Asked| (asked.closes, asked.codes.len(), asked.exclusions.len());
            count(b)
                .cmp(&count(a))
                .then_with(|| a.input.kind.cmp(&b.input.kind))
                .then_with(|| a.input.id.cmp(&b.input.id))
        });
        let needed: Vec<bool> = self.asked.iter().map(|asked| self.needs(asked)).collect();
        self.asked
            .into_iter()
            .zip(needed)
            .map(|(asked, needed)| asked.question(regime, needed))
            .collect()
    }

    /// A derived parameter is not needed when all that it derives from is asked for anyway. What a parameter derives from is
    /// never derived itself, so nothing that is left out is relied upon.
    fn needs(&self, asked: &Asked) -> bool {
        let inputs = &asked.input.derivable_from;
        let asked_anyway = |id: &Arc<str>| {
            self.asked
                .iter()
                .any(|other| other.input.kind == InputKind::Parameter && other.input.id == *id)
        };
        inputs.is_empty() || !inputs.iter().all(asked_anyway)
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
                self.places.insert(place, (wanted, position));
                position
            }
        }
    }

    fn input(&mut self, input: &MissingInput) -> &mut Asked {
        let position = self.position(input);
        self.at(position)
    }

    fn find(&mut self, input: &MissingInput) -> Option<&mut Asked> {
        self.asked.iter_mut().find(|asked| asked.is(input))
    }

    /// Where an input is, entered when it is not there yet.
    fn position(&mut self, input: &MissingInput) -> usize {
        let known = self.asked.iter().position(|asked| asked.is(input));
        known.unwrap_or_else(|| {
            self.asked.push(Asked {
                input: input.clone(),
                tested: Vec::new(),
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
    fn at(&mut self, position: usize) -> &mut Asked {
        &mut self.asked[position]
    }
}

impl Asked {
    fn is(&self, input: &MissingInput) -> bool {
        same(self.input.kind, &self.input.id, input.kind, &input.id)
    }

    fn test(&mut self, tested: &Arc<Tested>) {
        if !self.tested.iter().any(|known| Arc::ptr_eq(known, tested)) {
            self.tested.push(Arc::clone(tested));
        }
    }

    /// Enters what a note compares it with.
    fn compare(&mut self, comparisons: &[ComparisonMade]) {
        if !matches!(self.input.kind, InputKind::Parameter | InputKind::Attribute) {
            return;
        }
        for made in comparisons {
            if same(self.input.kind, &self.input.id, made.kind, &made.subject) {
                self.test(&made.tested);
            }
        }
    }

    fn question(self, regime: &Regime, needed: bool) -> Question {
        let (unit, label) = words(regime, &self.input);
        let tested = self.tested.iter();
        Question {
            kind: self.input.kind,
            id: self.input.id,
            unit,
            thresholds: tested.map(|tested| Arc::clone(&tested.compared)).collect(),
            derivable_from: self.input.derivable_from,
            needed,
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
