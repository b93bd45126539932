//! Taking records in: many calls in one statement and one commit, each key once.

use std::collections::HashMap;
use std::sync::Arc;

use deadpool_postgres::ClientWrapper;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::super::row::unsigned;
use super::super::{GroupError, StoreError};
use super::write::commit_failed;
use super::{Server, rows};
use crate::record::{Logged, Record, SignedCheckpoint};
use crate::vault::Term;

/// A record to be taken in.
#[derive(Debug)]
pub struct New {
    /// The record, with its contents.
    pub record: Record,
    /// Its encoded leaf, without its time.
    pub draft: Vec<u8>,
    /// The marks that it is found by.
    pub terms: Vec<Term>,
}

/// What became of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// It is durable under this number.
    Added(i64),
    /// Its key was there before, for the same request, under this number.
    Known(i64),
    /// Its key was there before, for another request.
    OtherRequest,
    /// The record that it is about is not there.
    AboutUnknown,
}

/// Where a record has been placed.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Its number in the intake.
    pub seq: i64,
    /// Its index in the log.
    pub index: u64,
    /// Its time, microseconds since 1970-01-01 UTC.
    pub time_micros: u64,
    /// Its leaf.
    pub leaf: Vec<u8>,
    /// The smallest checkpoint that covers it.
    pub checkpoint: Arc<SignedCheckpoint>,
}

/// Records, a column each.
#[derive(Default)]
pub(super) struct Columns {
    id: Vec<Uuid>,
    kind: Vec<i16>,
    caller: Vec<String>,
    request_id: Vec<String>,
    request_mark: Vec<Vec<u8>>,
    about: Vec<Option<Uuid>>,
    draft: Vec<Vec<u8>>,
    kek: Vec<Vec<u8>>,
    key: Vec<Vec<u8>>,
    head: Vec<Vec<u8>>,
    body: Vec<Option<Vec<u8>>>,
    /// An array each, as text: arrays of arrays would all have to be of one length.
    terms: Vec<String>,
}

/// One statement, and so one commit, for many records: the key decides who is first, and what was
/// added waits for the sequencer. In the order of the keys, so that two replicas with the same
/// keys do not wait for each other in a circle.
const TAKE: &str = "WITH added AS (INSERT INTO intake (id, kind, caller, request_id, \
     request_mark, about, draft, kek, key, head, body, terms) SELECT g.id, g.kind, g.caller, \
     g.request_id, g.request_mark, g.about, g.draft, g.kek, g.key, g.head, g.body, \
     g.terms::bigint[] FROM unnest($1::uuid[], $2::smallint[], $3::text[], $4::text[], \
     $5::bytea[], $6::uuid[], $7::bytea[], $8::bytea[], $9::bytea[], $10::bytea[], $11::bytea[], \
     $12::text[]) AS g (id, kind, caller, request_id, request_mark, about, draft, kek, key, head, \
     body, terms) ORDER BY g.caller, g.request_id \
     ON CONFLICT (caller, request_id) DO NOTHING RETURNING seq, id), \
     waiting AS (INSERT INTO pending (seq) SELECT seq FROM added) SELECT seq, id FROM added";

impl Columns {
    /// Adds a record.
    pub fn push(
        &mut self,
        record: &Record,
        draft: &[u8],
        terms: &[Term],
    ) -> Result<(), StoreError> {
        let erased = || StoreError::Damaged("a new record says nothing".to_owned());
        let sealed = record.sealed.as_ref().ok_or_else(erased)?;
        let terms: Vec<String> = terms.iter().map(|term| term.number().to_string()).collect();
        self.id.push(record.id);
        self.kind.push(record.kind.number().into());
        self.caller.push(record.caller.clone());
        self.request_id.push(record.request_id.clone());
        self.request_mark.push(record.request_mark.to_vec());
        self.about.push(record.about);
        self.draft.push(draft.to_vec());
        self.kek.push(sealed.kek.as_bytes().to_vec());
        self.key.push(sealed.key.clone());
        self.head.push(sealed.head.clone());
        self.body.push(sealed.body.clone());
        self.terms.push(format!("{{{}}}", terms.join(",")));
        Ok(())
    }

    /// Sends them: the numbers of those that were added, by id.
    pub async fn send(
        &self,
        client: &ClientWrapper,
    ) -> Result<HashMap<Uuid, i64>, tokio_postgres::Error> {
        if self.id.is_empty() {
            return Ok(HashMap::new());
        }
        let statement = client.prepare_cached(TAKE).await?;
        let params: [&(dyn ToSql + Sync); 12] = [
            &self.id,
            &self.kind,
            &self.caller,
            &self.request_id,
            &self.request_mark,
            &self.about,
            &self.draft,
            &self.kek,
            &self.key,
            &self.head,
            &self.body,
            &self.terms,
        ];
        let rows = client.query(&statement, &params).await?;
        rows.iter()
            .map(|row| Ok((row.try_get(1)?, row.try_get(0)?)))
            .collect()
    }
}

/// What the intake knows under a key.
struct Known {
    seq: i64,
    id: Uuid,
    kind: i16,
    mark: Vec<u8>,
}

/// The intake of one database.
#[derive(Clone, Debug)]
pub struct Intake {
    server: Arc<Server>,
}

impl Intake {
    /// The intake of that database.
    pub fn new(server: Arc<Server>) -> Self {
        Self { server }
    }

    /// Takes records in, all of them in one commit: what became of each, in their order.
    ///
    /// # Errors
    /// Nothing was taken in, or it is not known whether: then [`Self::look`] says what is there.
    pub async fn take(&self, given: &[New]) -> Result<Vec<Inserted>, GroupError> {
        let rolled_back = |error: StoreError| GroupError::RolledBack(error);
        let client = self
            .server
            .client()
            .await
            .map_err(|e| rolled_back(e.into()))?;
        let missing = missing(&client, given).await.map_err(rolled_back)?;
        let mut columns = Columns::default();
        for new in given.iter().filter(|new| !missing.contains(&new.record.id)) {
            columns
                .push(&new.record, &new.draft, &new.terms)
                .map_err(rolled_back)?;
        }
        // Prepared ahead: what fails here has changed nothing.
        client
            .prepare_cached(TAKE)
            .await
            .map_err(|e| rolled_back(e.into()))?;
        let added = columns.send(&client).await.map_err(commit_failed)?;
        if added.len() == given.len() {
            let seq = |new: &New| added.get(&new.record.id).copied();
            return Ok(given.iter().filter_map(seq).map(Inserted::Added).collect());
        }
        // The transaction is over: what fails from here on is only not known.
        let known = keys(&client, given).await.map_err(GroupError::Unknown)?;
        let of = |new: &New| match added.get(&new.record.id) {
            Some(seq) => Some(Inserted::Added(*seq)),
            None => judge(new, &known),
        };
        let none = || {
            GroupError::Unknown(StoreError::Damaged(
                "a key is neither new nor known".to_owned(),
            ))
        };
        given
            .iter()
            .map(|new| {
                let about = missing
                    .contains(&new.record.id)
                    .then_some(Inserted::AboutUnknown);
                of(new).or(about).ok_or_else(none)
            })
            .collect()
    }

    /// What is there under the keys of records whose commit has an unknown fate; none: nothing yet.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn look(&self, given: &[New]) -> Result<Vec<Option<Inserted>>, StoreError> {
        let client = self.server.client().await?;
        let known = keys(&client, given).await?;
        let of = |new: &New| match known.get(&key(&new.record)) {
            Some(known) if known.id == new.record.id => Some(Inserted::Added(known.seq)),
            _ => judge(new, &known),
        };
        Ok(given.iter().map(of).collect())
    }

    /// Which of these numbers have been placed, and where.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn placed(&self, waiting: &[i64]) -> Result<Vec<Placed>, StoreError> {
        let client = self.server.client().await?;
        let sql = "SELECT seq, idx, time, leaf FROM leaves WHERE seq = ANY($1) ORDER BY idx";
        let statement = client.prepare_cached(sql).await?;
        let rows = client.query(&statement, &[&waiting]).await?;
        let index = |row: &tokio_postgres::Row| row.try_get::<_, i64>(1);
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return Ok(Vec::new());
        };
        let sql = "SELECT size, root, note FROM checkpoints WHERE size > $1 AND size <= \
                   (SELECT min(size) FROM checkpoints WHERE size > $2) ORDER BY size";
        let statement = client.prepare_cached(sql).await?;
        let covering = client
            .query(&statement, &[&index(first)?, &index(last)?])
            .await?;
        let covering = covering
            .iter()
            .map(|row| rows::checkpoint(row).map(Arc::new));
        let covering: Vec<Arc<SignedCheckpoint>> = covering.collect::<Result<_, _>>()?;
        let mut placed = Vec::with_capacity(rows.len());
        for row in &rows {
            let index = unsigned(index(row)?)?;
            let at = covering.partition_point(|signed| signed.size <= index);
            let bare = || StoreError::Damaged(format!("record {index} is under no checkpoint"));
            placed.push(Placed {
                seq: row.try_get(0)?,
                index,
                time_micros: unsigned(row.try_get(2)?)?,
                leaf: row.try_get(3)?,
                checkpoint: covering.get(at).cloned().ok_or_else(bare)?,
            });
        }
        Ok(placed)
    }

    /// The whole record that was placed at `index`.
    ///
    /// # Errors
    /// The database does not answer, or the record is damaged.
    pub async fn record(&self, index: u64) -> Result<Option<Logged>, StoreError> {
        let client = self.server.client().await?;
        let index = super::super::row::signed(index)?;
        let sql = rows::select(true, "WHERE l.idx = $1");
        let row = client
            .query_opt(&client.prepare_cached(&sql).await?, &[&index])
            .await?;
        row.as_ref().map(rows::logged).transpose()
    }
}

fn key(record: &Record) -> (String, String) {
    (record.caller.clone(), record.request_id.clone())
}

/// The ids of given records that are about a record which is not there.
async fn missing(client: &ClientWrapper, given: &[New]) -> Result<Vec<Uuid>, StoreError> {
    let about: Vec<Uuid> = given.iter().filter_map(|new| new.record.about).collect();
    if about.is_empty() {
        return Ok(Vec::new());
    }
    let statement = client
        .prepare_cached("SELECT id FROM intake WHERE id = ANY($1)")
        .await?;
    let rows = client.query(&statement, &[&about]).await?;
    let there = rows.iter().map(|row| row.try_get(0));
    let there: Vec<Uuid> = there.collect::<Result<_, _>>()?;
    let lost = |new: &&New| {
        new.record
            .about
            .is_some_and(|about| !there.contains(&about))
    };
    Ok(given.iter().filter(lost).map(|new| new.record.id).collect())
}

/// What is there under the keys of these records.
async fn keys(
    client: &ClientWrapper,
    given: &[New],
) -> Result<HashMap<(String, String), Known>, StoreError> {
    let sql = "SELECT i.caller, i.request_id, i.seq, i.id, i.kind, i.request_mark FROM \
               unnest($1::text[], $2::text[]) AS g (caller, request_id) JOIN intake i \
               ON i.caller = g.caller AND i.request_id = g.request_id";
    let callers: Vec<&str> = given.iter().map(|new| &*new.record.caller).collect();
    let requests: Vec<&str> = given.iter().map(|new| &*new.record.request_id).collect();
    let statement = client.prepare_cached(sql).await?;
    let rows = client.query(&statement, &[&callers, &requests]).await?;
    let known = |row: &tokio_postgres::Row| {
        let known = Known {
            seq: row.try_get(2)?,
            id: row.try_get(3)?,
            kind: row.try_get(4)?,
            mark: row.try_get(5)?,
        };
        Ok(((row.try_get(0)?, row.try_get(1)?), known))
    };
    rows.iter().map(known).collect()
}

/// A key that was there before: for the same request or for another.
fn judge(new: &New, known: &HashMap<(String, String), Known>) -> Option<Inserted> {
    let known = known.get(&key(&new.record))?;
    let same =
        known.mark == new.record.request_mark && known.kind == i16::from(new.record.kind.number());
    Some(if same {
        Inserted::Known(known.seq)
    } else {
        Inserted::OtherRequest
    })
}
