//! SQLite: WAL, synchronous=FULL, one file beside its log files in the data directory.

mod copying;
mod marks;
mod plain;
mod read;
mod rows;
mod schema;
mod search;
mod write;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

pub use read::SqliteReads;
pub use schema::SCHEMA_VERSION;
pub use write::SqliteStore;

/// Name of the database in the data directory.
pub const FILE_NAME: &str = "audit.sqlite3";

/// Records of one block of the index: marks are packed once a block is full, and a search looks into one block
/// after the other.
const BLOCK: i64 = 1024;

/// Height of the smallest subtrees whose hashes are stored, those of sixteen leaves: a smaller one follows from
/// the leaves, which are read faster than two rows are written for every record.
const LOWEST_NODE: u8 = 4;

/// The database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// SQLite or the operating system refused.
    #[error("the log `{path}` cannot be opened: {problem}")]
    Open {
        /// The database.
        path: PathBuf,
        /// The reason.
        problem: String,
    },
    /// There is no log to read.
    #[error("there is no audit log in `{0}`")]
    Absent(PathBuf),
    /// A later program wrote it.
    #[error(
        "the log `{path}` has schema version {found}; this program knows versions up to {SCHEMA_VERSION}: use the newer program"
    )]
    NewerSchema {
        /// The database.
        path: PathBuf,
        /// Its version.
        found: i64,
    },
    /// An earlier program wrote it, and bodies in it are not encrypted.
    #[error(
        "records in the log `{0}` are not encrypted yet: start its service once, or run `concord log rewrap`, which encrypts them"
    )]
    Plain(PathBuf),
    /// An earlier program wrote it, in tables that this one only brings up to date.
    #[error(
        "the log `{path}` has schema version {found}: start its service once, or run `concord log rewrap`, which bring it to version {SCHEMA_VERSION}"
    )]
    EarlierSchema {
        /// The database.
        path: PathBuf,
        /// Its version.
        found: i64,
    },
    /// Another kind of database.
    #[error("`{0}` is not an audit log: it is a database of something else")]
    NotALog(PathBuf),
}

impl OpenError {
    fn sqlite(path: &Path) -> impl Fn(rusqlite::Error) -> Self + use<> {
        let path = path.to_owned();
        move |error| Self::Open {
            path: path.clone(),
            problem: error.to_string(),
        }
    }
}

/// What every connection needs, whoever opens it.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)
}

/// A connection that cannot write.
fn read_only(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    prepare(&connection)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}
