//! What waits for the sequencer.

use concord_tlog::leaf::Leaf;
use deadpool_postgres::ClientWrapper;

use super::super::StoreError;
use super::rows;
use crate::record::{Entry, Record};
use crate::vault::Term;

/// Records that were taken in and have no place yet, without what they say, in the order in which
/// they came.
pub(super) async fn read(client: &ClientWrapper, limit: usize) -> Result<Vec<Entry>, StoreError> {
    // One record after the other by its number: what the planner knows of `pending`, which is always changing, is wrong,
    // and a join that it chooses may read all of `intake`.
    let sql = "SELECT i.id, i.kind, i.caller, i.request_id, i.request_mark, i.about, i.draft, \
               i.terms FROM (SELECT seq FROM pending ORDER BY seq LIMIT $1) p, \
               LATERAL (SELECT * FROM intake WHERE seq = p.seq OFFSET 0) i ORDER BY p.seq";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let statement = client.prepare_cached(sql).await?;
    let rows = client.query(&statement, &[&limit]).await?;
    rows.iter().map(entry).collect()
}

fn entry(row: &tokio_postgres::Row) -> Result<Entry, StoreError> {
    let id: uuid::Uuid = row.try_get(0)?;
    let damaged = |what: &str| StoreError::Damaged(format!("the record {id} in `intake`: {what}"));
    let leaf = Leaf::decode(row.try_get(6)?).map_err(|e| damaged(&e.to_string()))?;
    let terms: Vec<i64> = row.try_get(7)?;
    let record = Record {
        id,
        kind: rows::kind(row.try_get(1)?).ok_or_else(|| damaged("its kind is not known"))?,
        caller: row.try_get(2)?,
        request_id: row.try_get(3)?,
        request_mark: row
            .try_get::<_, &[u8]>(4)?
            .try_into()
            .map_err(|_| damaged("the mark of its request is not 32 bytes long"))?,
        about: row.try_get(5)?,
        counterpart: leaf.counterpart,
        sealed: None,
    };
    Ok(Entry {
        record,
        terms: terms.into_iter().map(Term::from_number).collect(),
        leaf,
    })
}
