//! What a comparison finds.

use std::sync::Arc;

use crate::problem::Location;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FindingKind {
    /// A threshold of a formula is printed neither in its paragraph nor in what belongs to it.
    FormulaThresholdNotInText,
    /// A formula stands at a path that is not printed.
    PathNotInText,
    /// A paragraph prints numbers, and no formula of our data tests it.
    ParagraphWithNumbersWithoutFormula,
    /// The same in an entry whose coverage is not full; the entry's basis explains it.
    ParagraphNotModelled,
    /// The entry is printed and not in the data.
    EntryOnlyInText,
    /// The entry is in the data and not printed.
    EntryOnlyInData,
    /// A licence requirement row is printed and not in the data.
    RowMissing,
    /// A licence requirement row is in the data and not printed.
    RowExtra,
    /// A formula tests a CAS number that is not printed.
    CasNotInText,
    /// A paragraph prints a CAS number that no formula of the entry tests.
    CasNotInFormula,
    /// An explanation that no finding needs.
    StaleExplanation,
}

impl FindingKind {
    /// The kinds that `text-findings.yaml` may explain.
    pub const EXPLAINABLE: [Self; 9] = [
        Self::FormulaThresholdNotInText,
        Self::PathNotInText,
        Self::ParagraphWithNumbersWithoutFormula,
        Self::EntryOnlyInText,
        Self::EntryOnlyInData,
        Self::RowMissing,
        Self::RowExtra,
        Self::CasNotInText,
        Self::CasNotInFormula,
    ];

    /// As files and answers write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::FormulaThresholdNotInText => "formula_threshold_not_in_text",
            Self::PathNotInText => "path_not_in_text",
            Self::ParagraphWithNumbersWithoutFormula => "paragraph_with_numbers_without_formula",
            Self::ParagraphNotModelled => "paragraph_not_modelled",
            Self::EntryOnlyInText => "entry_only_in_text",
            Self::EntryOnlyInData => "entry_only_in_data",
            Self::RowMissing => "row_missing",
            Self::RowExtra => "row_extra",
            Self::CasNotInText => "cas_not_in_text",
            Self::CasNotInFormula => "cas_not_in_formula",
            Self::StaleExplanation => "stale_explanation",
        }
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was found.
    pub kind: FindingKind,
    /// Entry code.
    pub code: Arc<str>,
    /// Path of the paragraph; of a note or row its id; empty for the entry.
    pub path: Arc<str>,
    /// What it is about: the threshold as the formula writes it, a CAS number, `NS 2`, a code.
    pub what: Arc<str>,
    /// The finding in words.
    pub detail: String,
    /// Where it is: in the data for what the data has, in the text for what it lacks.
    pub at: Location,
    /// Why it is right as it is, where something says so.
    pub explained: Option<Arc<str>>,
}

impl Finding {
    pub(super) fn new(
        kind: FindingKind,
        code: &str,
        path: &str,
        what: &str,
        detail: String,
        at: &Location,
    ) -> Self {
        Self {
            kind,
            code: code.into(),
            path: path.into(),
            what: what.into(),
            detail,
            at: at.clone(),
            explained: None,
        }
    }
}
