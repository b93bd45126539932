//! The RPCs: decode, ask the writer or a reader, encode.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use concord_kit::status::Problem;
use concord_proto::audit as api;
use concord_proto::audit::audit_service_server::AuditService;
use concord_tlog::hash::{Hash, leaf_hash};
use concord_tlog::tree::{ProveError, consistency_proof, inclusion_proof};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use tonic::{Code, Request, Response, Status, Streaming};
use uuid::Uuid;

use crate::appends::Appends;
use crate::counterpart::{self, Counterpart, Offer, Verdict};
use crate::error::{invalid, read_failed, reason, refuse, search_failed, unreadable, write_failed};
use crate::reader::Reader;
use crate::readers::{Readers, Scope};
use crate::record::{Held, Shown, SignedCheckpoint};
use crate::store::{Reads, RecordName, StoreError, required_node};
use crate::vault::Vault;
use crate::wire::page::{Page, Place, bad_token};
use crate::wire::record::{Parts, receipt, record};
use crate::writer::WriterHandle;

/// Records of one read of an export.
const EXPORT_PAGE: u32 = 256;
/// Bytes of bodies of one read of an export.
const EXPORT_BYTES: usize = 4 * 1024 * 1024;

/// The handlers over one log.
pub(crate) struct Service {
    pub origin: Arc<str>,
    pub vkey: String,
    pub writer: WriterHandle,
    pub reader: Reader,
    pub vault: Arc<Vault>,
    pub readers: Readers,
    pub counterparts: Arc<BTreeMap<String, Counterpart>>,
    pub appends: Appends,
}

/// The latest checkpoint; a log that is served has one.
fn latest(reads: &dyn Reads) -> Result<SignedCheckpoint, Status> {
    let found = reads.latest().map_err(read_failed)?;
    Ok(found.ok_or_else(|| Problem::internal("the log has no checkpoint"))?)
}

/// A record as a message, under the smallest checkpoint that covers it.
fn encode(
    reads: &dyn Reads,
    origin: &str,
    shown: Shown,
    parts: Parts,
) -> Result<api::Record, Status> {
    let covering = reads.covering(shown.logged.index).map_err(read_failed)?;
    let covering = covering.ok_or_else(|| Problem::internal("a record has no checkpoint"))?;
    let receipt = receipt(&shown.logged, origin, &covering);
    Ok(record(shown, receipt, parts))
}

/// A size that a proof is asked for: 0 stands for the latest checkpoint's.
fn size_within(field: &str, asked: u64, latest: u64) -> Result<u64, Status> {
    match asked {
        0 => Ok(latest),
        size if size <= latest => Ok(size),
        _ => {
            let text = format!("{field}: the log has {latest} records under a checkpoint");
            Err(refuse(Code::OutOfRange, reason::BEYOND_LOG, text))
        }
    }
}

fn prove_failed(error: ProveError<StoreError>) -> Status {
    match error {
        ProveError::Read(error) => read_failed(error),
        beyond => refuse(Code::OutOfRange, reason::BEYOND_LOG, beyond.to_string()),
    }
}

fn bytes(hashes: Vec<Hash>) -> Vec<Vec<u8>> {
    hashes
        .into_iter()
        .map(|hash| hash.as_bytes().to_vec())
        .collect()
}

type BatchStream = Pin<Box<dyn Stream<Item = Result<api::BatchAppendResponse, Status>> + Send>>;
type ExportStream = Pin<Box<dyn Stream<Item = Result<api::ExportRecordsResponse, Status>> + Send>>;

#[tonic::async_trait]
impl AuditService for Service {
    type BatchAppendStream = BatchStream;
    type ExportRecordsStream = ExportStream;

    async fn append(
        &self,
        request: Request<api::AppendRequest>,
    ) -> Result<Response<api::AppendResponse>, Status> {
        let appended = self.appends.append(request.into_inner()).await;
        appended.map(Response::new)
    }

    async fn batch_append(
        &self,
        request: Request<Streaming<api::BatchAppendRequest>>,
    ) -> Result<Response<BatchStream>, Status> {
        let answers = self.appends.clone().batch(request.into_inner());
        Ok(Response::new(Box::pin(answers)))
    }

    async fn get_record(
        &self,
        request: Request<api::GetRecordRequest>,
    ) -> Result<Response<api::GetRecordResponse>, Status> {
        use api::get_record_request::Name;
        let scope = self.readers.scope(&request)?;
        let name = request.into_inner().name;
        let name = name.ok_or_else(|| invalid("name", "must name a record"))?;
        let id = match &name {
            Name::RecordId(id) => Uuid::try_parse(id)
                .map_err(|_| invalid("record_id", "must be the id of a record, a UUID"))?,
            _ => Uuid::nil(),
        };
        let (origin, vault) = (self.origin.clone(), self.vault.clone());
        let found = self.reader.run(move |reads| {
            let name = match &name {
                Name::RecordId(_) => RecordName::Id(id),
                Name::Index(index) => RecordName::Index(*index),
                Name::Key(key) => RecordName::Key(&key.caller, &key.request_id),
            };
            let logged = reads.record(name).map_err(read_failed)?;
            // Somebody else's is not there, as far as the caller is told.
            let logged = logged.filter(|logged| scope.has(&logged.record.caller));
            let shown = logged.map(|logged| vault.show(logged)).transpose();
            let shown = shown.map_err(unreadable)?;
            shown
                .map(|shown| encode(reads, &origin, shown, Parts::Whole))
                .transpose()
        });
        let record = found.await?.ok_or_else(|| {
            refuse(
                Code::NotFound,
                reason::RECORD_NOT_FOUND,
                "the log has no such record",
            )
        })?;
        Ok(Response::new(api::GetRecordResponse {
            record: Some(record),
        }))
    }

    async fn search_records(
        &self,
        request: Request<api::SearchRecordsRequest>,
    ) -> Result<Response<api::SearchRecordsResponse>, Status> {
        let own = match self.readers.scope(&request)? {
            Scope::All => None,
            Scope::Own(caller) => Some(caller),
        };
        let page = Page::decode(request.get_ref(), own.as_deref(), &self.vault)?;
        let (origin, vault) = (self.origin.clone(), self.vault.clone());
        let answer = self.reader.run(move |reads| {
            let size = latest(reads)?.size;
            let Place { before, snapshot } = page.place.unwrap_or(Place {
                before: size,
                snapshot: size,
            });
            if before > snapshot || snapshot > size {
                return Err(bad_token());
            }
            let found = page.criteria.page(reads, &vault, before, page.limit);
            let found = found.map_err(search_failed)?;
            let encode = |shown| encode(reads, &origin, shown, Parts::Whole);
            let records = found.records.into_iter().map(encode);
            let records = records.collect::<Result<_, _>>()?;
            let place = found.next.map(|before| Place { before, snapshot });
            let next_page_token = place.map(|place| page.next_token(place, &vault));
            Ok(api::SearchRecordsResponse {
                records,
                next_page_token: next_page_token.unwrap_or_default(),
                snapshot_size: snapshot,
            })
        });
        answer.await.map(Response::new)
    }

    async fn get_checkpoint(
        &self,
        _request: Request<api::GetCheckpointRequest>,
    ) -> Result<Response<api::GetCheckpointResponse>, Status> {
        let checkpoint = self.reader.run(latest).await?.note;
        let verifier_key = self.vkey.clone();
        Ok(Response::new(api::GetCheckpointResponse {
            checkpoint,
            verifier_key,
        }))
    }

    async fn get_inclusion_proof(
        &self,
        request: Request<api::GetInclusionProofRequest>,
    ) -> Result<Response<api::GetInclusionProofResponse>, Status> {
        let api::GetInclusionProofRequest { index, tree_size } = request.into_inner();
        let answer = self.reader.run(move |reads| {
            let latest = latest(reads)?;
            let size = size_within("tree_size", tree_size, latest.size)?;
            let node = |node| required_node(reads, node);
            let hashes = inclusion_proof(index, size, &node).map_err(prove_failed)?;
            let logged = reads.range(index, 1, false, 0).map_err(read_failed)?.pop();
            let logged = logged.ok_or_else(|| Problem::internal("a leaf has no record"))?;
            let signed = reads.checkpoint(size).map_err(read_failed)?;
            Ok(api::GetInclusionProofResponse {
                index,
                tree_size: size,
                hashes: bytes(hashes),
                checkpoint: signed.unwrap_or(latest).note,
                leaf_hash: leaf_hash(&logged.leaf).as_bytes().to_vec(),
            })
        });
        answer.await.map(Response::new)
    }

    async fn get_consistency_proof(
        &self,
        request: Request<api::GetConsistencyProofRequest>,
    ) -> Result<Response<api::GetConsistencyProofResponse>, Status> {
        let api::GetConsistencyProofRequest { from_size, to_size } = request.into_inner();
        let answer = self.reader.run(move |reads| {
            let to_size = size_within("to_size", to_size, latest(reads)?.size)?;
            let node = |node| required_node(reads, node);
            let hashes = consistency_proof(from_size, to_size, &node).map_err(prove_failed)?;
            Ok(api::GetConsistencyProofResponse {
                from_size,
                to_size,
                hashes: bytes(hashes),
            })
        });
        answer.await.map(Response::new)
    }

    async fn export_records(
        &self,
        request: Request<api::ExportRecordsRequest>,
    ) -> Result<Response<ExportStream>, Status> {
        self.readers.scope(&request)?.require_all()?;
        let api::ExportRecordsRequest {
            from_index,
            to_index,
            leaves_only,
        } = request.into_inner();
        let size = self.reader.run(latest).await?.size;
        let end = size_within("to_index", to_index, size)?;
        if from_index > end {
            return Err(invalid("from_index", format!("must be at most {end}")));
        }
        let (reader, origin, vault) =
            (self.reader.clone(), self.origin.clone(), self.vault.clone());
        let parts = if leaves_only {
            Parts::LeafOnly
        } else {
            Parts::Whole
        };
        // Page by page, each read short: a long one would keep the write-ahead log from shrinking.
        let pages = stream::try_unfold(from_index, move |next| {
            let (reader, origin, vault) = (reader.clone(), origin.clone(), vault.clone());
            async move {
                if next >= end {
                    return Ok::<_, Status>(None);
                }
                let limit = u32::try_from(end - next)
                    .unwrap_or(u32::MAX)
                    .min(EXPORT_PAGE);
                let page = reader.run(move |reads| {
                    let found = reads.range(next, limit, !leaves_only, EXPORT_BYTES);
                    let encode = |logged| {
                        let shown = match parts {
                            Parts::Whole => vault.show(logged).map_err(unreadable)?,
                            Parts::LeafOnly => {
                                let held = Held::Locked;
                                Shown { logged, held }
                            }
                        };
                        encode(reads, &origin, shown, parts)
                    };
                    found
                        .map_err(read_failed)?
                        .into_iter()
                        .map(encode)
                        .collect::<Result<Vec<_>, _>>()
                });
                let page = page.await?;
                if page.is_empty() {
                    return Err(Problem::internal("records of the log are missing").into());
                }
                let after = next + page.len() as u64;
                Ok(Some((page, after)))
            }
        });
        let answer = |record| {
            Ok(api::ExportRecordsResponse {
                record: Some(record),
            })
        };
        let records = pages.map_ok(move |page| stream::iter(page.into_iter().map(answer)));
        Ok(Response::new(records.try_flatten().boxed()))
    }

    async fn exchange_checkpoint(
        &self,
        request: Request<api::ExchangeCheckpointRequest>,
    ) -> Result<Response<api::ExchangeCheckpointResponse>, Status> {
        let request = request.into_inner();
        let from = self.counterparts.get(&request.agency).ok_or_else(|| {
            let text = "no log of that agency is configured here";
            refuse(Code::NotFound, reason::UNKNOWN_COUNTERPART, text)
        })?;
        let checkpoint = counterpart::read(&request.checkpoint, from).map_err(|error| {
            let problem = Problem::invalid(reason::INVALID_CHECKPOINT, error.to_string());
            Status::from(problem.violation("checkpoint", error.to_string()))
        })?;
        let proof = request
            .consistency
            .iter()
            .map(|hash| Hash::from_slice(hash));
        let proof = proof
            .collect::<Result<_, _>>()
            .map_err(|_| invalid("consistency", "must be hashes of 32 bytes"))?;
        let offer = Offer {
            agency: request.agency,
            checkpoint,
            proof,
            old_size: request.old_size,
        };
        let remembered_size = match self.writer.weigh(offer).await.map_err(write_failed)? {
            Verdict::Remembered(size) => size,
            Verdict::OtherSize { remembered } => {
                let text = format!("the proof must start from the remembered size {remembered}");
                let code = Code::FailedPrecondition;
                let problem = Problem::new(code, reason::OTHER_SIZE_REMEMBERED, text);
                return Err(problem
                    .with("remembered_size", remembered.to_string())
                    .into());
            }
            Verdict::Inconsistent { remembered, why } => {
                tracing::error!(remembered, why, "a counterpart's log is inconsistent");
                let text = format!("the checkpoint does not extend the remembered one: {why}");
                let code = Code::FailedPrecondition;
                let problem = Problem::new(code, reason::INCONSISTENT_CHECKPOINT, text);
                return Err(problem
                    .with("remembered_size", remembered.to_string())
                    .into());
            }
        };
        let checkpoint = self.reader.run(latest).await?.note;
        Ok(Response::new(api::ExchangeCheckpointResponse {
            checkpoint,
            remembered_size,
        }))
    }
}
