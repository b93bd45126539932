//! Everything this service refuses, with code and reason.

use concord_kit::status::Problem;
use concord_proto::types as wire;
use tonic::{Code, Status};

/// The reasons of this service (`ErrorInfo.reason`); docs/api.md explains each.
pub mod reason {
    /// Several fields are wrong for several reasons (INVALID_ARGUMENT).
    pub const INVALID_REQUEST: &str = "INVALID_REQUEST";
    /// No list of that jurisdiction is loaded (NOT_FOUND).
    pub const UNKNOWN_JURISDICTION: &str = "UNKNOWN_JURISDICTION";
    /// The pinned edition is not the one this replica has loaded (FAILED_PRECONDITION).
    pub const EDITION_NOT_LOADED: &str = "EDITION_NOT_LOADED";
    /// The list has no such entry at that date (NOT_FOUND).
    pub const ENTRY_NOT_FOUND: &str = "ENTRY_NOT_FOUND";
    /// Not built yet; the contract keeps its place (UNIMPLEMENTED).
    pub const NOT_BUILT_YET: &str = "NOT_BUILT_YET";
}

/// A refusal.
pub fn refuse(code: Code, reason: &'static str, message: impl Into<String>) -> Status {
    Problem::new(code, reason, message).into()
}

/// INVALID_ARGUMENT with every violation (reason, field, description), under their common reason or `INVALID_REQUEST`.
pub fn invalid(violations: Vec<(String, String, String)>) -> Result<(), Status> {
    let Some(first) = violations.first() else {
        return Ok(());
    };
    let one = violations.iter().all(|v| v.0 == first.0);
    let reason = if one {
        first.0.clone()
    } else {
        reason::INVALID_REQUEST.to_owned()
    };
    let message = match violations.as_slice() {
        [(_, field, description)] => format!("{field}: {description}"),
        all => format!("{} fields are not valid", all.len()),
    };
    let mut problem = Problem::invalid(reason, message);
    for (_, field, description) in violations {
        problem = problem.violation(field, description);
    }
    Err(problem.into())
}

/// A status as the problem of one batch element.
pub fn batch_problem(status: &Status) -> wire::Problem {
    let problem = Problem::from_status(status);
    wire::Problem {
        code: i32::from(problem.code()).unsigned_abs(),
        reason: problem.reason().to_owned(),
        message: problem.message().to_owned(),
        violations: problem
            .violations()
            .iter()
            .map(|(field, description)| wire::FieldViolation {
                field: field.clone(),
                description: description.clone(),
            })
            .collect(),
    }
}
