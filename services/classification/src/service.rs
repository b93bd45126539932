//! The RPCs: decode, call the core, encode.

use std::pin::Pin;
use std::sync::Arc;

use concord_kit::status::Problem;
use concord_kit::violations::shorten;
use concord_proto::classification as api;
use concord_proto::classification::classification_service_server::ClassificationService;
use concord_proto::types as wire;
use futures_util::{Stream, StreamExt};
use tokio::sync::Semaphore;
use tonic::{Code, Request, Response, Status, Streaming};

use crate::catalogue::Catalogue;
use crate::error::{reason, refuse};
use crate::finder::LazyFinder;
use crate::kept::Kept;
use crate::wire::{decode, encode};

/// Comparisons of lists at the same time: each takes a processor for a good part of a second, also when its caller has gone.
const COMPARISONS: usize = 2;

/// The handlers.
#[derive(Debug)]
pub struct Service {
    catalogue: Arc<Catalogue>,
    finder: LazyFinder,
    comparisons: Arc<Semaphore>,
    kept: Arc<Kept>,
}

impl Service {
    /// Handlers over the loaded lists.
    pub fn new(catalogue: Arc<Catalogue>, finder: LazyFinder) -> Self {
        Self {
            catalogue,
            finder,
            comparisons: Arc::new(Semaphore::new(COMPARISONS)),
            kept: Arc::default(),
        }
    }
}

type BatchStream = Pin<Box<dyn Stream<Item = Result<api::BatchClassifyResponse, Status>> + Send>>;

#[tonic::async_trait]
impl ClassificationService for Service {
    type BatchClassifyStream = BatchStream;

    async fn classify(
        &self,
        request: Request<api::ClassifyRequest>,
    ) -> Result<Response<api::ClassifyResponse>, Status> {
        crate::wire::classify(&self.catalogue, request.get_ref()).map(Response::new)
    }

    async fn batch_classify(
        &self,
        request: Request<Streaming<api::BatchClassifyRequest>>,
    ) -> Result<Response<BatchStream>, Status> {
        let catalogue = self.catalogue.clone();
        let answers = request.into_inner().map(move |element| {
            let element = element?;
            let index = element.index;
            let outcome =
                match crate::wire::classify(&catalogue, &element.request.unwrap_or_default()) {
                    Ok(result) => api::batch_classify_response::Outcome::Result(result),
                    Err(status) => api::batch_classify_response::Outcome::Problem(
                        (&Problem::from_status(&status)).into(),
                    ),
                };
            Ok(api::BatchClassifyResponse {
                index,
                outcome: Some(outcome),
            })
        });
        Ok(Response::new(Box::pin(answers)))
    }

    async fn get_entry(
        &self,
        request: Request<api::GetEntryRequest>,
    ) -> Result<Response<api::GetEntryResponse>, Status> {
        let request = request.get_ref();
        let regime = decode::regime(&self.catalogue, &request.jurisdiction)?;
        let date = decode::as_of(regime, &request.as_of)?;
        let entry = regime
            .at(date)
            .entries()
            .find(|e| *e.code == *request.code)
            .ok_or_else(|| {
                let text = format!(
                    "`{}` is not an entry of this list on {date}",
                    shorten(&request.code)
                );
                refuse(Code::NotFound, reason::ENTRY_NOT_FOUND, text)
            })?;
        Ok(Response::new(api::GetEntryResponse {
            edition: Some(encode::edition(regime)),
            as_of: date.to_string(),
            entry: Some(encode::entry(entry, date)),
        }))
    }

    async fn search_entries(
        &self,
        request: Request<api::SearchEntriesRequest>,
    ) -> Result<Response<api::SearchEntriesResponse>, Status> {
        let finder = self.finder.get().await?;
        crate::wire::search::search(&self.catalogue, finder, request.get_ref()).map(Response::new)
    }

    async fn compare_regimes(
        &self,
        request: Request<api::CompareRegimesRequest>,
    ) -> Result<Response<api::CompareRegimesResponse>, Status> {
        let (catalogue, request) = (Arc::clone(&self.catalogue), request.into_inner());
        let kept = Arc::clone(&self.kept);
        if let Some(answer) = crate::wire::compare_kept(&catalogue, &kept, &request)? {
            return Ok(Response::new(answer));
        }
        // Waits at most as long as the call may last. Nobody closes the semaphore.
        let turn = Arc::clone(&self.comparisons).acquire_owned().await;
        // Not on the threads that serve everyone.
        let compared = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            crate::wire::compare(&catalogue, &kept, &request)
        });
        let answer = compared.await.map_err(|e| match e.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(e) => Status::from(Problem::internal(e)),
        })?;
        answer.map(Response::new)
    }

    async fn list_editions(
        &self,
        _request: Request<api::ListEditionsRequest>,
    ) -> Result<Response<api::ListEditionsResponse>, Status> {
        let editions = self
            .catalogue
            .all()
            .map(|regime| {
                let own = self.catalogue.is_own(regime.jurisdiction());
                let authority = if own {
                    wire::Authority::Official
                } else {
                    wire::Authority::Unofficial
                };
                encode::regime_edition(regime, authority)
            })
            .collect();
        Ok(Response::new(api::ListEditionsResponse { editions }))
    }
}
