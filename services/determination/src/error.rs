//! Everything this service refuses: one closed set, one table to codes and reasons, one exit.

use concord_kit::status::Problem;
use tonic::{Code, Status};

/// The reasons of this service (`ErrorInfo.reason`); docs/api.md explains each.
pub mod reason {
    pub use concord_kit::status::reason::INVALID_REQUEST;
    /// The request id is missing or has characters that are not allowed (INVALID_ARGUMENT).
    pub const INVALID_REQUEST_ID: &str = "INVALID_REQUEST_ID";
    /// The same caller used the request id for another request (INVALID_ARGUMENT).
    pub const REQUEST_ID_REUSED: &str = "REQUEST_ID_REUSED";
    /// There is no such determination (NOT_FOUND).
    pub const DETERMINATION_NOT_FOUND: &str = "DETERMINATION_NOT_FOUND";
    /// A service of this deployment did not answer; nothing was recorded (UNAVAILABLE).
    pub const SERVICE_UNAVAILABLE: &str = "SERVICE_UNAVAILABLE";
    /// The record could not be stored for certain; ask again with the same request id (UNAVAILABLE).
    pub const NOT_RECORDED: &str = "NOT_RECORDED";
    /// The answer is larger than a record may be; nothing was recorded (RESOURCE_EXHAUSTED).
    pub const ANSWER_TOO_LARGE: &str = "ANSWER_TOO_LARGE";
    /// This deployment has no such counterpart (INVALID_ARGUMENT).
    pub const UNKNOWN_COUNTERPART: &str = "UNKNOWN_COUNTERPART";
    /// The caller's agency is not a counterpart of this deployment (PERMISSION_DENIED).
    pub const NOT_A_COUNTERPART: &str = "NOT_A_COUNTERPART";
    /// The stored record cannot be read (DATA_LOSS).
    pub const RECORD_DAMAGED: &str = "RECORD_DAMAGED";
    /// Not built yet; the contract keeps its place (UNIMPLEMENTED).
    pub const NOT_BUILT_YET: &str = "NOT_BUILT_YET";
}

/// A refusal of this service with its code and reason.
pub fn refuse(code: Code, reason: &'static str, message: impl Into<String>) -> Status {
    Problem::new(code, reason, message).into()
}

/// What a call to one of our own services came back with, as our caller may see it: refusals of the request pass with
/// their reason and fields, everything else is UNAVAILABLE with the service's name. Nothing internal goes out.
pub fn from_service(service: &'static str, status: &Status) -> Status {
    let problem = Problem::from_status(status);
    match status.code() {
        Code::InvalidArgument
        | Code::FailedPrecondition
        | Code::NotFound
        | Code::DeadlineExceeded => problem.into(),
        Code::ResourceExhausted => problem.into(),
        code => {
            tracing::error!(
                service,
                ?code,
                reason = problem.reason(),
                message = problem.message(),
                "service failed"
            );
            Problem::new(
                Code::Unavailable,
                reason::SERVICE_UNAVAILABLE,
                format!("the {service} service did not answer; nothing was decided or recorded"),
            )
            .with("service", service)
            .into()
        }
    }
}
