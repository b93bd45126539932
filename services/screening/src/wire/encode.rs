//! Answers.

use concord_lists::{Party, PartyName, Quality, SourceInfo};
use concord_names::{ENGINE, Explanation, Key};
use concord_proto::screening as api;
use concord_proto::types as wire;

use crate::explanation;
use crate::identifier;
use crate::loaded::{Found, Loaded};
use crate::wire::decode::Question;

/// A hit. With `full`, its whole explanation.
pub fn hit(found: &Found<'_>, full: bool) -> wire::Hit {
    let (party, name, hit) = (found.party, found.name, &found.hit);
    let e = &hit.explanation;
    let words = |positions: &[usize], of: &[concord_names::WeighedToken]| {
        positions
            .iter()
            .filter_map(|i| of.get(*i))
            .map(|t| t.text.clone())
            .collect::<Vec<_>>()
    };
    wire::Hit {
        party_id: party.id.clone(),
        list_id: party.list.to_string(),
        name: party
            .names
            .first()
            .map(|n| n.text.clone())
            .unwrap_or_default(),
        matched_name: name.text.clone(),
        // An acronym in parentheses says as little as a weak alias.
        matched_quality: if hit.weak {
            "weak"
        } else {
            quality(name.quality)
        }
        .to_owned(),
        name_score: e.name_score,
        score: hit.score,
        alignment: alignment(e),
        unmatched_query: words(&e.unmatched_query, &e.query_tokens),
        unmatched_listed: words(&e.unmatched_list, &e.list_tokens),
        qualifiers: e
            .qualifiers
            .iter()
            .map(|q| format!("{}_differs", q.what))
            .collect(),
        countries: countries(party),
        programmes: party.programmes.clone(),
        licence_requirement: party.licence_requirement.clone(),
        licence_policy: party.licence_policy.clone(),
        citation: Some(citation(party)),
        explanation_json: if full {
            explanation::to_json(e)
        } else {
            String::new()
        },
        matched_identifier: found.identifier.map(identifier::text).unwrap_or_default(),
        suppressed: None,
        lapsed: None,
    }
}

/// The alignment as the contract has it: words for positions, edits in hundredths, the mean weight of both sides.
fn alignment(e: &Explanation) -> Vec<wire::TokenAlignment> {
    let text = |positions: &[usize], of: &[concord_names::WeighedToken]| {
        let words: Vec<&str> = positions
            .iter()
            .filter_map(|i| of.get(*i))
            .map(|t| t.text.as_str())
            .collect();
        words.join(" ")
    };
    let pairs = e.alignment.aligned.iter().map(|a| wire::TokenAlignment {
        query: text(&a.query, &e.query_tokens),
        listed: text(&a.list, &e.list_tokens),
        key: match a.key {
            Key::Literal if a.edits > 0 => "edit",
            Key::Joined => "join",
            key => key.as_str(),
        }
        .to_owned(),
        edits: a.edits.saturating_mul(100),
        similarity: a.similarity,
        weight: a.weight / 2,
    });
    pairs.collect()
}

/// The whole answer: what was `found` for each party, and what is `missing` of the lists.
pub fn summary(
    loaded: &Loaded,
    question: &Question,
    found: Vec<wire::PartyScreening>,
    missing: &[wire::IncompleteReason],
) -> wire::ScreeningSummary {
    let mut incomplete = missing.to_vec();
    for reason in found.iter().flat_map(|party| &party.incomplete) {
        if !incomplete.contains(reason) {
            incomplete.push(reason.clone());
        }
    }
    let parties = question
        .parties
        .iter()
        .zip(found)
        .zip(0..)
        .map(|((party, found), index)| screening(index, &party.role, found, missing));
    wire::ScreeningSummary {
        snapshot: Some(snapshot_ref(loaded)),
        sources: sources(loaded),
        profile: question.profile.id.to_owned(),
        profile_digest: question.profile.digest(),
        engine: ENGINE.to_owned(),
        threshold: question.threshold,
        parties: parties.collect(),
        completeness: completeness(&incomplete).into(),
        incomplete,
        good_guys_digest: loaded.good_guys().digest().to_owned(),
    }
}

/// The answer for one party: what was `found`, with its place in the request.
pub fn screening(
    index: u32,
    role: &str,
    found: wire::PartyScreening,
    missing: &[wire::IncompleteReason],
) -> wire::PartyScreening {
    let incomplete = [missing, &found.incomplete].concat();
    wire::PartyScreening {
        index,
        role: role.to_owned(),
        hits: found.hits,
        completeness: completeness(&incomplete).into(),
        incomplete,
    }
}

/// Complete when nothing is missing.
pub fn completeness(missing: &[wire::IncompleteReason]) -> wire::Completeness {
    if missing.is_empty() {
        wire::Completeness::Complete
    } else {
        wire::Completeness::Incomplete
    }
}

/// The loaded snapshot's name.
pub fn snapshot_ref(loaded: &Loaded) -> wire::SnapshotRef {
    wire::SnapshotRef {
        digest: loaded.snapshot().digest().to_owned(),
    }
}

/// The loaded lists.
pub fn sources(loaded: &Loaded) -> Vec<wire::ListSource> {
    let describe = || {
        let sources = loaded.snapshot().sources().iter();
        sources.map(|s| source(loaded, s)).collect()
    };
    loaded.sources(describe).to_vec()
}

fn source(loaded: &Loaded, s: &SourceInfo) -> wire::ListSource {
    let record = loaded
        .records()
        .iter()
        .find(|r| r.source == s.source && r.list == s.list);
    wire::ListSource {
        list_id: s.list.to_string(),
        title: s.title.clone(),
        publisher: s.publisher.clone(),
        data_date: s.data_date.clone(),
        parties: u32::try_from(s.parties).unwrap_or(u32::MAX),
        file_digest: format!("sha256:{}", s.file_sha256),
        example: s.example,
        loaded_at: record.map(|r| r.loaded_at.to_string()).unwrap_or_default(),
    }
}

/// A listed party as published.
pub fn listed(party: &Party) -> api::ListedParty {
    let kind = match party.kind {
        concord_lists::Kind::Unknown => "",
        kind => kind.as_str(),
    };
    let name = |n: &PartyName| api::ListedName {
        text: n.text.clone(),
        quality: quality(n.quality).to_owned(),
    };
    api::ListedParty {
        party_id: party.id.clone(),
        list_id: party.list.to_string(),
        source_id: party.record_id.clone(),
        kind: kind.to_owned(),
        names: party.names.iter().map(name).collect(),
        addresses: party.addresses.iter().map(|a| a.text.clone()).collect(),
        countries: countries(party),
        identifiers: party.identifiers.iter().map(identifier::text).collect(),
        birth_dates: party.births.iter().map(|b| b.text.clone()).collect(),
        programmes: party.programmes.clone(),
        licence_requirement: party.licence_requirement.clone(),
        licence_policy: party.licence_policy.clone(),
        remarks: party.remarks.clone(),
        citation: Some(citation(party)),
        source_record: format!("{}:{}", party.position.file, party.position.line),
        genders: party
            .genders
            .iter()
            .map(|g| g.as_str().to_owned())
            .collect(),
        party_digest: party.digest(),
    }
}

fn countries(party: &Party) -> Vec<String> {
    party
        .countries
        .iter()
        .map(|c| c.as_str().to_owned())
        .collect()
}

fn quality(quality: Quality) -> &'static str {
    match quality {
        Quality::Primary => "primary",
        Quality::Strong => "strong",
        Quality::Weak => "weak",
    }
}

/// The notices that the list cites, or the list itself where it cites none.
fn citation(party: &Party) -> wire::Citation {
    let provision = if party.citations.is_empty() {
        party
            .list
            .known()
            .map_or_else(|| party.list.to_string(), |l| l.title.to_owned())
    } else {
        party.citations.join("; ")
    };
    wire::Citation {
        provision,
        valid_from: party.listed_from.clone(),
        valid_to: party.listed_to.clone(),
    }
}
