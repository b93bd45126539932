//! What the requirements that stand come to: outcome and burden of one reading (literal or enforced).

use super::Ctx;
use super::reach::Subject;
use crate::classified::ClassifiedBy;
use crate::decision::{ExceptionResult, Requirement};
use crate::facts::PartyStep;
use crate::outcome::{Burden, BurdenFacts, Outcome, burden};

/// Outcome and burden of one reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub outcome: Outcome,
    pub burden: Burden,
}

impl Verdict {
    /// The same, unless what is open may hold a requirement where no licence is asked for: then the facts are missing.
    pub(super) fn withheld(self, may_hold: bool) -> Self {
        let mild = matches!(
            self.outcome,
            Outcome::NoListLicence | Outcome::ExceptionCandidate
        );
        if may_hold && mild {
            Self {
                outcome: Outcome::NeedsInformation,
                burden: Burden::Unknown,
            }
        } else {
            self
        }
    }
}

/// A requirement without its words: all that exceptions and the conclusion look at. A trial (`open.rs`) is made of these alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim<'a> {
    pub reason: &'a str,
    /// The control entry; empty where no entry makes it.
    pub entry: &'a str,
    /// Path of the paragraph below the entry.
    pub path: &'a str,
    /// Id of the row in its entry.
    pub row: &'a str,
    pub literal: bool,
    pub enforced: bool,
    pub unmodelled: bool,
    pub prohibits: bool,
    pub denial: bool,
    /// Some candidate exception overcomes it.
    pub overcome: bool,
    /// Every candidate that overcomes it needs a notice.
    pub by_notice_only: bool,
}

impl<'a> Claim<'a> {
    /// One that stands in text and enforcement, before anything else is known of it.
    pub(super) const fn standing(
        reason: &'a str,
        entry: &'a str,
        path: &'a str,
        row: &'a str,
    ) -> Self {
        Self {
            reason,
            entry,
            path,
            row,
            literal: true,
            enforced: true,
            unmodelled: false,
            prohibits: false,
            denial: false,
            overcome: false,
            by_notice_only: true,
        }
    }

    /// A requirement as found; `exceptions` tells which of those that overcome it need a notice.
    pub(super) fn of(requirement: &'a Requirement, exceptions: &[ExceptionResult]) -> Self {
        let needs_notice = |symbol: &String| {
            exceptions
                .iter()
                .any(|x| x.symbol == *symbol && x.needs_notification)
        };
        Self {
            reason: &requirement.reason,
            entry: &requirement.entry,
            path: &requirement.path,
            row: &requirement.row,
            literal: requirement.literal,
            enforced: requirement.enforced,
            unmodelled: requirement.unmodelled,
            prohibits: requirement.prohibits,
            denial: requirement.denial,
            overcome: !requirement.overcome_by.is_empty(),
            by_notice_only: requirement.overcome_by.iter().all(needs_notice),
        }
    }

    /// The same before any exception was looked at.
    pub(super) const fn bare(self) -> Self {
        Self {
            overcome: false,
            by_notice_only: true,
            ..self
        }
    }

    /// A row of an entry, which is what exceptions overcome (738.4(a)(2)(ii)(A)).
    pub(super) const fn is_list_row(&self) -> bool {
        !self.entry.is_empty()
    }
}

/// What the claims under `counts` come to, each overcome by itself or standing.
pub(super) fn conclude(
    ctx: &Ctx<'_>,
    claims: &[Claim<'_>],
    undecided: bool,
    subject: Subject,
    counts: fn(&Claim<'_>) -> bool,
) -> Verdict {
    let mut facts = BurdenFacts {
        parties_unexamined: matches!(ctx.facts.parties, PartyStep::NotExamined(_)),
        ..BurdenFacts::default()
    };
    let counted = || claims.iter().filter(|c| counts(c));
    let standing = || counted().filter(|c| !c.overcome && !c.unmodelled);
    let mut outcome = if counted().any(|c| c.prohibits) {
        Outcome::Prohibited
    } else if standing().next().is_some() {
        facts.denial = standing().any(|c| c.denial);
        Outcome::LicenceRequired
    } else if undecided || counted().any(|c| c.unmodelled) {
        Outcome::Indeterminate
    } else if ctx.facts.classification.by == ClassifiedBy::Unresolved {
        Outcome::NeedsInformation
    } else if counted().next().is_none() {
        Outcome::NoListLicence
    } else {
        facts.notification = counted().any(|c| c.by_notice_only);
        Outcome::ExceptionCandidate
    };
    // A requirement that only may reach the item is no requirement yet.
    if subject == Subject::Unknown && outcome != Outcome::Prohibited {
        outcome = Outcome::Indeterminate;
    }
    if facts.parties_unexamined
        && matches!(
            outcome,
            Outcome::NoListLicence | Outcome::ExceptionCandidate
        )
    {
        outcome = Outcome::NeedsInformation;
    }
    Verdict {
        outcome,
        burden: burden(outcome, facts),
    }
}
