//! Reading, in short queries or all at one moment.

use std::sync::Arc;

use concord_tlog::hash::Hash;
use concord_tlog::tree::NodeId;
use deadpool_postgres::{ClientWrapper, Object};
use tokio::sync::Mutex;
use tokio_postgres::types::ToSql;

use super::super::row::{self, signed, unsigned};
use super::super::{
    Counts, Evidence, Filter, Found, LogIdentity, Reads, RecordName, Role, StoreError, Trusted,
};
use super::{Server, rows, search};
use crate::record::{Logged, SignedCheckpoint};

type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// Readers of one database.
pub struct PostgresReads {
    server: Arc<Server>,
    /// A transaction that sees the log as it was when it began.
    moment: Option<Mutex<ClientWrapper>>,
}

impl PostgresReads {
    /// Readers that see what is committed, now and later.
    pub fn new(server: Arc<Server>) -> Self {
        let moment = None;
        Self { server, moment }
    }

    /// Readers that see the log as it is now, whoever goes on writing. Blocks.
    ///
    /// # Errors
    /// The database does not answer.
    pub fn at_one_moment(server: Arc<Server>) -> Result<Self, StoreError> {
        let client = server.wait(async {
            let client = server.own_client().await?;
            let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
                         SET LOCAL statement_timeout = 0; \
                         SET LOCAL idle_in_transaction_session_timeout = 0";
            client.batch_execute(begin).await?;
            // The moment is that of the first query.
            client.execute("SELECT 1 FROM log", &[]).await?;
            Ok::<_, StoreError>(client)
        })?;
        let moment = Some(Mutex::new(client));
        Ok(Self { server, moment })
    }

    fn with<T>(
        &self,
        query: impl AsyncFn(&ClientWrapper) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.server.wait(async {
            if let Some(moment) = &self.moment {
                return query(&*moment.lock().await).await;
            }
            let client: Object = self.server.client().await?;
            match query(&client).await {
                // The server went away while the connection lay idle: a read may be made again.
                Err(_) if client.is_closed() => {
                    drop(client);
                    query(&*self.server.client().await?).await
                }
                answer => answer,
            }
        })
    }

    fn checkpoint_of(
        &self,
        sql: &str,
        params: Params<'_>,
    ) -> Result<Option<SignedCheckpoint>, StoreError> {
        self.with(async |c| {
            let row = c.query_opt(&c.prepare_cached(sql).await?, params).await?;
            row.as_ref().map(rows::checkpoint).transpose()
        })
    }

    fn record_of(&self, condition: &str, params: Params<'_>) -> Result<Option<Logged>, StoreError> {
        let sql = rows::select(true, condition);
        self.with(async |c| {
            let row = c.query_opt(&c.prepare_cached(&sql).await?, params).await?;
            row.as_ref().map(rows::logged).transpose()
        })
    }

    fn lines(&self, sql: &str) -> Result<Vec<String>, StoreError> {
        self.with(async |c| {
            let rows = c.query(sql, &[]).await?;
            rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
        })
    }
}

impl Reads for PostgresReads {
    fn identity(&self) -> Result<Option<LogIdentity>, StoreError> {
        self.with(async |c| {
            let row = c.query_opt("SELECT origin, vkey FROM log", &[]).await?;
            let Some(row) = row else { return Ok(None) };
            let keys = c
                .query("SELECT vkey FROM log_keys ORDER BY since, n", &[])
                .await?;
            Ok(Some(LogIdentity {
                origin: row.try_get(0)?,
                vkey: row.try_get(1)?,
                keys: keys
                    .iter()
                    .map(|row| row.try_get(0))
                    .collect::<Result<_, _>>()?,
            }))
        })
    }

    fn record(&self, name: RecordName<'_>) -> Result<Option<Logged>, StoreError> {
        match name {
            RecordName::Id(id) => self.record_of("WHERE r.id = $1", &[&id]),
            RecordName::Index(index) => match i64::try_from(index) {
                Ok(index) => self.record_of("WHERE l.idx = $1", &[&index]),
                Err(_) => Ok(None), // no log is that long
            },
            RecordName::Key(caller, request_id) => {
                let condition = "WHERE r.caller = $1 AND r.request_id = $2";
                self.record_of(condition, &[&caller, &request_id])
            }
        }
    }

    fn search(&self, filter: &Filter, before: u64, limit: u32) -> Result<Found, StoreError> {
        self.with(async |c| search::page(c, filter, before, limit).await)
    }

    fn range(
        &self,
        from: u64,
        limit: u32,
        bodies: bool,
        max_bytes: usize,
    ) -> Result<Vec<Logged>, StoreError> {
        let Ok(from) = i64::try_from(from) else {
            return Ok(Vec::new());
        };
        let (limit, most) = (
            i64::from(limit),
            i64::try_from(max_bytes).unwrap_or(i64::MAX),
        );
        // The bodies before each record are added up first, so that none is read in vain.
        let condition = "JOIN (SELECT idx, coalesce(sum(bytes) OVER (ORDER BY idx ROWS BETWEEN \
             UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before FROM (SELECT sl.idx, \
             coalesce(octet_length(si.body), 0) AS bytes FROM leaves sl JOIN intake si \
             ON si.seq = sl.seq WHERE sl.idx >= $1 ORDER BY sl.idx LIMIT $2) window_) sized \
             ON sized.idx = l.idx WHERE sized.before <= $3 ORDER BY l.idx";
        let plain = "WHERE l.idx >= $1 AND $3::bigint IS NOT NULL ORDER BY l.idx LIMIT $2";
        let sql = rows::select(bodies, if bodies { condition } else { plain });
        let params: Params<'_> = &[&from, &limit, &most];
        let rows =
            self.with(async |c| Ok(c.query(&c.prepare_cached(&sql).await?, params).await?))?;
        let (mut found, mut bytes) = (Vec::with_capacity(rows.len()), 0);
        for row in &rows {
            if bytes > max_bytes {
                break;
            }
            let logged = rows::logged(row)?;
            bytes += logged.record.size();
            found.push(logged);
        }
        Ok(found)
    }

    fn lowest_node(&self) -> u8 {
        0
    }

    fn unkeyed(&self, _page: &[Logged]) -> Result<Vec<u64>, StoreError> {
        Ok(Vec::new()) // a constraint of the table, which the server's own checks cover
    }

    fn node(&self, node: NodeId) -> Result<Option<Hash>, StoreError> {
        let (level, index) = (i16::from(node.level), signed(node.index)?);
        self.with(async |c| {
            let sql = "SELECT hash FROM nodes WHERE level = $1 AND idx = $2";
            let row = c
                .query_opt(&c.prepare_cached(sql).await?, &[&level, &index])
                .await?;
            let hash =
                |row: tokio_postgres::Row| row::hash(row.try_get::<_, &[u8]>(0)?, "a subtree hash");
            row.map(hash).transpose()
        })
    }

    fn latest(&self) -> Result<Option<SignedCheckpoint>, StoreError> {
        let sql = "SELECT size, root, note FROM checkpoints ORDER BY size DESC LIMIT 1";
        self.checkpoint_of(sql, &[])
    }

    fn checkpoint(&self, size: u64) -> Result<Option<SignedCheckpoint>, StoreError> {
        let Ok(size) = i64::try_from(size) else {
            return Ok(None);
        };
        self.checkpoint_of(
            "SELECT size, root, note FROM checkpoints WHERE size = $1",
            &[&size],
        )
    }

    fn covering(&self, index: u64) -> Result<Option<SignedCheckpoint>, StoreError> {
        let sql = "SELECT size, root, note FROM checkpoints WHERE size > $1 ORDER BY size LIMIT 1";
        self.checkpoint_of(sql, &[&signed(index)?])
    }

    fn nodes(&self, level: u8, first: u64, count: u16) -> Result<Vec<Hash>, StoreError> {
        let sql =
            "SELECT idx, hash FROM nodes WHERE level = $1 AND idx >= $2 ORDER BY idx LIMIT $3";
        let (level, first, count) = (i16::from(level), signed(first)?, i64::from(count));
        let found = self.with(async |c| dense(c, sql, &[&level, &first, &count], first).await)?;
        found
            .iter()
            .map(|bytes| row::hash(bytes, "a subtree hash"))
            .collect()
    }

    fn leaves(&self, first: u64, count: u16) -> Result<Vec<Vec<u8>>, StoreError> {
        let sql = "SELECT idx, leaf FROM leaves WHERE idx >= $1 ORDER BY idx LIMIT $2";
        let (first, count) = (signed(first)?, i64::from(count));
        self.with(async |c| dense(c, sql, &[&first, &count], first).await)
    }

    fn witnessed(&self) -> Result<Option<SignedCheckpoint>, StoreError> {
        let sql = "SELECT w.size, c.root, w.note FROM witnessed w JOIN checkpoints c \
                   ON c.size = w.size ORDER BY w.size DESC LIMIT 1";
        self.checkpoint_of(sql, &[])
    }

    fn witnessed_covering(&self, index: u64) -> Result<Option<SignedCheckpoint>, StoreError> {
        let sql = "SELECT w.size, c.root, w.note FROM witnessed w JOIN checkpoints c \
                   ON c.size = w.size WHERE w.size > $1 ORDER BY w.size LIMIT 1";
        self.checkpoint_of(sql, &[&signed(index)?])
    }

    fn counterpart(&self, agency: &str) -> Result<Option<SignedCheckpoint>, StoreError> {
        let sql = "SELECT size, root, note FROM counterparts WHERE agency = $1";
        self.checkpoint_of(sql, &[&agency])
    }

    fn counterparts(&self) -> Result<Vec<(String, SignedCheckpoint)>, StoreError> {
        self.with(async |c| {
            let sql = "SELECT size, root, note, agency FROM counterparts ORDER BY agency";
            let rows = c.query(sql, &[]).await?;
            rows.iter()
                .map(|row| Ok((row.try_get(3)?, rows::checkpoint(row)?)))
                .collect()
        })
    }

    fn trust(&self, role: Role) -> Result<Vec<Trusted>, StoreError> {
        self.with(async |c| {
            let sql = "SELECT name, vkey FROM trust WHERE role = $1 ORDER BY name, vkey";
            let rows = c.query(sql, &[&role.name()]).await?;
            let trusted = |row: &tokio_postgres::Row| {
                Ok(Trusted {
                    role,
                    name: row.try_get(0)?,
                    vkey: row.try_get(1)?,
                })
            };
            rows.iter().map(trusted).collect()
        })
    }

    fn marked(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.with(async |c| {
            let row = c
                .query_opt("SELECT value FROM marks WHERE name = $1", &[&name])
                .await?;
            Ok(row.map(|row| row.try_get(0)).transpose()?)
        })
    }

    fn evidence(&self, agency: &str) -> Result<Vec<Evidence>, StoreError> {
        self.with(async |c| {
            let sql = "SELECT agency, remembered, offered, proof, why, seen FROM evidence \
                       WHERE agency = $1 ORDER BY id LIMIT 1000";
            let rows = c.query(sql, &[&agency]).await?;
            let evidence = |row: &tokio_postgres::Row| {
                Ok(Evidence {
                    agency: row.try_get(0)?,
                    remembered: row.try_get(1)?,
                    offered: row.try_get(2)?,
                    proof: row.try_get(3)?,
                    why: row.try_get(4)?,
                    at: unsigned(row.try_get(5)?)?,
                })
            };
            rows.iter().map(evidence).collect()
        })
    }

    fn checkpoint_sizes(&self) -> Result<Vec<u64>, StoreError> {
        self.with(async |c| {
            let rows = c
                .query("SELECT size FROM checkpoints ORDER BY size", &[])
                .await?;
            rows.iter().map(|row| unsigned(row.try_get(0)?)).collect()
        })
    }

    fn counts(&self) -> Result<Counts, StoreError> {
        self.with(async |c| {
            let sql = "SELECT (SELECT max(size) FROM checkpoints), (SELECT count(*) FROM leaves), \
                       (SELECT count(*) FROM nodes)";
            let row = c.query_one(sql, &[]).await?;
            let records = unsigned(row.try_get(1)?)?;
            Ok(Counts {
                size: unsigned(row.try_get(0)?)?,
                records,
                keys: records, // columns of the record itself
                nodes: unsigned(row.try_get(2)?)?,
            })
        })
    }

    fn integrity(&self) -> Result<Vec<String>, StoreError> {
        let mut found = self.lines(
            "SELECT 'record ' || l.idx || ' has no row in `intake`' FROM leaves l \
             LEFT JOIN intake i ON i.seq = l.seq WHERE i.seq IS NULL ORDER BY l.idx LIMIT 20",
        )?;
        // What is durable is placed or waits for it: it cannot be forgotten.
        found.extend(self.lines(
            "SELECT 'the record ' || i.id || ' was taken in and is neither placed nor waits' \
             FROM intake i LEFT JOIN leaves l ON l.seq = i.seq LEFT JOIN pending p ON p.seq = i.seq \
             WHERE l.seq IS NULL AND p.seq IS NULL ORDER BY i.seq LIMIT 20",
        )?);
        found.extend(self.lines(
            "SELECT 'the record ' || i.id || ' is placed and waits all the same' FROM intake i \
             JOIN leaves l ON l.seq = i.seq JOIN pending p ON p.seq = i.seq ORDER BY i.seq LIMIT 20",
        )?);
        Ok(found)
    }
}

/// Bytes by index, from `first` on without a gap.
async fn dense(
    client: &ClientWrapper,
    sql: &str,
    params: Params<'_>,
    first: i64,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let rows = client
        .query(&client.prepare_cached(sql).await?, params)
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    for (row, index) in rows.iter().zip(first..) {
        if row.try_get::<_, i64>(0)? != index {
            return Err(StoreError::Damaged(format!(
                "what belongs to index {index} is missing"
            )));
        }
        found.push(row.try_get(1)?);
    }
    Ok(found)
}
