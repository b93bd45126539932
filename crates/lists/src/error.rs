//! Why a list file is refused, and where.

use std::fmt;

/// A place in a list file. Lines and columns count from 1; a column counts characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// File name as the caller gave it.
    pub file: String,
    /// Line of the file (line ends inside quoted fields count).
    pub line: u64,
    /// Column in characters; 1 where a whole line is meant.
    pub column: u64,
}

impl Place {
    pub(crate) fn line(file: &str, line: u64) -> Self {
        Self {
            file: file.to_owned(),
            line,
            column: 1,
        }
    }

    pub(crate) fn at(file: &str, line: u64, column: u64) -> Self {
        Self {
            file: file.to_owned(),
            line,
            column,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A list that is refused. Every variant names the file and, where something in it is wrong, the
/// place; the text says what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// Bytes that are not UTF-8.
    #[error("{place}: byte 0x{byte:02x} at offset {offset} is not UTF-8; the file must be UTF-8")]
    InvalidUtf8 {
        /// Where the byte is.
        place: Place,
        /// Offset in the uncompressed file, from 0.
        offset: usize,
        /// The byte.
        byte: u8,
    },
    /// Quoting or control characters that no CSV has.
    #[error("{place}: {problem}")]
    Syntax {
        /// Where the character is.
        place: Place,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// A record with too few or too many fields.
    #[error("{place}: record has {found} columns; expected {expected}")]
    ColumnCount {
        /// Where the record begins.
        place: Place,
        /// Columns of the format.
        expected: usize,
        /// Columns found.
        found: usize,
    },
    /// The file ends inside a record.
    #[error("{place}: the file ends inside a record ({detail}); fetch the complete file")]
    Truncated {
        /// Where the cut record begins.
        place: Place,
        /// What is missing.
        detail: String,
    },
    /// The header occurs again among the records, as when two files were joined.
    #[error("{place}: a second header row among the records; one file has one header")]
    RepeatedHeader {
        /// Where it is.
        place: Place,
    },
    /// A column the format must have is absent.
    #[error("{place}: column `{column}` is missing from the header")]
    MissingColumn {
        /// The header.
        place: Place,
        /// The absent column.
        column: String,
    },
    /// A column is named twice.
    #[error("{place}: column `{column}` occurs twice in the header")]
    DuplicateColumn {
        /// The header.
        place: Place,
        /// The column.
        column: String,
    },
    /// A column of our own format that does not exist (most often a spelling mistake).
    #[error("{place}: column `{column}` is not known; known are {known}")]
    UnknownColumn {
        /// The header.
        place: Place,
        /// The column.
        column: String,
        /// The columns that exist.
        known: String,
    },
    /// A list this release does not know: it cannot say what being on it means.
    #[error("{place}: list `{name}` is not known; known are {known}")]
    UnknownList {
        /// The field.
        place: Place,
        /// What the file says.
        name: String,
        /// The list names that are known.
        known: String,
    },
    /// A field with a value outside its domain.
    #[error("{place}: {field} `{value}` is not valid; expected {expected}")]
    Value {
        /// The field's record.
        place: Place,
        /// Name of the field.
        field: &'static str,
        /// The value as read.
        value: String,
        /// What would be right.
        expected: String,
    },
    /// Two records of one list with one identifier, where the format promises unique ones.
    #[error("{place}: {field} `{value}` occurs twice; first at line {first_line}")]
    DuplicateId {
        /// The second record.
        place: Place,
        /// Name of the field.
        field: &'static str,
        /// The identifier.
        value: String,
        /// Line of the first record.
        first_line: u64,
    },
    /// A record that belongs to a primary record which is not there.
    #[error(
        "{place}: entity number `{value}` has no record in `{primary}`; the files must be of one date"
    )]
    Orphan {
        /// The dependent record.
        place: Place,
        /// Its entity number.
        value: String,
        /// The primary file.
        primary: String,
    },
    /// A set of files without one it needs.
    #[error("the {set} set lacks `{file}`; give the folder with all its files")]
    MissingFile {
        /// The set.
        set: &'static str,
        /// The absent file.
        file: &'static str,
    },
    /// A file that is no part of the recognised set.
    #[error("`{file}` is not part of the {set} set; give it on its own")]
    StrayFile {
        /// The set.
        set: &'static str,
        /// The file.
        file: String,
    },
    /// No format recognised.
    #[error(
        "{place}: format not recognised{found}; known are {}",
        crate::format::known()
    )]
    UnknownFormat {
        /// Where the file begins.
        place: Place,
        /// What it looks like, as ` (…)`; empty where nothing can be said.
        found: String,
    },
    /// A file without a record.
    #[error("{place}: the file holds no record; a published list is never empty")]
    Empty {
        /// Where the file begins.
        place: Place,
    },
    /// A file larger than the caller allows.
    #[error("`{file}` is larger than {limit} bytes uncompressed; raise the limit if this is right")]
    TooLarge {
        /// The file.
        file: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// A gzip stream that does not decompress (also one cut off).
    #[error("{place}: not a complete gzip file: {reason}; fetch it again")]
    Gzip {
        /// The end of what could be uncompressed.
        place: Place,
        /// What the decompressor says.
        reason: String,
    },
}

impl ListError {
    /// Where in a file it is; `None` where a file is missing, does not belong or is too large.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::InvalidUtf8 { place, .. }
            | Self::Syntax { place, .. }
            | Self::ColumnCount { place, .. }
            | Self::Truncated { place, .. }
            | Self::RepeatedHeader { place }
            | Self::MissingColumn { place, .. }
            | Self::DuplicateColumn { place, .. }
            | Self::UnknownColumn { place, .. }
            | Self::UnknownList { place, .. }
            | Self::Value { place, .. }
            | Self::DuplicateId { place, .. }
            | Self::Orphan { place, .. }
            | Self::UnknownFormat { place, .. }
            | Self::Empty { place }
            | Self::Gzip { place, .. } => Some(place),
            Self::MissingFile { .. } | Self::StrayFile { .. } | Self::TooLarge { .. } => None,
        }
    }

    /// The file it is about.
    #[must_use]
    pub fn file(&self) -> &str {
        match self {
            Self::MissingFile { file, .. } => file,
            Self::StrayFile { file, .. } | Self::TooLarge { file, .. } => file,
            placed => placed.place().map_or("", |p| p.file.as_str()),
        }
    }
}
