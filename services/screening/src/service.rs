//! The RPCs: decode, call the cores, encode.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use concord_kit::cache::{Cache, Load};
use concord_kit::status::Problem;
use concord_names::ENGINE;
use concord_proto::screening as api;
use concord_proto::screening::screening_service_server::ScreeningService;
use concord_proto::types as wire;
use futures_util::{Stream, StreamExt, TryStreamExt};
use jiff::Timestamp;
use prost::Message;
use tonic::metadata::AsciiMetadataValue;
use tonic::{Code, Request, Response, Status, Streaming};

use crate::answer;
use crate::completeness::Policy;
use crate::error::{reason, refuse};
use crate::live::Live;
use crate::loaded::Loaded;
use crate::wire::decode::{AskedParty, Question};
use crate::wire::{decode, encode};

/// Response metadata of BatchScreen: the snapshot that the whole stream is answered from.
pub const SNAPSHOT_METADATA: &str = "concord-snapshot-digest";

/// Parties from which on a search costs more than a look into the cache.
const LARGE: usize = 1_000;

/// The handlers. Cloning shares everything.
#[derive(Debug, Clone)]
pub struct Service(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    live: Live,
    policy: Policy,
    cache: Cache,
    keep: Duration,
    /// Parties of one call that are searched at the same time.
    abreast: usize,
}

impl Service {
    /// Handlers over the lists in use; answers over large lists are kept for `keep`.
    pub fn new(live: Live, policy: Policy, cache: Cache, keep: Duration) -> Self {
        let abreast = std::thread::available_parallelism().map_or(1, usize::from);
        Self(Arc::new(Inner {
            live,
            policy,
            cache,
            keep,
            abreast,
        }))
    }

    /// What is found for one party. Only that is kept: whether the lists are complete is a matter of the moment. A search
    /// that was not carried to its end is never kept.
    async fn found(
        &self,
        loaded: &Arc<Loaded>,
        party: AskedParty,
        question: &Question,
    ) -> Result<wire::PartyScreening, Status> {
        let limit = self.0.policy.search_limit();
        let (shared, asked, how) = (loaded.clone(), party.clone(), question.without_parties());
        let search = move || answer::party_screening(&shared, &asked, &how, limit);
        if loaded.len() < LARGE {
            return blocking(search).await;
        }
        let key = cache_key(loaded, &party, question);
        let key: Vec<&[u8]> = key.iter().map(Vec::as_slice).collect();
        let load = move || async move {
            let found = blocking(search).await?;
            let bytes = found.encode_to_vec();
            Ok(if found.incomplete.is_empty() {
                Load::keep(bytes)
            } else {
                Load::pass(bytes)
            })
        };
        let kept = self.0.cache.get_or_load(&key, self.0.keep, load).await?;
        wire::PartyScreening::decode(kept)
            .map_err(|e| Problem::internal(format!("kept hits do not decode: {e}")).into())
    }
}

/// Everything that hits depend on. The role is not among it, and the cache hashes the key.
fn cache_key(loaded: &Loaded, party: &AskedParty, question: &Question) -> Vec<Vec<u8>> {
    let facts = &party.query.facts;
    let years = facts
        .birth_years
        .iter()
        .flat_map(|(a, b)| [a.to_be_bytes(), b.to_be_bytes()]);
    vec![
        b"hits/3".to_vec(),
        loaded.snapshot().digest().into(),
        question.profile.digest().into(),
        ENGINE.into(),
        question.threshold.to_be_bytes().to_vec(),
        vec![u8::from(question.full)],
        party.query.name.clone().into(),
        format!("{:?}", facts.subject).into(),
        facts.countries.join(",").into(),
        years.flatten().collect(),
        party
            .identifiers
            .iter()
            .flat_map(|key| [key.as_str(), "\n"])
            .collect::<String>()
            .into(),
    ]
}

/// Work that takes milliseconds, off the asynchronous threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Status> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| match e.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(e) => Problem::internal(e).into(),
        })
}

type BatchStream = Pin<Box<dyn Stream<Item = Result<api::BatchScreenResponse, Status>> + Send>>;

#[tonic::async_trait]
impl ScreeningService for Service {
    type BatchScreenStream = BatchStream;

    async fn screen(
        &self,
        request: Request<api::ScreenRequest>,
    ) -> Result<Response<api::ScreenResponse>, Status> {
        let loaded = self.0.live.loaded();
        let question = decode::question(&loaded, request.get_ref())?;
        let searches = question
            .parties
            .iter()
            .map(|party| self.found(&loaded, party.clone(), &question));
        let found = futures_util::stream::iter(searches.collect::<Vec<_>>())
            .buffered(self.0.abreast)
            .try_collect()
            .await?;
        let missing = self.0.policy.missing(&loaded, Timestamp::now());
        let summary = encode::summary(&loaded, &question, found, missing);
        Ok(Response::new(api::ScreenResponse {
            summary: Some(summary),
        }))
    }

    async fn batch_screen(
        &self,
        request: Request<Streaming<api::BatchScreenRequest>>,
    ) -> Result<Response<BatchStream>, Status> {
        let loaded = self.0.live.loaded();
        let digest = AsciiMetadataValue::try_from(loaded.snapshot().digest());
        let (this, abreast) = (self.clone(), self.0.abreast);
        let answers = request
            .into_inner()
            .map(move |element| {
                let (this, loaded) = (this.clone(), loaded.clone());
                async move {
                    let element = element?;
                    let outcome = match this.element(&loaded, &element).await {
                        Ok(result) => api::batch_screen_response::Outcome::Result(result),
                        Err(status) => api::batch_screen_response::Outcome::Problem(
                            (&Problem::from_status(&status)).into(),
                        ),
                    };
                    Ok(api::BatchScreenResponse {
                        index: element.index,
                        outcome: Some(outcome),
                    })
                }
            })
            .buffer_unordered(abreast);
        let mut response: Response<BatchStream> = Response::new(Box::pin(answers));
        if let Ok(digest) = digest {
            response.metadata_mut().insert(SNAPSHOT_METADATA, digest);
        }
        Ok(response)
    }

    async fn get_party(
        &self,
        request: Request<api::GetPartyRequest>,
    ) -> Result<Response<api::GetPartyResponse>, Status> {
        let request = request.get_ref();
        let loaded = self.0.live.loaded();
        decode::pinned(&loaded, request.snapshot.as_ref())?;
        let party = loaded.snapshot().party(&request.party_id).ok_or_else(|| {
            let text = "the snapshot has no party with this id; ids are those of hits from the same snapshot";
            refuse(Code::NotFound, reason::PARTY_NOT_FOUND, text)
        })?;
        Ok(Response::new(api::GetPartyResponse {
            party: Some(encode::listed(party)),
            snapshot: Some(encode::snapshot_ref(&loaded)),
        }))
    }

    async fn list_sources(
        &self,
        _request: Request<api::ListSourcesRequest>,
    ) -> Result<Response<api::ListSourcesResponse>, Status> {
        let loaded = self.0.live.loaded();
        Ok(Response::new(answer::sources(
            &loaded,
            &self.0.policy,
            Timestamp::now(),
        )))
    }
}

impl Service {
    /// One element of a batch.
    async fn element(
        &self,
        loaded: &Arc<Loaded>,
        element: &api::BatchScreenRequest,
    ) -> Result<wire::PartyScreening, Status> {
        let mut question = decode::element(element)?;
        let Some(party) = question.parties.pop() else {
            return Err(Problem::internal("an element without a party was decoded").into());
        };
        let role = party.role.clone();
        let found = self.found(loaded, party, &question).await?;
        let missing = self.0.policy.missing(loaded, Timestamp::now());
        Ok(encode::screening(0, &role, found, &missing))
    }
}
