//! SearchEntries: the question, the lists and days it is about, and pages of what was found.

use concord_controls::search::{Hit, MAX_QUESTION, QuestionError};
use concord_kit::status::Problem;
use concord_kit::violations::{Violations, shorten};
use concord_proto::classification as api;
use concord_proto::types as wire;
use jiff::civil::Date;
use tonic::Status;

use super::{decode, encode};
use crate::catalogue::Catalogue;
use crate::finder::Finder;

/// Entries of one page when the request does not say.
const PAGE: u32 = 10;
/// Most entries of one page.
const MAX_PAGE: u32 = 100;
/// Most jurisdictions of one request.
const MAX_JURISDICTIONS: usize = 16;

/// One SearchEntries call: decode, ask the index, encode. Shared by the handler and by offline use.
///
/// # Errors
/// As docs/api.md says for SearchEntries.
pub fn search(
    catalogue: &Catalogue,
    finder: &Finder,
    request: &api::SearchEntriesRequest,
) -> Result<api::SearchEntriesResponse, Status> {
    let mut violations = Violations::default();
    let size = match request.page_size {
        0 => PAGE,
        size if size <= MAX_PAGE => size,
        size => {
            let text = format!("{size} entries a page; at most {MAX_PAGE} are given");
            violations.add("OUT_OF_RANGE_VALUE", "page_size", text);
            PAGE
        }
    };
    if request.jurisdictions.len() > MAX_JURISDICTIONS {
        let text = format!("at most {MAX_JURISDICTIONS} jurisdictions are accepted");
        violations.add("TOO_MANY", "jurisdictions", text);
        violations.finish()?;
        return Ok(api::SearchEntriesResponse::default());
    }
    let dates = dates(catalogue, request)?;
    let named: Vec<(&str, Date)> = dates
        .iter()
        .map(|(r, d)| (&**r.jurisdiction(), *d))
        .collect();
    let found = match finder.index().search(&request.query, &named) {
        Ok(found) => found,
        Err(error) => {
            let reason = match error {
                QuestionError::Empty => "MISSING_FIELD",
                QuestionError::TooLong { .. } => "TOO_LONG",
                QuestionError::Control { .. } => "INVALID_FORMAT",
            };
            violations.add(reason, "query", error.to_string());
            Vec::new()
        }
    };
    let key = key(finder, request, &dates);
    let first = match request.page_token.as_str() {
        "" => 0,
        token => place(token, &key)
            .filter(|first| *first < found.len())
            .unwrap_or_else(|| {
                let text =
                    "the token is not one that this question was answered with; begin without one";
                violations.add("INVALID_PAGE_TOKEN", "page_token", text);
                0
            }),
    };
    violations.finish()?;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let next = first.saturating_add(size);
    Ok(api::SearchEntriesResponse {
        next_page_token: if next < found.len() {
            format!("{next}-{key}")
        } else {
            String::new()
        },
        entries: found.iter().skip(first).take(size).map(entry).collect(),
        editions: dates
            .iter()
            .map(|(regime, _)| encode::edition(regime))
            .collect(),
        attached: finder
            .attached()
            .iter()
            .map(|(name, digest)| api::AttachedSource {
                name: (*name).to_owned(),
                digest: digest.to_string(),
            })
            .collect(),
    })
}

/// The lists to look in, each once, with the day at which it is read.
fn dates<'c>(
    catalogue: &'c Catalogue,
    request: &api::SearchEntriesRequest,
) -> Result<Vec<(&'c concord_controls::regime::Regime, Date)>, Status> {
    let mut dates: Vec<(&concord_controls::regime::Regime, Date)> = Vec::new();
    if request.jurisdictions.is_empty() {
        for regime in catalogue.all() {
            dates.push((regime, decode::as_of(regime, &request.as_of)?));
        }
    }
    for jurisdiction in &request.jurisdictions {
        let regime = decode::regime(catalogue, jurisdiction)?;
        if !dates
            .iter()
            .any(|(r, _)| r.jurisdiction() == regime.jurisdiction())
        {
            dates.push((regime, decode::as_of(regime, &request.as_of)?));
        }
    }
    let first = dates
        .iter()
        .filter_map(|(list, _)| list.first_dated())
        .min();
    let day = dates.iter().map(|(_, day)| *day).max();
    if let (Some(first), Some(day)) = (first, day)
        && day < first
    {
        let text =
            format!("{day} lies before every period of the lists; the first begins on {first}");
        let problem = Problem::invalid("INVALID_DATE", format!("as_of: {text}"));
        return Err(problem.violation("as_of", text).into());
    }
    Ok(dates)
}

fn entry(hit: &Hit) -> api::EntryMatch {
    let text = |language: &str, text: &str| wire::LocalizedText {
        language: language.to_owned(),
        text: text.to_owned(),
    };
    api::EntryMatch {
        jurisdiction: hit.jurisdiction.to_string(),
        code: hit.code.to_string(),
        score: hit.score,
        matched: hit.matched.iter().map(|word| shorten(word)).collect(),
        label: vec![text("en", &hit.label.en), text("ko", &hit.label.ko)],
        found_by: hit.evidence.iter().map(|e| e.word().to_owned()).collect(),
    }
}

/// What a page token is bound to: the question, the editions with their days, and what is attached (FNV-1a, 64 bits; a
/// token is no secret, it only must not be taken for one of another question).
fn key(
    finder: &Finder,
    request: &api::SearchEntriesRequest,
    dates: &[(&concord_controls::regime::Regime, Date)],
) -> String {
    let mut parts = vec![request.query.clone()];
    for (regime, day) in dates {
        parts.push(format!("{}@{day}", regime.digest()));
    }
    parts.extend(
        finder
            .attached()
            .iter()
            .map(|(_, digest)| digest.to_string()),
    );
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in parts.iter().flat_map(|part| part.bytes().chain([0])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:016x}")
}

fn place(token: &str, key: &str) -> Option<usize> {
    let (place, of) = token.split_once('-')?;
    (of == key).then(|| place.parse().ok()).flatten()
}

// The contract's own words and the core's must not part.
const _: () = assert!(MAX_QUESTION == 512);
