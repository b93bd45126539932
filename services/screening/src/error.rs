//! Everything this service refuses, with code and reason. No message repeats a name.

use concord_kit::status::Problem;
use concord_proto::types as wire;
use tonic::{Code, Status};

/// The reasons of this service (`ErrorInfo.reason`); docs/screening.md explains each.
pub mod reason {
    /// A field is not valid; the violations say which (INVALID_ARGUMENT).
    pub const INVALID_REQUEST: &str = "INVALID_REQUEST";
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

/// Fields that are not valid, with their reason.
#[derive(Debug, Default)]
pub struct Violations(Vec<(&'static str, String, String)>);

impl Violations {
    /// A field that is not valid.
    pub fn add(&mut self, field: impl Into<String>, description: impl Into<String>) {
        self.0
            .push((reason::INVALID_REQUEST, field.into(), description.into()));
    }

    /// A field that is not valid for a reason of its own.
    pub fn because(&mut self, reason: &'static str, field: &str, description: impl Into<String>) {
        self.0.push((reason, field.to_owned(), description.into()));
    }

    /// INVALID_ARGUMENT with all of them, if there are any.
    pub fn check(self) -> Result<(), Status> {
        let Some((first, ..)) = self.0.first() else {
            return Ok(());
        };
        let one = self.0.iter().all(|(reason, ..)| reason == first);
        let reason = if one { first } else { reason::INVALID_REQUEST };
        let message = match self.0.as_slice() {
            [(_, field, description)] => format!("{field}: {description}"),
            all => format!("{} fields are not valid", all.len()),
        };
        let mut problem = Problem::invalid(reason, message);
        for (_, field, description) in self.0 {
            problem = problem.violation(field, description);
        }
        Err(problem.into())
    }
}

/// A status as the problem of one batch element.
pub fn batch_problem(status: &Status) -> wire::Problem {
    let problem = Problem::from_status(status);
    let violations = problem
        .violations()
        .iter()
        .map(|(field, description)| wire::FieldViolation {
            field: field.clone(),
            description: description.clone(),
        });
    wire::Problem {
        code: i32::from(problem.code()).unsigned_abs(),
        reason: problem.reason().to_owned(),
        message: problem.message().to_owned(),
        violations: violations.collect(),
    }
}
