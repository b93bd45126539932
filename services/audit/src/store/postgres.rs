//! PostgreSQL: the store of a cluster. Any number of replicas write the intake table; one of them,
//! the sequencer, gives the records their places and signs (`docs/log-format.md`, Two stores).

mod connect;
mod group;
mod intake;
mod lead;
mod pending;
mod read;
mod rows;
mod schema;
mod search;
mod settings;
mod write;

pub use connect::Server;
pub use intake::{Inserted, Intake, New, Placed};
pub use lead::Leading;
pub use read::PostgresReads;
pub use schema::{SCHEMA_VERSION, migrate};
pub use settings::{PostgresConfig, PostgresSettings};
pub use write::PostgresStore;

use super::StoreError;

/// The database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// A setting or a file that it names.
    #[error("`postgres.{key}`: {problem}")]
    Setting {
        /// The key.
        key: &'static str,
        /// What is wrong with it, and what would be right.
        problem: String,
    },
    /// It does not answer, or refuses.
    #[error("the database `{place}` cannot be used: {problem}")]
    Connect {
        /// Server and database.
        place: String,
        /// The reason.
        problem: String,
    },
    /// It would lose what it has acknowledged.
    #[error(
        "the database `{place}` would lose what it acknowledged: `{setting}` is `{value}`, it must be `on`"
    )]
    NotDurable {
        /// Server and database.
        place: String,
        /// The server's setting.
        setting: String,
        /// Its value.
        value: String,
    },
    /// There are no tables of ours.
    #[error("the database `{0}` holds no audit log: make its tables with `concord log migrate`")]
    Absent(String),
    /// A later program made the tables.
    #[error(
        "the log in `{place}` has schema version {found}; this program knows versions up to {SCHEMA_VERSION}: use the newer program"
    )]
    NewerSchema {
        /// Server and database.
        place: String,
        /// Its version.
        found: i32,
    },
    /// An earlier program made the tables.
    #[error(
        "the log in `{place}` has schema version {found}, this program needs {SCHEMA_VERSION}: bring it there with `concord log migrate`"
    )]
    OlderSchema {
        /// Server and database.
        place: String,
        /// Its version.
        found: i32,
    },
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Backend(Box::new(Said(error)))
    }
}

impl From<deadpool_postgres::PoolError> for StoreError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        match error {
            deadpool_postgres::PoolError::Backend(error) => error.into(),
            other => Self::Backend(Box::new(other)),
        }
    }
}

/// An error of the driver with what the server said; its detail, which may hold values, is left out.
#[derive(Debug)]
struct Said(tokio_postgres::Error);

impl std::error::Error for Said {}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.as_db_error() {
            Some(said) => write!(f, "{} ({})", said.message(), said.code().code()),
            None => {
                write!(f, "{}", self.0)?;
                let source = std::error::Error::source(&self.0);
                source.map_or(Ok(()), |source| write!(f, ": {source}"))
            }
        }
    }
}
