//! Why a log is not served.

use std::path::PathBuf;

use crate::key::KeyFileError;
use crate::lock::LockError;
use crate::store::postgres::PostgresError;
use crate::store::sqlite::OpenError;
use crate::store::{GroupError, StoreError};
use crate::vault::{BeginError, VaultError};

/// A log that cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The database.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database of a cluster.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// The signing key.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// The keys that records are encrypted under.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Reading or writing.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The origin or the key's name cannot be used.
    #[error("`log_origin`: {0}")]
    Origin(String),
    /// The settings belong to another log.
    #[error("the store holds the log `{found}`, not `{expected}` as `log_origin` says")]
    OtherLog {
        /// Origin in the settings.
        expected: String,
        /// Origin of the stored log.
        found: String,
    },
    /// The key is not the log's.
    #[error("the log is signed with the key `{found}`, the key file has `{expected}`")]
    OtherKey {
        /// Key in the key file.
        expected: String,
        /// Key of the stored log.
        found: String,
    },
    /// What is stored is not what was signed.
    #[error(
        "the stored log is not the one that was signed: {0}; nothing is served or signed, see `concord log fsck`"
    )]
    NotAsSigned(String),
    /// The log has signed more than is stored.
    #[error(
        "the log has signed what is not stored, as if it came out of an old backup: {why}; nothing is served or signed, the evidence is in `{evidence}`"
    )]
    RolledBack {
        /// What was seen and what is stored.
        why: String,
        /// The portable evidence.
        evidence: PathBuf,
    },
    /// A restored log is served only after a witness has said how far it was.
    #[error(
        "the log comes out of a backup, and no witness could be asked how far it had come: {0}; nothing is served or signed until one answers, or its file is taken with `concord log accept`"
    )]
    RestoredUnseen(String),
    /// The data was replaced under a running replica.
    #[error(
        "the database is another copy of the data than the one that was started from: nothing is signed until a restart, at which witnesses are asked"
    )]
    OtherCopy,
    /// A replica found that the log must not go on.
    #[error(
        "the log was halted: {0}; nothing is signed until a start at which every witness agrees with what is stored"
    )]
    Halted(String),
}

impl From<GroupError> for StartError {
    fn from(error: GroupError) -> Self {
        Self::Store(error.into())
    }
}

impl From<BeginError> for StartError {
    fn from(error: BeginError) -> Self {
        match error {
            BeginError::Vault(error) => Self::Vault(error),
            BeginError::Store(error) => Self::Store(error),
        }
    }
}
