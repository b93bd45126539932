//! Control entries as read: paragraphs, notes, requirement rows, exceptions and pointers, each with its citation and
//! period. What is evaluated here is whether an item meets a paragraph; rows, exceptions and pointers are typed here
//! and decided by the licensing core.

mod code;
mod load;
mod periods;

use std::sync::Arc;

pub use code::{Code, Path};
pub(crate) use load::read_entry;

use crate::classify::ListedNote;
use crate::condition::Condition;
use crate::destination::DestinationPredicate;
use crate::exact::Rational;
use crate::period::Period;
use crate::problem::Location;
use crate::yaml::Label;

/// How far our data covers an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Coverage {
    /// Every paragraph with its thresholds.
    Full,
    /// Thresholds unverified or incomplete.
    Partial,
    /// The number is known, its thresholds are not: only a stated code reaches it.
    StatedOnly,
}

impl Coverage {
    /// As files and answers write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Partial => "partial",
            Self::StatedOnly => "stated_only",
        }
    }
}

/// Sensitivity of a Korean strategic item (Public Notice, Annex 6 with Article 19).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sensitivity {
    /// Neither of the others.
    Normal,
    /// Sensitive.
    Sensitive,
    /// Very sensitive.
    VerySensitive,
}

/// A control entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Code, for example `3A090`.
    pub code: Arc<str>,
    /// Our words for it.
    pub label: Label,
    /// Item types it is about; empty: any.
    pub subjects: Vec<Arc<str>>,
    /// Reasons for control.
    pub reasons: Vec<Arc<str>>,
    /// Where it stands.
    pub cite: Arc<str>,
    /// When the entry as a whole is in force.
    pub period: Period,
    /// Entries that come first when they are met too.
    pub yields_to: Vec<Arc<str>>,
    /// How far our data covers it.
    pub coverage: Coverage,
    /// Why coverage is not full.
    pub basis: Option<Arc<str>>,
    /// Korea: sensitivity.
    pub sensitivity: Option<Sensitivity>,
    /// Korea: the licensing authority, for example `MOTIR`.
    pub authority: Option<Arc<str>>,
    /// Korea: the annex of the Public Notice.
    pub annex: Option<Arc<str>>,
    /// Paragraphs in file order; one per version.
    pub paragraphs: Vec<Paragraph>,
    /// Notes in file order.
    pub notes: Vec<Note>,
    /// Licence requirement rows in file order.
    pub requirements: Vec<RequirementRow>,
    /// List-based exception eligibility in file order.
    pub exceptions: Vec<ExceptionEligibility>,
    /// Provisions that an officer must look at.
    pub pointers: Vec<Pointer>,
    /// Where the entry begins in its file.
    pub at: Location,
}

/// One version of one paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paragraph {
    /// Path below the entry; empty for the entry itself.
    pub path: Path,
    /// Entry and path, for example `3A090.a.1`.
    pub code: Arc<str>,
    /// Our words for it.
    pub label: Option<Label>,
    /// When an item meets it.
    pub when: Condition,
    /// When this version is in force.
    pub period: Period,
    /// Where it stands; the entry's citation when the file gives none.
    pub cite: Arc<str>,
    /// Where it begins in its file.
    pub at: Location,
    /// Position among all paragraphs of the regime.
    pub(crate) index: usize,
    /// Positions in [`Entry::notes`] of the notes in whose scope it is.
    pub(crate) notes: Vec<usize>,
}

/// Whether a note takes items out or keeps them in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoteKind {
    /// Takes out what meets it.
    Exclude,
    /// Keeps in what meets it, whatever the exclusions say.
    Include,
}

impl NoteKind {
    /// As files and answers write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Exclude => "exclude",
            Self::Include => "include",
        }
    }
}

/// A note of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Id within the entry.
    pub id: Arc<str>,
    /// What it does.
    pub kind: NoteKind,
    /// Paths it covers with everything below them; empty: the whole entry.
    pub scope: Vec<Path>,
    /// When it applies to an item.
    pub when: Condition,
    /// When it is in force.
    pub period: Period,
    /// Where it stands.
    pub cite: Arc<str>,
    /// Where it begins in its file.
    pub at: Location,
    /// What answers repeat of it.
    pub(crate) listed: Arc<ListedNote>,
}

/// A licence requirement row (15 CFR 774 Supp. 1, "License Requirements" of the entry).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequirementRow {
    /// Id, unique in the entry.
    pub id: Arc<str>,
    /// Reason for control, for example `RS`.
    pub reason: Arc<str>,
    /// Paths it covers with everything below them; empty: the whole entry.
    pub scope: Vec<Path>,
    /// Further condition on the item.
    pub when: Option<Condition>,
    /// Items to which the row does not apply: unlike `not` in `when`, an undecided exemption does not open the row.
    pub unless: Option<Condition>,
    /// Where it applies.
    pub to: DestinationPredicate,
    /// The section that requires the licence, for example `742.6(a)(6)(iii)`; absent: the section of the reason.
    pub basis: Option<Arc<str>>,
    /// The chart column: given, or taken from `to` when that is `chart(…)`.
    pub column: Option<Arc<str>>,
    /// When it is in force.
    pub period: Period,
    /// Enforcement overlay by id.
    pub overlay: Option<Arc<str>>,
    /// Review policy by id.
    pub review: Option<Arc<str>>,
    /// Where it stands.
    pub cite: Arc<str>,
    /// Where it begins in its file.
    pub at: Location,
}

/// What an entry says of a licence exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EligibilityStatus {
    /// The entry says `Yes` or a limit: the mechanical tests may pass.
    Candidate,
    /// The entry says `No` or `N/A`.
    No,
}

/// List-based eligibility for one licence exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionEligibility {
    /// Symbol, for example `LVS`.
    pub symbol: Arc<str>,
    /// What the entry says.
    pub status: EligibilityStatus,
    /// Further condition on the item.
    pub when: Option<Condition>,
    /// Paths it covers with everything below them; empty: the whole entry.
    pub scope: Vec<Path>,
    /// The destinations it speaks of, as country groups; empty: all.
    pub groups: Vec<Arc<str>>,
    /// The value limit of one shipment (LVS).
    pub value: Option<Money>,
    /// When it is in force.
    pub period: Period,
    /// Where it stands.
    pub cite: Arc<str>,
    /// Where it begins in its file.
    pub at: Location,
}

/// An exact amount in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// The amount.
    pub amount: Rational,
    /// ISO 4217 code.
    pub currency: Arc<str>,
}

impl Money {
    /// An amount that is not negative, with a currency of three capital letters; `None` otherwise.
    #[must_use]
    pub fn new(amount: Rational, currency: &str) -> Option<Self> {
        let right = !amount.is_negative()
            && currency.len() == 3
            && currency.bytes().all(|b| b.is_ascii_uppercase());
        right.then(|| Self {
            amount,
            currency: currency.into(),
        })
    }
}

/// What a pointer points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PointerKind {
    /// A provision that may lift the requirement.
    ExemptionToCheck,
    /// Another control that may apply.
    OtherControl,
    /// A circumstance that calls for more questions.
    RedFlag,
}

/// A provision that an officer must look at when a paragraph is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    /// The provision, for example `742.6(a)(2)(iii)`.
    pub id: Arc<str>,
    /// What it is.
    pub kind: PointerKind,
    /// Paths it covers with everything below them; empty: the whole entry.
    pub scope: Vec<Path>,
    /// Further condition on the item.
    pub when: Option<Condition>,
    /// Destinations it is about; absent: all.
    pub to: Option<DestinationPredicate>,
    /// When it is in force.
    pub period: Period,
    /// Our words for it.
    pub label: Option<Label>,
    /// Where it stands.
    pub cite: Arc<str>,
    /// Where it begins in its file.
    pub at: Location,
}

/// True when a scope covers a path; an empty scope covers everything.
#[must_use]
pub fn in_scope(scope: &[Path], path: &Path) -> bool {
    scope.is_empty() || scope.iter().any(|prefix| prefix.covers(path))
}
