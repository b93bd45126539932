//! Why a command failed, on one line for a person or as one JSON document for a script.

use concord_kit::status::{Problem, code_name};
use serde_json::json;

/// Exit codes (stable: scripts depend on them).
pub mod exit {
    /// Invalid content, or a check that failed.
    pub const INVALID: u8 = 1;
    /// A service could not be reached.
    pub const UNREACHABLE: u8 = 2;
    /// Bad usage or configuration.
    pub const USAGE: u8 = 64;
}

/// A command's failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The process's exit code.
    pub exit: u8,
    /// Name of the gRPC code that fits, for example `INVALID_ARGUMENT`.
    pub code: String,
    /// A documented reason (docs/api.md), for example `UNKNOWN_PARAMETER`.
    pub reason: String,
    /// What is wrong and what would be right.
    pub message: String,
    /// Field path (or file:line:column) with what is wrong there.
    pub violations: Vec<(String, String)>,
}

impl Failure {
    /// Invalid content: exit 1.
    pub fn invalid(reason: &str, message: impl Into<String>) -> Self {
        Self {
            exit: exit::INVALID,
            code: "INVALID_ARGUMENT".into(),
            reason: reason.into(),
            message: message.into(),
            violations: Vec::new(),
        }
    }

    /// Bad usage or configuration: exit 64.
    pub fn usage(reason: &str, message: impl Into<String>) -> Self {
        Self {
            exit: exit::USAGE,
            ..Self::invalid(reason, message)
        }
    }

    /// A defect or a broken machine: exit 1, with the whole chain of causes, since the reader runs the program himself.
    pub fn local(error: &anyhow::Error) -> Self {
        Self {
            code: "INTERNAL".into(),
            ..Self::invalid("LOCAL_FAILURE", format!("{error:#}"))
        }
    }

    /// Adds a place and what is wrong there.
    pub fn at(mut self, field: impl Into<String>, description: impl Into<String>) -> Self {
        self.violations.push((field.into(), description.into()));
        self
    }

    /// What a service answered: unreachable services exit 2, everything else 1.
    pub fn from_status(status: &tonic::Status) -> Self {
        let problem = Problem::from_status(status);
        let unreachable = matches!(
            problem.code(),
            tonic::Code::Unavailable | tonic::Code::DeadlineExceeded
        );
        Self {
            exit: if unreachable {
                exit::UNREACHABLE
            } else {
                exit::INVALID
            },
            code: code_name(problem.code()).into(),
            reason: problem.reason().into(),
            message: problem.message().into(),
            violations: problem.violations().to_vec(),
        }
    }

    /// The failure for a person, one line and one more per violation.
    pub fn to_text(&self) -> String {
        let mut out = format!("concord: {} ({})", self.message, self.reason);
        for (field, description) in &self.violations {
            out.push_str(&format!("\n  {field}: {description}"));
        }
        out
    }

    /// The failure for a script.
    pub fn to_json(&self) -> String {
        let violations: Vec<_> = self
            .violations
            .iter()
            .map(|(field, description)| json!({"field": field, "description": description}))
            .collect();
        json!({"error": {
            "code": self.code, "reason": self.reason, "message": self.message, "violations": violations,
        }})
        .to_string()
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::local(&error)
    }
}
