//! The pure part of a determination: every line through the core.

use concord_controls::item::{InvalidItem, Item, Judgements};
use concord_licensing as core;
use concord_proto::types as wire;
use jiff::civil::Date;

use crate::law::Law;
use crate::wire::classified;

/// A checked transaction at a known date.
#[derive(Debug)]
pub struct Question<'a> {
    /// As it was sent.
    pub wire: &'a wire::Transaction,
    /// As the core reads it.
    pub core: core::Transaction,
    /// The date at which the law is read.
    pub as_of: Date,
    /// An outcome that open paragraphs could raise becomes `needs_information`.
    pub strict: bool,
    /// Why the parties cannot be screened here; `None` when they can.
    pub parties_withheld: Option<&'static str>,
}

/// Decides every line under the law and joins the decisions.
///
/// `classifications` are this jurisdiction's, one per line. A line whose code nobody states for this list and that nothing
/// decides is answered from a code stated for another list, through the alignment (case files, rule 4).
///
/// # Errors
/// A judgement answer that the vocabulary does not know.
pub fn decide(
    law: &Law,
    question: &Question<'_>,
    items: &[Item],
    classifications: &mut [wire::LineClassification],
    parties: &core::PartyStep,
) -> Result<core::JurisdictionDecision, InvalidItem> {
    let edition = &law.edition;
    let mut lines = Vec::with_capacity(items.len());
    for (item, answer) in items.iter().zip(classifications.iter_mut()) {
        let stated = classified(answer);
        let codes: Vec<(String, String)> = item
            .all_stated()
            .iter()
            .map(|s| (s.jurisdiction.to_string(), s.code.to_string()))
            .collect();
        let classification = law.alignment.answer(edition, stated, &codes);
        if classification.by == core::ClassifiedBy::Aligned {
            answer.status = wire::ClassificationStatus::Aligned.into();
            answer.code.clone_from(&classification.code);
        }
        let answers = question
            .wire
            .judgements
            .iter()
            .filter(|a| a.line_id.is_empty() || a.line_id == answer.line_id)
            .map(|a| (a.judgement.as_str(), a.answer));
        let judgements = Judgements::read(answers, edition.regime().vocabulary())?;
        lines.push(edition.decide(&core::Facts {
            item,
            judgements: &judgements,
            classification: &classification,
            transaction: &question.core,
            parties,
            as_of: question.as_of,
            strict: question.strict,
        }));
    }
    Ok(core::JurisdictionDecision::of(
        edition.jurisdiction(),
        edition.agency(),
        edition.digest(),
        lines,
    ))
}
