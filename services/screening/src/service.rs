//! The RPCs: decode, call the cores, encode.

use std::pin::Pin;

use concord_proto::screening as api;
use concord_proto::screening::screening_service_server::ScreeningService;
use futures_util::Stream;
use tonic::{Code, Request, Response, Status, Streaming};

use crate::error::{reason, refuse};

/// The handlers.
#[derive(Debug)]
pub struct Service;

type BatchStream = Pin<Box<dyn Stream<Item = Result<api::BatchScreenResponse, Status>> + Send>>;

fn later() -> Status {
    refuse(
        Code::Unimplemented,
        reason::NOT_BUILT_YET,
        "screening is not built yet",
    )
}

#[tonic::async_trait]
impl ScreeningService for Service {
    type BatchScreenStream = BatchStream;

    async fn screen(
        &self,
        _request: Request<api::ScreenRequest>,
    ) -> Result<Response<api::ScreenResponse>, Status> {
        Err(later())
    }

    async fn batch_screen(
        &self,
        _request: Request<Streaming<api::BatchScreenRequest>>,
    ) -> Result<Response<BatchStream>, Status> {
        Err(later())
    }

    async fn get_party(
        &self,
        _request: Request<api::GetPartyRequest>,
    ) -> Result<Response<api::GetPartyResponse>, Status> {
        Err(later())
    }

    async fn list_sources(
        &self,
        _request: Request<api::ListSourcesRequest>,
    ) -> Result<Response<api::ListSourcesResponse>, Status> {
        Err(later())
    }
}
