//! Answers from what is loaded, the same for the service and for use without a network.

use concord_proto::screening as api;
use concord_proto::types as wire;
use jiff::Timestamp;
use tonic::Status;

use crate::completeness::Policy;
use crate::loaded::Loaded;
use crate::wire::decode::AskedParty;
use crate::wire::{decode, encode};

/// One Screen call without a service: what `concord screen` prints.
///
/// # Errors
/// As docs/screening.md says for Screen.
pub fn screen(
    loaded: &Loaded,
    policy: &Policy,
    now: Timestamp,
    request: &api::ScreenRequest,
) -> Result<api::ScreenResponse, Status> {
    let question = decode::question(loaded, request)?;
    let hits = question
        .parties
        .iter()
        .map(|party| hits(loaded, party, question.threshold, question.full))
        .collect();
    let summary = encode::summary(loaded, &question, hits, policy.missing(loaded, now));
    Ok(api::ScreenResponse {
        summary: Some(summary),
    })
}

/// What ListSources answers.
pub fn sources(loaded: &Loaded, policy: &Policy, now: Timestamp) -> api::ListSourcesResponse {
    let missing = policy.missing(loaded, now);
    api::ListSourcesResponse {
        snapshot: Some(encode::snapshot_ref(loaded)),
        sources: encode::sources(loaded),
        completeness: encode::completeness(&missing).into(),
        incomplete: missing,
    }
}

/// The hits of one party, best first.
pub fn hits(loaded: &Loaded, party: &AskedParty, threshold: u32, full: bool) -> Vec<wire::Hit> {
    loaded
        .search(&party.query, threshold)
        .map(|(listed, name, hit)| encode::hit(listed, name, &hit, full))
        .collect()
}
