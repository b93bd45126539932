//! Puts an answer together: own law, counterparts, divergences, what is missing, what every reader must know.

use concord_licensing as core;
use concord_proto::audit::CommittedField;
use concord_proto::determination as api;
use concord_proto::types as wire;
use sha2::{Digest, Sha256};

use crate::Disclosure;
use crate::engine;
use crate::law::Law;
use crate::lines;
use crate::wire::{decode_jurisdiction, encode_divergence};

/// Everything a determination is made of.
#[derive(Debug)]
pub struct Parts {
    /// The request's context.
    pub context: wire::RequestContext,
    /// Digest of the canonical request.
    pub digest: [u8; 32],
    /// The transaction that was decided.
    pub transaction: wire::Transaction,
    /// Whether the request was strict.
    pub strict: bool,
    /// What our own law says.
    pub own: wire::JurisdictionDetermination,
    /// The decisions behind it.
    pub decision: core::JurisdictionDecision,
    /// What the parties were screened against.
    pub screening: Option<wire::ScreeningSummary>,
    /// The same shipment as an export of our own with clean parties.
    pub export: Option<lines::OwnExport>,
    /// What the counterparts answered.
    pub answers: Vec<api::CounterpartAnswer>,
}

/// The whole determination.
pub fn determination(law: &Law, parts: Parts) -> api::Determination {
    let mut divergences = Vec::new();
    let mut incomplete = parts.own.incomplete.clone();
    for answer in &parts.answers {
        match &answer.determination {
            Some(theirs) => {
                divergences.extend(compare(law, &parts.decision, theirs, Facing::SameAct));
                if let (Some(ours), Some(theirs)) = (&parts.export, &answer.own_export) {
                    divergences.extend(compare(law, &ours.decision, theirs, Facing::OwnExports));
                }
            }
            None => incomplete.push(unavailable(answer)),
        }
    }
    let completeness = if incomplete.is_empty() {
        wire::Completeness::Complete
    } else {
        wire::Completeness::Incomplete
    };
    api::Determination {
        determination_id: String::new(), // the record's id, which the log gives: see `show`
        context: Some(parts.context),
        request_digest: parts.digest.to_vec(),
        own: Some(parts.own),
        counterparts: parts.answers,
        divergences,
        screening: parts.screening,
        completeness: completeness.into(),
        incomplete,
        statements: statements(),
        transaction: Some(parts.transaction),
        strict: parts.strict,
        own_export: parts.export.map(|e| e.determination),
    }
}

/// What two determinations are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facing {
    /// The very same act: it can differ in classification, reach, parties and enforcement.
    SameAct,
    /// An export of each side's own, mirrored or to the same third country: only here are burdens, exceptions and procedures
    /// a pair, since each law reaches only exports of its own.
    OwnExports,
}

impl Facing {
    fn compares(self, kind: core::DivergenceKind) -> bool {
        use core::DivergenceKind as Kind;
        let paired = matches!(
            kind,
            Kind::LicenceRequirement | Kind::Exception | Kind::Process
        );
        match self {
            Self::SameAct => !paired,
            Self::OwnExports => paired,
        }
    }
}

/// Where our decision and a counterpart's determination part, line by line.
pub fn compare(
    law: &Law,
    decision: &core::JurisdictionDecision,
    theirs: &wire::JurisdictionDetermination,
    facing: Facing,
) -> Vec<wire::Divergence> {
    let ours = decision
        .lines
        .first()
        .map(|l| l.transaction.clone())
        .unwrap_or_default();
    let route = match facing {
        Facing::SameAct => ours,
        Facing::OwnExports => lines::own_export(&ours, &theirs.jurisdiction).unwrap_or(ours),
    };
    let other = decode_jurisdiction(theirs, &route);
    let copy = law.others.get(&theirs.jurisdiction);
    let mut out = Vec::new();
    for ((ours, other), line) in decision.lines.iter().zip(&other.lines).zip(&theirs.lines) {
        let ours = core::Side {
            decision: ours,
            law: Some(&law.edition),
        };
        let other = core::Side {
            decision: other,
            law: copy,
        };
        let found = core::divergences(ours, other, &law.alignment);
        let found = found.iter().filter(|d| facing.compares(d.kind));
        let routes = [ours.decision, other.decision].map(|d| route_of(&d.transaction));
        out.extend(found.map(|d| encode_divergence(d, &line.line_id, &routes)));
    }
    out
}

/// `US>KR`; empty where neither end is stated.
fn route_of(t: &core::Transaction) -> String {
    let end = |c: &Option<String>| c.clone().unwrap_or_default();
    match (end(&t.origin), end(&t.destination)) {
        (a, b) if a.is_empty() && b.is_empty() => String::new(),
        (a, b) => format!("{a}>{b}"),
    }
}

fn unavailable(answer: &api::CounterpartAnswer) -> wire::IncompleteReason {
    let texts = match answer.status() {
        api::CounterpartStatus::Refused => (
            "the counterpart refused to answer, so nothing about its law is said",
            "상대국이 응답을 거부하여 그 법에 관하여 아무것도 말하지 않음",
        ),
        _ => (
            "the counterpart did not answer in time, so nothing about its law is said",
            "상대국이 제때 응답하지 않아 그 법에 관하여 아무것도 말하지 않음",
        ),
    };
    wire::IncompleteReason {
        reason: "COUNTERPART_UNAVAILABLE".to_owned(),
        subject: answer.jurisdiction.clone(),
        text: both(texts.0, texts.1),
    }
}

fn statements() -> Vec<wire::LocalizedText> {
    both(
        "This answer rests only on the facts stated in the request; control entries that no stated fact bears on were \
         not examined. It is a machine's reading of rules and data, not legal advice, not a licence and not a clearance.",
        "이 응답은 요청에 제시된 사실에만 근거하며, 제시된 사실과 관련 없는 통제품목은 검토하지 않았음. 규정과 자료를 기계가 읽은 \
         결과일 뿐 법률 자문도, 허가도, 허가 불요의 확인도 아님.",
    )
}

fn both(en: &str, ko: &str) -> Vec<wire::LocalizedText> {
    [("en", en), ("ko", ko)]
        .map(|(language, text)| wire::LocalizedText {
            language: language.to_owned(),
            text: text.to_owned(),
        })
        .to_vec()
}

/// Adds the reasons of `more` that are not there yet; a reason with words replaces the same one without.
pub fn merged(
    mut reasons: Vec<wire::IncompleteReason>,
    more: &[wire::IncompleteReason],
) -> Vec<wire::IncompleteReason> {
    for r in more {
        reasons.retain(|known| !(known.reason == r.reason && known.text.is_empty()));
        if !reasons.contains(r) {
            reasons.push(r.clone());
        }
    }
    reasons
}

/// What of a transaction may cross the border.
pub fn disclosed(transaction: &wire::Transaction, policy: Disclosure) -> wire::Transaction {
    let mut out = transaction.clone();
    number_lines(&mut out);
    for answer in &mut out.judgements {
        answer.reason.clear();
        answer.record_id.clear(); // of our log
    }
    match policy {
        Disclosure::Named => return out,
        Disclosure::RoleAndCountry => {
            for party in &mut out.parties {
                *party = wire::Party {
                    role: std::mem::take(&mut party.role),
                    country: std::mem::take(&mut party.country),
                    compliance_grade: std::mem::take(&mut party.compliance_grade),
                    ..wire::Party::default()
                };
            }
        }
        Disclosure::None => out.parties.clear(),
    }
    out.consignee_owners.clear();
    out.consignee_listed_in.clear();
    out.consignee_not_listed_in.clear();
    out
}

/// Gives lines numbers in place of their ids: those are free text of our caller. [`restore_line_ids`] takes them back.
fn number_lines(transaction: &mut wire::Transaction) {
    for answer in &mut transaction.judgements {
        let line = transaction
            .lines
            .iter()
            .position(|l| l.line_id == answer.line_id);
        if let Some(i) = line
            && !answer.line_id.is_empty()
        {
            answer.line_id = (i + 1).to_string();
        }
    }
    for (i, line) in transaction.lines.iter_mut().enumerate() {
        line.line_id = (i + 1).to_string();
    }
}

/// Calls the lines of a counterpart's answer as our caller does.
pub fn restore_line_ids(
    determination: &mut wire::JurisdictionDetermination,
    asked: &wire::Transaction,
) {
    for (line, asked) in determination.lines.iter_mut().zip(&asked.lines) {
        line.line_id.clone_from(&asked.line_id);
        for question in &mut line.questions {
            if !question.line_id.is_empty() {
                question.line_id.clone_from(&asked.line_id);
            }
        }
        if let Some(classification) = &mut line.classification {
            classification.line_id.clone_from(&asked.line_id);
            for question in &mut classification.questions {
                if !question.line_id.is_empty() {
                    question.line_id.clone_from(&asked.line_id);
                }
            }
        }
    }
}

/// The request id of a consultation: the same for a repeated request, unique among our callers, and telling nothing.
pub fn consult_id(caller: &str, request_id: &str, as_of: &str) -> String {
    let mut hash = Sha256::new();
    for part in ["concord/consult/v1", caller, request_id, as_of] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let hex: String = hash
        .finalize()
        .iter()
        .take(20)
        .map(|b| format!("{b:02x}"))
        .collect();
    format!("consult-{hex}")
}

/// An answer as the caller wants to see it; the record always has everything.
///
/// The log names the record, so the id is not part of the stored body: same facts, same bytes.
pub fn show(mut response: api::DetermineResponse, view: wire::View) -> api::DetermineResponse {
    if let (Some(d), Some(receipt)) = (&mut response.determination, &response.receipt) {
        d.determination_id.clone_from(&receipt.record_id);
    }
    if view == wire::View::Full {
        return response;
    }
    if let Some(d) = &mut response.determination {
        d.own.iter_mut().for_each(trim);
        d.counterparts
            .iter_mut()
            .filter_map(|c| c.determination.as_mut())
            .for_each(trim);
        for hit in d
            .screening
            .iter_mut()
            .flat_map(|s| &mut s.parties)
            .flat_map(|p| &mut p.hits)
        {
            hit.explanation_json.clear();
        }
    }
    response
}

/// Leaves out what only the full view shows.
pub fn trim(determination: &mut wire::JurisdictionDetermination) {
    for c in determination
        .lines
        .iter_mut()
        .filter_map(|l| l.classification.as_mut())
    {
        c.not_met.clear();
    }
}

/// The fields that the leaf of a determination commits to, besides the context's.
pub fn committed(
    own: &wire::JurisdictionDetermination,
    d: &api::Determination,
) -> Vec<CommittedField> {
    let t = d.transaction.clone().unwrap_or_default();
    let codes: Vec<String> = own
        .lines
        .iter()
        .filter_map(|l| l.classification.as_ref())
        .map(|c| {
            if c.code.is_empty() {
                "unresolved".to_owned()
            } else {
                c.code.clone()
            }
        })
        .collect();
    let names: Vec<&str> = t.parties.iter().map(|p| p.name.as_str()).collect();
    let burden = wire::Burden::try_from(own.burden).unwrap_or(wire::Burden::Unknown);
    let hits: usize = d
        .screening
        .iter()
        .flat_map(|s| &s.parties)
        .flat_map(|p| &p.hits)
        .filter(|h| h.suppressed.is_none())
        .count();
    let counterparts: Vec<String> = d
        .counterparts
        .iter()
        .map(|c| {
            let outcome = c
                .determination
                .as_ref()
                .map_or(c.reason.as_str(), |j| j.outcome.as_str());
            format!("{} {} disclosed={}", c.jurisdiction, outcome, c.disclosure)
        })
        .collect();
    let mut fields = vec![
        field("agency", &own.agency),
        field("as_of", &own.as_of),
        field("items", codes.join(",")),
        field("route", format!("{}>{}", t.origin, t.destination)),
        field("outcome", &own.outcome),
        field("burden", burden.as_str_name()),
    ];
    if !names.is_empty() {
        fields.push(field("parties", names.join("\n")));
    }
    if let Some(s) = &d.screening {
        let snapshot = s.snapshot.as_ref().map(|r| r.digest.as_str()).unwrap_or("");
        fields.push(field("screening", format!("{hits} hits, {snapshot}")));
    }
    if !counterparts.is_empty() {
        fields.push(field("counterpart_answer", counterparts.join("\n")));
    }
    fields
}

/// Digests of the editions, the snapshots and the build that an answer rests on, by name.
pub fn content_digests(d: &api::Determination) -> Vec<String> {
    let editions = d.own.iter().filter_map(|j| j.edition.as_ref());
    let mut out: Vec<String> = editions
        .map(|e| format!("regime/{}={}", e.jurisdiction, e.digest))
        .collect();
    let snapshots = d.screening.iter().filter_map(|s| s.snapshot.as_ref());
    out.extend(snapshots.map(|s| format!("lists={}", s.digest)));
    out.extend(engine::build().map(|digest| format!("{}={digest}", engine::NAME)));
    out.sort();
    out.dedup();
    out
}

/// A committed field of a record.
pub fn field(name: &str, value: impl Into<String>) -> CommittedField {
    CommittedField {
        name: name.to_owned(),
        value: value.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transaction() -> wire::Transaction {
        wire::Transaction {
            parties: vec![wire::Party {
                role: "consignee".into(),
                name: "Somebody".into(),
                country: "KR".into(),
                address: "Somewhere 1".into(),
                identifiers: vec!["123".into()],
                ..Default::default()
            }],
            consignee_owners: vec![wire::OwnershipShare {
                owner: "Someone".into(),
                ..Default::default()
            }],
            judgements: vec![wire::JudgementAnswer {
                line_id: "for Someone".into(),
                reason: "because".into(),
                ..Default::default()
            }],
            lines: vec![wire::Line {
                line_id: "for Someone".into(),
                item: None,
            }],
            ..Default::default()
        }
    }

    #[test]
    fn only_what_the_policy_allows_crosses_the_border() {
        let none = format!("{:?}", disclosed(&transaction(), Disclosure::None));
        let role = format!(
            "{:?}",
            disclosed(&transaction(), Disclosure::RoleAndCountry)
        );
        let named = format!("{:?}", disclosed(&transaction(), Disclosure::Named));
        for secret in ["Somebody", "Somewhere", "123", "Someone", "because"] {
            assert!(!none.contains(secret) && !role.contains(secret), "{secret}");
        }
        assert!(!none.contains("consignee\"") && role.contains("consignee\""));
        assert!(named.contains("Somebody") && !named.contains("because"));
        let crossed = disclosed(&transaction(), Disclosure::None);
        assert_eq!(crossed.lines[0].line_id, "1");
        assert_eq!(crossed.judgements[0].line_id, "1");
        let line = wire::LineDetermination {
            line_id: "1".into(),
            ..Default::default()
        };
        let mut answer = wire::JurisdictionDetermination {
            lines: vec![line],
            ..Default::default()
        };
        restore_line_ids(&mut answer, &transaction());
        assert_eq!(answer.lines[0].line_id, "for Someone");
    }

    #[test]
    fn consult_ids_repeat_for_the_same_request_and_differ_between_callers() {
        let id = consult_id("a", "1", "2026-10-01");
        assert_eq!(id, consult_id("a", "1", "2026-10-01"));
        assert_ne!(id, consult_id("b", "1", "2026-10-01"));
        assert_ne!(id, consult_id("a1", "", "2026-10-01"));
    }
}
