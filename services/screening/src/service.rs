//! The RPCs: decode, call the cores, encode.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use concord_kit::cache::{Cache, Load};
use concord_kit::status::Problem;
use concord_names::ENGINE;
use concord_proto::screening as api;
use concord_proto::screening::screening_service_server::ScreeningService;
use concord_proto::types as wire;
use futures_util::{Stream, StreamExt, TryStreamExt};
use jiff::Timestamp;
use jiff::civil::Date;
use prost::Message;
use tonic::metadata::AsciiMetadataValue;
use tonic::{Code, Request, Response, Status, Streaming};

use crate::answer;
use crate::batch;
use crate::completeness::{Policy, why};
use crate::error::{reason, refuse};
use crate::live::Live;
use crate::loaded::Loaded;
use crate::wire::decode::{AskedParty, Question};
use crate::wire::{decode, encode};

/// Response metadata of BatchScreen: the snapshot that the whole stream is answered from.
pub const SNAPSHOT_METADATA: &str = "concord-snapshot-digest";

/// What a search may cost on an asynchronous thread, in names looked at: a tenth of a millisecond or two. Handing it to
/// another thread and back costs as much as a short search, and so does a look into the cache.
const SHORT: u64 = 20_000;

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
    /// What was missing of which lists on which day, when it was last asked.
    missing: Mutex<Option<Missing>>,
}

/// What is missing of lists on a day.
type Missing = (Weak<Loaded>, Date, Arc<[wire::IncompleteReason]>);

impl Service {
    /// What a complete answer needs.
    pub(crate) fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// Handlers over the lists in use; answers over large lists are kept for `keep`.
    pub fn new(live: Live, policy: Policy, cache: Cache, keep: Duration) -> Self {
        let abreast = std::thread::available_parallelism().map_or(1, usize::from);
        Self(Arc::new(Inner {
            live,
            policy,
            cache,
            keep,
            abreast,
            missing: Mutex::default(),
        }))
    }

    /// What is missing of `loaded`, which changes with the lists and with the day.
    pub(crate) fn missing(
        &self,
        loaded: &Arc<Loaded>,
        now: Timestamp,
    ) -> Arc<[wire::IncompleteReason]> {
        let today = answer::today(now);
        let mut last = self
            .0
            .missing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((of, day, missing)) = &*last
            && *day == today
            && std::ptr::eq(of.as_ptr(), Arc::as_ptr(loaded))
        {
            return missing.clone();
        }
        let missing: Arc<[_]> = self.policy().missing(loaded, now).into();
        *last = Some((Arc::downgrade(loaded), today, missing.clone()));
        missing
    }

    /// What is found for one party: a search, here while it is short, and then from the cache or off the asynchronous
    /// threads. Only hits are kept: whether the lists are complete is a matter of the moment. A search that was not carried
    /// to its end is never kept.
    pub(crate) async fn found(
        &self,
        loaded: &Arc<Loaded>,
        party: &AskedParty,
        question: &Question,
    ) -> Result<wire::PartyScreening, Status> {
        if let Some(found) = self.shortly(loaded, party, question) {
            // A call may have a thousand parties: other calls, their deadlines and the health check come in between.
            tokio::task::yield_now().await;
            return Ok(found);
        }
        let limit = self.0.policy.search_limit();
        let (shared, asked, how) = (loaded.clone(), party.clone(), question.without_parties());
        let search =
            move || blocking(move || answer::party_screening(&shared, &asked, &how, limit));
        let key = cache_key(loaded, party, question);
        let key: Vec<&[u8]> = key.iter().map(Vec::as_slice).collect();
        let load = move || async move {
            let found = search().await?;
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

    /// A search that ends within [`SHORT`] names, if this one does.
    fn shortly(
        &self,
        loaded: &Loaded,
        party: &AskedParty,
        question: &Question,
    ) -> Option<wire::PartyScreening> {
        // Building an index takes seconds.
        if !loaded.prepared().any(|p| p.id == question.profile.id) {
            return None;
        }
        let limit = SHORT.min(self.0.policy.search_limit());
        let found = answer::party_screening(loaded, party, question, limit);
        let ended = found
            .incomplete
            .iter()
            .any(|r| r.reason == why::SEARCH_LIMIT);
        (!ended).then_some(found)
    }
}

/// Everything that hits depend on. The role is not among it, and the cache hashes the key.
fn cache_key(loaded: &Loaded, party: &AskedParty, question: &Question) -> Vec<Vec<u8>> {
    let facts = &party.query.facts;
    let births = facts.births.iter();
    let births = births.flat_map(|(a, b)| [a.to_be_bytes(), b.to_be_bytes()]);
    vec![
        b"hits/4".to_vec(),
        loaded.snapshot().digest().into(),
        question.profile.digest().into(),
        ENGINE.into(),
        question.threshold.to_be_bytes().to_vec(),
        vec![u8::from(question.full)],
        party.query.name.clone().into(),
        format!("{:?}", facts.subject).into(),
        facts.countries.join(",").into(),
        births.flatten().collect(),
        format!("{:?}", facts.gender).into(),
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

pub(crate) type BatchStream =
    Pin<Box<dyn Stream<Item = Result<api::BatchScreenResponse, Status>> + Send>>;

#[tonic::async_trait]
impl ScreeningService for Service {
    type BatchScreenStream = BatchStream;

    async fn screen(
        &self,
        request: Request<api::ScreenRequest>,
    ) -> Result<Response<api::ScreenResponse>, Status> {
        let loaded = self.0.live.loaded();
        let question = decode::question(&loaded, request.get_ref())?;
        let now = Timestamp::now();
        let today = answer::today(now);
        let searches = question.parties.iter().map(|party| {
            let found = self.found(&loaded, party, &question);
            let loaded = &loaded;
            async move {
                let mut found = found.await?;
                // After the cache: what is covered is a matter of the day.
                loaded.cover(party, &mut found, today);
                Ok::<_, Status>(found)
            }
        });
        let found = futures_util::stream::iter(searches.collect::<Vec<_>>())
            .buffered(self.0.abreast)
            .try_collect()
            .await?;
        let missing = self.missing(&loaded, now);
        let summary = encode::summary(&loaded, &question, found, &missing);
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
        let answers = batch::answers(self.clone(), loaded, request.into_inner(), self.0.abreast);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn key(loaded: &Loaded, threshold: u32, party: &wire::Party) -> Vec<Vec<u8>> {
        let request = api::BatchScreenRequest {
            threshold,
            ..Default::default()
        };
        let question = decode::element(&request).unwrap();
        cache_key(
            loaded,
            &decode::one_party(party, "party").unwrap(),
            &question,
        )
    }

    #[test]
    fn everything_that_hits_depend_on_is_in_the_key() {
        let loaded = Loaded::example().unwrap();
        let plain = wire::Party {
            name: "A Name".to_owned(),
            ..Default::default()
        };
        let with = |change: fn(&mut wire::Party)| {
            let mut party = plain.clone();
            change(&mut party);
            key(&loaded, 0, &party)
        };
        let mut keys = vec![
            with(|_| {}),
            with(|p| p.name = "A Game".to_owned()),
            with(|p| p.country = "KR".to_owned()),
            with(|p| p.kind = "person".to_owned()),
            with(|p| p.birth_date = "1961".to_owned()),
            with(|p| p.birth_date = "1961-01".to_owned()),
            with(|p| p.gender = "female".to_owned()),
            with(|p| p.gender = "male".to_owned()),
            with(|p| p.identifiers = vec!["P 12345".to_owned()]),
            key(&loaded, 9_000, &plain),
        ];
        let all = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), all);
        // Whose role it is changes no hit.
        assert_eq!(with(|p| p.role = "consignee".to_owned()), with(|_| {}));
    }
}
