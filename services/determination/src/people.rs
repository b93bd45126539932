//! What people decide about determinations and answer to their judgement questions: recorded, found again, and shown beside
//! what is computed. Nothing here changes a computed answer.

mod history;

pub use history::{adopted, of_case};

use std::future::Future;

use concord_controls::item::Judgements;
use concord_kit::violations::Violations;
use concord_proto::audit::{AppendRequest, GetRecordRequest, Record, get_record_request};
use concord_proto::determination as api;
use concord_proto::types as wire;
use prost::Message;
use tonic::{Code, Status};

use crate::compose;
use crate::decide::{Decider, decode_body};
use crate::error::{from_service, reason, refuse};
use crate::refusals::{Refused, rpc};
use crate::request;

/// Full name of the message that an officer's decision is stored as.
const DECISION_BODY: &str = "concord.determination.v1.HumanDecision";
/// Full name of the message that an answer to a judgement question is stored as.
const JUDGEMENT_BODY: &str = "concord.determination.v1.RecordedJudgement";

/// A stored determination with what people said about it and in its case.
pub async fn get(decider: &Decider, id: &str) -> Result<api::GetDeterminationResponse, Status> {
    let (record, mut determination) = determination(decider, id).await?;
    determination.determination_id.clone_from(&record.record_id);
    let case = determination.context.clone().unwrap_or_default();
    let (about, history) = tokio::try_join!(
        history::about(decider, &record.record_id),
        of_case(decider, &case.case_reference, &record.record_id)
    )?;
    Ok(api::GetDeterminationResponse {
        determination: Some(determination),
        receipt: record.receipt,
        decisions: about.decisions,
        judgements: about.judgements,
        history,
    })
}

/// Records what an officer decides; a refusal leaves a record.
pub async fn record_decision(
    decider: &Decider,
    caller: String,
    request: api::RecordDecisionRequest,
) -> Result<api::RecordDecisionResponse, Status> {
    let digest =
        request::message_digest("concord.determination.v1.RecordDecisionRequest", &request);
    let refused = refused(rpc::RECORD_DECISION, &caller, &request.context, digest);
    let recorded = decision_once(decider, caller, request, digest);
    noted(decider, refused, recorded).await
}

/// Records a person's answer to a judgement question; a refusal leaves a record.
pub async fn record_judgement(
    decider: &Decider,
    caller: String,
    request: api::RecordJudgementRequest,
) -> Result<api::RecordJudgementResponse, Status> {
    let digest =
        request::message_digest("concord.determination.v1.RecordJudgementRequest", &request);
    let refused = refused(rpc::RECORD_JUDGEMENT, &caller, &request.context, digest);
    let recorded = judgement_once(decider, caller, request, digest);
    noted(decider, refused, recorded).await
}

/// The call as its refusal would be noted.
fn refused(
    rpc: &'static str,
    caller: &str,
    context: &Option<wire::RequestContext>,
    digest: [u8; 32],
) -> Refused {
    let id = context.as_ref().map_or("", |c| c.request_id.as_str());
    Refused::read(rpc, caller, id, digest)
}

async fn noted<T>(
    decider: &Decider,
    refused: Refused,
    recorded: impl Future<Output = Result<T, Status>>,
) -> Result<T, Status> {
    let recorded = recorded.await;
    if let Err(status) = &recorded {
        decider.refusals.note(&refused, status).await;
    }
    recorded
}

async fn decision_once(
    decider: &Decider,
    caller: String,
    request: api::RecordDecisionRequest,
    digest: [u8; 32],
) -> Result<api::RecordDecisionResponse, Status> {
    let mut violations = Violations::default();
    request::check_decision(&request, &mut violations);
    violations.finish()?;
    let (about, computed) = determination(decider, &request.determination_id).await?;
    let outcome = computed.own.as_ref().map(|own| own.outcome.clone());
    let outcome = outcome.unwrap_or_default();
    let mut violations = Violations::default();
    request::check_agreement(&request, &outcome, &mut violations);
    violations.finish()?;
    let mut decision = api::HumanDecision {
        determination_id: about.record_id.clone(),
        verdict: request.verdict,
        outcome: request.outcome.clone(),
        reason: request.reason.clone(),
        context: in_case(request.context, &computed),
        receipt: None,
        computed_outcome: outcome,
    };
    let appended = decider
        .append_record(AppendRequest {
            caller,
            context: decision.context.clone(),
            kind: wire::RecordKind::HumanDecision.into(),
            request_digest: digest.to_vec(),
            body: decision.encode_to_vec(),
            body_type: DECISION_BODY.to_owned(),
            fields: vec![compose::field("outcome", &request.outcome)],
            about_record_id: about.record_id,
            ..AppendRequest::default()
        })
        .await?;
    decision.receipt = appended.receipt;
    Ok(api::RecordDecisionResponse {
        decision: Some(decision),
    })
}

async fn judgement_once(
    decider: &Decider,
    caller: String,
    request: api::RecordJudgementRequest,
    digest: [u8; 32],
) -> Result<api::RecordJudgementResponse, Status> {
    let mut violations = Violations::default();
    request::check_judgement(&request, &mut violations);
    let answer = request.answer.clone().unwrap_or_default();
    let vocabulary = decider.law.edition.regime().vocabulary();
    let one = [(answer.judgement.as_str(), answer.answer)];
    if let Err(error) = Judgements::read(one, vocabulary) {
        for wrong in error.fields {
            violations.add(wrong.reason.word(), "answer.judgement", wrong.message);
        }
    }
    violations.finish()?;
    let (about, computed) = determination(decider, &request.determination_id).await?;
    let mut lines = computed.transaction.iter().flat_map(|t| &t.lines);
    let mut violations = Violations::default();
    if !answer.line_id.is_empty() && !lines.any(|line| line.line_id == answer.line_id) {
        let text = "the determination has no such line";
        violations.add("UNKNOWN_LINE", "answer.line_id", text);
    }
    violations.finish()?;
    let mut judgement = api::RecordedJudgement {
        determination_id: about.record_id.clone(),
        answer: Some(answer.clone()),
        context: in_case(request.context, &computed),
        receipt: None,
    };
    let said = if answer.answer { "yes" } else { "no" };
    let said = format!("{}={said}", answer.judgement);
    let appended = decider
        .append_record(AppendRequest {
            caller,
            context: judgement.context.clone(),
            kind: wire::RecordKind::JudgementAnswer.into(),
            request_digest: digest.to_vec(),
            body: judgement.encode_to_vec(),
            body_type: JUDGEMENT_BODY.to_owned(),
            // The fields of a leaf are a closed set (docs/log-format.md); what was decided is the outcome.
            fields: vec![compose::field("outcome", said)],
            about_record_id: about.record_id,
            ..AppendRequest::default()
        })
        .await?;
    judgement.receipt = appended.receipt;
    Ok(api::RecordJudgementResponse {
        judgement: Some(judgement),
    })
}

/// What is said of a determination belongs to its case unless another is named.
fn in_case(
    context: Option<wire::RequestContext>,
    about: &api::Determination,
) -> Option<wire::RequestContext> {
    let mut context = context.unwrap_or_default();
    if let (true, Some(of)) = (context.case_reference.is_empty(), &about.context) {
        context.case_reference.clone_from(&of.case_reference);
    }
    Some(context)
}

async fn determination(
    decider: &Decider,
    id: &str,
) -> Result<(Record, api::Determination), Status> {
    let found = record(decider, id).await?;
    let found = found.filter(|record| record.kind() == wire::RecordKind::Determination);
    let record = found.ok_or_else(|| {
        refuse(
            Code::NotFound,
            reason::DETERMINATION_NOT_FOUND,
            "there is no determination with this id",
        )
    })?;
    let determination = decode_body(&record.body_type, &record.body)?;
    Ok((record, determination))
}

/// A record by its id; `None` when there is none, or the text is no id.
async fn record(decider: &Decider, id: &str) -> Result<Option<Record>, Status> {
    if id.is_empty() {
        return Ok(None);
    }
    let name = Some(get_record_request::Name::RecordId(id.to_owned()));
    let mut audit = decider.clients.audit();
    match audit.get_record(GetRecordRequest { name }).await {
        Ok(response) => Ok(response.into_inner().record),
        Err(status) if matches!(status.code(), Code::NotFound | Code::InvalidArgument) => Ok(None),
        Err(status) => Err(from_service("audit", &status)),
    }
}
