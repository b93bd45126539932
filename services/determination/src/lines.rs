//! The pure part of a determination: every line through the core.

use concord_controls::item::{InvalidItem, Item, Judgements};
use concord_licensing as core;
use concord_proto::types as wire;
use jiff::civil::Date;

use crate::law::Law;
use crate::wire::{classified, encode_jurisdiction};

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
        let classification = law
            .alignment
            .answer(edition, stated, &codes, question.as_of);
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

/// A law's decision about an export of its own, for comparison with another's.
#[derive(Debug)]
pub struct OwnExport {
    /// As it goes out, without the trace of the classification, which is that of the determination itself.
    pub determination: wire::JurisdictionDetermination,
    /// As the core made it.
    pub decision: core::JurisdictionDecision,
}

/// The law about the same shipment as an export of its own, where that can be asked.
///
/// # Errors
/// A judgement answer that the vocabulary does not know.
pub fn decide_own_export(
    law: &Law,
    question: &Question<'_>,
    items: &[Item],
    classifications: &[wire::LineClassification],
) -> Result<Option<OwnExport>, InvalidItem> {
    let Some(route) = own_export(&question.core, law.edition.jurisdiction()) else {
        return Ok(None);
    };
    let question = Question {
        wire: question.wire,
        core: route,
        as_of: question.as_of,
        strict: question.strict,
        parties_withheld: None,
    };
    let mut classifications = classifications.to_vec();
    let clean = core::PartyStep::clean();
    let decision = decide(law, &question, items, &mut classifications, &clean)?;
    for c in &mut classifications {
        c.open.clear();
        c.not_met.clear();
        c.questions.clear();
        c.addressed_entries.clear();
        for p in &mut c.matches {
            p.comparisons.clear();
            p.notes.clear();
        }
    }
    let as_of = question.as_of.to_string();
    let determination = encode_jurisdiction(&decision, classifications, &as_of);
    Ok(Some(OwnExport {
        determination,
        decision,
    }))
}

/// The same shipment as an export of `jurisdiction` itself, with nobody named: what two laws are compared on, since each
/// reaches only exports of its own. To the same destination, or, where that is the jurisdiction, to the origin. `None` where
/// origin or destination is not stated or the act is no export.
pub fn own_export(t: &core::Transaction, jurisdiction: &str) -> Option<core::Transaction> {
    let (origin, destination) = (t.origin.as_ref()?, t.destination.as_ref()?);
    if t.activity.unwrap_or_default() != core::Activity::Export {
        return None;
    }
    let to = if destination == jurisdiction {
        origin
    } else {
        destination
    };
    (to != jurisdiction).then(|| core::Transaction {
        origin: Some(jurisdiction.to_owned()),
        destination: Some(to.clone()),
        ..core::Transaction::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(origin: &str, destination: &str) -> core::Transaction {
        core::Transaction {
            origin: Some(origin.to_owned()),
            destination: Some(destination.to_owned()),
            parties: vec![core::Party::default()],
            ..core::Transaction::default()
        }
    }

    #[test]
    fn exports_are_mirrored_or_go_to_the_same_third_country() {
        let of = |t: &core::Transaction, j: &str| {
            own_export(t, j).map(|t| (t.origin.unwrap(), t.destination.unwrap(), t.parties.len()))
        };
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned(), 0));
        assert_eq!(of(&route("US", "KR"), "KR"), pair("KR", "US"));
        assert_eq!(of(&route("US", "KR"), "US"), pair("US", "KR"));
        assert_eq!(of(&route("US", "CN"), "KR"), pair("KR", "CN"));
        assert_eq!(of(&route("KR", "KR"), "KR"), None);
        let brokered = core::Transaction {
            activity: Some(core::Activity::Brokering),
            ..route("CN", "VN")
        };
        assert_eq!(of(&brokered, "KR"), None);
    }
}
