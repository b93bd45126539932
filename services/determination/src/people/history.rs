//! Earlier decisions and answers, found again.

use concord_kit::violations::Violations;
use concord_proto::audit::{Record, SearchRecordsRequest};
use concord_proto::determination as api;
use concord_proto::types as wire;
use prost::Message;
use tonic::{Code, Status};

use super::{DECISION_BODY, JUDGEMENT_BODY, record};
use crate::decide::Decider;
use crate::error::{from_service, reason, refuse};

/// Most records of a case that an answer carries.
const SHOWN: u32 = 100;

/// What people said about one determination.
pub(super) async fn about(decider: &Decider, id: &str) -> Result<api::CaseHistory, Status> {
    let search = SearchRecordsRequest {
        about_record_id: id.to_owned(),
        page_size: 1_000,
        ..SearchRecordsRequest::default()
    };
    found(decider, search, "").await
}

/// What people said in a case, but for what is about the determination `but`. `None` where there is no case or nothing.
pub async fn of_case(
    decider: &Decider,
    case_reference: &str,
    but: &str,
) -> Result<Option<api::CaseHistory>, Status> {
    if case_reference.is_empty() {
        return Ok(None);
    }
    let search = SearchRecordsRequest {
        case_reference: case_reference.to_owned(),
        page_size: SHOWN,
        ..SearchRecordsRequest::default()
    };
    let history = found(decider, search, but).await?;
    let empty = history.decisions.is_empty() && history.judgements.is_empty();
    Ok((!empty).then_some(history))
}

async fn found(
    decider: &Decider,
    mut search: SearchRecordsRequest,
    but: &str,
) -> Result<api::CaseHistory, Status> {
    search.kinds = vec![
        wire::RecordKind::HumanDecision.into(),
        wire::RecordKind::JudgementAnswer.into(),
    ];
    let mut audit = decider.clients.audit();
    let page = audit
        .search_records(search)
        .await
        .map_err(|status| from_service("audit", &status))?
        .into_inner();
    let mut history = api::CaseHistory {
        more: !page.next_page_token.is_empty(),
        ..api::CaseHistory::default()
    };
    // Newest first on the page.
    for summary in page.records.iter().rev() {
        if !but.is_empty() && summary.about_record_id == but {
            continue;
        }
        // One that was erased meanwhile has no body.
        let Some(stored) = record(decider, &summary.record_id).await? else {
            continue;
        };
        match stored.body_type.as_str() {
            DECISION_BODY => {
                let mut decision: api::HumanDecision = decoded(&stored)?;
                decision.receipt = stored.receipt;
                history.decisions.push(decision);
            }
            JUDGEMENT_BODY => {
                let mut judgement: api::RecordedJudgement = decoded(&stored)?;
                judgement.receipt = stored.receipt;
                history.judgements.push(judgement);
            }
            _ => {}
        }
    }
    Ok(history)
}

fn decoded<M: Message + Default>(record: &Record) -> Result<M, Status> {
    M::decode(record.body.as_slice()).map_err(|_| {
        refuse(
            Code::DataLoss,
            reason::RECORD_DAMAGED,
            "what a person decided cannot be read from its record",
        )
    })
}

/// Checks that every answer which names an earlier record says what that record says.
pub async fn adopted(
    decider: &Decider,
    transaction: &wire::Transaction,
    violations: &mut Violations,
) -> Result<(), Status> {
    for (i, answer) in transaction.judgements.iter().enumerate() {
        if answer.record_id.is_empty() {
            continue;
        }
        let field = format!("transaction.judgements[{i}].record_id");
        let stored = record(decider, &answer.record_id).await?;
        let stored = stored.filter(|stored| stored.body_type == JUDGEMENT_BODY);
        let Some(stored) = stored else {
            let text = "there is no recorded answer with this id";
            violations.add("UNKNOWN_RECORD", field, text);
            continue;
        };
        let recorded: api::RecordedJudgement = decoded(&stored)?;
        let recorded = recorded.answer.unwrap_or_default();
        if recorded.judgement != answer.judgement || recorded.answer != answer.answer {
            let text = format!(
                "the record answers `{}` with {}: adopt that, or answer without naming it",
                recorded.judgement,
                if recorded.answer { "yes" } else { "no" }
            );
            violations.add("CONTRADICTION", field, text);
        }
    }
    Ok(())
}
