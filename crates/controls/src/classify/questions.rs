//! What to ask: each missing input once, with what it will be compared with, the most useful first.

use std::sync::Arc;

use super::{NoteResult, ParagraphResult, Question};
use crate::entry::Paragraph;
use crate::evaluate::{ComparisonMade, Evaluator, InputKind, MissingInput, Open, Truth, Wanted};
use crate::regime::Regime;
use crate::vocabulary::Named;
use crate::yaml::Label;

/// The questions of one classification, collected paragraph by paragraph.
#[derive(Default)]
pub(super) struct Questions<'a> {
    asked: Vec<Asked<'a>>,
}

struct Asked<'a> {
    /// What open formulas want it as; absent while only notes do.
    wanted: Option<Wanted<'a>>,
    input: MissingInput,
    compared: Vec<&'a Arc<str>>,
    /// What only notes compare it with.
    compared_by_notes: Vec<Arc<str>>,
    closes: Vec<Arc<str>>,
    codes: Vec<Arc<str>>,
    exclusions: Vec<Arc<str>>,
}

impl<'a> Questions<'a> {
    /// Enters what an open paragraph hangs on; the answer is what it lacks.
    pub(super) fn ask(
        &mut self,
        evaluator: &Evaluator<'_>,
        paragraph: &Paragraph,
        open: Open<'a>,
        notes: &[NoteResult],
    ) -> Vec<MissingInput> {
        let mut missing = Vec::with_capacity(open.inputs.len());
        for input in open.inputs {
            let asked = self.wanted(evaluator, input.wanted);
            for compared in input.compared {
                if !asked.compared.contains(&compared) {
                    asked.compared.push(compared);
                }
            }
            asked.codes.push(Arc::clone(&paragraph.code));
            if input.decides {
                asked.closes.push(Arc::clone(&paragraph.code));
            }
            missing.push(asked.input.clone());
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
                    asked.closes.push(Arc::clone(&paragraph.code));
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
            let count = |asked: &Asked<'_>| {
                (
                    asked.closes.len(),
                    asked.codes.len(),
                    asked.exclusions.len(),
                )
            };
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
    fn needs(&self, asked: &Asked<'_>) -> bool {
        let inputs = &asked.input.derivable_from;
        let asked_anyway = |id: &Arc<str>| {
            self.asked
                .iter()
                .any(|other| other.input.kind == InputKind::Parameter && other.input.id == *id)
        };
        inputs.is_empty() || !inputs.iter().all(asked_anyway)
    }

    fn wanted(&mut self, evaluator: &Evaluator<'_>, wanted: Wanted<'a>) -> &mut Asked<'a> {
        let known = self
            .asked
            .iter()
            .position(|asked| asked.wanted == Some(wanted));
        let position = known.unwrap_or_else(|| {
            // Notes may have asked for it first.
            let input = evaluator.missing(wanted);
            let position = self.position(&input);
            if let Some(asked) = self.asked.get_mut(position) {
                asked.wanted = Some(wanted);
            }
            position
        });
        self.at(position)
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
                wanted: None,
                input: input.clone(),
                compared: Vec::new(),
                compared_by_notes: Vec::new(),
                closes: Vec::new(),
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
        self.input.kind == input.kind && self.input.id == input.id
    }

    /// Enters what a note compares it with.
    fn compare(&mut self, comparisons: &[ComparisonMade]) {
        if !matches!(self.input.kind, InputKind::Parameter | InputKind::Attribute) {
            return;
        }
        for made in comparisons {
            if made.kind != self.input.kind || made.subject != self.input.id {
                continue;
            }
            let same = |known: &str| {
                let rest = known.strip_prefix(made.operator);
                rest.and_then(|rest| rest.strip_prefix(' ')) == Some(&made.threshold)
            };
            let known = self.compared.iter().any(|known| same(known))
                || self.compared_by_notes.iter().any(|known| same(known));
            if !known {
                let text = format!("{} {}", made.operator, made.threshold);
                self.compared_by_notes.push(text.into());
            }
        }
    }

    fn question(self, regime: &Regime, needed: bool) -> Question {
        let (unit, label) = words(regime, &self.input);
        let mut thresholds: Vec<Arc<str>> = self.compared.into_iter().map(Arc::clone).collect();
        for compared in self.compared_by_notes {
            if !thresholds.contains(&compared) {
                thresholds.push(compared);
            }
        }
        Question {
            kind: self.input.kind,
            id: self.input.id,
            unit,
            thresholds,
            derivable_from: self.input.derivable_from,
            needed,
            closes: self.closes,
            codes: self.codes,
            exclusions: self.exclusions,
            label,
        }
    }
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
