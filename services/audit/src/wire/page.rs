//! SearchRecordsRequest -> what is asked and where to go on; page tokens (AIP-158).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use concord_kit::violations::Violations;
use concord_proto::audit as api;
use concord_tlog::commitment::Field;
use jiff::Timestamp;
use tonic::{Code, Status};
use uuid::Uuid;

use super::append::kind;
use crate::error::{reason, refuse};
use crate::search::Criteria;
use crate::vault::Vault;

/// The size of a page when none is asked for.
const DEFAULT_PAGE: u32 = 50;
/// The largest page.
const MAX_PAGE: u32 = 1_000;
/// First byte of a token.
const TOKEN_VERSION: u8 = 2;

/// One page of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What is looked for.
    pub criteria: Criteria,
    /// Where an earlier page ended; none for the first.
    pub place: Option<Place>,
    /// At most this many.
    pub limit: u32,
}

/// Where a search goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Only records with a smaller index.
    pub before: u64,
    /// Records that the log had when the first page was asked for.
    pub snapshot: u64,
}

impl Page {
    /// Reads a request; of a caller that may read only its `own` records, for these.
    ///
    /// # Errors
    /// INVALID_ARGUMENT with the wrong fields, or for a token of another query.
    pub fn decode(
        request: &api::SearchRecordsRequest,
        own: Option<&str>,
        vault: &Vault,
    ) -> Result<Self, Status> {
        let mut wrong = Violations::default();
        let mut criteria = Criteria::default();
        for (i, number) in request.kinds.iter().enumerate() {
            match kind(*number) {
                Some(kind) => criteria.kinds.push(kind),
                None => wrong.field(format!("kinds[{i}]"), "must be a known kind of record"),
            }
        }
        criteria.kinds.sort();
        criteria.kinds.dedup();
        if !request.about_record_id.is_empty() {
            criteria.about = Uuid::try_parse(&request.about_record_id).ok();
            if criteria.about.is_none() {
                wrong.field("about_record_id", "must be the id of a record, a UUID");
            }
        }
        for (name, field, value) in [
            (
                "case_reference",
                Field::CaseReference,
                &request.case_reference,
            ),
            ("agency", Field::Agency, &request.agency),
            ("outcome", Field::Outcome, &request.outcome),
            ("item", Field::Items, &request.item),
            ("party", Field::Parties, &request.party),
            ("caller", Field::Caller, &request.caller),
        ] {
            if let Err(text) = criteria.with_value(field, value) {
                wrong.field(name, text);
            }
        }
        if let Some(own) = own.filter(|own| *own != request.caller)
            && criteria.with_value(Field::Caller, own).is_err()
        {
            wrong.field("caller", "must be the caller's own identity");
        }
        criteria.from = time(&mut wrong, "logged_from", &request.logged_from);
        criteria.to = time(&mut wrong, "logged_to", &request.logged_to);
        if criteria.check_times().is_err() {
            wrong.field("logged_to", "must be later than `logged_from`");
        }
        wrong.finish()?;
        let limit = match request.page_size {
            0 => DEFAULT_PAGE,
            size => size.min(MAX_PAGE),
        };
        let place = match request.page_token.as_str() {
            "" => None,
            token => Some(read_token(token, &criteria, vault).ok_or_else(bad_token)?),
        };
        Ok(Self {
            criteria,
            place,
            limit,
        })
    }

    /// The token of the page that goes on at `place`.
    pub fn next_token(&self, place: Place, vault: &Vault) -> String {
        let mut token = vec![TOKEN_VERSION];
        token.extend(place.before.to_be_bytes());
        token.extend(place.snapshot.to_be_bytes());
        token.extend(mark(place, &self.criteria, vault));
        URL_SAFE_NO_PAD.encode(token)
    }
}

/// The refusal of a token that is not ours.
pub fn bad_token() -> Status {
    let text = "the page token is not one that this query gave";
    refuse(Code::InvalidArgument, reason::INVALID_PAGE_TOKEN, text)
}

fn read_token(token: &str, criteria: &Criteria, vault: &Vault) -> Option<Place> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (version, rest) = bytes.split_first()?;
    let (before, rest) = rest.split_first_chunk::<8>()?;
    let (snapshot, given) = rest.split_first_chunk::<8>()?;
    let place = Place {
        before: u64::from_be_bytes(*before),
        snapshot: u64::from_be_bytes(*snapshot),
    };
    let ours = *version == TOKEN_VERSION && given == mark(place, criteria, vault);
    ours.then_some(place)
}

/// Binds a token to its query and place, so that a changed filter cannot silently skip records; keyed, since
/// the query may hold a name.
fn mark(place: Place, criteria: &Criteria, vault: &Vault) -> [u8; 8] {
    let mut bytes = criteria.canonical();
    bytes.extend(place.before.to_be_bytes());
    bytes.extend(place.snapshot.to_be_bytes());
    vault.query_mark(&bytes)
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
