//! Reading, on connections that cannot write.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use concord_tlog::hash::Hash;
use concord_tlog::tree::NodeId;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

use super::super::{Evidence, Filter, Found, LogIdentity, Reads, RecordName, StoreError};
use super::{OpenError, read_only, rows, schema, signed, unsigned};
use crate::record::{Contents, Logged, SignedCheckpoint};

/// Idle connections kept; more are opened and closed again under load.
const IDLE: usize = 8;

/// No further record is put on a page of a search that has this many bytes of contents.
const SEARCH_BYTES: usize = 1024 * 1024;

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
        if schema::check(&path, &connection)? == 0 {
            return Err(OpenError::Absent(dir.to_owned()));
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
    pub(crate) fn with<T>(
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
            let row = c.query_row("SELECT origin, vkey FROM log", [], |row| {
                Ok(LogIdentity {
                    origin: row.get(0)?,
                    vkey: row.get(1)?,
                })
            });
            Ok(row.optional()?)
        })
    }

    fn record(&self, name: RecordName<'_>) -> Result<Option<Logged>, StoreError> {
        self.with(|c| rows::record(c, name))
    }

    fn search(&self, filter: &Filter, before: u64, limit: u32) -> Result<Found, StoreError> {
        let mut sql = format!("{} WHERE r.idx < ?", rows::SELECT_WITHOUT_BODY);
        let mut values = vec![Value::Integer(i64::try_from(before).unwrap_or(i64::MAX))];
        if !filter.kinds.is_empty() {
            let marks = vec!["?"; filter.kinds.len()].join(", ");
            sql.push_str(&format!(" AND r.kind IN ({marks})"));
            let numbers = filter
                .kinds
                .iter()
                .map(|kind| Value::Integer(kind.number().into()));
            values.extend(numbers);
        }
        if let Some(about) = filter.about {
            sql.push_str(" AND r.about = ?");
            values.push(Value::Blob(about.as_bytes().to_vec()));
        }
        if !filter.case_reference.is_empty() {
            sql.push_str(" AND c.case_reference = ? AND c.case_reference <> ''");
            values.push(Value::Text(filter.case_reference.clone()));
        }
        for (condition, bound) in [
            (" AND r.time >= ?", filter.from),
            (" AND r.time < ?", filter.to),
        ] {
            if let Some(bound) = bound {
                sql.push_str(condition);
                values.push(Value::Integer(i64::try_from(bound).unwrap_or(i64::MAX)));
            }
        }
        sql.push_str(" ORDER BY r.idx DESC LIMIT ?");
        // One more than asked for: its presence says that there is a next page.
        values.push(Value::Integer(i64::from(limit) + 1));
        self.with(|c| {
            let mut statement = c.prepare_cached(&sql)?;
            let mut rows = statement.query(params_from_iter(values))?;
            let (mut found, mut bytes) = (Found::default(), 0);
            while let Some(row) = rows.next()? {
                if found.records.len() >= limit as usize || bytes > SEARCH_BYTES {
                    found.more = true;
                    break;
                }
                let logged = rows::logged(row)?;
                bytes += size(&logged);
                found.records.push(logged);
            }
            Ok(found)
        })
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
                bytes += size(&logged);
                found.push(logged);
            }
            Ok(found)
        })
    }

    fn node(&self, node: NodeId) -> Result<Option<Hash>, StoreError> {
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
}

fn size(logged: &Logged) -> usize {
    logged.record.contents.as_ref().map_or(0, Contents::size)
}
