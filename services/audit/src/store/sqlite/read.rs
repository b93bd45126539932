//! Reading, on connections that cannot write.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use concord_tlog::hash::{Hash, leaf_hash, node_hash};
use concord_tlog::tree::NodeId;
use rusqlite::{Connection, OptionalExtension};

use super::super::row::{signed, unsigned};
use super::super::{
    Counts, Evidence, Filter, Found, LogIdentity, Reads, RecordName, Role, StoreError, Trusted,
};
use super::{LOWEST_NODE, OpenError, read_only, rows, schema, search};
use crate::record::{Logged, Record, SignedCheckpoint};

/// What records say, of a record that is not there.
const ORPHANED_CONTENTS: &str = "SELECT 1 FROM contents WHERE idx < 0 \
     UNION ALL SELECT 1 FROM contents WHERE idx > (SELECT coalesce(max(idx), -1) FROM records)";

/// Records about one that is not there.
const ORPHANED_REFERENCES: &str = "SELECT 1 FROM records r WHERE r.about IS NOT NULL \
     AND NOT EXISTS (SELECT 1 FROM records o WHERE o.id = r.about)";

/// Idle connections kept; more are opened and closed again under load.
const IDLE: usize = 8;

/// Readers of one database.
#[derive(Debug)]
pub struct SqliteReads {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl SqliteReads {
    /// Opens the log in `dir` for reading only, also while a service writes it.
    ///
    /// # Errors
    /// No log there, a later schema, or a database that cannot be opened.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        let path = dir.join(super::FILE_NAME);
        if !path.is_file() {
            return Err(OpenError::Absent(dir.to_owned()));
        }
        let connection = read_only(&path).map_err(OpenError::sqlite(&path))?;
        let version = schema::check(&path, &connection)?;
        if version == 0 {
            return Err(OpenError::Absent(dir.to_owned()));
        }
        if schema::is_plain(&connection, version).map_err(OpenError::sqlite(&path))? {
            return Err(OpenError::Plain(path));
        }
        if version < schema::SCHEMA_VERSION {
            let found = version;
            return Err(OpenError::EarlierSchema { path, found });
        }
        Ok(Self {
            path,
            idle: Mutex::new(vec![connection]),
        })
    }

    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            idle: Mutex::default(),
        }
    }

    /// Runs a query on an idle connection, or on a new one.
    fn with<T>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = idle().pop();
        let connection = match waiting {
            Some(connection) => connection,
            None => read_only(&self.path)?,
        };
        // A connection whose query failed is not trusted with another.
        let answer = query(&connection)?;
        let mut idle = idle();
        if idle.len() < IDLE {
            idle.push(connection);
        }
        Ok(answer)
    }
}

impl Reads for SqliteReads {
    fn identity(&self) -> Result<Option<LogIdentity>, StoreError> {
        self.with(|c| {
            let sql = "SELECT vkey FROM log_keys ORDER BY since, rowid";
            let mut statement = c.prepare_cached(sql)?;
            let keys = statement.query_map([], |row| row.get(0))?;
            let keys = keys.collect::<Result<_, _>>()?;
            let row = c.query_row("SELECT origin, vkey FROM log", [], |row| {
                Ok(LogIdentity {
                    origin: row.get(0)?,
                    vkey: row.get(1)?,
                    keys,
                })
            });
            Ok(row.optional()?)
        })
    }

    fn record(&self, name: RecordName<'_>) -> Result<Option<Logged>, StoreError> {
        self.with(|c| rows::record(c, name))
    }

    fn search(&self, filter: &Filter, before: u64, limit: u32) -> Result<Found, StoreError> {
        self.with(|c| search::search(c, filter, before, limit))
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
        let select = if bodies {
            rows::SELECT_WITH_BODY
        } else {
            rows::SELECT_WITHOUT_BODY
        };
        let sql = format!("{select} WHERE r.idx >= ?1 ORDER BY r.idx LIMIT ?2");
        self.with(|c| {
            let mut statement = c.prepare_cached(&sql)?;
            let mut rows = statement.query((from, limit))?;
            let (mut found, mut bytes) = (Vec::new(), 0);
            while bytes <= max_bytes
                && let Some(row) = rows.next()?
            {
                let logged = rows::logged(row)?;
                bytes += logged.record.size();
                found.push(logged);
            }
            Ok(found)
        })
    }

    fn unkeyed(&self, page: &[Logged]) -> Result<Vec<u64>, StoreError> {
        self.with(|c| {
            let mut statement = c.prepare_cached("SELECT idx FROM keys WHERE key = ?1")?;
            let key = |logged: &Logged| {
                let Record {
                    caller, request_id, ..
                } = &logged.record;
                (rows::key(caller, request_id), logged.index)
            };
            // In the order of the index, so that what is read of it is used more than once.
            let mut keys: Vec<_> = page.iter().map(key).collect();
            keys.sort_unstable();
            let mut missing = Vec::new();
            for (key, index) in keys {
                let found = statement.query_row([key.as_slice()], |row| row.get(0));
                let found: Option<i64> = found.optional()?;
                if found != i64::try_from(index).ok() {
                    missing.push(index);
                }
            }
            missing.sort_unstable();
            Ok(missing)
        })
    }

    fn lowest_node(&self) -> u8 {
        LOWEST_NODE
    }

    fn node(&self, node: NodeId) -> Result<Option<Hash>, StoreError> {
        if node.level < LOWEST_NODE {
            return Ok(self.nodes(node.level, node.index, 1)?.pop());
        }
        let index = signed(node.index)?;
        self.with(|c| {
            let sql = "SELECT hash FROM nodes WHERE level = ?1 AND idx = ?2";
            let hash: Option<Vec<u8>> = c
                .prepare_cached(sql)?
                .query_row((node.level, index), |row| row.get(0))
                .optional()?;
            let damaged = |_| StoreError::Damaged("a subtree hash is not 32 bytes long".into());
            hash.map(|bytes| Hash::from_slice(&bytes).map_err(damaged))
                .transpose()
        })
    }

    fn latest(&self) -> Result<Option<SignedCheckpoint>, StoreError> {
        let sql = "SELECT size, root, note FROM checkpoints ORDER BY size DESC LIMIT 1";
        self.with(|c| rows::checkpoint(c, sql, []))
    }

    fn checkpoint(&self, size: u64) -> Result<Option<SignedCheckpoint>, StoreError> {
        let Ok(size) = i64::try_from(size) else {
            return Ok(None);
        };
        let sql = "SELECT size, root, note FROM checkpoints WHERE size = ?1";
        self.with(|c| rows::checkpoint(c, sql, [size]))
    }

    fn covering(&self, index: u64) -> Result<Option<SignedCheckpoint>, StoreError> {
        self.with(|c| rows::covering(c, index))
    }

    fn nodes(&self, level: u8, first: u64, count: u16) -> Result<Vec<Hash>, StoreError> {
        if level < LOWEST_NODE {
            let wide = u64::from(count) << level;
            let leaves = self.with(|c| leaves(c, first << level, wide))?;
            let hashes = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
            return Ok((0..level).fold(hashes, |below, _| parents(&below)));
        }
        let sql =
            "SELECT idx, hash FROM nodes WHERE level = ?1 AND idx >= ?2 ORDER BY idx LIMIT ?3";
        let first = signed(first)?;
        self.with(|c| {
            let mut statement = c.prepare_cached(sql)?;
            let mut rows = statement.query((level, first, count))?;
            let mut found = Vec::with_capacity(usize::from(count));
            while let Some(row) = rows.next()? {
                let (index, hash): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
                if index - first != i64::try_from(found.len()).unwrap_or(i64::MAX) {
                    return Err(StoreError::Damaged("a subtree hash is missing".into()));
                }
                let damaged = |_| StoreError::Damaged("a subtree hash is not 32 bytes long".into());
                found.push(Hash::from_slice(&hash).map_err(damaged)?);
            }
            Ok(found)
        })
    }

    fn leaves(&self, first: u64, count: u16) -> Result<Vec<Vec<u8>>, StoreError> {
        self.with(|c| leaves(c, first, count.into()))
    }

    fn witnessed(&self) -> Result<Option<SignedCheckpoint>, StoreError> {
        let sql = "SELECT w.size, c.root, w.note FROM witnessed w JOIN checkpoints c \
                   ON c.size = w.size ORDER BY w.size DESC LIMIT 1";
        self.with(|c| rows::checkpoint(c, sql, []))
    }

    fn witnessed_covering(&self, index: u64) -> Result<Option<SignedCheckpoint>, StoreError> {
        let sql = "SELECT w.size, c.root, w.note FROM witnessed w JOIN checkpoints c \
                   ON c.size = w.size WHERE w.size > ?1 ORDER BY w.size LIMIT 1";
        let index = signed(index)?;
        self.with(|c| rows::checkpoint(c, sql, [index]))
    }

    fn counterpart(&self, agency: &str) -> Result<Option<SignedCheckpoint>, StoreError> {
        let sql = "SELECT size, root, note FROM counterparts WHERE agency = ?1";
        self.with(|c| rows::checkpoint(c, sql, [agency]))
    }

    fn trust(&self, role: Role) -> Result<Vec<Trusted>, StoreError> {
        self.with(|c| {
            let sql = "SELECT name, vkey FROM trust WHERE role = ?1 ORDER BY name, vkey";
            let mut statement = c.prepare_cached(sql)?;
            let found = statement.query_map([role.name()], |row| {
                Ok(Trusted {
                    role,
                    name: row.get(0)?,
                    vkey: row.get(1)?,
                })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    fn marked(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.with(|c| {
            let sql = "SELECT value FROM marks WHERE name = ?1";
            Ok(c.query_row(sql, [name], |row| row.get(0)).optional()?)
        })
    }

    fn evidence(&self, agency: &str) -> Result<Vec<Evidence>, StoreError> {
        self.with(|c| {
            let sql = "SELECT agency, remembered, offered, proof, why, seen FROM evidence \
                       WHERE agency = ?1 ORDER BY id LIMIT 1000";
            let mut statement = c.prepare_cached(sql)?;
            let mut rows = statement.query([agency])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(Evidence {
                    agency: row.get(0)?,
                    remembered: row.get(1)?,
                    offered: row.get(2)?,
                    proof: row.get(3)?,
                    why: row.get(4)?,
                    at: unsigned(row.get(5)?)?,
                });
            }
            Ok(found)
        })
    }

    fn checkpoint_sizes(&self) -> Result<Vec<u64>, StoreError> {
        self.with(|c| {
            let mut statement = c.prepare_cached("SELECT size FROM checkpoints ORDER BY size")?;
            let sizes = statement.query_map([], |row| row.get::<_, i64>(0))?;
            sizes.map(|size| unsigned(size?)).collect()
        })
    }

    fn counterparts(&self) -> Result<Vec<(String, SignedCheckpoint)>, StoreError> {
        let agencies = self.with(|c| Ok(lines(c, "SELECT agency FROM counterparts ORDER BY 1")?));
        let mut found = Vec::new();
        for agency in agencies? {
            if let Some(seen) = self.counterpart(&agency)? {
                found.push((agency, seen));
            }
        }
        Ok(found)
    }

    fn counts(&self) -> Result<Counts, StoreError> {
        self.with(|c| {
            let sql = "SELECT (SELECT max(size) FROM checkpoints), (SELECT count(*) FROM records), \
                       (SELECT count(*) FROM keys), (SELECT count(*) FROM nodes)";
            let row = c.query_row(sql, [], |row| <(i64, i64, i64, i64)>::try_from(row))?;
            Ok(Counts {
                size: unsigned(row.0)?,
                records: unsigned(row.1)?,
                keys: unsigned(row.2)?,
                nodes: unsigned(row.3)?,
            })
        })
    }

    fn integrity(&self) -> Result<Vec<String>, StoreError> {
        self.with(|c| {
            let mut found = lines(c, "PRAGMA integrity_check(20)")?;
            found.retain(|line| line != "ok");
            // What `foreign_key_check` does row by row: indexes are dense, and few records are about another.
            for (table, orphans) in [
                ("contents", ORPHANED_CONTENTS),
                ("records", ORPHANED_REFERENCES),
            ] {
                if c.prepare(orphans)?.exists([])? {
                    found.push(format!("a row of `{table}` refers to nothing"));
                }
            }
            Ok(found)
        })
    }
}

/// The leaves of `count` records from `first` on.
fn leaves(connection: &Connection, first: u64, count: u64) -> Result<Vec<Vec<u8>>, StoreError> {
    let sql = "SELECT idx, leaf FROM records WHERE idx >= ?1 ORDER BY idx LIMIT ?2";
    let (first, count) = (signed(first)?, signed(count)?);
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((first, count))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let index: i64 = row.get(0)?;
        if index - first != i64::try_from(found.len()).unwrap_or(i64::MAX) {
            return Err(StoreError::Damaged("a record is missing".into()));
        }
        found.push(row.get(1)?);
    }
    Ok(found)
}

/// The hashes of the complete subtrees one level above.
fn parents(hashes: &[Hash]) -> Vec<Hash> {
    let (pairs, _) = hashes.as_chunks::<2>();
    pairs
        .iter()
        .map(|[left, right]| node_hash(left, right))
        .collect()
}

fn lines(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    rows.collect()
}
