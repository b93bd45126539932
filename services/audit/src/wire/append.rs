//! AppendRequest -> a sealed record.

use std::collections::BTreeMap;

use concord_kit::spiffe::SpiffeId;
use concord_kit::status::Problem;
use concord_kit::violations::Violations;
use concord_proto::audit as api;
use concord_proto::types as wire;
use concord_tlog::commitment::{Field, RecordSecret};
use concord_tlog::hash::Hash;
use concord_tlog::leaf::RecordKind;
use tonic::Status;
use uuid::Uuid;

use crate::record::{Contents, Entry, NAMED_FIELDS, Record, named_field};
use crate::vault::Vault;

/// The largest body, in bytes.
pub const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
/// The largest value of one field, in bytes.
const MAX_FIELD_BYTES: usize = 256 * 1024;
/// The most editions, snapshots and builds that a record rests on.
const MAX_DIGESTS: usize = 256;

/// Checks a request and makes its record: committed to with a fresh secret, and encrypted. The body comes back
/// for the answer.
///
/// # Errors
/// INVALID_ARGUMENT with every wrong field; FAILED_PRECONDITION for a level that is not offered.
pub fn decode(
    request: api::AppendRequest,
    vault: &Vault,
) -> Result<(Entry, Option<Vec<u8>>), Status> {
    let mut wrong = Violations::default();
    let level = wire::ReceiptLevel::try_from(request.wait_for);
    if level.is_err() {
        wrong.field("wait_for", "must be a known level");
    }
    text(&mut wrong, "caller", &request.caller, 512);
    if request.caller.is_empty() || request.caller.contains(char::is_control) {
        wrong.field(
            "caller",
            "must name an identity, without control characters",
        );
    }
    let context = request.context.unwrap_or_default();
    if !is_request_id(&context.request_id) {
        let text = "must be 1 to 128 characters of `A-Z a-z 0-9 . _ : -`";
        wrong.field("context.request_id", text);
    }
    text(
        &mut wrong,
        "context.case_reference",
        &context.case_reference,
        256,
    );
    text(&mut wrong, "context.actor", &context.actor, 256);
    text(&mut wrong, "context.purpose", &context.purpose, 512);
    let kind = kind(request.kind);
    if kind.is_none() {
        wrong.field("kind", "must be a known kind of record");
    }
    let request_digest = <[u8; 32]>::try_from(request.request_digest.as_slice());
    if request_digest.is_err() {
        wrong.field("request_digest", "must be a SHA-256 digest of 32 bytes");
    }
    if request.body.len() > MAX_BODY_BYTES {
        wrong.field("body", format!("must have at most {MAX_BODY_BYTES} bytes"));
    }
    let has_type = !request.body_type.is_empty();
    if has_type && !is_type_name(&request.body_type) {
        wrong.field(
            "body_type",
            "must be a fully qualified message name of at most 256 characters",
        );
    }
    if !has_type && !request.body.is_empty() {
        wrong.field("body_type", "must name the message of the body");
    }
    let fields = fields(&mut wrong, &request.caller, request.fields);
    let editions = editions(&mut wrong, &request.content_digests);
    let counterpart = counterpart(&mut wrong, &request.counterpart_leaf_hash);
    let about = match request.about_record_id.as_str() {
        "" => None,
        id => Uuid::try_parse(id)
            .map_err(|_| wrong.field("about_record_id", "must be the id of a record, a UUID"))
            .ok(),
    };
    wrong.finish()?;
    let (Some(kind), Ok(request_digest)) = (kind, request_digest) else {
        return Err(Problem::internal("a checked field is missing").into());
    };
    let secret = crate::key::random().map_err(Problem::internal)?;
    let mut record = Record {
        id: Uuid::now_v7(),
        kind,
        caller: request.caller,
        request_id: context.request_id,
        request_mark: vault.request_mark(&request_digest),
        about,
        counterpart,
        sealed: None,
    };
    let contents = Contents {
        secret: RecordSecret::from_bytes(secret),
        request_digest,
        body: has_type.then_some(request.body),
        body_type: request.body_type,
        case_reference: context.case_reference,
        actor: context.actor,
        purpose: context.purpose,
        fields,
        editions,
    };
    let leaf = record.leaf(&contents, 0).map_err(Problem::internal)?;
    record.sealed = Some(vault.seal(&leaf, &contents).map_err(Problem::internal)?);
    let terms = vault.terms(&record, &contents);
    let entry = Entry {
        record,
        terms,
        leaf,
    };
    Ok((entry, contents.body))
}

/// The log's kind for the contract's.
pub fn kind(number: i32) -> Option<RecordKind> {
    // The two enums share their numbers.
    u8::try_from(number).ok().and_then(RecordKind::from_number)
}

/// Letters, digits and `. _ : -`, 1 to 128 of them.
fn is_request_id(id: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._:-".contains(&b);
    (1..=128).contains(&id.len()) && id.bytes().all(allowed)
}

fn is_type_name(name: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with(|c: char| c.is_ascii_digit())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    name.len() <= 256 && name.split('.').all(part)
}

fn text(wrong: &mut Violations, field: &str, value: &str, most: usize) {
    if value.chars().count() > most {
        wrong.field(field, format!("must have at most {most} characters"));
    }
    if value.contains('\0') {
        // PostgreSQL's texts cannot hold it, and no name or reference has one.
        wrong.field(field, "must not have the character U+0000");
    }
}

fn fields(
    wrong: &mut Violations,
    caller: &str,
    given: Vec<api::CommittedField>,
) -> BTreeMap<Field, String> {
    let mut fields = BTreeMap::new();
    for (i, field) in given.into_iter().enumerate() {
        let path = |part: &str| format!("fields[{i}].{part}");
        if field.value.len() > MAX_FIELD_BYTES {
            wrong.field(
                path("value"),
                format!("must have at most {MAX_FIELD_BYTES} bytes"),
            );
        }
        match named_field(&field.name) {
            None => {
                let names: Vec<_> = NAMED_FIELDS.iter().map(|f| f.name()).collect();
                wrong.field(path("name"), format!("must be one of {}", names.join(", ")));
            }
            Some(name) if fields.contains_key(&name) => {
                wrong.field(path("name"), "must be given once");
            }
            Some(name) => {
                fields.insert(name, field.value);
            }
        }
    }
    // The agency stands in the caller's identity; who gives it explicitly is believed.
    if let Ok(id) = caller.parse::<SpiffeId>() {
        fields
            .entry(Field::Agency)
            .or_insert_with(|| id.agency().to_owned());
    }
    fields
}

/// `sha256:` and 64 hex digits, with a name and `=` before it where there is one.
fn editions(wrong: &mut Violations, given: &[String]) -> BTreeMap<String, Hash> {
    let mut editions = BTreeMap::new();
    if given.len() > MAX_DIGESTS {
        wrong.field("content_digests", format!("must be at most {MAX_DIGESTS}"));
        return editions;
    }
    for (i, text) in given.iter().enumerate() {
        let path = format!("content_digests[{i}]");
        let (name, digest) = match text.rsplit_once('=') {
            Some((name, digest)) => (name, digest),
            None => (text.as_str(), text.as_str()),
        };
        let hash = digest
            .strip_prefix("sha256:")
            .and_then(|hex| Hash::from_hex(hex).ok());
        let named = (1..=256).contains(&name.len()) && !name.contains(char::is_control);
        match hash {
            Some(hash) if named => {
                if editions
                    .insert(name.to_owned(), hash)
                    .is_some_and(|other| other != hash)
                {
                    wrong.field(path, "must not give one name two digests");
                }
            }
            _ => wrong.field(
                path,
                "must be `sha256:` and 64 lower-case hex digits, or `name=` before it",
            ),
        }
    }
    editions
}

fn counterpart(wrong: &mut Violations, given: &[u8]) -> Option<Hash> {
    if given.is_empty() {
        return None;
    }
    let hash = Hash::from_slice(given)
        .ok()
        .filter(|hash| *hash.as_bytes() != [0; 32]);
    if hash.is_none() {
        wrong.field(
            "counterpart_leaf_hash",
            "must be empty or a leaf hash of 32 bytes, not all zero",
        );
    }
    hash
}
