//! The Korean tables beside its control list: regions, licence types, the situational list, plain procedures.

use std::collections::BTreeSet;

use concord_controls::period::Period;
use jiff::civil::Date;

use crate::decision::Text;

/// Everything the Korean flow reads beside the entries.
#[derive(Clone, Debug)]
pub(crate) struct KrTables {
    pub home: BTreeSet<String>,
    pub default_region: String,
    pub regions_cite: String,
    pub regions: Vec<Region>,
    pub members: Vec<Member>,
    pub licence_types: Vec<LicenceType>,
    pub licence_rows: Vec<LicenceRow>,
    pub process: Vec<Process>,
    pub acts: Vec<Act>,
    pub default_sensitivity: String,
    pub situational: Situational,
    pub encryption_exempt: EncryptionExempt,
    pub procedures: Vec<Procedure>,
    pub classification: Vec<ClassificationRule>,
    pub authorities: Vec<Authority>,
    pub low_value: Option<LowValue>,
}

#[derive(Clone, Debug)]
pub(crate) struct Region {
    pub id: String,
    pub label: Text,
    pub simplified: bool,
    pub exemptions_open: bool,
    pub period: Period,
}

#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub region: String,
    pub codes: BTreeSet<String>,
    pub period: Period,
    pub cite: String,
}

#[derive(Clone, Debug)]
pub(crate) struct LicenceType {
    pub id: String,
    pub label: Text,
    pub comprehensive: bool,
    pub cite: String,
}

/// Empty lists mean any.
#[derive(Clone, Debug)]
pub(crate) struct LicenceRow {
    pub sensitivity: Vec<String>,
    pub regions: Vec<String>,
    pub grades: Vec<String>,
    /// A judgement that must be answered with yes.
    pub word: Option<String>,
    pub types: Vec<String>,
    pub cite: String,
    /// What the sources of the row do not agree on.
    pub doubt: Option<Text>,
}

#[derive(Clone, Debug)]
pub(crate) struct Process {
    pub regions: Vec<String>,
    pub days: String,
    pub documents: Vec<String>,
    pub cite: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Act {
    pub activity: String,
    pub outcome: String,
    pub exempt_regions: Vec<String>,
    pub cite: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Situational {
    pub cite: String,
    pub list_id: String,
    pub list_cite: String,
    pub destinations: BTreeSet<String>,
    pub policy: String,
    pub policy_cite: String,
    pub prior_contract_policy: String,
    pub editions: Vec<ListEdition>,
    pub flags: Vec<ListedFlag>,
    pub removed: Vec<Removed>,
    pub knowledge: Vec<Sign>,
    pub signs: Vec<Sign>,
    pub parties: Vec<super::us_tables::PartyRule>,
}

/// What a licensing authority was called over a period.
#[derive(Clone, Debug)]
pub(crate) struct Authority {
    /// As control entries name it.
    pub id: String,
    pub value: String,
    pub label: Text,
    pub period: Period,
    pub cite: String,
}

/// An exemption of small consignments, whose limit is not in our data.
#[derive(Clone, Debug)]
pub(crate) struct LowValue {
    pub label: Text,
    pub cite: String,
}

/// Countries to which an exemption of encryption items is possible; membership alone does not exempt.
#[derive(Clone, Debug)]
pub(crate) struct EncryptionExempt {
    pub cite: String,
    pub entries: BTreeSet<String>,
    pub codes: BTreeSet<String>,
}

/// Something that was taken off the list again.
#[derive(Clone, Debug)]
pub(crate) struct Removed {
    pub from: Date,
    pub label: Text,
}

#[derive(Clone, Debug)]
pub(crate) struct ListEdition {
    pub from: Date,
    pub count: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct ListedFlag {
    pub flag: String,
    pub from: Date,
}

#[derive(Clone, Debug)]
pub(crate) struct Sign {
    pub id: String,
    pub label: Text,
    /// The judgement that answers it.
    pub word: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Procedure {
    pub key: String,
    pub facts: Vec<ProcedureFact>,
}

#[derive(Clone, Debug)]
pub(crate) struct ProcedureFact {
    pub key: String,
    pub value: String,
    pub period: Period,
    pub cite: String,
}

#[derive(Clone, Debug)]
pub(crate) struct ClassificationRule {
    pub key: String,
    pub kinds: Vec<String>,
    pub value: String,
    pub except_grades: Vec<String>,
    pub cite: String,
}
