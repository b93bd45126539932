//! Licence decisions: the flow of each jurisdiction over its control list and tables, the burden lattice, and the
//! divergences between two decisions.
//!
//! A pure core: it has no clock, does no I/O and is not asynchronous. The same edition and the same facts give the same
//! decision. Where something is not known the answer says so; no missing fact, list or table ever becomes a clearance.
//!
//! 1. [`LawEdition::load`] reads one jurisdiction's files (`docs/regimes.md`);
//! 2. [`Facts`] hold the item, its [`Classified`] view, the [`Transaction`] and what screening found;
//! 3. [`LawEdition::decide`] answers one line, [`JurisdictionDecision::of`] joins several;
//! 4. [`divergences`] names where two jurisdictions part, with evidence.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a core decides for agencies: it answers or reports, it never stops the process"
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic
    )
)]

mod alignment;
mod classified;
mod comparison;
mod decision;
mod destination;
mod divergence;
mod draft;
mod facts;
mod iso;
mod kr;
mod law;
mod outcome;
mod questions;
mod us;
mod weighing;

pub use alignment::{Alignment, Evidence, Member, Record, Relation};
pub use classified::{Classified, ClassifiedBy, OpenParagraph, ParagraphRef, under};
pub use comparison::{
    Gap, GapKind, ListComparison, ListError, ListSide, Missing, Pair, Uncompared, compare_editions,
    compare_lists,
};
pub use decision::{
    Cite, ExceptionResult, ExceptionStatus, Finding, JurisdictionDecision, LineDecision,
    NotExamined, OverlayResult, Pointer, PointerKind, Question, QuestionUse, Requirement, Step,
    StepStatus, Text,
};
pub use divergence::{Divergence, DivergenceKind, DivergenceSide, Intent, Side, divergences};
pub use facts::{
    Activity, Facts, OwnershipShare, Party, PartyHit, PartyStep, Strength, Transaction,
};
pub use iso::is_country;
pub use law::{LawEdition, TransactionError};
pub use outcome::{Burden, BurdenFacts, Outcome, burden, strictest};
pub use weighing::{BurdenPair, Burdens, LawAt, Subject, Weighed, weigh};
