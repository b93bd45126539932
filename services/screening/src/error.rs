//! Everything this service refuses, with code and reason. No message repeats a name.

use concord_kit::status::Problem;
use tonic::{Code, Status};

/// The reasons of this service (`ErrorInfo.reason`); docs/api.md explains each.
pub mod reason {
    /// Not built yet; the contract keeps its place (UNIMPLEMENTED).
    pub const NOT_BUILT_YET: &str = "NOT_BUILT_YET";
}

/// A refusal.
pub fn refuse(code: Code, reason: &'static str, message: impl Into<String>) -> Status {
    Problem::new(code, reason, message).into()
}
