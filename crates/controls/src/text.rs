//! The regulator's own text as a paragraph tree, compared with a regime.
//!
//! [`TextTree::parse`] reads the eCFR XML of 15 CFR part 774, Supplement No. 1 (the Commerce Control List) strictly: what
//! is broken, truncated, re-encoded or repeated is refused with `file:line:column` ([`TextError`]).
//! [`against`] compares a [`Regime`](crate::regime::Regime) with the tree, [`diff`] compares two trees. Official words
//! exist at run time only; nothing of them is part of this repository.
//!
//! In texts, white space is single, a superscript is written `^x` and a subscript `_x` (`10^-6`, `Al_2O_3`).

mod against;
mod blocks;
mod coverage;
mod diff;
mod entry;
mod explanation;
mod numbering;
mod printed;
mod problem;
mod read;
mod rows;
mod spelled;
mod xml;

use std::sync::Arc;

use jiff::civil::Date;

pub use against::{Finding, FindingKind, against};
pub use coverage::{CategoryCoverage, coverage};
pub use diff::{Change, ChangeKind, diff};
pub use explanation::{Explanation, Explanations};
pub use problem::{TextError, TextProblem};

use crate::entry::Path;
use crate::problem::Location;

/// Largest file that is read, in bytes. The supplement has 2 MB; the whole of part 774 would fit.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;

/// One issue of the list as the regulator prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextTree {
    /// The name under which the file was given.
    pub file: Arc<str>,
    /// `sha256:…` of the file's bytes.
    pub digest: Arc<str>,
    /// The day of the issue, where the file tells it (its `hierarchy_metadata` names the path `/on/YYYY-MM-DD/…`).
    pub issue: Option<Date>,
    /// Control entries in print order.
    pub entries: Vec<TextEntry>,
    /// Notes and lists that stand outside the entries: at the head of a category or group, and in annexes.
    pub sections: Vec<SectionText>,
}

/// One control entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextEntry {
    /// Code, for example `3A001`.
    pub code: Arc<str>,
    /// The heading without the code.
    pub heading: String,
    /// Reasons for control as its line prints them; empty where it has none (items of another agency).
    pub reasons: Vec<Arc<str>>,
    /// Licence requirement rows in print order.
    pub rows: Vec<TextRow>,
    /// List-based exceptions: symbol and what the entry says of it.
    pub exceptions: Vec<(Arc<str>, String)>,
    /// Everything else before the items: related controls and definitions, special conditions.
    pub preamble: Vec<String>,
    /// What the items line itself says where it is no paragraph.
    pub body: String,
    /// Paragraphs in print order; parents that only their children's numbers imply stand before these.
    pub paragraphs: Vec<TextParagraph>,
    /// Notes in print order.
    pub notes: Vec<TextNote>,
    /// Where the heading stands.
    pub at: Location,
}

/// One licence requirement row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextRow {
    /// Reasons for control that the row names, for example `NS`; empty where it names none.
    pub reasons: Vec<Arc<str>>,
    /// Chart columns, for example `NS 2`; empty where words say which destinations.
    pub columns: Vec<Arc<str>>,
    /// The whole row.
    pub text: String,
    /// Where it stands.
    pub at: Location,
}

/// One paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextParagraph {
    /// Path, for example `a.1.a`.
    pub path: Path,
    /// Its words without the number; empty when implied.
    pub text: String,
    /// Printed as reserved.
    pub reserved: bool,
    /// Not printed itself: its children's numbers imply it.
    pub implied: bool,
    /// Where it stands (an implied one: its first child).
    pub at: Location,
}

/// One note or technical note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextNote {
    /// Its title, for example `Note 1`; may be empty.
    pub title: String,
    /// The paragraph after which it stands; empty before the first.
    pub path: Path,
    /// Paths of this entry that title or words name.
    pub names: Vec<Path>,
    /// Its words.
    pub text: String,
    /// Where it stands.
    pub at: Location,
}

/// Text outside the entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionText {
    /// Category digit of the section in which it stands.
    pub category: char,
    /// Group letter; absent at the head of a category and in annexes.
    pub group: Option<char>,
    /// Title of an annex list; empty for notes.
    pub title: String,
    /// Its words.
    pub text: String,
    /// Where it stands.
    pub at: Location,
}

impl TextTree {
    /// Reads a file. `file` is the name used in places and findings.
    ///
    /// # Errors
    /// [`TextError`] with the place of the first thing that is wrong, and what would be right.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, TextError> {
        read::tree(file, bytes)
    }

    /// An entry by its code.
    #[must_use]
    pub fn entry(&self, code: &str) -> Option<&TextEntry> {
        self.entries.iter().find(|entry| &*entry.code == code)
    }

    /// How many paragraphs are printed.
    #[must_use]
    pub fn paragraph_count(&self) -> usize {
        let printed = |entry: &TextEntry| entry.paragraphs.iter().filter(|p| !p.implied).count();
        self.entries.iter().map(printed).sum()
    }
}

impl TextEntry {
    /// A paragraph by its path.
    #[must_use]
    pub fn paragraph(&self, path: &Path) -> Option<&TextParagraph> {
        self.paragraphs
            .iter()
            .find(|paragraph| paragraph.path == *path)
    }

    /// The category digit, the first character of the code.
    #[must_use]
    pub fn category(&self) -> char {
        self.code.chars().next().unwrap_or(' ')
    }

    /// The group letter, the second character of the code.
    #[must_use]
    pub fn group(&self) -> char {
        self.code.chars().nth(1).unwrap_or(' ')
    }
}
