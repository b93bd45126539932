//! Rich errors (google.rpc.Status) and the statuses that tonic gets wrong.

use concord_proto::types as wire;
use http::{HeaderMap, HeaderValue};
use std::{borrow::Cow, collections::BTreeMap, error::Error, time::Duration};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

/// The `domain` of every ErrorInfo that leaves our servers.
pub const DOMAIN: &str = "concord";

/// The reasons (`ErrorInfo.reason`) that the kit itself gives; services have their own besides.
pub mod reason {
    /// Fields are not valid; the violations name each (INVALID_ARGUMENT).
    pub const INVALID_REQUEST: &str = "INVALID_REQUEST";
    /// The call's deadline passed, or too little of it was left to begin (DEADLINE_EXCEEDED).
    pub const DEADLINE: &str = "DEADLINE";
    /// Too many calls in flight; RetryInfo says when to come back (RESOURCE_EXHAUSTED).
    pub const OVERLOADED: &str = "OVERLOADED";
    /// A message is larger than the limit (RESOURCE_EXHAUSTED).
    pub const MESSAGE_TOO_LARGE: &str = "MESSAGE_TOO_LARGE";
    /// The caller showed no identity (UNAUTHENTICATED).
    pub const NO_IDENTITY: &str = "NO_IDENTITY";
    /// The caller's identity is not on the method's list (PERMISSION_DENIED).
    pub const CALLER_NOT_ALLOWED: &str = "CALLER_NOT_ALLOWED";
    /// A defect or a failed part on our side; the log has it in full (INTERNAL).
    pub const INTERNAL: &str = "INTERNAL";
    /// The other service could not be reached or the connection broke (UNAVAILABLE).
    pub const PEER_UNREACHABLE: &str = "PEER_UNREACHABLE";
}

/// One error on its way out: code, documented reason, message, metadata, field violations.
///
/// The message is for people: lower case, no full stop, input in backticks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    code: Code,
    reason: Cow<'static, str>,
    message: String,
    metadata: BTreeMap<String, String>,
    violations: Vec<(String, String)>,
    retry_after: Option<Duration>,
}

impl Problem {
    /// A problem with that gRPC code and reason (`UPPER_SNAKE_CASE`).
    pub fn new(
        code: Code,
        reason: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code,
            reason: reason.into(),
            message: message.into(),
            metadata: BTreeMap::new(),
            violations: Vec::new(),
            retry_after: None,
        }
    }

    /// INVALID_ARGUMENT; add [`Self::violation`]s.
    pub fn invalid(reason: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(Code::InvalidArgument, reason, message)
    }

    /// INTERNAL: the error is logged in full here and leaves without any text of ours.
    pub fn internal(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "internal error");
        Self::new(Code::Internal, reason::INTERNAL, "internal error")
    }

    /// Adds a metadata entry; never a name or another personal datum.
    pub fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }

    /// Adds a BadRequest violation: field path such as `lines[0].item.parameters`, and what
    /// would be right.
    pub fn violation(mut self, field: impl Into<String>, description: impl Into<String>) -> Self {
        self.violations.push((field.into(), description.into()));
        self
    }

    /// Adds RetryInfo.
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }

    /// The gRPC code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The documented reason.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The text for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The metadata of ErrorInfo.
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    /// Field path and description of each BadRequest violation.
    pub fn violations(&self) -> &[(String, String)] {
        &self.violations
    }

    /// The delay of RetryInfo.
    pub fn retry_delay(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Reads a received status back; a status without ErrorInfo gets the name of its code as
    /// reason (`UNAVAILABLE`).
    pub fn from_status(status: &Status) -> Self {
        let details = status.get_error_details();
        let mut problem = Self::new(status.code(), code_name(status.code()), status.message());
        if let Some(info) = details.error_info() {
            problem.reason = info.reason.clone().into();
            problem.metadata = info.metadata.clone().into_iter().collect();
        }
        if let Some(bad) = details.bad_request() {
            let pairs = bad.field_violations.iter();
            problem.violations = pairs
                .map(|v| (v.field.clone(), v.description.clone()))
                .collect();
        }
        problem.retry_after = details.retry_info().and_then(|r| r.retry_delay);
        problem
    }
}

impl From<&Problem> for wire::Problem {
    /// The problem of one element of a batch, which the other elements outlive.
    fn from(problem: &Problem) -> Self {
        let violations =
            problem
                .violations
                .iter()
                .map(|(field, description)| wire::FieldViolation {
                    field: field.clone(),
                    description: description.clone(),
                });
        Self {
            code: i32::from(problem.code).unsigned_abs(),
            reason: problem.reason.clone().into_owned(),
            message: problem.message.clone(),
            violations: violations.collect(),
        }
    }
}

impl From<Problem> for Status {
    fn from(problem: Problem) -> Self {
        let mut details = ErrorDetails::new();
        let metadata: std::collections::HashMap<_, _> = problem.metadata.into_iter().collect();
        details.set_error_info(problem.reason.into_owned(), DOMAIN, metadata);
        if !problem.violations.is_empty() {
            let violations: Vec<_> = problem
                .violations
                .into_iter()
                .map(|(f, d)| FieldViolation::new(f, d))
                .collect();
            details.set_bad_request(violations);
        }
        if let Some(delay) = problem.retry_after {
            details.set_retry_info(Some(delay));
        }
        Self::with_error_details(problem.code, problem.message, details)
    }
}

/// The code's name on the wire of telemetry: `OK`, `DEADLINE_EXCEEDED`, …
pub fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

pub(crate) fn deadline_exceeded(message: &str) -> Status {
    Problem::new(Code::DeadlineExceeded, reason::DEADLINE, message).into()
}

/// The status in response headers or trailers, if there is one.
pub(crate) fn read_code(headers: &HeaderMap) -> Option<Code> {
    headers
        .get(Status::GRPC_STATUS)
        .map(|v| Code::from_bytes(v.as_bytes()))
}

/// Replaces the statuses that tonic itself produces wrongly, in headers or trailers, and returns
/// the status that leaves. A service's own OUT_OF_RANGE and CANCELLED are left alone.
pub(crate) fn correct(headers: &mut HeaderMap) -> Option<Code> {
    let code = read_code(headers)?;
    if !matches!(code, Code::OutOfRange | Code::Cancelled) {
        return Some(code);
    }
    let Some(status) = Status::from_header_map(headers) else {
        return Some(code);
    };
    let Some(better) = corrected(&status) else {
        return Some(code);
    };
    for name in [
        Status::GRPC_STATUS,
        Status::GRPC_MESSAGE,
        Status::GRPC_STATUS_DETAILS,
    ] {
        headers.remove(name);
    }
    if better.add_header(headers).is_err() {
        // Only a message that is no header value can fail, and ours are ASCII.
        headers.insert(Status::GRPC_STATUS, HeaderValue::from_static("13"));
    }
    Some(better.code())
}

/// The right status in place of one that tonic itself made, if it is such a one.
fn corrected(status: &Status) -> Option<Status> {
    match status.code() {
        Code::OutOfRange if status.message().contains("coded message length too large") => Some(
            Problem::new(
                Code::ResourceExhausted,
                reason::MESSAGE_TOO_LARGE,
                "the message is larger than this service accepts",
            )
            .into(),
        ),
        Code::Cancelled if status.message() == "Timeout expired" => {
            Some(deadline_exceeded("the deadline passed"))
        }
        _ => None,
    }
}

/// The status of a call that failed locally, before or while the peer answered.
pub(crate) fn from_transport(error: Box<dyn Error + Send + Sync>) -> Status {
    if find::<tonic::TimeoutExpired>(&*error).is_some() {
        return deadline_exceeded("the deadline passed while waiting for the reply");
    }
    let error = match error.downcast::<Status>() {
        Ok(status) => return *status,
        Err(error) => error,
    };
    // The text names addresses and library types: for our log, not for our caller.
    tracing::warn!(error = %chain(&*error), "call to another service failed");
    Problem::new(
        Code::Unavailable,
        reason::PEER_UNREACHABLE,
        "the service could not be reached",
    )
    .into()
}

/// The status of a call whose connection broke while the answer was being read.
pub(crate) fn from_broken_stream(status: Status) -> Status {
    use std::error::Error as _;
    let local = status.source().is_some_and(|source| {
        find::<hyper::Error>(source).is_some() || find::<h2::Error>(source).is_some()
    });
    if !local {
        return corrected(&status).unwrap_or(status);
    }
    tracing::warn!(error = %chain(&status), "connection to another service broke");
    Problem::new(
        Code::Unavailable,
        reason::PEER_UNREACHABLE,
        "the connection broke",
    )
    .into()
}

/// The first error of that type in the chain of sources.
pub(crate) fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// An error with its sources, on one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        let part = error.to_string();
        if !text.ends_with(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        next = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_survives_the_wire() {
        let problem = Problem::invalid("BAD_UNIT", "unit `furlong` is not a length we know")
            .with("parameter", "range")
            .violation("lines[0].item", "use `km`")
            .retry_after(Duration::from_millis(250));
        let mut headers = HeaderMap::new();
        Status::from(problem.clone())
            .add_header(&mut headers)
            .unwrap();
        let received = Status::from_header_map(&headers).unwrap();
        assert_eq!(Problem::from_status(&received), problem);
    }

    #[test]
    fn only_the_statuses_that_tonic_made_are_corrected() {
        let fix = |status: Status| {
            let mut headers = HeaderMap::new();
            status.add_header(&mut headers).unwrap();
            correct(&mut headers);
            Problem::from_status(&Status::from_header_map(&headers).unwrap())
        };
        let text = "Error, decoded message length too large: found 9 bytes, the limit is: 1 bytes";
        let fixed = fix(Status::out_of_range(text));
        assert_eq!(fixed.code(), Code::ResourceExhausted);
        assert_eq!(fixed.reason(), reason::MESSAGE_TOO_LARGE);
        assert_eq!(
            fix(Status::cancelled("Timeout expired")).code(),
            Code::DeadlineExceeded
        );
        assert_eq!(
            fix(Status::out_of_range("page 9 of 3")).code(),
            Code::OutOfRange
        );
        assert_eq!(
            fix(Status::cancelled("by the caller")).code(),
            Code::Cancelled
        );
    }
}
