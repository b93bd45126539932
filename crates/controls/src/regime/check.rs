//! Counting what an edition covers.

use super::Regime;
use crate::entry::Coverage;

/// How much of a list an edition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CoverageCounts {
    /// Entries.
    pub entries: usize,
    /// Entries covered in full.
    pub full: usize,
    /// Entries with unverified or incomplete thresholds.
    pub partial: usize,
    /// Entries that only a stated code reaches.
    pub stated_only: usize,
    /// Paragraph versions with a formula.
    pub paragraphs: usize,
    /// Notes.
    pub notes: usize,
    /// Licence requirement rows.
    pub requirements: usize,
    /// Rows with a destination that is not modelled or points at another part.
    pub unmodelled_requirements: usize,
    /// Exception eligibility rows.
    pub exceptions: usize,
    /// Notices.
    pub notices: usize,
    /// Parameters and flags without a label in English and Korean.
    pub without_label: usize,
}

/// Counts what an edition covers. Whether it is *right* was decided when it was loaded.
#[must_use]
pub fn check(regime: &Regime) -> CoverageCounts {
    let vocabulary = regime.vocabulary();
    let mut counts = CoverageCounts {
        entries: regime.entries().len(),
        notices: regime.notices().len(),
        without_label: vocabulary
            .parameters()
            .iter()
            .filter(|p| p.label.is_none())
            .count()
            + vocabulary
                .flags()
                .iter()
                .filter(|flag| flag.label.is_none())
                .count(),
        ..CoverageCounts::default()
    };
    for entry in regime.entries() {
        match entry.coverage {
            Coverage::Full => counts.full += 1,
            Coverage::Partial => counts.partial += 1,
            Coverage::StatedOnly => counts.stated_only += 1,
        }
        counts.paragraphs += entry.paragraphs.len();
        counts.notes += entry.notes.len();
        counts.requirements += entry.requirements.len();
        counts.exceptions += entry.exceptions.len();
        counts.unmodelled_requirements += entry
            .requirements
            .iter()
            .filter(|row| row.to.needs_a_person())
            .count();
    }
    counts
}
