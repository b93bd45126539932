//! Outcome words, the burden lattice, and the one table that joins them (`domain.md` 4.6).

/// What a decision says, in the same words for every jurisdiction. There is no word for "clear".
///
/// The order is that in which the outcomes of several lines are joined: the strictest known one wins, and an answer that
/// is not known stands above every answer that asks for no licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The act is not subject to this law.
    NotSubject,
    /// No list-based requirement with clean parties and end use; it is not clearance.
    NoListLicence,
    /// Every requirement is met by a candidate exception whose conditions a person must confirm.
    ExceptionCandidate,
    /// The facts that would decide are missing.
    NeedsInformation,
    /// The facts are there, but a step that decides is not modelled or cannot be decided from them.
    Indeterminate,
    /// A brokering licence is required (Korea, Foreign Trade Act Art. 19-5).
    BrokeringLicenceRequired,
    /// A transit or transshipment licence is required (Korea, Art. 19-4).
    TransitLicenceRequired,
    /// An export licence is required (Korea, Art. 19-2).
    ExportLicenceRequired,
    /// A situational licence is required (Korea, Art. 19-3).
    SituationalLicenceRequired,
    /// A licence is required (United States).
    LicenceRequired,
    /// No licensing path: a denied party or a ban without licences.
    Prohibited,
}

impl Outcome {
    /// Every outcome, least strict first.
    pub const ALL: [Self; 11] = [
        Self::NotSubject,
        Self::NoListLicence,
        Self::ExceptionCandidate,
        Self::NeedsInformation,
        Self::Indeterminate,
        Self::BrokeringLicenceRequired,
        Self::TransitLicenceRequired,
        Self::ExportLicenceRequired,
        Self::SituationalLicenceRequired,
        Self::LicenceRequired,
        Self::Prohibited,
    ];

    /// The word of the contract and of the case files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotSubject => "not_subject",
            Self::NoListLicence => "no_list_licence",
            Self::ExceptionCandidate => "exception_candidate",
            Self::NeedsInformation => "needs_information",
            Self::Indeterminate => "indeterminate",
            Self::BrokeringLicenceRequired => "brokering_licence_required",
            Self::TransitLicenceRequired => "transit_licence_required",
            Self::ExportLicenceRequired => "export_licence_required",
            Self::SituationalLicenceRequired => "situational_licence_required",
            Self::LicenceRequired => "licence_required",
            Self::Prohibited => "prohibited",
        }
    }

    /// The outcome named by `word`; `None` for a word that this version does not know (never to be read as mild).
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|o| o.as_str() == word)
    }

    /// Whether the answer is that something is not known.
    #[must_use]
    pub const fn is_unknown(self) -> bool {
        matches!(self, Self::NeedsInformation | Self::Indeterminate)
    }
}

/// What an outcome asks of an exporter, least to most. The numbers are those of the contract; the gaps leave room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u16)]
pub enum Burden {
    /// The act is not subject to this law.
    NotSubject = 10,
    /// No list-based requirement.
    NoListLicence = 20,
    /// A candidate exception.
    ExceptionCandidate = 30,
    /// The only candidate needs a notification.
    Notification = 40,
    /// A licence with simplified documents.
    SimplifiedLicence = 50,
    /// A comprehensive licence is open to the exporter.
    ComprehensiveLicence = 60,
    /// An individual licence.
    IndividualLicence = 70,
    /// An individual licence that policy says is denied as a rule.
    IndividualLicenceDenialPresumed = 80,
    /// No licensing path.
    Prohibited = 90,
    /// Not known: no pair is computed from it. Stands last so that a join never reads it as low.
    Unknown = 1000,
}

impl Burden {
    /// Every burden, least first.
    pub const ALL: [Self; 10] = [
        Self::NotSubject,
        Self::NoListLicence,
        Self::ExceptionCandidate,
        Self::Notification,
        Self::SimplifiedLicence,
        Self::ComprehensiveLicence,
        Self::IndividualLicence,
        Self::IndividualLicenceDenialPresumed,
        Self::Prohibited,
        Self::Unknown,
    ];

    /// The word of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotSubject => "not_subject",
            Self::NoListLicence => "no_list_licence",
            Self::ExceptionCandidate => "exception_candidate",
            Self::Notification => "notification",
            Self::SimplifiedLicence => "simplified_licence",
            Self::ComprehensiveLicence => "comprehensive_licence",
            Self::IndividualLicence => "individual_licence",
            Self::IndividualLicenceDenialPresumed => "individual_licence_denial_presumed",
            Self::Prohibited => "prohibited",
            Self::Unknown => "unknown",
        }
    }

    /// The burden named by `word`; `None` for a word that this version does not know.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|b| b.as_str() == word)
    }

    /// Whether the burden is known, so that a pair may be computed from it.
    #[must_use]
    pub const fn is_known(self) -> bool {
        !matches!(self, Self::Unknown)
    }
}

/// What the table needs beside the outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BurdenFacts {
    /// The only candidate exception needs a notice to the agency.
    pub notification: bool,
    /// Korea: the destination's region has simplified documents.
    pub simplified: bool,
    /// Korea: the exporter's grade opens a comprehensive licence for this region and sensitivity.
    pub comprehensive: bool,
    /// An application is reviewed with a presumption or policy of denial.
    pub denial: bool,
    /// A party step that had to be made was not: the burden is not known whatever the outcome says.
    pub parties_unexamined: bool,
}

/// The outcome -> burden table of `domain.md` 4.6, written once.
#[must_use]
pub const fn burden(outcome: Outcome, facts: BurdenFacts) -> Burden {
    // Reach does not depend on who the parties are, and nothing is stricter than a prohibition.
    match outcome {
        Outcome::NotSubject => return Burden::NotSubject,
        Outcome::Prohibited => return Burden::Prohibited,
        _ if facts.parties_unexamined => return Burden::Unknown,
        _ => {}
    }
    match outcome {
        Outcome::NotSubject => Burden::NotSubject,
        Outcome::NoListLicence => Burden::NoListLicence,
        Outcome::ExceptionCandidate if facts.notification => Burden::Notification,
        Outcome::ExceptionCandidate => Burden::ExceptionCandidate,
        Outcome::NeedsInformation | Outcome::Indeterminate => Burden::Unknown,
        Outcome::Prohibited => Burden::Prohibited,
        _ if facts.denial => Burden::IndividualLicenceDenialPresumed,
        Outcome::ExportLicenceRequired if facts.simplified => Burden::SimplifiedLicence,
        Outcome::ExportLicenceRequired if facts.comprehensive => Burden::ComprehensiveLicence,
        Outcome::BrokeringLicenceRequired
        | Outcome::TransitLicenceRequired
        | Outcome::ExportLicenceRequired
        | Outcome::SituationalLicenceRequired
        | Outcome::LicenceRequired => Burden::IndividualLicence,
    }
}

/// Joins the answers of several lines: the strictest outcome, and its burden unless some line is unknown.
///
/// A single unknown line makes the joined burden unknown, except where a prohibition stands anyway.
#[must_use]
pub fn strictest(lines: impl IntoIterator<Item = (Outcome, Burden)>) -> (Outcome, Burden) {
    lines.into_iter().fold(
        (Outcome::NotSubject, Burden::NotSubject),
        |(o, b), (o2, b2)| {
            let outcome = o.max(o2);
            let burden = if outcome == Outcome::Prohibited {
                Burden::Prohibited
            } else {
                b.max(b2)
            };
            (outcome, burden)
        },
    )
}

#[cfg(test)]
mod tests {
    use super::{Burden, BurdenFacts, Outcome, burden, strictest};

    #[test]
    fn every_row_of_the_table() {
        let none = BurdenFacts::default();
        let with = |f: fn(&mut BurdenFacts)| {
            let mut b = none;
            f(&mut b);
            b
        };
        let rows = [
            (Outcome::NotSubject, none, Burden::NotSubject),
            (Outcome::NoListLicence, none, Burden::NoListLicence),
            (
                Outcome::ExceptionCandidate,
                none,
                Burden::ExceptionCandidate,
            ),
            (
                Outcome::ExceptionCandidate,
                with(|f| f.notification = true),
                Burden::Notification,
            ),
            (
                Outcome::ExportLicenceRequired,
                with(|f| f.simplified = true),
                Burden::SimplifiedLicence,
            ),
            (
                Outcome::ExportLicenceRequired,
                with(|f| f.comprehensive = true),
                Burden::ComprehensiveLicence,
            ),
            (
                Outcome::ExportLicenceRequired,
                none,
                Burden::IndividualLicence,
            ),
            (
                Outcome::TransitLicenceRequired,
                none,
                Burden::IndividualLicence,
            ),
            (
                Outcome::BrokeringLicenceRequired,
                none,
                Burden::IndividualLicence,
            ),
            (
                Outcome::SituationalLicenceRequired,
                none,
                Burden::IndividualLicence,
            ),
            (
                Outcome::SituationalLicenceRequired,
                with(|f| f.denial = true),
                Burden::IndividualLicenceDenialPresumed,
            ),
            (Outcome::LicenceRequired, none, Burden::IndividualLicence),
            (
                Outcome::LicenceRequired,
                with(|f| f.denial = true),
                Burden::IndividualLicenceDenialPresumed,
            ),
            (Outcome::Prohibited, none, Burden::Prohibited),
            (Outcome::NeedsInformation, none, Burden::Unknown),
            (Outcome::Indeterminate, none, Burden::Unknown),
            (
                Outcome::LicenceRequired,
                with(|f| f.parties_unexamined = true),
                Burden::Unknown,
            ),
        ];
        for (outcome, facts, expected) in rows {
            assert_eq!(burden(outcome, facts), expected, "{outcome:?} {facts:?}");
        }
    }

    #[test]
    fn words_round_trip_and_the_strictest_line_stands() {
        for o in Outcome::ALL {
            assert_eq!(Outcome::parse(o.as_str()), Some(o));
        }
        for b in Burden::ALL {
            assert_eq!(Burden::parse(b.as_str()), Some(b));
        }
        assert_eq!(Outcome::parse("clear"), None);
        assert_eq!(
            strictest([
                (Outcome::NoListLicence, Burden::NoListLicence),
                (Outcome::NeedsInformation, Burden::Unknown),
            ]),
            (Outcome::NeedsInformation, Burden::Unknown)
        );
        assert_eq!(
            strictest([
                (Outcome::Prohibited, Burden::Prohibited),
                (Outcome::NeedsInformation, Burden::Unknown),
            ]),
            (Outcome::Prohibited, Burden::Prohibited)
        );
    }
}
