//! What a decision says: plain data, in a fixed order, labels in both languages.

use jiff::civil::Date;

use crate::facts::Transaction;
use crate::outcome::{Burden, Outcome, strictest};

/// Our own words, in English and Korean.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text {
    /// English.
    pub en: String,
    /// Korean.
    pub ko: String,
}

impl Text {
    /// Both languages at once.
    #[must_use]
    pub fn new(en: impl Into<String>, ko: impl Into<String>) -> Self {
        Self {
            en: en.into(),
            ko: ko.into(),
        }
    }
}

/// Where a rule stands and when it stood there.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cite {
    /// For example `15 CFR 742.6(a)(6)(iii)`.
    pub provision: String,
    /// First day.
    pub from: Option<Date>,
    /// First day on which it no longer stands.
    pub to: Option<Date>,
}

impl Cite {
    /// A provision without bounds.
    #[must_use]
    pub fn new(provision: impl Into<String>) -> Self {
        Self {
            provision: provision.into(),
            from: None,
            to: None,
        }
    }
}

/// One licence requirement that reaches the transaction. Each must be overcome by itself (738.4(a)(2)(ii)(A)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// `NS`, `RS`, `is_informed`, `embargo`, `entity_list` and so on.
    pub reason: String,
    /// Country Chart column; empty where the row names none.
    pub column: String,
    /// The section it rests on.
    pub basis: String,
    /// The row of another destination that was used; empty where it is the destination's own.
    pub row_used: String,
    /// The control entry; empty where no entry makes it.
    pub entry: String,
    /// The paragraph that triggers it.
    pub code: String,
    /// Path below the entry.
    pub path: String,
    /// The destinations it reaches, in the predicate language of docs/regimes.md.
    pub destinations: String,
    /// The destination in words.
    pub destination: Text,
    /// It counts in the literal outcome.
    pub literal: bool,
    /// It counts in the enforced outcome.
    pub enforced: bool,
    /// The overlay that separates the two.
    pub overlay: Option<String>,
    /// Candidate exceptions that would overcome it.
    pub overcome_by: Vec<String>,
    /// How an application would be reviewed.
    pub review_policy: Option<String>,
    /// Whether that review presumes denial.
    pub denial: bool,
    /// Where it stands.
    pub cite: Cite,
    /// In words.
    pub label: Text,
    /// It comes from a rule that is not modelled: a person must resolve it.
    pub unmodelled: bool,
    /// It has no licensing path (a denied party).
    pub prohibits: bool,
    /// Id of the row in its entry, of the notice, or of the sanctioned destination.
    pub row: String,
    /// The review of `reviews.yaml` that the row names.
    pub review: Option<String>,
}

/// How an exception stands. There is no `available`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExceptionStatus {
    /// A bar closes it, or the entry says no.
    Foreclosed,
    /// Item or destination does not qualify.
    OutOfScope,
    /// The mechanical tests pass; a person must confirm the conditions.
    Candidate,
    /// The facts do not decide.
    Indeterminate,
    /// Named or left open, its own terms not decided; it does not move the outcome.
    ToCheck,
}

impl ExceptionStatus {
    /// The word of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Foreclosed => "foreclosed",
            Self::OutOfScope => "out_of_scope",
            Self::Candidate => "candidate",
            Self::Indeterminate => "indeterminate",
            Self::ToCheck => "to_check",
        }
    }
}

/// One exception and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionResult {
    /// For example `STA`.
    pub symbol: String,
    /// For example `740.20`.
    pub section: String,
    /// How it stands.
    pub status: ExceptionStatus,
    /// What bars it or puts it out of scope.
    pub barred_by: Vec<Cite>,
    /// What a person must confirm.
    pub conditions: Vec<Text>,
    /// Its use needs a notice to the agency.
    pub needs_notification: bool,
    /// Why it stands so.
    pub reason: Text,
    /// What it is called.
    pub label: Text,
}

/// Where text and enforcement part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverlayResult {
    /// Overlay id.
    pub id: String,
    /// Its state, a word of `overlays.yaml`.
    pub state: String,
    /// What the text alone gives.
    pub literal_outcome: Outcome,
    /// What is enforced.
    pub enforced_outcome: Outcome,
    /// Where the state is published, with the days of the state.
    pub cite: Cite,
    /// In words.
    pub label: Text,
}

/// A plain fact that the decision rests on, for example `region` = `GA`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is found.
    pub key: String,
    /// The value.
    pub value: String,
    /// Where it stands.
    pub cite: Cite,
    /// In words.
    pub label: Text,
}

/// What kind of provision a pointer names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PointerKind {
    /// An exemption that may free the item.
    ExemptionToCheck,
    /// Another control that may reach it.
    OtherControl,
    /// A sign that calls for care.
    RedFlag,
}

impl PointerKind {
    /// The word of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExemptionToCheck => "exemption_to_check",
            Self::OtherControl => "other_control",
            Self::RedFlag => "red_flag",
        }
    }
}

/// A provision that an officer must look at beside the answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pointer {
    /// What kind.
    pub kind: PointerKind,
    /// The provision or its id.
    pub id: String,
    /// In words.
    pub text: Text,
}

/// Something to ask, with what the answer is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The missing parameter, flag, judgement, attribute or transaction field.
    pub input: String,
    /// `parameter`, `flag`, `judgement`, `attribute`, `transaction` or `party`.
    pub kind: String,
    /// Canonical unit of a parameter.
    pub unit: String,
    /// Thresholds, as the formulas write them.
    pub thresholds: Vec<String>,
    /// Codes of the open paragraphs that the answer would help to close.
    pub codes: Vec<String>,
    /// What the answer is compared with, and for which paragraphs.
    pub uses: Vec<QuestionUse>,
    /// An answer could raise the burden.
    pub could_raise: bool,
    /// It belongs to the smallest set that settles what could raise the outcome.
    pub needed: bool,
    /// The question.
    pub text: Text,
}

/// One comparison that the answer to a question goes into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionUse {
    /// The comparator, or `in`.
    pub comparator: String,
    /// The threshold with its unit, or the set of words.
    pub threshold: String,
    /// Codes of the paragraphs that make the comparison.
    pub codes: Vec<String>,
}

impl Question {
    /// A question that is compared with nothing: a fact of the transaction, a flag, a judgement.
    pub(crate) fn plain(input: &str, kind: &str, could_raise: bool, text: Text) -> Self {
        Self {
            input: input.to_owned(),
            kind: kind.to_owned(),
            unit: String::new(),
            thresholds: Vec::new(),
            codes: Vec::new(),
            uses: Vec::new(),
            could_raise,
            needed: could_raise,
            text,
        }
    }

    /// How many open paragraphs the answer would help to close.
    #[must_use]
    pub fn closes(&self) -> usize {
        self.codes.len()
    }
}

/// Something that this answer does not cover.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotExamined {
    /// The step.
    pub step: String,
    /// A documented word.
    pub reason: String,
    /// In words.
    pub text: Text,
}

/// How a step of the flow ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepStatus {
    /// Looked at to the end.
    Done,
    /// The flow ends here.
    Stopped,
    /// Something in it is open.
    Open,
    /// Not looked at.
    NotExamined,
}

impl StepStatus {
    /// The word of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Stopped => "stopped",
            Self::Open => "open",
            Self::NotExamined => "not_examined",
        }
    }
}

/// One step of the flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// `jurisdiction`, `classification`, `list_requirement` and so on.
    pub id: String,
    /// How it ended.
    pub status: StepStatus,
    /// What was found.
    pub summary: Text,
    /// The provisions applied.
    pub cites: Vec<Cite>,
}

/// The decision for one line under one law.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineDecision {
    /// The jurisdiction whose law this is.
    pub jurisdiction: String,
    /// The date at which the law was read.
    pub as_of: Date,
    /// The route that was decided, so that two decisions can be paired.
    pub transaction: Transaction,
    /// Codes of the paragraphs that are met, the governing one first.
    pub matches: Vec<String>,
    /// The governing code; empty when nothing is known.
    pub code: String,
    /// The outcome as enforced.
    pub outcome: Outcome,
    /// The outcome by the text alone.
    pub literal_outcome: Outcome,
    /// The burden of `outcome`.
    pub burden: Burden,
    /// The burden of `literal_outcome`.
    pub literal_burden: Burden,
    /// Something left open could raise the burden.
    pub open_could_raise: bool,
    /// The requirements, list rows first, in the order of the data.
    pub requirements: Vec<Requirement>,
    /// The exceptions looked at, in the order of part 740; empty where nothing needs one.
    pub exceptions: Vec<ExceptionResult>,
    /// How an application would be reviewed; absent when no licence is asked for.
    pub review_policy: Option<String>,
    /// Where text and enforcement part.
    pub overlays: Vec<OverlayResult>,
    /// Plain facts.
    pub findings: Vec<Finding>,
    /// What else to look at.
    pub pointers: Vec<Pointer>,
    /// What to ask, the most useful first.
    pub questions: Vec<Question>,
    /// Codes of the open paragraphs of which one that is met would raise the outcome, but for those that one question about the
    /// item's type stands for.
    pub raising: Vec<String>,
    /// What was not examined.
    pub not_examined: Vec<NotExamined>,
    /// The flow.
    pub steps: Vec<Step>,
    /// Reasons for which the answer is incomplete (screening lists); empty when complete.
    pub incomplete: Vec<String>,
}

impl LineDecision {
    /// The value of the finding `key`, if there is one.
    #[must_use]
    pub fn finding(&self, key: &str) -> Option<&str> {
        self.findings
            .iter()
            .find(|f| f.key == key)
            .map(|f| f.value.as_str())
    }
}

/// The decision for a whole shipment under one law.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JurisdictionDecision {
    /// The jurisdiction.
    pub jurisdiction: String,
    /// The agency that answers.
    pub agency: String,
    /// Digest of the edition that was read.
    pub edition: String,
    /// The strictest outcome as enforced.
    pub outcome: Outcome,
    /// The strictest outcome by the text.
    pub literal_outcome: Outcome,
    /// Joined burden; unknown where a line is unknown.
    pub burden: Burden,
    /// Joined literal burden.
    pub literal_burden: Burden,
    /// Some line could still be raised.
    pub open_could_raise: bool,
    /// One per line, in the order of the request.
    pub lines: Vec<LineDecision>,
}

impl JurisdictionDecision {
    /// Joins line decisions; an empty list gives `needs_information`.
    #[must_use]
    pub fn of(jurisdiction: &str, agency: &str, edition: &str, lines: Vec<LineDecision>) -> Self {
        let (outcome, burden, literal_outcome, literal_burden) = if lines.is_empty() {
            let o = Outcome::NeedsInformation;
            (o, Burden::Unknown, o, Burden::Unknown)
        } else {
            let (o, b) = strictest(lines.iter().map(|l| (l.outcome, l.burden)));
            let (lo, lb) = strictest(lines.iter().map(|l| (l.literal_outcome, l.literal_burden)));
            (o, b, lo, lb)
        };
        Self {
            jurisdiction: jurisdiction.to_owned(),
            agency: agency.to_owned(),
            edition: edition.to_owned(),
            outcome,
            literal_outcome,
            burden,
            literal_burden,
            open_could_raise: lines.iter().any(|l| l.open_could_raise),
            lines,
        }
    }
}
