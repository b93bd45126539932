//! Everything this service refuses, with code and reason. No message repeats a name.

use concord_kit::status::Problem;
use tonic::{Code, Status};

/// The reasons of this service (`ErrorInfo.reason`); docs/screening.md explains each.
pub mod reason {
    pub use concord_kit::status::reason::INVALID_REQUEST;
    /// There is no such matching profile (INVALID_ARGUMENT).
    pub const UNKNOWN_PROFILE: &str = "UNKNOWN_PROFILE";
    /// The pinned snapshot is not the one this replica has loaded (FAILED_PRECONDITION).
    pub const SNAPSHOT_NOT_LOADED: &str = "SNAPSHOT_NOT_LOADED";
    /// The snapshot has no such party (NOT_FOUND).
    pub const PARTY_NOT_FOUND: &str = "PARTY_NOT_FOUND";
}

/// A refusal.
pub fn refuse(code: Code, reason: &'static str, message: impl Into<String>) -> Status {
    Problem::new(code, reason, message).into()
}
