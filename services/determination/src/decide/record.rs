//! The record of a determination: looked up before anything is decided, stored before anyone hears the answer.

use concord_kit::status::Problem;
use concord_proto::audit::{AppendRequest, GetRecordRequest, RecordKey, get_record_request};
use concord_proto::determination as api;
use concord_proto::types as wire;
use prost::Message;
use tonic::{Code, Status};

use super::Decider;
use crate::compose;
use crate::error::{from_service, reason, refuse};

/// Full name of the message that a determination's record holds.
const BODY: &str = "concord.determination.v1.Determination";
/// What a stored record has beyond the request that stored it: leaf, receipt, checkpoint.
const RECEIPT_BYTES: usize = 64 * 1024;

impl Decider {
    /// The stored answer to the same request, if there is one. The same key with another request is refused.
    pub(super) async fn stored(
        &self,
        caller: &str,
        request_id: &str,
        digest: &[u8; 32],
    ) -> Result<Option<api::DetermineResponse>, Status> {
        let key = RecordKey {
            caller: caller.to_owned(),
            request_id: request_id.to_owned(),
        };
        let request = GetRecordRequest {
            name: Some(get_record_request::Name::Key(key)),
        };
        let record = match self.clients.audit().get_record(request).await {
            Ok(response) => response.into_inner().record.unwrap_or_default(),
            Err(status) if status.code() == Code::NotFound => return Ok(None),
            Err(status) => return Err(from_service("audit", &status)),
        };
        if record.request_digest != digest {
            return Err(request_id_reused());
        }
        let determination = decode_body(&record.body_type, &record.body)?;
        Ok(Some(api::DetermineResponse {
            determination: Some(determination),
            receipt: record.receipt,
            history: None,
        }))
    }

    /// Stores the determination; when a concurrent call with the same key was first, its record is the answer.
    pub(super) async fn append(
        &self,
        caller: &str,
        context: &wire::RequestContext,
        digest: &[u8; 32],
        determination: &api::Determination,
        wait_for: wire::ReceiptLevel,
    ) -> Result<api::DetermineResponse, Status> {
        let own = determination.own.clone().unwrap_or_default();
        let appended = self
            .append_record(AppendRequest {
                caller: caller.to_owned(),
                context: Some(context.clone()),
                kind: wire::RecordKind::Determination.into(),
                request_digest: digest.to_vec(),
                body: determination.encode_to_vec(),
                body_type: BODY.to_owned(),
                fields: compose::committed(&own, determination),
                content_digests: compose::content_digests(determination),
                counterpart_leaf_hash: determination
                    .counterparts
                    .iter()
                    .find_map(|c| c.receipt.as_ref())
                    .map(|r| r.leaf_hash.clone())
                    .unwrap_or_default(),
                wait_for: wait_for.into(),
                about_record_id: String::new(),
            })
            .await?;
        let determination = decode_body(BODY, &appended.body)?;
        Ok(api::DetermineResponse {
            determination: Some(determination),
            receipt: appended.receipt,
            history: None,
        })
    }

    /// Appends any record.
    pub async fn append_record(
        &self,
        request: AppendRequest,
    ) -> Result<concord_proto::audit::AppendResponse, Status> {
        // It must also come back: as the answer, and whenever it is read again.
        if request.encoded_len() + RECEIPT_BYTES > self.clients.answer_bytes {
            return Err(refuse(
                Code::ResourceExhausted,
                reason::ANSWER_TOO_LARGE,
                "the answer is larger than a record may be; nothing was recorded, send fewer lines or parties",
            ));
        }
        self.clients.audit().append(request).await.map(tonic::Response::into_inner).map_err(|status| {
            match status.code() {
                Code::InvalidArgument => from_service("audit", &status),
                code => {
                    tracing::error!(?code, "the record could not be stored");
                    refuse(
                        Code::Unavailable,
                        reason::NOT_RECORDED,
                        "the record could not be stored for certain; ask again with the same request id",
                    )
                }
            }
        })
    }
}

/// Reads a determination's record body.
pub fn decode_body(body_type: &str, body: &[u8]) -> Result<api::Determination, Status> {
    if body_type != BODY {
        return Err(refuse(
            Code::DataLoss,
            reason::RECORD_DAMAGED,
            "the stored record is not a determination",
        ));
    }
    api::Determination::decode(body).map_err(|e| {
        tracing::error!(error = %e, "stored determination does not decode");
        refuse(
            Code::DataLoss,
            reason::RECORD_DAMAGED,
            "the stored record cannot be read",
        )
    })
}

/// The refusal of a request id that was used for another request.
pub fn request_id_reused() -> Status {
    Problem::invalid(
        reason::REQUEST_ID_REUSED,
        "this request id was used for another request; a new request needs a new id",
    )
    .violation("context.request_id", "already used for another request")
    .into()
}
