//! What is wrong with an item, field by field.

use std::fmt;

/// Why a field was refused: what callers turn into their own error reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldReason {
    /// A parameter, flag, judgement or source word that does not exist.
    UnknownName,
    /// A word outside a closed set.
    UnknownWord,
    /// A unit that does not exist.
    UnknownUnit,
    /// A unit that measures something else.
    WrongDimension,
    /// Not a decimal number.
    InvalidNumber,
    /// Negative, absurd, or beyond what is computed exactly.
    OutOfRange,
    /// A stated value that its own definition contradicts, or two statements that contradict one another.
    Inconsistent,
    /// A code, CAS number, HS code or currency that is not written as one.
    InvalidFormat,
    /// The same thing stated twice.
    Duplicate,
    /// Longer than allowed.
    TooLong,
}

impl FieldReason {
    /// As errors on the wire name it (`ErrorInfo.reason`, docs/api.md).
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::UnknownName => "UNKNOWN_NAME",
            Self::UnknownWord => "UNKNOWN_VALUE",
            Self::UnknownUnit => "UNKNOWN_UNIT",
            Self::WrongDimension => "WRONG_DIMENSION",
            Self::InvalidNumber => "INVALID_NUMBER",
            Self::OutOfRange => "OUT_OF_RANGE_VALUE",
            Self::Inconsistent => "INCONSISTENT_INPUT",
            Self::InvalidFormat => "INVALID_FORMAT",
            Self::Duplicate => "DUPLICATE",
            Self::TooLong => "TOO_LONG",
        }
    }
}

/// One wrong field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Path below the item, for example `parameters.tpp.unit`.
    pub field: String,
    /// Why.
    pub reason: FieldReason,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

/// Every wrong field of an item, in field order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidItem {
    /// The wrong fields; never empty.
    pub fields: Vec<FieldError>,
}

impl fmt::Display for InvalidItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, field) in self.fields.iter().enumerate() {
            if position > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{field}")?;
        }
        Ok(())
    }
}

impl std::error::Error for InvalidItem {}

#[derive(Default)]
pub(super) struct Errors(pub(super) Vec<FieldError>);

impl Errors {
    pub(super) fn push(&mut self, field: String, reason: FieldReason, message: impl Into<String>) {
        self.0.push(FieldError {
            field,
            reason,
            message: message.into(),
        });
    }
}
