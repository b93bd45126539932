//! Case files: situations as data, with what each jurisdiction's law must say about them. The words and the comparison
//! rules are those of `cases.schema.json`; what `expect` does not name is not compared.

mod compare;
mod read;

pub use compare::{Answer, failures};
pub use read::read_case_file;

use concord_proto::types::Transaction;

/// One case, expanded into the checks that it asks for.
#[derive(Debug, Clone)]
pub struct Case {
    /// Id of the case.
    pub id: String,
    /// Reported, never counted.
    pub advisory: bool,
    /// What to ask and what must come out.
    pub checks: Vec<Check>,
}

/// One question of a case and its expected answer.
#[derive(Debug, Clone)]
pub struct Check {
    /// Which part of the case it is, for example `timeline[1]`.
    pub part: String,
    /// The date at which the law is read.
    pub as_of: String,
    /// The transaction with its one line.
    pub transaction: Transaction,
    /// What US law must say.
    pub us: Vec<Expectation>,
    /// What Korean law must say.
    pub kr: Vec<Expectation>,
    /// Divergences that must be reported.
    pub divergences: Vec<ExpectedDivergence>,
}

/// One key of `us` or `kr` with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    /// The governing code begins with one of these.
    Classification(Vec<String>),
    /// A met paragraph begins with this.
    Match(String),
    /// No met paragraph begins with this.
    NoMatch(String),
    /// The outcome is this.
    Outcome(String),
    /// The outcome is not this.
    OutcomeIsNot(String),
    /// A requirement like this is reported.
    Requirement {
        /// Reason for control.
        reason: String,
        /// Country Chart column.
        column: Option<String>,
        /// Section, compared by prefix where it is a section number.
        basis: Option<String>,
        /// The country row used.
        row_used: Option<String>,
    },
    /// An exception stands like this.
    Exception {
        /// Symbol.
        symbol: String,
        /// `candidates`, `foreclosed` or `candidates_to_check`.
        list: String,
    },
    /// The review policy is this.
    ReviewPolicy(String),
    /// An overlay like this is reported.
    Overlay {
        /// Overlay id.
        id: Option<String>,
        /// Outcome of the text.
        literal: Option<String>,
        /// Outcome as enforced.
        enforced: Option<String>,
    },
    /// Something that the answer rests on begins with this section.
    Basis(String),
    /// A pointer to this provision is given.
    Pointer {
        /// `exemption_to_check`, `other_control` or `red_flag`.
        kind: String,
        /// The provision or id.
        id: String,
    },
    /// A finding has this value.
    Finding {
        /// Key of the finding.
        key: String,
        /// Its value.
        value: String,
    },
}

/// A divergence that must be reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedDivergence {
    /// Kind as the case files word it.
    pub kind: String,
    /// The only jurisdiction that controls it.
    pub controlled_by: Option<String>,
    /// The stricter jurisdiction.
    pub stricter: Option<String>,
}
