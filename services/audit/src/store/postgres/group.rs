//! A transaction of the sequencer, or of whoever writes what is no record.

use concord_tlog::hash::Hash;
use concord_tlog::tree::NodeId;
use deadpool_postgres::ClientWrapper;
use uuid::Uuid;

use super::super::row::signed;
use super::super::{Evidence, Group, StoreError, Trusted};
use super::intake::Columns;
use super::{Server, rows};
use crate::record::{Logged, Sealed, SignedCheckpoint};
use crate::vault::Term;

/// A transaction. What is added is sent at its end, or before it reads.
pub(super) struct Transaction<'a> {
    pub server: &'a Server,
    pub client: &'a ClientWrapper,
    /// The sequencer's epoch; none: no record may be added.
    pub epoch: Option<i64>,
    pub added: Added,
}

/// What waits to be sent, a column each.
#[derive(Default)]
pub(super) struct Added {
    intake: Columns,
    term: Vec<i64>,
    term_index: Vec<i64>,
    index: Vec<i64>,
    id: Vec<Uuid>,
    time: Vec<i64>,
    leaf: Vec<Vec<u8>>,
    level: Vec<i16>,
    node: Vec<i64>,
    hash: Vec<Vec<u8>>,
}

const ADD_LEAVES: &str = "WITH placed AS (INSERT INTO leaves (idx, seq, time, leaf) \
     SELECT g.idx, i.seq, g.time, g.leaf \
     FROM unnest($2::bigint[], $3::uuid[], $4::bigint[], $5::bytea[]) AS g (idx, id, time, leaf) \
     CROSS JOIN LATERAL (SELECT seq FROM intake WHERE id = g.id OFFSET 0) i \
     WHERE EXISTS (SELECT 1 FROM sequencer WHERE epoch = $1 AND halted IS NULL) \
     RETURNING seq), gone AS (DELETE FROM pending p USING placed WHERE p.seq = placed.seq) \
     SELECT count(*) FROM placed";

const ADD_TERMS: &str = "INSERT INTO terms (term, idx) \
     SELECT term, idx FROM unnest($2::bigint[], $3::bigint[]) AS g (term, idx) \
     WHERE EXISTS (SELECT 1 FROM sequencer WHERE epoch = $1 AND halted IS NULL)";

const ADD_NODES: &str = "INSERT INTO nodes (level, idx, hash) \
     SELECT level, idx, hash FROM unnest($2::smallint[], $3::bigint[], $4::bytea[]) \
     AS g (level, idx, hash) \
     WHERE EXISTS (SELECT 1 FROM sequencer WHERE epoch = $1 AND halted IS NULL)";

const ADD_CHECKPOINT: &str = "INSERT INTO checkpoints (size, root, note) \
     SELECT $2::bigint, $3::bytea, $4::text \
     WHERE EXISTS (SELECT 1 FROM sequencer WHERE epoch = $1 AND halted IS NULL)";

/// Another one has taken over, or the log was halted.
fn fenced(epoch: i64) -> StoreError {
    StoreError::Backend(
        format!(
            "epoch {epoch} may not write: another sequencer has taken over, or the log was halted"
        )
        .into(),
    )
}

impl Transaction<'_> {
    /// The sequencer's own first statement: nobody takes over before this transaction has ended.
    pub async fn fence(&self) -> Result<(), StoreError> {
        let Some(epoch) = self.epoch else {
            return Ok(());
        };
        let sql = "SELECT epoch, halted FROM sequencer FOR SHARE";
        let row = self
            .client
            .query_one(&self.client.prepare_cached(sql).await?, &[])
            .await?;
        let halted: Option<String> = row.try_get(1)?;
        match row.try_get::<_, i64>(0)? == epoch && halted.is_none() {
            true => Ok(()),
            false => Err(fenced(epoch)),
        }
    }

    fn leading(&self) -> Result<i64, StoreError> {
        let refused = || StoreError::Backend("only the sequencer adds records".into());
        self.epoch.ok_or_else(refused)
    }

    /// Sends what was added. Every statement asks for the epoch.
    pub async fn send(&mut self) -> Result<(), StoreError> {
        let added = std::mem::take(&mut self.added);
        let c = self.client;
        added.intake.send(c).await?;
        if !added.index.is_empty() {
            let epoch = self.leading()?;
            let statement = c.prepare_cached(ADD_LEAVES).await?;
            let (index, id, time, leaf) = (&added.index, &added.id, &added.time, &added.leaf);
            let row = c
                .query_one(&statement, &[&epoch, index, id, time, leaf])
                .await?;
            expect(row.try_get(0)?, added.index.len(), epoch)?;
        }
        if !added.term.is_empty() {
            let epoch = self.leading()?;
            let statement = c.prepare_cached(ADD_TERMS).await?;
            let params: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
                [&epoch, &added.term, &added.term_index];
            let done = c.execute(&statement, &params).await?;
            expect(i64::try_from(done).unwrap_or(-1), added.term.len(), epoch)?;
        }
        if !added.node.is_empty() {
            let epoch = self.leading()?;
            let statement = c.prepare_cached(ADD_NODES).await?;
            let done = c
                .execute(
                    &statement,
                    &[&epoch, &added.level, &added.node, &added.hash],
                )
                .await?;
            expect(i64::try_from(done).unwrap_or(-1), added.node.len(), epoch)?;
        }
        Ok(())
    }

    async fn checkpoint(&mut self, checkpoint: &SignedCheckpoint) -> Result<(), StoreError> {
        self.send().await?;
        let epoch = self.leading()?;
        let c = self.client;
        let (size, root) = (
            signed(checkpoint.size)?,
            checkpoint.root.as_bytes().as_slice(),
        );
        let statement = c.prepare_cached(ADD_CHECKPOINT).await?;
        let done = c
            .execute(&statement, &[&epoch, &size, &root, &checkpoint.note])
            .await?;
        expect(i64::try_from(done).unwrap_or(-1), 1, epoch)
    }

    /// Runs one statement that adds no record.
    fn run(
        &self,
        sql: &str,
        params: &[&(dyn tokio_postgres::types::ToSql + Sync)],
    ) -> Result<(), StoreError> {
        self.server.wait(async {
            self.client
                .execute(&self.client.prepare_cached(sql).await?, params)
                .await?;
            Ok(())
        })
    }

    fn checkpoint_of(
        &mut self,
        sql: &str,
        params: &[&(dyn tokio_postgres::types::ToSql + Sync)],
    ) -> Result<Option<SignedCheckpoint>, StoreError> {
        self.server.wait(async {
            self.send().await?;
            let c = self.client;
            let row = c.query_opt(&c.prepare_cached(sql).await?, params).await?;
            row.as_ref().map(rows::checkpoint).transpose()
        })
    }
}

fn expect(done: i64, wanted: usize, epoch: i64) -> Result<(), StoreError> {
    match usize::try_from(done) == Ok(wanted) {
        true => Ok(()),
        false => Err(fenced(epoch)),
    }
}

impl Group for Transaction<'_> {
    fn by_key(&mut self, caller: &str, request_id: &str) -> Result<Option<Logged>, StoreError> {
        self.server.wait(async {
            self.send().await?;
            let sql = rows::select(true, "WHERE r.caller = $1 AND r.request_id = $2");
            let c = self.client;
            let row = c
                .query_opt(&c.prepare_cached(&sql).await?, &[&caller, &request_id])
                .await?;
            row.as_ref().map(rows::logged).transpose()
        })
    }

    fn exists(&mut self, id: Uuid) -> Result<bool, StoreError> {
        self.server.wait(async {
            self.send().await?;
            let sql = "SELECT 1 FROM intake WHERE id = $1";
            let c = self.client;
            Ok(c.query_opt(&c.prepare_cached(sql).await?, &[&id])
                .await?
                .is_some())
        })
    }

    /// Gives a record that was taken in its place; one that was not, with what it says, is taken in.
    fn insert(&mut self, logged: &Logged, terms: &[Term]) -> Result<(), StoreError> {
        let (index, added) = (signed(logged.index)?, &mut self.added);
        if logged.record.sealed.is_some() {
            added.intake.push(&logged.record, &logged.leaf, terms)?;
        }
        added.term.extend(terms.iter().map(|term| term.number()));
        added.term_index.extend(terms.iter().map(|_| index));
        added.index.push(index);
        added.id.push(logged.record.id);
        added.time.push(signed(logged.time_micros)?);
        added.leaf.push(logged.leaf.clone());
        Ok(())
    }

    fn rewrap(&mut self, index: u64, sealed: &Sealed) -> Result<(), StoreError> {
        let sql = "UPDATE intake SET kek = $2, key = $3 \
                   WHERE seq = (SELECT seq FROM leaves WHERE idx = $1)";
        let kek = sealed.kek.as_bytes().as_slice();
        self.run(sql, &[&signed(index)?, &kek, &sealed.key])
    }

    fn insert_node(&mut self, node: NodeId, hash: &Hash) -> Result<(), StoreError> {
        let added = &mut self.added;
        added.level.push(node.level.into());
        added.node.push(signed(node.index)?);
        added.hash.push(hash.as_bytes().to_vec());
        Ok(())
    }

    fn insert_checkpoint(&mut self, checkpoint: &SignedCheckpoint) -> Result<(), StoreError> {
        self.server.wait(self.checkpoint(checkpoint))
    }

    fn covering(&mut self, index: u64) -> Result<Option<SignedCheckpoint>, StoreError> {
        let sql = "SELECT size, root, note FROM checkpoints WHERE size > $1 ORDER BY size LIMIT 1";
        self.checkpoint_of(sql, &[&signed(index)?])
    }

    fn counterpart(&mut self, agency: &str) -> Result<Option<SignedCheckpoint>, StoreError> {
        let sql = "SELECT size, root, note FROM counterparts WHERE agency = $1";
        self.checkpoint_of(sql, &[&agency])
    }

    fn remember(
        &mut self,
        agency: &str,
        seen: &SignedCheckpoint,
        at: u64,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO counterparts (agency, size, root, note, seen) \
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT (agency) DO UPDATE \
                   SET size = $2, root = $3, note = $4, seen = $5";
        let (size, root) = (signed(seen.size)?, seen.root.as_bytes().as_slice());
        self.run(sql, &[&agency, &size, &root, &seen.note, &signed(at)?])
    }

    fn add_log_key(&mut self, vkey: &str, since: u64) -> Result<(), StoreError> {
        let sql = "INSERT INTO log_keys (vkey, since) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        self.run(sql, &[&vkey, &signed(since)?])
    }

    fn set_main_key(&mut self, vkey: &str) -> Result<(), StoreError> {
        self.run("UPDATE log SET vkey = $1", &[&vkey])
    }

    fn keep_witnessed(&mut self, size: u64, note: &str, at: u64) -> Result<(), StoreError> {
        let sql = "INSERT INTO witnessed (size, note, seen) VALUES ($1, $2, $3) \
                   ON CONFLICT (size) DO UPDATE SET note = $2, seen = $3";
        self.run(sql, &[&signed(size)?, &note, &signed(at)?])
    }

    fn set_trust(&mut self, trusted: &[Trusted]) -> Result<(), StoreError> {
        self.run("DELETE FROM trust", &[])?;
        let sql = "INSERT INTO trust (role, name, vkey) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        for t in trusted {
            self.run(sql, &[&t.role.name(), &t.name, &t.vkey])?;
        }
        Ok(())
    }

    fn mark(&mut self, name: &str, value: Option<&str>) -> Result<(), StoreError> {
        self.run("DELETE FROM marks WHERE name = $1", &[&name])?;
        match value {
            Some(value) => self.run(
                "INSERT INTO marks (name, value) VALUES ($1, $2)",
                &[&name, &value],
            ),
            None => Ok(()),
        }
    }

    fn keep_evidence(&mut self, evidence: &Evidence) -> Result<(), StoreError> {
        let sql = "INSERT INTO evidence (agency, remembered, offered, proof, why, seen) \
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
        let Evidence {
            agency,
            remembered,
            offered,
            proof,
            why,
            at,
        } = evidence;
        self.run(
            sql,
            &[agency, remembered, offered, proof, why, &signed(*at)?],
        )
    }
}
