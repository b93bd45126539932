//! Answers from what is loaded, the same for the service and for use without a network.

use concord_proto::screening as api;
use concord_proto::types as wire;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tonic::Status;

use crate::completeness::{self, Policy};
use crate::loaded::{Loaded, is_read};
use crate::wire::decode::{AskedParty, Question};
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
    let today = today(now);
    let found = question
        .parties
        .iter()
        .map(|party| {
            let mut found = party_screening(loaded, party, &question, policy.search_limit());
            loaded.cover(party, &mut found, today);
            found
        })
        .collect();
    let missing = policy.missing(loaded, now);
    let summary = encode::summary(loaded, &question, found, &missing);
    Ok(api::ScreenResponse {
        summary: Some(summary),
    })
}

/// The day of a decision's end, and of the age of lists, in Coordinated Universal Time.
pub fn today(now: Timestamp) -> Date {
    now.to_zoned_datetime(TimeZone::UTC).date()
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

/// The hits of one party, best first, and why there may be others. What is missing of the lists is not among it.
pub fn party_screening(
    loaded: &Loaded,
    party: &AskedParty,
    question: &Question,
    limit: u64,
) -> wire::PartyScreening {
    let profile = question.profile;
    let found = loaded.search(
        &party.query,
        &party.identifiers,
        profile,
        question.threshold,
        limit,
    );
    let mut incomplete = Vec::new();
    if !found.to_the_end {
        incomplete.push(completeness::search_limit_reached(limit));
    }
    if !is_read(&party.query.name, profile) {
        incomplete.push(completeness::name_not_read(profile.id));
    }
    let hits = found.hits.into_iter();
    wire::PartyScreening {
        hits: hits
            .map(|found| encode::hit(&found, question.full))
            .collect(),
        incomplete,
        ..Default::default()
    }
}
