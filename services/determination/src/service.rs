//! The RPCs for the agency's own systems.

use std::pin::Pin;
use std::sync::Arc;

use concord_kit::peer::PeerIdentity;
use concord_kit::status::Problem;
use concord_proto::determination as api;
use concord_proto::determination::determination_service_server::DeterminationService;
use futures_util::{Stream, StreamExt};
use tonic::{Code, Request, Response, Status, Streaming};

use crate::decide::Decider;
use crate::error::{reason, refuse};
use crate::people;
use crate::refusals::rpc;

/// Elements of one batch that are decided at the same time.
const BATCH_WIDTH: usize = 16;

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
        people::get(&self.decider, &request.get_ref().determination_id)
            .await
            .map(Response::new)
    }

    async fn record_decision(
        &self,
        request: Request<api::RecordDecisionRequest>,
    ) -> Result<Response<api::RecordDecisionResponse>, Status> {
        let caller = PeerIdentity::of(&request)?.id().to_string();
        people::record_decision(&self.decider, caller, request.into_inner())
            .await
            .map(Response::new)
    }

    async fn record_judgement(
        &self,
        request: Request<api::RecordJudgementRequest>,
    ) -> Result<Response<api::RecordJudgementResponse>, Status> {
        let caller = PeerIdentity::of(&request)?.id().to_string();
        people::record_judgement(&self.decider, caller, request.into_inner())
            .await
            .map(Response::new)
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
