//! The tables, by version. A program refuses a database of a later version than its own; there is
//! no way back to an earlier one.

use std::path::Path;

use rusqlite::{Connection, Row, Transaction, TransactionBehavior};

use super::{BLOCK, OpenError, marks, rows, write};
use crate::store::StoreError;

/// The version that this program writes (`user_version`).
pub const SCHEMA_VERSION: i64 = 4;

/// `CNCA` in the file's header (`application_id`).
const APPLICATION_ID: i64 = 0x434e_4341;

/// What leads from each version to the next.
const STEPS: [&str; SCHEMA_VERSION as usize] = [
    "
CREATE TABLE log (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    origin TEXT NOT NULL,
    vkey   TEXT NOT NULL
) STRICT;

-- What stays as long as the log.
CREATE TABLE records (
    idx            INTEGER PRIMARY KEY CHECK (idx >= 0),
    id             BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    kind           INTEGER NOT NULL,
    time           INTEGER NOT NULL,
    caller         TEXT NOT NULL,
    request_id     TEXT NOT NULL,
    request_digest BLOB NOT NULL CHECK (length(request_digest) = 32),
    about          BLOB REFERENCES records (id),
    leaf           BLOB NOT NULL,
    UNIQUE (caller, request_id)
) STRICT;
CREATE INDEX records_by_time ON records (time);
CREATE INDEX records_by_kind ON records (kind);
CREATE INDEX records_by_about ON records (about) WHERE about IS NOT NULL;

-- What can be destroyed: without secret and body the leaf says nothing.
CREATE TABLE contents (
    idx            INTEGER PRIMARY KEY REFERENCES records (idx),
    secret         BLOB NOT NULL CHECK (length(secret) = 32),
    body_type      TEXT NOT NULL,
    body           BLOB,
    case_reference TEXT NOT NULL,
    actor          TEXT NOT NULL,
    purpose        TEXT NOT NULL,
    fields         TEXT NOT NULL,
    editions       TEXT NOT NULL
) STRICT;
CREATE INDEX contents_by_case ON contents (case_reference) WHERE case_reference <> '';

-- The hash of every complete subtree.
CREATE TABLE nodes (
    level INTEGER NOT NULL,
    idx   INTEGER NOT NULL,
    hash  BLOB NOT NULL,
    PRIMARY KEY (level, idx)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
    size INTEGER PRIMARY KEY,
    root BLOB NOT NULL,
    note TEXT NOT NULL
) STRICT;

CREATE TABLE counterparts (
    agency TEXT PRIMARY KEY,
    size   INTEGER NOT NULL,
    root   BLOB NOT NULL,
    note   TEXT NOT NULL,
    seen   INTEGER NOT NULL
) STRICT;

CREATE TABLE evidence (
    id         INTEGER PRIMARY KEY,
    agency     TEXT NOT NULL,
    remembered TEXT NOT NULL,
    offered    TEXT NOT NULL,
    proof      BLOB NOT NULL,
    why        TEXT NOT NULL,
    seen       INTEGER NOT NULL,
    UNIQUE (agency, remembered, offered)
) STRICT;
",
    "
-- The keys that the log has signed with, each from a size on: rotation with overlap.
CREATE TABLE log_keys (
    vkey  TEXT PRIMARY KEY,
    since INTEGER NOT NULL
) STRICT;
INSERT INTO log_keys (vkey, since) SELECT vkey, 0 FROM log;

-- Checkpoints with the cosignatures that the policy asks for.
CREATE TABLE witnessed (
    size INTEGER PRIMARY KEY,
    note TEXT NOT NULL,
    seen INTEGER NOT NULL
) STRICT;

-- Whom the settings named when the log was last started, for the commands that work without them.
CREATE TABLE trust (
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    vkey TEXT NOT NULL,
    PRIMARY KEY (role, name, vkey)
) STRICT, WITHOUT ROWID;

-- What the next start must know, for example that the log comes out of a backup.
CREATE TABLE marks (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
",
    "
-- What was stored before contents were encrypted; emptied and dropped by the next step, which needs the key.
ALTER TABLE contents RENAME TO plain_contents;
DROP INDEX contents_by_case;

-- What can be destroyed: without the wrapped key nobody reads the rest, and without that the leaf says nothing.
CREATE TABLE contents (
    idx  INTEGER PRIMARY KEY REFERENCES records (idx),
    kek  BLOB NOT NULL CHECK (length(kek) = 8),
    key  BLOB NOT NULL,
    head BLOB NOT NULL,
    body BLOB
) STRICT;

-- The blind index: keyed marks of what a record can be searched by.
CREATE TABLE terms (
    block INTEGER NOT NULL,
    term  INTEGER NOT NULL,
    idx   INTEGER NOT NULL,
    PRIMARY KEY (block, term, idx)
) STRICT, WITHOUT ROWID;
",
    "
-- Less is written for each record: no index of times, which never decrease along the log; the idempotency key as a
-- digest; hashes of subtrees of sixteen leaves and more, since the smaller ones follow from the leaves at hand;
-- marks once for each block.
CREATE TABLE records_4 (
    idx            INTEGER PRIMARY KEY CHECK (idx >= 0),
    id             BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    kind           INTEGER NOT NULL,
    time           INTEGER NOT NULL,
    caller         TEXT NOT NULL,
    request_id     TEXT NOT NULL,
    request_digest BLOB NOT NULL CHECK (length(request_digest) = 32),
    about          BLOB REFERENCES records_4 (id),
    leaf           BLOB NOT NULL
) STRICT;
INSERT INTO records_4 SELECT idx, id, kind, time, caller, request_id, request_digest, about, leaf
    FROM records ORDER BY idx;

-- Idempotency keys: a digest of caller and request id.
CREATE TABLE keys (
    key BLOB PRIMARY KEY CHECK (length(key) = 16),
    idx INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

DROP TABLE records;
ALTER TABLE records_4 RENAME TO records;
CREATE INDEX records_by_kind ON records (kind);
CREATE INDEX records_by_about ON records (about) WHERE about IS NOT NULL;

CREATE TABLE nodes_4 (
    level INTEGER NOT NULL CHECK (level >= 4),
    idx   INTEGER NOT NULL,
    hash  BLOB NOT NULL,
    PRIMARY KEY (level, idx)
) STRICT, WITHOUT ROWID;
INSERT INTO nodes_4 SELECT level, idx, hash FROM nodes WHERE level >= 4 ORDER BY level, idx;
DROP TABLE nodes;
ALTER TABLE nodes_4 RENAME TO nodes;

-- The blind index: where in its block each mark stands, two bytes a place.
ALTER TABLE terms RENAME TO terms_3;
CREATE TABLE terms (
    block  INTEGER NOT NULL,
    term   INTEGER NOT NULL,
    places BLOB NOT NULL,
    PRIMARY KEY (block, term)
) STRICT, WITHOUT ROWID;
-- Marks of the blocks that are not full yet, a row a commit, named after its first record.
CREATE TABLE open_terms (
    idx   INTEGER PRIMARY KEY,
    marks BLOB NOT NULL
) STRICT;
",
];

/// Whether contents in it are not encrypted, or none can be because it is of an earlier version.
pub(super) fn is_plain(connection: &Connection, version: i64) -> rusqlite::Result<bool> {
    let sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'plain_contents'";
    let left: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(version < 3 || left > 0)
}

/// Refuses what is not a log, or one that a later program wrote. Gives the version; 0: a new file.
pub(super) fn check(path: &Path, connection: &Connection) -> Result<i64, OpenError> {
    let pragma = |name: &str| {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
            .map_err(OpenError::sqlite(path))
    };
    let (application, version) = (pragma("application_id")?, pragma("user_version")?);
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(OpenError::sqlite(path))?;
    match (application, version, tables) {
        (0, 0, 0) => Ok(0),
        (APPLICATION_ID, found, _) if found > SCHEMA_VERSION => Err(OpenError::NewerSchema {
            path: path.to_owned(),
            found,
        }),
        (APPLICATION_ID, found, _) if found > 0 => Ok(found),
        _ => Err(OpenError::NotALog(path.to_owned())),
    }
}

/// Brings the database to this program's version, in one transaction.
pub(super) fn upgrade(path: &Path, connection: &mut Connection) -> Result<(), OpenError> {
    let version = check(path, connection)?;
    let done = usize::try_from(version).unwrap_or(0);
    let steps = STEPS.get(done..).unwrap_or_default();
    if steps.is_empty() {
        return Ok(());
    }
    let run = |connection: &mut Connection| -> Result<(), StoreError> {
        // Tables that others refer to are replaced: what refers to what is checked afterwards.
        connection.pragma_update(None, "foreign_keys", false)?;
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for step in steps {
            tx.execute_batch(step)?;
        }
        fill_keys(&tx)?;
        pack_terms(&tx)?;
        let sql = "SELECT count(*) FROM (SELECT 1 FROM plain_contents LIMIT 1)";
        if exists(&tx, "plain_contents")? && tx.query_row(sql, [], |row| row.get::<_, i64>(0))? == 0
        {
            tx.execute_batch("DROP TABLE plain_contents")?;
        }
        let orphans = "SELECT count(*) FROM pragma_foreign_key_check";
        if tx.query_row(orphans, [], |row| row.get::<_, i64>(0))? > 0 {
            let text = "rows refer to records that are not there; see `concord log fsck` of the earlier program";
            return Err(StoreError::Damaged(text.to_owned()));
        }
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
        tx.pragma_update(None, "user_version", SCHEMA_VERSION)?;
        tx.commit()?;
        Ok(connection.pragma_update(None, "foreign_keys", true)?)
    };
    run(connection).map_err(|error| OpenError::Open {
        path: path.to_owned(),
        problem: error.to_string(),
    })
}

fn exists(tx: &Transaction<'_>, table: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1";
    tx.prepare(sql)?.exists([table])
}

/// Version 3 had an index of callers and request ids as they are.
fn fill_keys(tx: &Transaction<'_>) -> Result<(), StoreError> {
    let mut all = tx.prepare("SELECT caller, request_id, idx FROM records")?;
    let key = |row: &Row<'_>| -> rusqlite::Result<([u8; 16], i64)> {
        let (caller, request_id): (String, String) = (row.get(0)?, row.get(1)?);
        Ok((rows::key(&caller, &request_id), row.get(2)?))
    };
    let mut keys = all.query_map([], key)?.collect::<Result<Vec<_>, _>>()?;
    keys.sort_unstable(); // in the order of the index, so that each of its pages is written once
    let mut insert = tx.prepare(write::INSERT_KEY)?;
    for (key, index) in keys {
        insert.execute((key.as_slice(), index))?;
    }
    Ok(())
}

/// Version 3 had a row for each mark of each record.
fn pack_terms(tx: &Transaction<'_>) -> Result<(), StoreError> {
    let mut all = tx.prepare("SELECT term, idx FROM terms_3 ORDER BY block, idx, term")?;
    let mut given = all.query([])?;
    let mut of_block: Vec<(i64, i64)> = Vec::new();
    while let Some(row) = given.next()? {
        let (term, index): (i64, i64) = (row.get(0)?, row.get(1)?);
        if of_block
            .first()
            .is_some_and(|(first, _)| first / BLOCK != index / BLOCK)
        {
            marks::write(tx, &of_block)?;
            of_block.clear();
        }
        of_block.push((index, term));
    }
    marks::write(tx, &of_block)?;
    drop(given);
    drop(all);
    let full = "SELECT count(*) FROM records";
    let records: i64 = tx.query_row(full, [], |row| row.get(0))?;
    // Records that are not encrypted yet get their marks when they are.
    let plain = match exists(tx, "plain_contents")? {
        true => tx.query_row("SELECT min(idx) FROM plain_contents", [], |row| row.get(0))?,
        false => None::<i64>,
    };
    marks::pack(tx, plain.unwrap_or(records).min(records))?;
    Ok(tx.execute_batch("DROP TABLE terms_3")?)
}
