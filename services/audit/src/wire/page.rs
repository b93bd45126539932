//! SearchRecordsRequest -> a filter and a place; page tokens (AIP-158).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use concord_kit::violations::Violations;
use concord_proto::audit as api;
use concord_tlog::hash::Hash;
use jiff::Timestamp;
use tonic::{Code, Status};
use uuid::Uuid;

use super::append::kind;
use crate::error::{reason, refuse};
use crate::store::Filter;

/// The size of a page when none is asked for.
const DEFAULT_PAGE: u32 = 50;
/// The largest page.
const MAX_PAGE: u32 = 1_000;
/// First byte of a token.
const TOKEN_VERSION: u8 = 1;

/// One page of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What is looked for.
    pub filter: Filter,
    /// Only records with a smaller index.
    pub before: u64,
    /// At most this many.
    pub limit: u32,
}

impl Page {
    /// Reads a request.
    ///
    /// # Errors
    /// INVALID_ARGUMENT with the wrong fields, or for a token of another query.
    pub fn decode(request: &api::SearchRecordsRequest) -> Result<Self, Status> {
        let mut wrong = Violations::default();
        let mut filter = Filter {
            case_reference: request.case_reference.clone(),
            ..Filter::default()
        };
        for (i, number) in request.kinds.iter().enumerate() {
            match kind(*number) {
                Some(kind) => filter.kinds.push(kind),
                None => wrong.field(format!("kinds[{i}]"), "must be a known kind of record"),
            }
        }
        filter.kinds.sort();
        filter.kinds.dedup();
        if !request.about_record_id.is_empty() {
            filter.about = Uuid::try_parse(&request.about_record_id).ok();
            if filter.about.is_none() {
                wrong.field("about_record_id", "must be the id of a record, a UUID");
            }
        }
        filter.from = time(&mut wrong, "logged_from", &request.logged_from);
        filter.to = time(&mut wrong, "logged_to", &request.logged_to);
        wrong.finish()?;
        let limit = match request.page_size {
            0 => DEFAULT_PAGE,
            size => size.min(MAX_PAGE),
        };
        let before = match request.page_token.as_str() {
            "" => u64::MAX,
            token => read_token(token, &filter).ok_or_else(|| {
                let text = "the page token is not one that this query gave";
                refuse(Code::InvalidArgument, reason::INVALID_PAGE_TOKEN, text)
            })?,
        };
        Ok(Self {
            filter,
            before,
            limit,
        })
    }

    /// The token of the page after the record at `last`.
    pub fn next_token(&self, last: u64) -> String {
        let mut token = vec![TOKEN_VERSION];
        token.extend(last.to_be_bytes());
        token.extend(query_mark(&self.filter));
        URL_SAFE_NO_PAD.encode(token)
    }
}

fn read_token(token: &str, filter: &Filter) -> Option<u64> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (version, rest) = bytes.split_first()?;
    let (before, mark) = rest.split_first_chunk::<8>()?;
    let ours = *version == TOKEN_VERSION && mark == query_mark(filter);
    ours.then(|| u64::from_be_bytes(*before))
}

/// Binds a token to its query, so that a changed filter cannot silently skip records.
fn query_mark(filter: &Filter) -> [u8; 8] {
    let kinds: Vec<u8> = filter.kinds.iter().map(|kind| kind.number()).collect();
    let number = |n: Option<u64>| n.map_or([0xff; 8], u64::to_be_bytes);
    let hash = Hash::of(&[
        &[kinds.len() as u8], // there are fewer kinds than a byte counts
        &kinds,
        filter.about.unwrap_or_default().as_bytes(),
        &number(filter.from),
        &number(filter.to),
        filter.case_reference.as_bytes(),
    ]);
    let [a, b, c, d, e, f, g, h, ..] = *hash.as_bytes();
    [a, b, c, d, e, f, g, h]
}

fn time(wrong: &mut Violations, field: &str, text: &str) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    let time = text.parse::<Timestamp>().ok();
    // A bound before 1970 is before every record.
    let micros = time.map(|time| u64::try_from(time.as_microsecond()).unwrap_or(0));
    if micros.is_none() {
        wrong.field(
            field,
            "must be a time in RFC 3339, for example `2026-01-31T00:00:00Z`",
        );
    }
    micros
}
