//! Everything this service refuses, with code and reason.

use concord_kit::status::Problem;
use tonic::{Code, Status};

use crate::search::SearchError;
use crate::store::StoreError;
use crate::vault::VaultError;
use crate::writer::WriteError;

/// The reasons of this service (`ErrorInfo.reason`); docs/api.md explains each.
pub mod reason {
    pub use concord_kit::status::reason::INVALID_REQUEST;
    /// The same caller used the request id for another request (INVALID_ARGUMENT).
    pub const REQUEST_ID_REUSED: &str = "REQUEST_ID_REUSED";
    /// The page token is not of this query, or not ours (INVALID_ARGUMENT).
    pub const INVALID_PAGE_TOKEN: &str = "INVALID_PAGE_TOKEN";
    /// The checkpoint is malformed or not signed by the counterpart's log (INVALID_ARGUMENT).
    pub const INVALID_CHECKPOINT: &str = "INVALID_CHECKPOINT";
    /// The log has no such record (NOT_FOUND).
    pub const RECORD_NOT_FOUND: &str = "RECORD_NOT_FOUND";
    /// No log of that agency is configured (NOT_FOUND).
    pub const UNKNOWN_COUNTERPART: &str = "UNKNOWN_COUNTERPART";
    /// The index or size is beyond the latest checkpoint (OUT_OF_RANGE).
    pub const BEYOND_LOG: &str = "BEYOND_LOG";
    /// The receipt level asked for is not offered by this log (FAILED_PRECONDITION).
    pub const LEVEL_NOT_AVAILABLE: &str = "LEVEL_NOT_AVAILABLE";
    /// The counterpart's checkpoint does not extend the one remembered (FAILED_PRECONDITION).
    pub const INCONSISTENT_CHECKPOINT: &str = "INCONSISTENT_CHECKPOINT";
    /// The proof starts from another size than the one remembered, which the metadata
    /// `remembered_size` names (FAILED_PRECONDITION).
    pub const OTHER_SIZE_REMEMBERED: &str = "OTHER_SIZE_REMEMBERED";
    /// Nothing was written; the same call may be made again (UNAVAILABLE).
    pub const NOT_STORED: &str = "NOT_STORED";
    /// Nobody knows whether the record was written; the log has stopped (UNKNOWN).
    pub const COMMIT_UNKNOWN: &str = "COMMIT_UNKNOWN";
    /// The record is stored, and witnesses have not cosigned in time; the same call may be made
    /// again (UNAVAILABLE).
    pub const NOT_WITNESSED: &str = "NOT_WITNESSED";
    /// The stored record cannot be decrypted (DATA_LOSS).
    pub const RECORD_DAMAGED: &str = "RECORD_DAMAGED";
    /// The caller may read only the records made on its own behalf (PERMISSION_DENIED).
    pub const OWN_RECORDS_ONLY: &str = "OWN_RECORDS_ONLY";
    /// The record is stored, and the cluster's sequencer has not placed it in time; the same call may
    /// be made again (UNAVAILABLE).
    pub const NOT_SEQUENCED: &str = "NOT_SEQUENCED";
    /// The log takes no records until it is started again (UNAVAILABLE).
    pub const WRITES_STOPPED: &str = "WRITES_STOPPED";
}

/// A refusal.
pub(crate) fn refuse(code: Code, reason: &'static str, message: impl Into<String>) -> Status {
    Problem::new(code, reason, message).into()
}

/// One wrong field.
pub(crate) fn invalid(field: &str, description: impl Into<String>) -> Status {
    let description = description.into();
    let message = format!("{field}: {description}");
    Problem::invalid(reason::INVALID_REQUEST, message)
        .violation(field, description)
        .into()
}

/// A read that failed.
pub(crate) fn read_failed(error: StoreError) -> Status {
    Problem::internal(error).into()
}

/// A stored record that cannot be decrypted: nothing of it is shown, and the log needs `concord log fsck`.
pub(crate) fn unreadable(error: VaultError) -> Status {
    tracing::error!(%error, "a stored record cannot be read");
    let text = "the stored record cannot be read; the operator's log says why";
    refuse(Code::DataLoss, reason::RECORD_DAMAGED, text)
}

/// A search that failed.
pub(crate) fn search_failed(error: SearchError) -> Status {
    match error {
        SearchError::Store(error) => read_failed(error),
        SearchError::Record { index, problem } => {
            tracing::error!(index, "the record that a search came upon");
            unreadable(problem)
        }
    }
}

/// A write that was refused or failed.
pub(crate) fn write_failed(error: WriteError) -> Status {
    let message = error.to_string();
    match error {
        WriteError::KeyReused => {
            let field = "context.request_id";
            Problem::invalid(reason::REQUEST_ID_REUSED, &message)
                .violation(field, message)
                .into()
        }
        WriteError::AboutUnknown(_) => {
            let field = "about_record_id";
            let problem = Problem::new(Code::NotFound, reason::RECORD_NOT_FOUND, &message);
            problem.violation(field, message).into()
        }
        WriteError::RolledBack => refuse(Code::Unavailable, reason::NOT_STORED, message),
        WriteError::Unknown => refuse(Code::Unknown, reason::COMMIT_UNKNOWN, message),
        WriteError::NotSequenced => refuse(Code::Unavailable, reason::NOT_SEQUENCED, message),
        WriteError::Stopped => refuse(Code::Unavailable, reason::WRITES_STOPPED, message),
    }
}
