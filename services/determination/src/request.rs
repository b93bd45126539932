//! What makes two requests the same: the idempotency key and the digest of the canonical request.

use concord_proto::determination::DetermineRequest;
use concord_proto::federation::ConsultRequest;
use concord_proto::types::RequestContext;
use prost::Message;
use sha2::{Digest, Sha256};

use concord_kit::violations::Violations;

/// Checks the context of a recorded call.
pub fn check_context(context: Option<&RequestContext>, violations: &mut Violations) {
    let empty = RequestContext::default();
    let context = context.unwrap_or(&empty);
    check_request_id(&context.request_id, "context.request_id", violations);
    for (field, text, limit) in [
        ("context.case_reference", &context.case_reference, 256),
        ("context.actor", &context.actor, 256),
        ("context.purpose", &context.purpose, 512),
    ] {
        if text.chars().count() > limit {
            violations.add("TOO_LONG", field, format!("longer than {limit} characters"));
        }
    }
}

/// Checks a request id: 1 to 128 characters of `A-Z a-z 0-9 . _ : -`.
pub fn check_request_id(id: &str, field: &str, violations: &mut Violations) {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-');
    if id.is_empty() || id.len() > 128 || !id.bytes().all(allowed) {
        violations.add(
            crate::error::reason::INVALID_REQUEST_ID,
            field,
            "give 1 to 128 characters of `A-Z a-z 0-9 . _ : -`, a new one for every new request",
        );
    }
}

/// Digest of what a Determine call asks. How the answer is shown (`view`) and how long it waits (`wait_for`) are not part
/// of it; maps are ordered, so the same request always has the same bytes.
pub fn determine_digest(request: &DetermineRequest) -> [u8; 32] {
    let canonical = DetermineRequest {
        view: 0,
        wait_for: 0,
        ..request.clone()
    };
    digest(
        b"concord.determination.v1.DetermineRequest\0",
        &canonical.encode_to_vec(),
    )
}

/// Digest of what a Consult call asks.
pub fn consult_digest(request: &ConsultRequest) -> [u8; 32] {
    let canonical = ConsultRequest {
        view: 0,
        ..request.clone()
    };
    digest(
        b"concord.federation.v1.ConsultRequest\0",
        &canonical.encode_to_vec(),
    )
}

/// Digest of any other recorded call.
pub fn message_digest(name: &str, message: &impl Message) -> [u8; 32] {
    let mut tag = name.as_bytes().to_vec();
    tag.push(0);
    digest(&tag, &message.encode_to_vec())
}

fn digest(tag: &[u8], bytes: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(tag);
    hash.update(bytes);
    hash.finalize().into()
}
