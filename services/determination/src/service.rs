//! The RPCs for the agency's own systems.

use std::pin::Pin;
use std::sync::Arc;

use concord_kit::peer::PeerIdentity;
use concord_kit::status::Problem;
use concord_kit::violations::Violations;
use concord_proto::audit::{
    AppendRequest, GetRecordRequest, SearchRecordsRequest, get_record_request,
};
use concord_proto::determination as api;
use concord_proto::determination::determination_service_server::DeterminationService;
use concord_proto::types as wire;
use futures_util::{Stream, StreamExt};
use prost::Message;
use tonic::{Code, Request, Response, Status, Streaming};

use crate::compose;
use crate::decide::{Decider, decode_body};
use crate::error::{from_service, reason, refuse};
use crate::refusals::{Refused, rpc};
use crate::request;

/// Elements of one batch that are decided at the same time.
const BATCH_WIDTH: usize = 16;
/// Full name of the message that an officer's decision is stored as.
const DECISION_BODY: &str = "concord.determination.v1.HumanDecision";

/// The handlers.
#[derive(Debug)]
pub struct Service {
    decider: Arc<Decider>,
}

impl Service {
    /// Handlers that decide with `decider`.
    pub fn new(decider: Arc<Decider>) -> Self {
        Self { decider }
    }

    async fn record(&self, id: &str) -> Result<concord_proto::audit::Record, Status> {
        let not_found = || {
            refuse(
                Code::NotFound,
                reason::DETERMINATION_NOT_FOUND,
                "there is no determination with this id",
            )
        };
        if id.is_empty() {
            return Err(not_found());
        }
        let name = Some(get_record_request::Name::RecordId(id.to_owned()));
        match self
            .decider
            .clients
            .audit()
            .get_record(GetRecordRequest { name })
            .await
        {
            Ok(response) => response.into_inner().record.ok_or_else(not_found),
            Err(status) if matches!(status.code(), Code::NotFound | Code::InvalidArgument) => {
                Err(not_found())
            }
            Err(status) => Err(from_service("audit", &status)),
        }
    }

    /// Checks an officer's decision and stores it.
    async fn record_once(
        &self,
        caller: &str,
        request: api::RecordDecisionRequest,
        digest: [u8; 32],
    ) -> Result<api::RecordDecisionResponse, Status> {
        let mut violations = Violations::default();
        request::check_decision(&request, &mut violations);
        violations.finish()?;
        let about = self.record(&request.determination_id).await?;
        let computed = decode_body(&about.body_type, &about.body)?;
        let computed = computed.own.unwrap_or_default().outcome;
        let mut violations = Violations::default();
        request::check_agreement(&request, &computed, &mut violations);
        violations.finish()?;
        let decision = api::HumanDecision {
            determination_id: request.determination_id.clone(),
            verdict: request.verdict,
            outcome: request.outcome.clone(),
            reason: request.reason.clone(),
            context: request.context.clone(),
            receipt: None,
        };
        let appended = self
            .decider
            .append_record(AppendRequest {
                caller: caller.to_owned(),
                context: request.context.clone(),
                kind: wire::RecordKind::HumanDecision.into(),
                request_digest: digest.to_vec(),
                body: decision.encode_to_vec(),
                body_type: DECISION_BODY.to_owned(),
                fields: vec![compose::field("outcome", &request.outcome)],
                about_record_id: about.record_id,
                ..AppendRequest::default()
            })
            .await?;
        let decision = api::HumanDecision {
            receipt: appended.receipt,
            ..decision
        };
        Ok(api::RecordDecisionResponse {
            decision: Some(decision),
        })
    }
}

type BatchStream = Pin<Box<dyn Stream<Item = Result<api::BatchDetermineResponse, Status>> + Send>>;

#[tonic::async_trait]
impl DeterminationService for Service {
    type BatchDetermineStream = BatchStream;

    async fn determine(
        &self,
        request: Request<api::DetermineRequest>,
    ) -> Result<Response<api::DetermineResponse>, Status> {
        let caller = PeerIdentity::of(&request)?.id().to_string();
        self.decider
            .determine(rpc::DETERMINE, &caller, request.into_inner())
            .await
            .map(Response::new)
    }

    async fn batch_determine(
        &self,
        request: Request<Streaming<api::BatchDetermineRequest>>,
    ) -> Result<Response<BatchStream>, Status> {
        let caller = PeerIdentity::of(&request)?.id().to_string();
        let decider = self.decider.clone();
        let answers = request
            .into_inner()
            .map(move |element| {
                let (decider, caller) = (decider.clone(), caller.clone());
                async move {
                    let element = element?;
                    let request = element.request.unwrap_or_default();
                    let outcome = match decider
                        .determine(rpc::BATCH_DETERMINE, &caller, request)
                        .await
                    {
                        Ok(result) => api::batch_determine_response::Outcome::Result(result),
                        Err(status) => api::batch_determine_response::Outcome::Problem(
                            (&Problem::from_status(&status)).into(),
                        ),
                    };
                    Ok(api::BatchDetermineResponse {
                        index: element.index,
                        outcome: Some(outcome),
                    })
                }
            })
            .buffer_unordered(BATCH_WIDTH);
        Ok(Response::new(Box::pin(answers)))
    }

    async fn get_determination(
        &self,
        request: Request<api::GetDeterminationRequest>,
    ) -> Result<Response<api::GetDeterminationResponse>, Status> {
        let record = self.record(&request.get_ref().determination_id).await?;
        let mut determination = decode_body(&record.body_type, &record.body)?;
        determination.determination_id.clone_from(&record.record_id);
        let search = SearchRecordsRequest {
            kinds: vec![wire::RecordKind::HumanDecision.into()],
            about_record_id: record.record_id.clone(),
            page_size: 1_000,
            ..SearchRecordsRequest::default()
        };
        let found = self
            .decider
            .clients
            .audit()
            .search_records(search)
            .await
            .map_err(|status| from_service("audit", &status))?
            .into_inner();
        let mut decisions = Vec::new();
        for summary in found.records.iter().rev() {
            let stored = self.record(&summary.record_id).await?;
            let mut decision =
                api::HumanDecision::decode(stored.body.as_slice()).map_err(|_| {
                    refuse(
                        Code::DataLoss,
                        reason::RECORD_DAMAGED,
                        "a stored decision cannot be read",
                    )
                })?;
            decision.receipt = stored.receipt;
            decisions.push(decision);
        }
        Ok(Response::new(api::GetDeterminationResponse {
            determination: Some(determination),
            receipt: record.receipt,
            decisions,
        }))
    }

    async fn record_decision(
        &self,
        request: Request<api::RecordDecisionRequest>,
    ) -> Result<Response<api::RecordDecisionResponse>, Status> {
        let caller = PeerIdentity::of(&request)?.id().to_string();
        let request = request.into_inner();
        let digest =
            request::message_digest("concord.determination.v1.RecordDecisionRequest", &request);
        let id = request.context.as_ref().map(|c| c.request_id.clone());
        let recorded = self.record_once(&caller, request, digest).await;
        if let Err(status) = &recorded {
            let id = id.as_deref().unwrap_or_default();
            let refused = Refused::read(rpc::RECORD_DECISION, &caller, id, digest);
            self.decider.refusals.note(&refused, status).await;
        }
        recorded.map(Response::new)
    }

    async fn replay(
        &self,
        _request: Request<api::ReplayRequest>,
    ) -> Result<Response<api::ReplayResponse>, Status> {
        Err(refuse(
            Code::Unimplemented,
            reason::NOT_BUILT_YET,
            "replay is not built yet",
        ))
    }
}
