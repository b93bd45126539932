//! What to ask: each missing input once, with what it will be compared with, the most useful first.

use std::sync::Arc;

use super::{ParagraphResult, Question};
use crate::evaluate::{ComparisonMade, InputKind, MissingInput, Truth};
use crate::regime::Regime;
use crate::vocabulary::Named;
use crate::yaml::Label;

/// Questions from open paragraphs and from undecided exclusions of met ones. Ordered by how many open paragraphs the
/// answer helps to close, then by how many exclusions, then by id.
pub(super) fn questions(
    regime: &Regime,
    matches: &[ParagraphResult],
    unknown: &[ParagraphResult],
) -> Vec<Question> {
    let mut questions: Vec<Question> = Vec::new();
    for paragraph in unknown {
        for missing in &paragraph.missing {
            let question = question_for(regime, missing, &mut questions);
            push(&mut question.codes, &paragraph.code);
            thresholds(question, &paragraph.comparisons);
        }
        for note in &paragraph.notes {
            for missing in &note.missing {
                if let Some(question) = find(&mut questions, missing) {
                    thresholds(question, &note.comparisons);
                }
            }
        }
    }
    for paragraph in matches {
        let open = paragraph
            .notes
            .iter()
            .filter(|note| note.truth == Truth::Unknown);
        for note in open {
            for missing in &note.missing {
                let question = question_for(regime, missing, &mut questions);
                push(&mut question.exclusions, &paragraph.code);
                thresholds(question, &note.comparisons);
            }
        }
    }
    questions.sort_by(|a, b| {
        (b.codes.len(), b.exclusions.len())
            .cmp(&(a.codes.len(), a.exclusions.len()))
            .then_with(|| a.kind.cmp(&b.kind))
            .then_with(|| a.id.cmp(&b.id))
    });
    questions
}

fn find<'q>(questions: &'q mut [Question], missing: &MissingInput) -> Option<&'q mut Question> {
    questions
        .iter_mut()
        .find(|question| question.kind == missing.kind && question.id == missing.id)
}

fn question_for<'q>(
    regime: &Regime,
    missing: &MissingInput,
    questions: &'q mut Vec<Question>,
) -> &'q mut Question {
    let known = questions
        .iter()
        .position(|question| question.kind == missing.kind && question.id == missing.id);
    let position = known.unwrap_or(questions.len());
    if known.is_none() {
        let (unit, label) = words(regime, missing);
        questions.push(Question {
            kind: missing.kind,
            id: Arc::clone(&missing.id),
            unit,
            thresholds: Vec::new(),
            derivable_from: missing.derivable_from.clone(),
            codes: Vec::new(),
            exclusions: Vec::new(),
            label,
        });
    }
    #[expect(
        clippy::indexing_slicing,
        reason = "the position was found or pushed just above"
    )]
    &mut questions[position]
}

fn words(regime: &Regime, missing: &MissingInput) -> (Option<Arc<str>>, Option<Label>) {
    let vocabulary = regime.vocabulary();
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

fn thresholds(question: &mut Question, comparisons: &[ComparisonMade]) {
    if question.kind != InputKind::Parameter {
        return;
    }
    for comparison in comparisons
        .iter()
        .filter(|made| made.subject == question.id)
    {
        let text: Arc<str> = format!("{} {}", comparison.operator, comparison.threshold).into();
        push(&mut question.thresholds, &text);
    }
}

fn push(list: &mut Vec<Arc<str>>, text: &Arc<str>) {
    if !list.contains(text) {
        list.push(Arc::clone(text));
    }
}
