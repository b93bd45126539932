//! What a decision is made from: the item, what the list says about it, the transaction and what screening found.

use concord_controls::item::{Item, Judgements};
use jiff::civil::Date;

use crate::classified::Classified;

/// Everything one decision about one line rests on. Nothing else is looked at: same facts, same bytes.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// The item as the asker states it.
    pub item: &'a Item,
    /// What this jurisdiction's list says about it.
    pub classification: &'a Classified,
    /// Answers of persons to judgement questions.
    pub judgements: &'a Judgements,
    /// Route, act and parties.
    pub transaction: &'a Transaction,
    /// What screening found about the parties.
    pub parties: &'a PartyStep,
    /// The civil date at which the law is read.
    pub as_of: Date,
    /// An outcome that open paragraphs could raise becomes `needs_information`.
    pub strict: bool,
}

/// What is done with the item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Activity {
    /// It leaves the origin for the destination. The default when the asker states none.
    #[default]
    Export,
    /// It moves on from one foreign country to another.
    Reexport,
    /// Technology or source code is released to a foreign person.
    DeemedExport,
    /// Technology is transferred.
    TechnologyTransfer,
    /// It passes through.
    Transit,
    /// It is reloaded on the way.
    Transshipment,
    /// Somebody arranges the deal between two other countries.
    Brokering,
}

impl Activity {
    /// Every activity.
    pub const ALL: [Self; 7] = [
        Self::Export,
        Self::Reexport,
        Self::DeemedExport,
        Self::TechnologyTransfer,
        Self::Transit,
        Self::Transshipment,
        Self::Brokering,
    ];

    /// The word of `vocabulary.yaml`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Export => "export",
            Self::Reexport => "reexport",
            Self::DeemedExport => "deemed_export",
            Self::TechnologyTransfer => "technology_transfer",
            Self::Transit => "transit",
            Self::Transshipment => "transshipment",
            Self::Brokering => "brokering",
        }
    }

    /// The activity named by `word`; `None` for a word that this version does not know.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.as_str() == word)
    }
}

/// Route, act and parties. Absent means unknown, except that an absent origin is the deciding jurisdiction itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transaction {
    /// ISO 3166 alpha-2; absent: the jurisdiction that decides.
    pub origin: Option<String>,
    /// ISO 3166 alpha-2; absent: the outcome can only be `needs_information`.
    pub destination: Option<String>,
    /// The act; absent: an export.
    pub activity: Option<Activity>,
    /// The parties in the order of the request.
    pub parties: Vec<Party>,
    /// A technology transfer is made to a foreign national.
    pub to_foreign_national: bool,
    /// The day of the contract.
    pub contract_date: Option<Date>,
    /// The owners of the consignee, as far as stated.
    pub ownership: Vec<OwnershipShare>,
    /// Whether the consignee is named in 740 Supp. 8; absent: unknown.
    pub consignee_in_supp8: Option<bool>,
}

/// A party, reduced to what a rule may ask. Names stay with the screening service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    /// `exporter`, `consignee`, `end_user`, `broker` and so on, as the asker states it.
    pub role: String,
    /// ISO 3166 alpha-2.
    pub country: Option<String>,
    /// Korea: the exporter's compliance-programme grade (`none`, `A`, `AA`, `AAA`).
    pub cp_grade: Option<String>,
}

/// One owner of the consignee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnershipShare {
    /// `entity_list`, `meu_list`, `sdn` or `none`; absent: not known whether the owner is listed.
    pub list: Option<String>,
    /// The share in hundredths of a percent (5000 is 50 %), so that sums are exact.
    pub basis_points: u32,
}

/// How sure screening is that a party is a listed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// A person must say whether it is the listed party.
    Possible,
    /// Treated as the listed party until a person says otherwise.
    Strong,
    /// The same name, letter by letter after normalisation.
    Exact,
}

/// One hit, reduced to what the law asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyHit {
    /// Position of the party in the request.
    pub party: usize,
    /// The list's id, for example `entity_list`.
    pub list: String,
    /// The listed party's id within its snapshot (an id, never a name).
    pub entity: String,
    /// How sure it is.
    pub strength: Strength,
}

/// What the party step rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartyStep {
    /// Every party was screened.
    Examined {
        /// The hits, in request order.
        hits: Vec<PartyHit>,
        /// Why the search was not complete (a missing, stale or example list); empty when it was.
        incomplete: Vec<String>,
    },
    /// Parties exist but were not screened here; the reason is a documented word such as `parties_not_disclosed`.
    NotExamined(String),
}

impl PartyStep {
    /// No hits, nothing missing.
    #[must_use]
    pub const fn clean() -> Self {
        Self::Examined {
            hits: Vec::new(),
            incomplete: Vec::new(),
        }
    }
}
