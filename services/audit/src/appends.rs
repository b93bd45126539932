//! One record after another, or many at once: decode, ask the writer, wait for witnesses if the caller
//! wants that, make the receipt.

use std::sync::Arc;
use std::time::Duration;

use concord_kit::status::Problem;
use concord_kit::trace;
use concord_proto::audit as api;
use concord_proto::audit::batch_append_response::Outcome;
use concord_proto::types as wire;
use futures_util::{Stream, StreamExt};
use tokio::sync::watch;
use tonic::{Code, Status};

use crate::error::{read_failed, reason, refuse, unreadable, write_failed};
use crate::reader::Reader;
use crate::record::Held;
use crate::vault::Vault;
use crate::wire::record::receipt;
use crate::writer::WriterHandle;

/// Elements of one batch that are on their way at the same time; the next ones wait in the stream.
const IN_FLIGHT: usize = 256;

/// How an append waits for witnesses.
pub(crate) struct Witnessed {
    /// Size of the latest checkpoint that reached the quorum.
    pub size: watch::Receiver<u64>,
    /// Longest wait.
    pub wait: Duration,
}

impl Witnessed {
    /// Waits until a witnessed checkpoint covers the record at `index`.
    async fn covers(&self, index: u64) -> bool {
        let mut size = self.size.clone();
        let reached = size.wait_for(|size| *size > index);
        matches!(tokio::time::timeout(self.wait, reached).await, Ok(Ok(_)))
    }
}

/// What an append needs. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Appends {
    pub origin: Arc<str>,
    pub writer: WriterHandle,
    pub reader: Reader,
    pub vault: Arc<Vault>,
    pub witnessed: Option<Arc<Witnessed>>,
}

impl Appends {
    /// Stores one record and answers when it has come as far as the caller asks.
    pub async fn append(&self, request: api::AppendRequest) -> Result<api::AppendResponse, Status> {
        let to_be_witnessed = request.wait_for() == wire::ReceiptLevel::Witnessed;
        let witnessed = match (&self.witnessed, to_be_witnessed) {
            (Some(witnessed), true) => Some(witnessed),
            (None, true) => {
                let text = "this log has no witness; the highest level is `CHECKPOINTED`";
                let reason = reason::LEVEL_NOT_AVAILABLE;
                return Err(refuse(Code::FailedPrecondition, reason, text));
            }
            (_, false) => None,
        };
        let (entry, body) = crate::wire::append::decode(request, &self.vault)?;
        let commit = trace::in_span("audit.commit", self.writer.append(entry));
        let appended = commit.await.map_err(write_failed)?;
        let mut receipt = receipt(&appended.logged, &self.origin, &appended.checkpoint);
        if let Some(witnessed) = witnessed {
            receipt.checkpoint = self.witnessed(witnessed, appended.logged.index).await?;
            receipt.set_level(wire::ReceiptLevel::Witnessed);
        }
        let body = match appended.existed {
            false => body,
            true => match self.vault.open(&appended.logged).map_err(unreadable)? {
                Held::Open(earlier) => earlier.body,
                Held::Locked | Held::Erased => None,
            },
        };
        Ok(api::AppendResponse {
            receipt: Some(receipt),
            existed: appended.existed,
            body: body.unwrap_or_default(),
        })
    }

    /// The cosigned checkpoint that covers the record at `index`, once there is one.
    async fn witnessed(&self, witnessed: &Witnessed, index: u64) -> Result<String, Status> {
        if !trace::in_span("audit.witness", witnessed.covers(index)).await {
            let text =
                "the record is stored and not yet witnessed: ask again with the same request id";
            return Err(refuse(Code::Unavailable, reason::NOT_WITNESSED, text));
        }
        let covering = move |reads: &dyn crate::store::Reads| {
            reads.witnessed_covering(index).map_err(read_failed)
        };
        let cosigned = self.reader.run(covering).await?;
        let missing = || Problem::internal("a cosigned checkpoint is missing");
        Ok(cosigned.ok_or_else(missing)?.note)
    }

    /// Answers every element of a stream, whichever is stored first; many are stored in one commit.
    pub fn batch<S>(
        self,
        elements: S,
    ) -> impl Stream<Item = Result<api::BatchAppendResponse, Status>>
    where
        S: Stream<Item = Result<api::BatchAppendRequest, Status>>,
    {
        let one = move |element: Result<api::BatchAppendRequest, Status>| {
            let appends = self.clone();
            async move {
                let element = element?;
                let (index, without_body) = (element.index, element.without_body);
                let appended = appends.append(element.request.unwrap_or_default()).await;
                let outcome = match appended {
                    Ok(mut result) => {
                        if without_body && !result.existed {
                            result.body.clear();
                        }
                        Outcome::Result(result)
                    }
                    Err(status) => Outcome::Problem((&Problem::from_status(&status)).into()),
                };
                Ok(api::BatchAppendResponse {
                    index,
                    outcome: Some(outcome),
                })
            }
        };
        elements.map(one).buffer_unordered(IN_FLIGHT)
    }
}
