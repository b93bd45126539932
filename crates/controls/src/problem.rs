//! What can be wrong with a file under `regimes/`, always with `file:line:column`.

use std::fmt;
use std::sync::Arc;

use crate::destination::DestinationError;
use crate::exact::NumberError;
use crate::formula::SyntaxError;
use crate::unit::UnitError;

/// A place in a file. Lines and columns begin at 1; columns count characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// Path of the file below `regimes/`.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One problem and where it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {kind}")]
pub struct Problem {
    /// Where.
    pub at: Location,
    /// What.
    pub kind: ProblemKind,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProblemKind {
    /// The bytes are not UTF-8.
    #[error("the file is not UTF-8")]
    NotUtf8,
    /// The text is not YAML.
    #[error("not readable as YAML: {detail}")]
    Yaml {
        /// The reader's own words.
        detail: String,
    },
    /// A YAML feature that this schema does without, because two readers may differ on it.
    #[error("{what} are not allowed here")]
    YamlFeature {
        /// `anchors`, `aliases`, `tags`, `several documents`, `mappings as keys`.
        what: &'static str,
    },
    /// Nested too deeply.
    #[error("nested deeper than {limit} levels")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// The same key twice in one mapping.
    #[error("the key `{key}` is given twice")]
    DuplicateKey {
        /// The key.
        key: String,
    },
    /// A key that the schema does not know.
    #[error("unknown key `{key}`; allowed here: {allowed}")]
    UnknownKey {
        /// The key.
        key: String,
        /// The allowed keys.
        allowed: String,
    },
    /// A required key is absent.
    #[error("the key `{key}` is missing")]
    MissingKey {
        /// The key.
        key: String,
    },
    /// Another shape than expected.
    #[error("expected {expected}, found {found}")]
    WrongShape {
        /// What would be right.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// A word outside its closed set.
    #[error("`{word}` is not one of: {allowed}")]
    UnknownWord {
        /// The word.
        word: String,
        /// The set.
        allowed: String,
    },
    /// A date that is not one.
    #[error("`{text}` is not a date such as `2023-11-17`")]
    NotADate {
        /// The text.
        text: String,
    },
    /// A period that ends before it begins.
    #[error("the period ends before it begins or is empty")]
    EmptyPeriod,
    /// Two versions of the same node in force on one day.
    #[error("`{node}` has two versions in force on {day}")]
    OverlappingPeriods {
        /// The node.
        node: String,
        /// The first such day.
        day: String,
    },
    /// Two versions of the same node with an undeclared gap.
    #[error(
        "`{node}` is not in force from {from} until {to}: close the gap or declare it with `gap: true`"
    )]
    Gap {
        /// The node.
        node: String,
        /// First day without a version.
        from: String,
        /// First day with the next version.
        to: String,
    },
    /// `gap: true` where there is none.
    #[error("`{node}` declares a gap where there is none")]
    NoGap {
        /// The node.
        node: String,
    },
    /// The same id twice.
    #[error("`{id}` is already defined at {first}")]
    DuplicateId {
        /// The id.
        id: String,
        /// Where it was first.
        first: Location,
    },
    /// A formula that does not parse.
    #[error("in the formula, column {}: {error}", error.column)]
    Formula {
        /// What the parser says.
        error: SyntaxError,
    },
    /// A destination predicate that does not parse.
    #[error("in the destination, column {}: {error}", error.column)]
    Destination {
        /// What the parser says.
        error: DestinationError,
    },
    /// A parameter, flag, judgement or attribute that the vocabulary does not have.
    #[error("unknown {what} `{id}`{}", suggestion(hint))]
    UnknownName {
        /// `parameter`, `flag`, `judgement`, `parameter or flag`.
        what: &'static str,
        /// The id.
        id: String,
        /// The nearest known one.
        hint: Option<String>,
    },
    /// A reference to an entry or path that does not exist.
    #[error("`{code}` does not exist in this list")]
    DanglingReference {
        /// The code.
        code: String,
    },
    /// References that lead back to where they began.
    #[error("references form a cycle: {path}")]
    Cycle {
        /// The codes on the way.
        path: String,
    },
    /// A scope that covers no paragraph.
    #[error("the scope `{scope}` covers no paragraph of `{entry}`")]
    EmptyScope {
        /// The scope.
        scope: String,
        /// The entry.
        entry: String,
    },
    /// A number.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// A unit.
    #[error(transparent)]
    Unit(#[from] UnitError),
    /// A file that the edition needs is absent.
    #[error("the file is missing")]
    MissingFile,
    /// Anything else that a reader of one of the files states, in the style of these messages.
    #[error("{what}")]
    Invalid {
        /// What is wrong and what would be right.
        what: String,
    },
}

fn suggestion(hint: &Option<String>) -> String {
    hint.as_ref()
        .map_or_else(String::new, |id| format!("; did you mean `{id}`?"))
}

/// Collects every problem of a load, so that an author sees all of them at once.
#[derive(Debug, Default)]
pub struct Problems {
    found: Vec<Problem>,
}

impl Problems {
    /// Nothing found yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { found: Vec::new() }
    }

    /// Adds one.
    pub fn push(&mut self, at: Location, kind: ProblemKind) {
        self.found.push(Problem { at, kind });
    }

    /// True when nothing was found.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How many were found.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.found.len()
    }

    /// Ends the load.
    ///
    /// # Errors
    /// [`LoadError`] with every problem in file order, if there was one.
    pub fn finish(mut self) -> Result<(), LoadError> {
        if self.found.is_empty() {
            return Ok(());
        }
        self.found.sort_by(|a, b| a.at.cmp(&b.at));
        self.found.dedup();
        Err(LoadError {
            problems: self.found,
        })
    }
}

/// Everything that was wrong with the files of an edition, one problem a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError {
    /// The problems in file order; never empty.
    pub problems: Vec<Problem>,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in self.problems.iter().enumerate() {
            if position > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for LoadError {}
