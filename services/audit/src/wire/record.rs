//! Records and receipts as messages.

use concord_proto::audit as api;
use concord_proto::types as wire;
use concord_tlog::commitment::Field;
use concord_tlog::hash::leaf_hash;
use jiff::Timestamp;

use crate::record::{Contents, Held, Logged, Shown, SignedCheckpoint};

/// How much of a record is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    /// All that is known.
    Whole,
    /// Nothing that the leaf does not show by itself.
    LeafOnly,
}

/// The receipt of a record under that checkpoint.
pub fn receipt(logged: &Logged, origin: &str, covering: &SignedCheckpoint) -> wire::Receipt {
    wire::Receipt {
        level: wire::ReceiptLevel::Checkpointed.into(),
        record_id: logged.record.id.to_string(),
        log_origin: origin.to_owned(),
        index: logged.index,
        leaf_hash: leaf_hash(&logged.leaf).as_bytes().to_vec(),
        checkpoint: covering.note.clone(),
        logged_at: time(logged.time_micros),
    }
}

/// A record as a message.
pub fn record(shown: Shown, receipt: wire::Receipt, parts: Parts) -> api::Record {
    let Shown { logged, held } = shown;
    let kind = i32::from(logged.record.kind.number());
    let mut message = api::Record {
        record_id: receipt.record_id.clone(),
        kind,
        receipt: Some(receipt),
        ..api::Record::default()
    };
    if parts == Parts::Whole {
        let record = logged.record;
        let statement = |c: &Contents| record.request_statement(c);
        message.fields = held
            .contents()
            .map_or_else(Vec::new, |c| opened(&record, c, statement(c)));
        message.about_record_id = record.about.map(|id| id.to_string()).unwrap_or_default();
        let (mut case_reference, mut actor, mut purpose) = <(String, String, String)>::default();
        if let Held::Open(contents) = held {
            (case_reference, actor, purpose) =
                (contents.case_reference, contents.actor, contents.purpose);
            message.request_digest = contents.request_digest.to_vec();
            message.body = contents.body.unwrap_or_default();
            message.body_type = contents.body_type;
        }
        message.context = Some(wire::RequestContext {
            request_id: record.request_id,
            case_reference,
            actor,
            purpose,
        });
        message.caller = record.caller;
    }
    message.leaf = logged.leaf;
    message
}

/// The fields that the record has, and `request` and `body`, each with its salt; the value of
/// `body` is the record's body and is not repeated.
fn opened(
    record: &crate::record::Record,
    contents: &Contents,
    statement: String,
) -> Vec<api::OpenedField> {
    let open = |field: Field, value: String| api::OpenedField {
        name: field.name().to_owned(),
        value,
        salt: contents.secret.salt(field).as_bytes().to_vec(),
    };
    let slots = record.slots(contents);
    // All values come from strings, so this loses nothing.
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    slots
        .into_iter()
        .map(|(field, value)| open(field, text(value)))
        .chain([
            open(Field::Request, statement),
            open(Field::Body, String::new()),
        ])
        .collect()
}

/// RFC 3339 in UTC.
pub fn time(micros: u64) -> String {
    i64::try_from(micros)
        .ok()
        .and_then(|micros| Timestamp::from_microsecond(micros).ok())
        .map(|time| time.to_string())
        .unwrap_or_default()
}
