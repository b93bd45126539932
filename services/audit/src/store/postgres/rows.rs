//! Rows into records and checkpoints.

use concord_tlog::leaf::{Leaf, RecordKind};
use tokio_postgres::Row;

use super::super::StoreError;
use super::super::row::{hash, unsigned};
use crate::record::{Logged, Record, Sealed, SignedCheckpoint};
use crate::vault::KekId;

/// Beginning of every query of records; `{body}` is the body's column or nothing.
const SELECT: &str = "SELECT l.idx, r.id, r.kind, l.time, r.caller, r.request_id, \
     r.request_mark, r.about, l.leaf, r.kek, r.key, r.head, {body} \
     FROM leaves l JOIN intake r ON r.seq = l.seq";

/// A query of records that ends with `rest`.
pub(super) fn select(bodies: bool, rest: &str) -> String {
    let body = if bodies { "r.body" } else { "NULL::bytea" };
    format!("{} {rest}", SELECT.replace("{body}", body))
}

fn damaged(index: i64, what: &str) -> StoreError {
    StoreError::Damaged(format!("record {index}: {what}"))
}

/// One record.
pub(super) fn logged(row: &Row) -> Result<Logged, StoreError> {
    let index: i64 = row.try_get(0)?;
    let leaf: Vec<u8> = row.try_get(8)?;
    let decoded = Leaf::decode(&leaf).map_err(|e| damaged(index, &e.to_string()))?;
    Ok(Logged {
        index: unsigned(index)?,
        time_micros: unsigned(row.try_get(3)?)?,
        record: Record {
            id: row.try_get(1)?,
            kind: kind(row.try_get(2)?).ok_or_else(|| damaged(index, "its kind is not known"))?,
            caller: row.try_get(4)?,
            request_id: row.try_get(5)?,
            request_mark: row
                .try_get::<_, &[u8]>(6)?
                .try_into()
                .map_err(|_| damaged(index, "the mark of its request is not 32 bytes long"))?,
            about: row.try_get(7)?,
            counterpart: decoded.counterpart,
            sealed: sealed(index, row)?,
        },
        leaf,
    })
}

/// The kind of a record, by number.
pub(super) fn kind(number: i16) -> Option<RecordKind> {
    u8::try_from(number).ok().and_then(RecordKind::from_number)
}

fn sealed(index: i64, row: &Row) -> Result<Option<Sealed>, StoreError> {
    let Some(kek) = row.try_get::<_, Option<&[u8]>>(9)? else {
        return Ok(None);
    };
    Ok(Some(Sealed {
        kek: KekId::from_slice(kek)
            .ok_or_else(|| damaged(index, "the id of its key is not 8 bytes long"))?,
        key: row.try_get(10)?,
        head: row.try_get(11)?,
        body: row.try_get(12)?,
    }))
}

/// A checkpoint: size, root, note.
pub(super) fn checkpoint(row: &Row) -> Result<SignedCheckpoint, StoreError> {
    let (size, root): (i64, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
    Ok(SignedCheckpoint {
        size: unsigned(size)?,
        root: hash(&root, &format!("the root of checkpoint {size}"))?,
        note: row.try_get(2)?,
    })
}
