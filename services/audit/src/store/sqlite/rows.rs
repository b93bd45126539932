//! Rows into records, and the queries that readers and the writer share.

use concord_tlog::hash::Hash;
use concord_tlog::leaf::{Leaf, RecordKind};
use rusqlite::{Connection, OptionalExtension, Params, Row};
use uuid::Uuid;

use super::super::row::{signed, unsigned};
use super::super::{RecordName, StoreError};
use crate::record::{Logged, Record, Sealed, SignedCheckpoint};
use crate::vault::KekId;

/// Beginning of every query of records, with bodies.
pub(super) const SELECT_WITH_BODY: &str = "SELECT r.idx, r.id, r.kind, r.time, r.caller, \
     r.request_id, r.request_digest, r.about, r.leaf, c.kek, c.key, c.head, c.body \
     FROM records r LEFT JOIN contents c ON c.idx = r.idx";

/// Beginning of every query of records, without bodies.
pub(super) const SELECT_WITHOUT_BODY: &str = "SELECT r.idx, r.id, r.kind, r.time, r.caller, \
     r.request_id, r.request_digest, r.about, r.leaf, c.kek, c.key, c.head, NULL \
     FROM records r LEFT JOIN contents c ON c.idx = r.idx";

/// One record, without its body.
pub(super) const WITHOUT_BODY_BY_INDEX: &str = "SELECT r.idx, r.id, r.kind, r.time, r.caller, \
     r.request_id, r.request_digest, r.about, r.leaf, c.kek, c.key, c.head, NULL \
     FROM records r LEFT JOIN contents c ON c.idx = r.idx WHERE r.idx = ?1";

/// What the index of idempotency keys holds of one: half of a digest, which nobody finds two of.
pub(super) fn key(caller: &str, request_id: &str) -> [u8; 16] {
    let length = (caller.len() as u64).to_be_bytes();
    let hash = Hash::of(&[&length, caller.as_bytes(), request_id.as_bytes()]);
    let mut key = [0; 16];
    key.copy_from_slice(&hash.as_bytes()[..16]);
    key
}

pub(super) fn damaged(index: i64, what: &str) -> StoreError {
    StoreError::Damaged(format!("record {index}: {what}"))
}

/// One record; the outer error is SQLite's, the inner says what cannot be.
pub(super) fn logged(row: &Row<'_>) -> Result<Logged, StoreError> {
    let index: i64 = row.get(0)?;
    let id: Vec<u8> = row.get(1)?;
    let kind: i64 = row.get(2)?;
    let digest: Vec<u8> = row.get(6)?;
    let about: Option<Vec<u8>> = row.get(7)?;
    let leaf: Vec<u8> = row.get(8)?;
    let uuid = |bytes: &[u8]| {
        Uuid::from_slice(bytes).map_err(|_| damaged(index, "an id is not 16 bytes long"))
    };
    let decoded = Leaf::decode(&leaf).map_err(|e| damaged(index, &e.to_string()))?;
    Ok(Logged {
        index: unsigned(index)?,
        time_micros: unsigned(row.get(3)?)?,
        record: Record {
            id: uuid(&id)?,
            kind: u8::try_from(kind)
                .ok()
                .and_then(RecordKind::from_number)
                .ok_or_else(|| damaged(index, "its kind is not known"))?,
            caller: row.get(4)?,
            request_id: row.get(5)?,
            request_mark: digest
                .try_into()
                .map_err(|_| damaged(index, "the mark of its request is not 32 bytes long"))?,
            about: about.as_deref().map(uuid).transpose()?,
            counterpart: decoded.counterpart,
            sealed: sealed(index, row)?,
        },
        leaf,
    })
}

fn sealed(index: i64, row: &Row<'_>) -> Result<Option<Sealed>, StoreError> {
    let Some(kek) = row.get::<_, Option<Vec<u8>>>(9)? else {
        return Ok(None);
    };
    Ok(Some(Sealed {
        kek: KekId::from_slice(&kek)
            .ok_or_else(|| damaged(index, "the id of its key is not 8 bytes long"))?,
        key: row.get(10)?,
        head: row.get(11)?,
        body: row.get(12)?,
    }))
}

/// All records of a query.
pub(super) fn all(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Vec<Logged>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(logged(row)?);
    }
    Ok(found)
}

/// One record with its body.
pub(super) fn record(
    connection: &Connection,
    name: RecordName<'_>,
) -> Result<Option<Logged>, StoreError> {
    let sql = |condition: &str| format!("{SELECT_WITH_BODY} WHERE {condition}");
    let found = match name {
        RecordName::Id(id) => all(connection, &sql("r.id = ?1"), [id.as_bytes().as_slice()]),
        RecordName::Index(index) => match i64::try_from(index) {
            Ok(index) => all(connection, &sql("r.idx = ?1"), [index]),
            Err(_) => Ok(Vec::new()), // no log is that long
        },
        RecordName::Key(caller, request_id) => {
            let sql = sql(
                "r.idx = (SELECT idx FROM keys WHERE key = ?1) AND r.caller = ?2 AND r.request_id = ?3",
            );
            let key = key(caller, request_id);
            all(connection, &sql, (key.as_slice(), caller, request_id))
        }
    };
    Ok(found?.pop())
}

/// The first checkpoint of a query.
pub(super) fn checkpoint(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Option<SignedCheckpoint>, StoreError> {
    let row = connection
        .prepare_cached(sql)?
        .query_row(params, |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, Vec<u8>>(1)?,
                row.get::<_, String>(2)?,
            ))
        })
        .optional()?;
    let Some((size, root, note)) = row else {
        return Ok(None);
    };
    let root = Hash::from_slice(&root)
        .map_err(|_| StoreError::Damaged(format!("the root of checkpoint {size} is no hash")))?;
    Ok(Some(SignedCheckpoint {
        size: unsigned(size)?,
        root,
        note,
    }))
}

/// The smallest checkpoint that covers the record at `index`.
pub(super) fn covering(
    connection: &Connection,
    index: u64,
) -> Result<Option<SignedCheckpoint>, StoreError> {
    let sql = "SELECT size, root, note FROM checkpoints WHERE size > ?1 ORDER BY size LIMIT 1";
    checkpoint(connection, sql, [signed(index)?])
}
