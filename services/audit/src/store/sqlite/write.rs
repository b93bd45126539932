//! The one writer's connection.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use concord_tlog::hash::Hash;
use concord_tlog::tree::NodeId;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use uuid::Uuid;

use super::super::row::signed;
use super::super::{
    Evidence, Group, GroupError, LogIdentity, Reads, RecordName, Store, StoreError, Trusted,
};
use super::copying::Copying;
use super::{BLOCK, LOWEST_NODE, OpenError, SqliteReads, marks, prepare, rows, schema};
use crate::record::{Logged, Sealed, SignedCheckpoint};
use crate::vault::Term;

/// The writer's cache: the inner pages of every index of a log of some million records.
const CACHE_KIB: i32 = 64 * 1024;

/// A log in a SQLite database. Who opens it holds the lock of the data directory.
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    // Dropped before the connection, which then is the last one and copies what is left.
    copying: Copying,
    pub(super) connection: Connection,
}

impl SqliteStore {
    /// Opens or creates the database in `dir` and brings its schema up to date.
    ///
    /// # Errors
    /// A later schema, another kind of database, or one that cannot be opened.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        let path = dir.join(super::FILE_NAME);
        let failed = OpenError::sqlite(&path);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(&path, flags).map_err(&failed)?;
        // Before anything is changed: a database of a later program stays as it is.
        schema::check(&path, &connection)?;
        prepare(&connection).map_err(&failed)?;
        let mode: String = connection
            .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))
            .map_err(&failed)?;
        if mode != "wal" {
            let problem = format!("it cannot be used with a write-ahead log, only `{mode}`");
            return Err(OpenError::Open { path, problem });
        }
        // INVARIANT: COMMIT returns only when the write-ahead log has been flushed to disk.
        connection
            .pragma_update(None, "synchronous", "FULL")
            .map_err(&failed)?;
        connection
            .pragma_update(None, "cache_size", -CACHE_KIB)
            .map_err(&failed)?;
        // What is deleted is overwritten: bodies that were not encrypted, wrapped keys that were replaced.
        connection
            .pragma_update(None, "secure_delete", true)
            .map_err(&failed)?;
        schema::upgrade(&path, &mut connection)?;
        let copying = Copying::start(&path, &mut connection)?;
        // The names of new files must be as durable as their contents.
        std::fs::File::open(dir)
            .and_then(|dir| dir.sync_all())
            .map_err(|error| OpenError::Open {
                path: path.clone(),
                problem: error.to_string(),
            })?;
        Ok(Self {
            path,
            copying,
            connection,
        })
    }

    fn roll_back(&self, error: StoreError) -> GroupError {
        // After some errors SQLite has rolled back by itself.
        if self.connection.is_autocommit() {
            return GroupError::RolledBack(error);
        }
        match self.connection.execute_batch("ROLLBACK") {
            Ok(()) => GroupError::RolledBack(error),
            Err(worse) => GroupError::Unknown(worse.into()),
        }
    }
}

impl Store for SqliteStore {
    fn create(
        &mut self,
        identity: &LogIdentity,
        first: &SignedCheckpoint,
    ) -> Result<(), StoreError> {
        let tx = self.connection.transaction()?;
        tx.execute(
            "INSERT INTO log (one, origin, vkey) VALUES (1, ?1, ?2)",
            [&identity.origin, &identity.vkey],
        )?;
        for vkey in &identity.keys {
            Tx::new(&tx).add_log_key(vkey, 0)?;
        }
        Tx::new(&tx).insert_checkpoint(first)?;
        Ok(tx.commit()?)
    }

    fn group(
        &mut self,
        work: &mut dyn FnMut(&mut dyn Group) -> Result<(), StoreError>,
    ) -> Result<(), GroupError> {
        self.copying.before_write().map_err(GroupError::Halted)?;
        let begun = self.connection.execute_batch("BEGIN IMMEDIATE");
        begun.map_err(|e| GroupError::RolledBack(e.into()))?;
        let mut tx = Tx::new(&self.connection);
        if let Err(error) = work(&mut tx).and_then(|()| tx.write_marks()) {
            return Err(self.roll_back(error));
        }
        // A failed COMMIT may have reached the disk all the same: nobody may guess.
        let committed = self.connection.execute_batch("COMMIT");
        committed.map_err(|e| GroupError::Unknown(e.into()))
    }

    fn reads(&self) -> Arc<dyn Reads> {
        Arc::new(SqliteReads::new(self.path.clone()))
    }
}

/// Takes an idempotency key for a record. The database refuses a second one.
pub(super) const INSERT_KEY: &str = "INSERT INTO keys (key, idx) VALUES (?1, ?2)";

/// The writer's connection inside a transaction.
pub(super) struct Tx<'a> {
    connection: &'a Connection,
    /// `(index, mark)` of what was inserted, written before COMMIT.
    marks: Vec<(i64, i64)>,
    /// One more than the last index that was inserted.
    end: i64,
}

impl<'a> Tx<'a> {
    pub(super) fn new(connection: &'a Connection) -> Self {
        Self {
            connection,
            marks: Vec::new(),
            end: 0,
        }
    }

    /// What a record says, encrypted, and the marks it is found by.
    pub(super) fn insert_contents(
        &mut self,
        index: i64,
        sealed: &Sealed,
        terms: &[Term],
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO contents (idx, kek, key, head, body) VALUES (?1, ?2, ?3, ?4, ?5)";
        self.connection.prepare_cached(sql)?.execute((
            index,
            sealed.kek.as_bytes().as_slice(),
            &sealed.key,
            &sealed.head,
            &sealed.body,
        ))?;
        self.marks
            .extend(terms.iter().map(|term| (index, term.number())));
        self.end = index + 1;
        Ok(())
    }

    /// Writes the marks of what was inserted, and packs the blocks that are full with it.
    pub(super) fn write_marks(&mut self) -> Result<(), StoreError> {
        marks::write(self.connection, &self.marks)?;
        let first = self.marks.first().map_or(self.end, |(index, _)| *index);
        if self.end / BLOCK > first / BLOCK {
            marks::pack(self.connection, self.end)?;
        }
        self.marks.clear();
        Ok(())
    }
}

impl Group for Tx<'_> {
    fn by_key(&mut self, caller: &str, request_id: &str) -> Result<Option<Logged>, StoreError> {
        // Nearly always there is none, and the index alone says so.
        let sql = "SELECT idx FROM keys WHERE key = ?1";
        let key = rows::key(caller, request_id);
        let index: Option<i64> = self
            .connection
            .prepare_cached(sql)?
            .query_row([key.as_slice()], |row| row.get(0))
            .optional()?;
        let Some(index) = index else {
            return Ok(None);
        };
        let logged = rows::record(self.connection, RecordName::Key(caller, request_id))?;
        let other = || rows::damaged(index, "its idempotency key is not the one it is found by");
        logged.map(Some).ok_or_else(other)
    }

    fn exists(&mut self, id: Uuid) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM records WHERE id = ?1";
        Ok(self
            .connection
            .prepare_cached(sql)?
            .exists([id.as_bytes().as_slice()])?)
    }

    fn insert(&mut self, logged: &Logged, terms: &[Term]) -> Result<(), StoreError> {
        let (index, record) = (signed(logged.index)?, &logged.record);
        let sql = "INSERT INTO records (idx, id, kind, time, caller, request_id, request_digest, \
                   about, leaf) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        self.connection.prepare_cached(sql)?.execute((
            index,
            record.id.as_bytes().as_slice(),
            record.kind.number(),
            signed(logged.time_micros)?,
            &record.caller,
            &record.request_id,
            record.request_mark.as_slice(),
            record.about.as_ref().map(|id| id.as_bytes().as_slice()),
            &logged.leaf,
        ))?;
        let key = rows::key(&record.caller, &record.request_id);
        self.connection
            .prepare_cached(INSERT_KEY)?
            .execute((key.as_slice(), index))?;
        if let Some(sealed) = &record.sealed {
            self.insert_contents(index, sealed, terms)?;
        }
        Ok(())
    }

    fn rewrap(&mut self, index: u64, sealed: &Sealed) -> Result<(), StoreError> {
        let sql = "UPDATE contents SET kek = ?2, key = ?3 WHERE idx = ?1";
        let row = (
            signed(index)?,
            sealed.kek.as_bytes().as_slice(),
            &sealed.key,
        );
        self.connection.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }

    fn insert_node(&mut self, node: NodeId, hash: &Hash) -> Result<(), StoreError> {
        if node.level < LOWEST_NODE {
            return Ok(()); // follows from the leaves
        }
        let sql = "INSERT INTO nodes (level, idx, hash) VALUES (?1, ?2, ?3)";
        let row = (node.level, signed(node.index)?, hash.as_bytes().as_slice());
        self.connection.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }

    fn insert_checkpoint(&mut self, checkpoint: &SignedCheckpoint) -> Result<(), StoreError> {
        let sql = "INSERT INTO checkpoints (size, root, note) VALUES (?1, ?2, ?3)";
        let root = checkpoint.root.as_bytes().as_slice();
        self.connection.prepare_cached(sql)?.execute((
            signed(checkpoint.size)?,
            root,
            &checkpoint.note,
        ))?;
        Ok(())
    }

    fn covering(&mut self, index: u64) -> Result<Option<SignedCheckpoint>, StoreError> {
        rows::covering(self.connection, index)
    }

    fn counterpart(&mut self, agency: &str) -> Result<Option<SignedCheckpoint>, StoreError> {
        let sql = "SELECT size, root, note FROM counterparts WHERE agency = ?1";
        rows::checkpoint(self.connection, sql, [agency])
    }

    fn remember(
        &mut self,
        agency: &str,
        seen: &SignedCheckpoint,
        at: u64,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO counterparts (agency, size, root, note, seen) \
                   VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (agency) DO UPDATE \
                   SET size = ?2, root = ?3, note = ?4, seen = ?5";
        let root = seen.root.as_bytes().as_slice();
        let row = (agency, signed(seen.size)?, root, &seen.note, signed(at)?);
        self.connection.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }

    fn add_log_key(&mut self, vkey: &str, since: u64) -> Result<(), StoreError> {
        let sql = "INSERT INTO log_keys (vkey, since) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        let row = (vkey, signed(since)?);
        self.connection.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }

    fn set_main_key(&mut self, vkey: &str) -> Result<(), StoreError> {
        self.connection
            .execute("UPDATE log SET vkey = ?1", [vkey])?;
        Ok(())
    }

    fn keep_witnessed(&mut self, size: u64, note: &str, at: u64) -> Result<(), StoreError> {
        let sql = "INSERT INTO witnessed (size, note, seen) VALUES (?1, ?2, ?3) \
                   ON CONFLICT (size) DO UPDATE SET note = ?2, seen = ?3";
        let row = (signed(size)?, note, signed(at)?);
        self.connection.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }

    fn set_trust(&mut self, trusted: &[Trusted]) -> Result<(), StoreError> {
        self.connection.execute("DELETE FROM trust", [])?;
        let sql = "INSERT INTO trust (role, name, vkey) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        for t in trusted {
            let row = (t.role.name(), &t.name, &t.vkey);
            self.connection.prepare_cached(sql)?.execute(row)?;
        }
        Ok(())
    }

    fn mark(&mut self, name: &str, value: Option<&str>) -> Result<(), StoreError> {
        self.connection
            .execute("DELETE FROM marks WHERE name = ?1", [name])?;
        if let Some(value) = value {
            let sql = "INSERT INTO marks (name, value) VALUES (?1, ?2)";
            self.connection.execute(sql, [name, value])?;
        }
        Ok(())
    }

    fn keep_evidence(&mut self, evidence: &Evidence) -> Result<(), StoreError> {
        let sql = "INSERT INTO evidence (agency, remembered, offered, proof, why, seen) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
        self.connection.prepare_cached(sql)?.execute((
            &evidence.agency,
            &evidence.remembered,
            &evidence.offered,
            &evidence.proof,
            &evidence.why,
            signed(evidence.at)?,
        ))?;
        Ok(())
    }
}
