//! What one control list says about one item at one date.

mod addressed;
mod questions;
mod ranking;
mod run;

use std::ops::Deref;
use std::sync::Arc;

pub(crate) use questions::about;
pub(crate) use run::classify;

use crate::entry::{Coverage, NoteKind, Path};
use crate::evaluate::{ComparisonMade, InputKind, MissingInput, Tested, Truth};
use crate::item::StatedCode;
use crate::yaml::Label;

/// How a classification came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// At least one paragraph is met on the facts, and it is what stands for the item.
    Computed,
    /// The code that the asker stated is taken as given.
    Stated,
    /// Nothing is met and the asker ruled out every entry that the facts do not reach: the residual class.
    Residual,
    /// Nothing is met and nothing rules the others out.
    Unresolved,
}

impl Status {
    /// As answers write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Computed => "computed",
            Self::Stated => "stated",
            Self::Residual => "residual",
            Self::Unresolved => "unresolved",
        }
    }
}

/// How much of the trace to build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Detail {
    /// Truths and codes; comparisons and missing inputs stay empty, questions too.
    Codes,
    /// Comparisons and missing inputs of what is met or open.
    #[default]
    Basic,
    /// Comparisons of everything addressed, and the codes of what is not.
    Full,
}

/// What the list says of a note: made once when the edition is loaded, shared by every answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedNote {
    /// Id within the entry.
    pub id: Arc<str>,
    /// What it does.
    pub kind: NoteKind,
    /// The note as a formula.
    pub formula: Arc<str>,
    /// Where it stands.
    pub cite: Arc<str>,
}

/// A note and how it came out. What the list says of it reads as its own fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteResult {
    /// What the list says of it.
    pub listed: Arc<ListedNote>,
    /// How it came out. An exclusion that is unknown does not block; it is an open question.
    pub truth: Truth,
    /// What was compared.
    pub comparisons: Vec<ComparisonMade>,
    /// Inputs that would decide it, when unknown.
    pub missing: Vec<MissingInput>,
}

impl Deref for NoteResult {
    type Target = ListedNote;

    fn deref(&self) -> &ListedNote {
        &self.listed
    }
}

/// What the list says of a paragraph: made once when the edition is loaded, shared by every answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedParagraph {
    /// Position among all paragraphs of the edition, in the order of its entries.
    pub position: usize,
    /// Entry code.
    pub entry: Arc<str>,
    /// Path below the entry.
    pub path: Path,
    /// Both together.
    pub code: Arc<str>,
    /// The formula in canonical spelling.
    pub formula: Arc<str>,
    /// Our words: the paragraph's, or else the entry's.
    pub label: Label,
    /// Where it stands.
    pub cite: Arc<str>,
    /// How far our data covers the entry.
    pub coverage: Coverage,
    /// Why coverage is not full.
    pub basis: Option<Arc<str>>,
}

/// A paragraph and how the item fares against it. What the list says of it reads as its own fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParagraphResult {
    /// What the list says of it.
    pub listed: Arc<ListedParagraph>,
    /// How it came out, notes included.
    pub truth: Truth,
    /// Met because the asker stated this code and the parameters do not decide it.
    pub by_statement: bool,
    /// It is open, and of what it tests nothing is stated but the item's type: its comparisons and notes are left out where
    /// one question asks about all of these.
    pub by_type_alone: bool,
    /// What was compared, in the order of the formula.
    pub comparisons: Vec<ComparisonMade>,
    /// Inputs that would decide it, when unknown.
    pub missing: Vec<MissingInput>,
    /// Notes in whose scope it is.
    pub notes: Vec<NoteResult>,
    /// Where the edition keeps this very result, for what nothing stated but the item's type bears upon: the same number is the
    /// same result in every answer of the edition (see [`Regime::kept_results`](crate::regime::Regime::kept_results)).
    pub kept: Option<usize>,
}

impl Deref for ParagraphResult {
    type Target = ListedParagraph;

    fn deref(&self) -> &ListedParagraph {
        &self.listed
    }
}

/// A notice addressed to a company or product, and whether it reaches the item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeResult {
    /// Notice id (see [`Regime::notices`](crate::regime::Regime::notices)).
    pub id: Arc<str>,
    /// Whether it reaches the item; notices ruled out are not listed.
    pub truth: Truth,
    /// Inputs that would decide it, when unknown.
    pub missing: Vec<MissingInput>,
    /// Where it is known from.
    pub cite: Arc<str>,
}

/// One comparison that the answer to a question goes into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// Comparator, threshold and unit, or a set of words.
    pub tested: Arc<Tested>,
    /// The paragraphs that make it: themselves, through one that they refer to, or through a note.
    pub codes: Vec<Arc<str>>,
}

/// Something to ask, with what the answer will be compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What is missing.
    pub kind: InputKind,
    /// Its id.
    pub id: Arc<str>,
    /// Canonical unit of a parameter.
    pub unit: Option<Arc<str>>,
    /// What the answer will be compared with, and for which paragraphs: thresholds, or sets of words. Empty for what is so or
    /// is not.
    pub uses: Vec<Use>,
    /// For a derived parameter: the inputs still missing that together would give it too.
    pub derivable_from: Vec<Arc<str>>,
    /// It belongs to the smallest set found that settles every open paragraph whatever the answers are; none of the set can
    /// be left out. The others follow from the answers to that set, or could only take out what is met.
    pub needed: bool,
    /// How many open paragraphs some answer to this question closes alone, whatever else stays open.
    pub closes: usize,
    /// The open paragraphs that the answer would help to close, those that it may close alone among them.
    pub codes: Vec<Arc<str>>,
    /// Codes of met paragraphs with an exclusion that the answer would help to decide.
    pub exclusions: Vec<Arc<str>>,
    /// Our words for what is asked.
    pub label: Option<Label>,
}

/// A stated code and how the facts stand to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedResult {
    /// What the asker stated.
    pub stated: StatedCode,
    /// The list has this entry (or it is the residual class).
    pub known: bool,
    /// The facts rule out the stated paragraph, or meet another one that does not yield to it. Both are reported.
    pub contradiction: bool,
    /// The met codes that contradict it.
    pub contradicting: Vec<Arc<str>>,
}

/// What one control list says about one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classification {
    /// How it came about.
    pub status: Status,
    /// The code that stands for the item; absent when unresolved.
    pub primary: Option<Arc<str>>,
    /// Our words for the governing entry.
    pub label: Option<Label>,
    /// Coverage of the governing entry.
    pub coverage: Option<Coverage>,
    /// Met paragraphs, the governing one first.
    pub matches: Vec<Arc<ParagraphResult>>,
    /// Addressed paragraphs that the facts do not decide.
    pub unknown: Vec<Arc<ParagraphResult>>,
    /// Addressed paragraphs that are not met.
    pub not_met: Vec<Arc<ParagraphResult>>,
    /// Codes of the open paragraphs that only the item's type reaches and that the asker rules out
    /// (`other_paragraphs_excluded`).
    pub excluded: Vec<Arc<str>>,
    /// Codes of the entries that a stated fact addresses, in list order.
    pub addressed: Vec<Arc<str>>,
    /// How many entries in force no stated fact addresses.
    pub not_addressed_count: usize,
    /// Their codes, with [`Detail::Full`].
    pub not_addressed: Vec<Arc<str>>,
    /// The stated code for this list.
    pub stated: Option<StatedResult>,
    /// Notices that reach the item or may reach it.
    pub notices: Vec<NoticeResult>,
    /// What to ask, the most useful first: by how many open paragraphs an answer may close alone, then by how many it
    /// helps to close.
    pub questions: Vec<Question>,
}

impl Classification {
    /// True when `code` (or a paragraph below it) is met.
    #[must_use]
    pub fn is_met(&self, code: &crate::entry::Code) -> bool {
        self.matches
            .iter()
            .any(|met| *met.entry == *code.entry && code.path.covers(&met.path))
    }
}

/// Why an item cannot be classified under a regime.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClassifyError {
    /// The item was read with another vocabulary than the regime's.
    #[error("the item was read with the vocabulary {item}, the regime uses {regime}")]
    OtherVocabulary {
        /// Digest of the item's vocabulary.
        item: Arc<str>,
        /// Digest of the regime's.
        regime: Arc<str>,
    },
}
