//! The tables, by version. A program refuses a database of a later version than its own; there is
//! no way back to an earlier one.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::OpenError;

/// The version that this program writes (`user_version`).
pub const SCHEMA_VERSION: i64 = 3;

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
    let run = |connection: &mut Connection| {
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for step in steps {
            tx.execute_batch(step)?;
        }
        let sql = "SELECT count(*) FROM (SELECT 1 FROM plain_contents LIMIT 1)";
        if tx.query_row(sql, [], |row| row.get::<_, i64>(0))? == 0 {
            tx.execute_batch("DROP TABLE plain_contents")?;
        }
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
        tx.pragma_update(None, "user_version", SCHEMA_VERSION)?;
        tx.commit()
    };
    run(connection).map_err(OpenError::sqlite(path))
}
