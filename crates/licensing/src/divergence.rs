//! Where two decisions part, or agree under different numbers (`domain.md` 4.7). Each with its evidence; nothing is said
//! where one side is not known.

mod codes;
mod outcomes;

use concord_controls::period::Period;
use jiff::civil::Date;

use crate::alignment::{Alignment, Evidence};
use crate::decision::{Cite, LineDecision, StepStatus, Text};
use crate::law::LawEdition;
use crate::outcome::{Burden, Outcome};

/// How two decisions part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DivergenceKind {
    /// The same item gets entries that are not aligned.
    Classification,
    /// An entry exists on one side only.
    ListScopeGap,
    /// Aligned entries with another threshold; found by comparing the lists, not two decisions.
    ParameterThresholdGap,
    /// The same control under another number.
    NumberingOnly,
    /// Another burden.
    LicenceRequirement,
    /// One side has a relief that the other lacks.
    Exception,
    /// A party restricted on one side only.
    Party,
    /// Other dates or another enforcement state.
    Temporal,
    /// Another reach.
    Jurisdiction,
    /// Other documents, times or duties.
    Process,
}

impl DivergenceKind {
    /// The word of the contract and of the case files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Classification => "classification",
            Self::ListScopeGap => "list_scope_gap",
            Self::ParameterThresholdGap => "parameter_threshold_gap",
            Self::NumberingOnly => "numbering_only",
            Self::LicenceRequirement => "licence_requirement",
            Self::Exception => "exception",
            Self::Party => "party",
            Self::Temporal => "temporal",
            Self::Jurisdiction => "jurisdiction",
            Self::Process => "process",
        }
    }
}

/// Whether a difference is a stated policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Intent {
    /// No source says why.
    Unexplained,
    /// A published policy of one side says so.
    Documented,
}

impl Intent {
    /// The word of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unexplained => "unexplained",
            Self::Documented => "documented",
        }
    }
}

/// One side of a divergence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DivergenceSide {
    /// The jurisdiction.
    pub jurisdiction: String,
    /// Its code; empty when it has none.
    pub code: String,
    /// Its outcome.
    pub outcome: Outcome,
    /// Its burden.
    pub burden: Burden,
    /// Its provisions.
    pub cites: Vec<Cite>,
}

/// One place where two laws part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// How.
    pub kind: DivergenceKind,
    /// The side whose answer this is, then the other.
    pub sides: [DivergenceSide; 2],
    /// The stricter jurisdiction.
    pub stricter: Option<String>,
    /// The only jurisdiction that controls it.
    pub controlled_by: Option<String>,
    /// What the pairing rests on.
    pub evidence: Evidence,
    /// Thresholds were not compared on both sides.
    pub partial: bool,
    /// Whether it is a stated policy.
    pub intent: Intent,
    /// First day over which it holds, where known.
    pub from: Option<Date>,
    /// First day on which it no longer holds, where known.
    pub to: Option<Date>,
    /// In words.
    pub label: Text,
}

/// A decision and, where it is loaded, the law it was made under (an unofficial copy serves as well).
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The decision.
    pub decision: &'a LineDecision,
    /// The law.
    pub law: Option<&'a LawEdition>,
}

impl Side<'_> {
    fn listed(&self) -> bool {
        let code = &self.decision.code;
        !code.is_empty() && code != "EAR99" && !self.is_residual()
    }

    fn is_residual(&self) -> bool {
        let residual = self.law.and_then(|l| l.regime().residual());
        residual.is_some_and(|r| **r == *self.decision.code)
    }

    /// Nothing is listed, and that is an answer rather than an open question.
    fn known_unlisted(&self) -> bool {
        self.is_residual()
            || self.decision.code == "EAR99"
            || self.decision.finding("list_status") == Some("not_strategic")
    }

    fn name(&self) -> &str {
        &self.decision.jurisdiction
    }

    fn view(&self, cites: Vec<Cite>) -> DivergenceSide {
        DivergenceSide {
            jurisdiction: self.decision.jurisdiction.clone(),
            code: self.decision.code.clone(),
            outcome: self.decision.outcome,
            burden: self.decision.burden,
            cites,
        }
    }

    /// Where the entry stands, and since and until when what it says of the item holds.
    fn entry_cites(&self) -> Vec<Cite> {
        let (code, day) = (&self.decision.code, self.decision.as_of);
        let entry = code.split('.').next().unwrap_or_default();
        let Some(entry) = self.law.and_then(|l| l.regime().entry(entry)) else {
            return Vec::new();
        };
        let paragraphs = entry.paragraphs.iter();
        let mut now = paragraphs.filter(|p| *p.code == **code && p.period.contains(day));
        let paragraph = now.next().map_or(Period::ALWAYS, |p| p.period);
        // An entry that is not in force on that day is cited without days: none of its periods is meant.
        let both = entry.period.common(&paragraph);
        let held = both
            .filter(|period| period.contains(day))
            .unwrap_or(Period::ALWAYS);
        vec![Cite {
            provision: entry.cite.to_string(),
            from: held.from,
            to: held.to,
        }]
    }

    /// The provisions that made the outcome.
    fn outcome_cites(&self) -> Vec<Cite> {
        let mut cites: Vec<Cite> = self
            .decision
            .requirements
            .iter()
            .filter(|r| r.enforced)
            .map(|r| r.cite.clone())
            .collect();
        if cites.is_empty() {
            let steps = self.decision.steps.iter().rev();
            let decided = steps.filter(|s| s.status != StepStatus::NotExamined);
            cites.extend(decided.flat_map(|s| s.cites.clone()).take(1));
        }
        cites.dedup();
        cites
    }
}

/// Where two decisions part. Each decision may be about its own route: the mirror transaction is compared by passing
/// the decision that was made for it.
#[must_use]
pub fn divergences(own: Side<'_>, other: Side<'_>, alignment: &Alignment) -> Vec<Divergence> {
    let mut found = Vec::new();
    codes::codes(own, other, alignment, &mut found);
    outcomes::burdens(own, other, &mut found);
    outcomes::reach(own, other, &mut found);
    outcomes::relief(own, other, &mut found);
    outcomes::parties(own, other, &mut found);
    outcomes::enforcement(own, other, &mut found);
    outcomes::process(own, other, &mut found);
    for divergence in &mut found {
        divergence.date();
    }
    found
}

impl Divergence {
    /// What no rule dates by itself holds as long as every provision that it rests on.
    fn date(&mut self) {
        if self.from.is_some() || self.to.is_some() {
            return;
        }
        let cites = self.sides.iter().flat_map(|side| &side.cites);
        self.from = cites.clone().filter_map(|cite| cite.from).max();
        self.to = cites.filter_map(|cite| cite.to).min();
    }
}

/// A divergence of a kind between two sides, to be completed.
fn plain(kind: DivergenceKind, sides: [DivergenceSide; 2], label: Text) -> Divergence {
    Divergence {
        kind,
        sides,
        stricter: None,
        controlled_by: None,
        evidence: Evidence::Outcome,
        partial: false,
        intent: Intent::Unexplained,
        from: None,
        to: None,
        label,
    }
}
