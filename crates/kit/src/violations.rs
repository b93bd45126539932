//! What is wrong with a request, collected, so that a caller sees all of it at once.

use std::borrow::Cow;

use tonic::Status;

use crate::status::{Problem, reason};

/// The wrong fields of one request: reason, path, what would be right.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Violations(Vec<(Cow<'static, str>, String, String)>);

impl Violations {
    /// Adds one under a documented reason of its own. The same one twice is told once.
    pub fn add(
        &mut self,
        reason: impl Into<Cow<'static, str>>,
        field: impl Into<String>,
        description: impl Into<String>,
    ) {
        let violation = (reason.into(), field.into(), description.into());
        if !self.0.contains(&violation) {
            self.0.push(violation);
        }
    }

    /// Adds one under [`reason::INVALID_REQUEST`].
    pub fn field(&mut self, field: impl Into<String>, description: impl Into<String>) {
        self.add(reason::INVALID_REQUEST, field, description);
    }

    /// The paths named so far.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, field, _)| field.as_str())
    }

    /// Ends the checks.
    ///
    /// # Errors
    /// INVALID_ARGUMENT with every violation, under their common reason or `INVALID_REQUEST`.
    pub fn finish(self) -> Result<(), Status> {
        let Some((first, ..)) = self.0.first() else {
            return Ok(());
        };
        let one = self.0.iter().all(|(reason, ..)| reason == first);
        let reason = if one {
            first.clone()
        } else {
            reason::INVALID_REQUEST.into()
        };
        let message = match self.0.as_slice() {
            [(_, field, description)] => format!("{field}: {description}"),
            all => format!("{} fields are not valid", all.len()),
        };
        let problem = Problem::invalid(reason, message);
        let add = |problem: Problem, (_, field, text)| problem.violation(field, text);
        Err(self.0.into_iter().fold(problem, add).into())
    }
}

/// At most 64 characters of what a caller sent, for an error text.
pub fn shorten(text: &str) -> String {
    if text.chars().count() <= 64 {
        text.to_owned()
    } else {
        text.chars().take(63).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_reason_stays_and_several_become_invalid_request() {
        let mut one = Violations::default();
        assert!(one.clone().finish().is_ok());
        one.add("UNKNOWN_UNIT", "a.unit", "no");
        one.add("UNKNOWN_UNIT", "a.unit", "no");
        let mut several = one.clone();
        several.field("b", "too long");
        let read = |v: Violations| Problem::from_status(&v.finish().unwrap_err());
        let (one, several) = (read(one), read(several));
        assert_eq!(
            (one.reason(), one.message()),
            ("UNKNOWN_UNIT", "a.unit: no")
        );
        assert_eq!(several.reason(), "INVALID_REQUEST");
        assert_eq!(several.violations().len(), 2);
    }
}
