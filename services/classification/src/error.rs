//! Everything this service refuses, with code and reason.

use concord_kit::status::Problem;
use tonic::{Code, Status};

/// The reasons of this service (`ErrorInfo.reason`); docs/api.md explains each.
pub mod reason {
    pub use concord_kit::status::reason::INVALID_REQUEST;
    /// No list of that jurisdiction is loaded (NOT_FOUND).
    pub const UNKNOWN_JURISDICTION: &str = "UNKNOWN_JURISDICTION";
    /// The pinned edition is not the one this replica has loaded (FAILED_PRECONDITION).
    pub const EDITION_NOT_LOADED: &str = "EDITION_NOT_LOADED";
    /// The list has no such entry at that date (NOT_FOUND).
    pub const ENTRY_NOT_FOUND: &str = "ENTRY_NOT_FOUND";
    /// The page token is not of this query, or not ours (INVALID_ARGUMENT).
    pub const INVALID_PAGE_TOKEN: &str = "INVALID_PAGE_TOKEN";
    /// Not built yet; the contract keeps its place (UNIMPLEMENTED).
    pub const NOT_BUILT_YET: &str = "NOT_BUILT_YET";
}

/// A refusal.
pub fn refuse(code: Code, reason: &'static str, message: impl Into<String>) -> Status {
    Problem::new(code, reason, message).into()
}
