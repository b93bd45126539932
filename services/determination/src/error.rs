//! Everything this service refuses: one closed set, one table to codes and reasons, one exit.

use concord_kit::status::Problem;
use tonic::{Code, Status};

/// The reasons of this service (`ErrorInfo.reason`); docs/api.md explains each.
pub mod reason {
    /// Several fields are wrong for several reasons (INVALID_ARGUMENT).
    pub const INVALID_REQUEST: &str = "INVALID_REQUEST";
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
    /// This deployment has no such counterpart (INVALID_ARGUMENT).
    pub const UNKNOWN_COUNTERPART: &str = "UNKNOWN_COUNTERPART";
    /// The caller's agency is not a counterpart of this deployment (PERMISSION_DENIED).
    pub const NOT_A_COUNTERPART: &str = "NOT_A_COUNTERPART";
    /// The stored record cannot be read (DATA_LOSS).
    pub const RECORD_DAMAGED: &str = "RECORD_DAMAGED";
    /// Not built yet; the contract keeps its place (UNIMPLEMENTED).
    pub const NOT_BUILT_YET: &str = "NOT_BUILT_YET";
}

/// Collects what is wrong with a request, so that the caller sees everything at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Violation {
    reason: String,
    field: String,
    description: String,
}

impl Violations {
    /// Adds one: a documented reason, the field's path, what is wrong and what would be right.
    pub fn add(
        &mut self,
        reason: impl Into<String>,
        field: impl Into<String>,
        description: impl Into<String>,
    ) {
        self.0.push(Violation {
            reason: reason.into(),
            field: field.into(),
            description: description.into(),
        });
    }

    /// The fields named so far.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|v| v.field.as_str())
    }

    /// Ends the checks: INVALID_ARGUMENT with every violation, under their common reason or `INVALID_REQUEST`.
    pub fn finish(self) -> Result<(), Status> {
        let Some(first) = self.0.first() else {
            return Ok(());
        };
        let one = self.0.iter().all(|v| v.reason == first.reason);
        let reason = if one {
            first.reason.clone()
        } else {
            reason::INVALID_REQUEST.to_owned()
        };
        let message = match self.0.as_slice() {
            [only] => format!("{}: {}", only.field, only.description),
            all => format!("{} fields are not valid", all.len()),
        };
        let mut problem = Problem::invalid(reason, message);
        for v in self.0 {
            problem = problem.violation(v.field, v.description);
        }
        Err(problem.into())
    }
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
