//! Where two decisions part, or agree under different numbers (`domain.md` 4.7). Each with its evidence; nothing is said
//! where one side is not known.

use jiff::civil::Date;

use crate::alignment::{Alignment, Evidence, Relation};
use crate::classified::under;
use crate::decision::{Cite, LineDecision, StepStatus, Text};
use crate::facts::Activity;
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

    /// Where the entry stands.
    fn entry_cites(&self) -> Vec<Cite> {
        let entry = self.decision.code.split('.').next().unwrap_or_default();
        let found = self.law.and_then(|l| l.regime().entry(entry));
        found.map_or_else(Vec::new, |e| vec![Cite::new(e.cite.to_string())])
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
    codes(own, other, alignment, &mut found);
    burdens(own, other, &mut found);
    reach(own, other, &mut found);
    relief(own, other, &mut found);
    parties(own, other, &mut found);
    enforcement(own, other, &mut found);
    process(own, other, &mut found);
    found
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

fn entry_of(code: &str) -> &str {
    code.split('.').next().unwrap_or_default()
}

fn codes(own: Side<'_>, other: Side<'_>, alignment: &Alignment, found: &mut Vec<Divergence>) {
    match (own.listed(), other.listed()) {
        (true, true) => both_listed(own, other, alignment, found),
        (true, false) => one_listed(own, other, alignment, found),
        (false, true) => one_listed(other, own, alignment, found),
        (false, false) => {
            for (lister, rest) in [(own, other), (other, own)] {
                let listed = lister.decision.finding("situational_list") == Some("listed");
                if listed && rest.known_unlisted() {
                    let mut gap = plain(
                        DivergenceKind::ListScopeGap,
                        [own.view(own.entry_cites()), other.view(other.entry_cites())],
                        Text::new(
                            format!("only {} lists the item for this destination", lister.name()),
                            format!("{}만 이 목적지에 대해 품목을 지정함", lister.name()),
                        ),
                    );
                    gap.controlled_by = Some(lister.name().to_owned());
                    gap.evidence = Evidence::Subject;
                    found.push(gap);
                }
            }
        }
    }
}

fn both_listed(own: Side<'_>, other: Side<'_>, alignment: &Alignment, found: &mut Vec<Divergence>) {
    let (a, b) = (own.decision.code.as_str(), other.decision.code.as_str());
    let pair = |r: &crate::alignment::Record| {
        r.relation != Relation::OnlyOneSide
            && r.members
                .iter()
                .any(|m| m.jurisdiction == other.name() && under(b, &m.code))
    };
    let record = alignment.find(own.name(), a, pair);
    let sides = || [own.view(own.entry_cites()), other.view(other.entry_cites())];
    let (kind, evidence, partial) = match record {
        Some(r) if r.relation == Relation::NotTheSame => {
            (DivergenceKind::Classification, r.evidence, r.partial)
        }
        // Numbers are compared where the record pairs them: a deeper paragraph of the one is no other number.
        Some(r) if r.relation == Relation::Same => {
            let same_numbers = r
                .members
                .iter()
                .filter(|m| {
                    (m.jurisdiction == own.name() && under(a, &m.code))
                        || (m.jurisdiction == other.name() && under(b, &m.code))
                })
                .map(|m| m.code.as_str())
                .collect::<std::collections::BTreeSet<_>>()
                .len()
                == 1;
            if same_numbers {
                return;
            }
            (DivergenceKind::NumberingOnly, r.evidence, r.partial)
        }
        Some(r) => (DivergenceKind::Classification, r.evidence, true),
        None if a == b => return,
        // The same entry, and nothing compared below it: a hint, and no more.
        None if entry_of(a) == entry_of(b) => return,
        None => (DivergenceKind::Classification, Evidence::Code, true),
    };
    let label = match kind {
        DivergenceKind::NumberingOnly => Text::new(
            format!("the same control: {a} and {b}"),
            format!("같은 통제: {a}, {b}"),
        ),
        _ => Text::new(
            format!("{a} and {b} are not the same control"),
            format!("{a}와(과) {b}은(는) 같은 통제가 아님"),
        ),
    };
    let mut divergence = plain(kind, sides(), label);
    divergence.evidence = evidence;
    divergence.partial = partial;
    found.push(divergence);
}

fn one_listed(
    lister: Side<'_>,
    rest: Side<'_>,
    alignment: &Alignment,
    found: &mut Vec<Divergence>,
) {
    let code = lister.decision.code.as_str();
    let sides = [
        lister.view(lister.entry_cites()),
        rest.view(rest.entry_cites()),
    ];
    let paired = alignment.find(lister.name(), code, |r| {
        matches!(r.relation, Relation::Same | Relation::Overlaps)
            && r.members.iter().any(|m| m.jurisdiction == rest.name())
    });
    if let Some(record) = paired {
        let member = record
            .members
            .iter()
            .find(|m| m.jurisdiction == rest.name());
        let member = member.map_or("", |m| m.code.as_str());
        let day = rest.decision.as_of;
        if let Some((from, to)) = rest.law.and_then(|law| out_of_force(law, member, day)) {
            let mut gap = plain(
                DivergenceKind::Temporal,
                sides,
                Text::new(
                    format!("{member} of {} is not in force on {day}", rest.name()),
                    format!("{}의 {member}은(는) {day}에 시행되지 않음", rest.name()),
                ),
            );
            gap.controlled_by = Some(lister.name().to_owned());
            gap.stricter = Some(lister.name().to_owned());
            gap.evidence = record.evidence;
            gap.partial = record.partial;
            (gap.from, gap.to) = (to, from);
            found.push(gap);
        } else if rest.known_unlisted() {
            let mut other = plain(
                DivergenceKind::Classification,
                sides,
                Text::new(
                    format!("{code} is met and its counterpart {member} is not"),
                    format!("{code}은(는) 충족되나 상대 항목 {member}은(는) 충족되지 않음"),
                ),
            );
            other.controlled_by = Some(lister.name().to_owned());
            other.stricter = Some(lister.name().to_owned());
            other.evidence = record.evidence;
            other.partial = record.partial;
            found.push(other);
        }
        return;
    }
    let alone = alignment.find(lister.name(), code, |r| r.relation == Relation::OnlyOneSide);
    // Without a record, an entry number that the other list does not have is a gap only as far as our data goes.
    let absent = rest
        .law
        .is_some_and(|law| law.regime().entry(entry_of(code)).is_none());
    if alone.is_none() && !absent {
        return;
    }
    let mut gap = plain(
        DivergenceKind::ListScopeGap,
        sides,
        Text::new(
            format!("only {} has an entry for this: {code}", lister.name()),
            format!("{}에만 해당 항목이 있음: {code}", lister.name()),
        ),
    );
    gap.controlled_by = Some(lister.name().to_owned());
    gap.evidence = alone.map_or(Evidence::Code, |r| r.evidence);
    gap.partial = alone.is_none_or(|r| r.partial);
    found.push(gap);
}

/// When a code that the list knows is not in force on a day: the first day it is, and since when it is not.
fn out_of_force(law: &LawEdition, code: &str, day: Date) -> Option<(Option<Date>, Option<Date>)> {
    let entry = law.regime().entry(entry_of(code))?;
    let mut periods = vec![entry.period];
    if entry.period.contains(day) {
        let versions: Vec<_> = entry
            .paragraphs
            .iter()
            .filter(|p| under(&p.code, code))
            .map(|p| p.period)
            .collect();
        if versions.is_empty() || versions.iter().any(|p| p.contains(day)) {
            return None;
        }
        periods = versions;
    }
    let next = periods
        .iter()
        .filter_map(|p| p.from)
        .filter(|from| *from > day)
        .min();
    let ended = periods
        .iter()
        .filter_map(|p| p.to)
        .filter(|to| *to <= day)
        .max();
    Some((next, ended))
}

fn burdens(own: Side<'_>, other: Side<'_>, found: &mut Vec<Divergence>) {
    let (a, b) = (own.decision.burden, other.decision.burden);
    let territorial = |s: Side<'_>| s.decision.outcome == Outcome::NotSubject;
    if !a.is_known() || !b.is_known() || a == b || territorial(own) || territorial(other) {
        return;
    }
    let stricter = if a > b { own.name() } else { other.name() };
    let mut divergence = plain(
        DivergenceKind::LicenceRequirement,
        [
            own.view(own.outcome_cites()),
            other.view(other.outcome_cites()),
        ],
        Text::new(
            format!(
                "{}: {}, {}: {}",
                own.name(),
                a.as_str(),
                other.name(),
                b.as_str()
            ),
            format!(
                "{}: {}, {}: {}",
                own.name(),
                a.as_str(),
                other.name(),
                b.as_str()
            ),
        ),
    );
    divergence.stricter = Some(stricter.to_owned());
    found.push(divergence);
}

/// One law reaches the act and the other does not, beyond the plain fact that goods leave one country only.
fn reach(own: Side<'_>, other: Side<'_>, found: &mut Vec<Divergence>) {
    let same_route = own.decision.transaction.origin == other.decision.transaction.origin
        && own.decision.transaction.destination == other.decision.transaction.destination;
    if !same_route {
        return;
    }
    let plain_export =
        |s: Side<'_>| s.decision.transaction.activity.unwrap_or_default() == Activity::Export;
    let abroad = |s: Side<'_>| {
        let origin = s.decision.transaction.origin.as_deref();
        s.decision.finding("subject_to_ear") == Some("yes")
            && origin.is_some_and(|o| o != s.decision.jurisdiction)
    };
    let not_subject = |s: Side<'_>| s.decision.outcome == Outcome::NotSubject;
    let (reaching, rest) = match (not_subject(own), not_subject(other)) {
        (false, true) if !plain_export(own) => (own, other),
        (true, false) if !plain_export(own) => (other, own),
        (false, false) if abroad(own) => (own, other),
        (false, false) if abroad(other) => (other, own),
        _ => return,
    };
    if !reaching.decision.burden.is_known() {
        return;
    }
    let mut divergence = plain(
        DivergenceKind::Jurisdiction,
        [
            own.view(own.outcome_cites()),
            other.view(other.outcome_cites()),
        ],
        Text::new(
            format!(
                "the law of {} reaches this act in another way than that of {}",
                reaching.name(),
                rest.name()
            ),
            format!(
                "{} 법은 {} 법과 다른 방식으로 이 행위에 미침",
                reaching.name(),
                rest.name()
            ),
        ),
    );
    divergence.stricter =
        (reaching.decision.burden > rest.decision.burden).then(|| reaching.name().to_owned());
    divergence.intent = Intent::Documented;
    found.push(divergence);
}

fn asks_for_a_licence(outcome: Outcome) -> bool {
    outcome > Outcome::Indeterminate && outcome != Outcome::Prohibited
}

fn relief(own: Side<'_>, other: Side<'_>, found: &mut Vec<Divergence>) {
    for (open, closed) in [(own, other), (other, own)] {
        if open.decision.outcome == Outcome::ExceptionCandidate
            && asks_for_a_licence(closed.decision.outcome)
        {
            let mut divergence = plain(
                DivergenceKind::Exception,
                [
                    own.view(own.outcome_cites()),
                    other.view(other.outcome_cites()),
                ],
                Text::new(
                    format!(
                        "{} has a candidate exception, {} asks for a licence",
                        open.name(),
                        closed.name()
                    ),
                    format!(
                        "{}은(는) 허가예외 후보가 있고 {}은(는) 허가를 요구함",
                        open.name(),
                        closed.name()
                    ),
                ),
            );
            divergence.stricter = Some(closed.name().to_owned());
            found.push(divergence);
        }
    }
}

/// A party on one side's lists only; a step that was cut short on either side says nothing about a difference.
fn parties(own: Side<'_>, other: Side<'_>, found: &mut Vec<Divergence>) {
    let examined = |s: Side<'_>| !s.decision.not_examined.iter().any(|n| n.step == "party");
    let hit = |s: Side<'_>| s.decision.finding("party_hit").is_some();
    if !examined(own) || !examined(other) || hit(own) == hit(other) {
        return;
    }
    let stricter = if hit(own) { own } else { other };
    let mut divergence = plain(
        DivergenceKind::Party,
        [
            own.view(own.outcome_cites()),
            other.view(other.outcome_cites()),
        ],
        Text::new(
            format!("a party stands on a list of {} only", stricter.name()),
            format!("거래당사자가 {} 목록에만 있음", stricter.name()),
        ),
    );
    divergence.stricter = Some(stricter.name().to_owned());
    divergence.controlled_by = Some(stricter.name().to_owned());
    found.push(divergence);
}

/// Text and enforcement part on one side only.
fn enforcement(own: Side<'_>, other: Side<'_>, found: &mut Vec<Divergence>) {
    let parted = |s: Side<'_>| s.decision.literal_outcome != s.decision.outcome;
    if parted(own) == parted(other) {
        return;
    }
    let side = if parted(own) { own } else { other };
    let Some(overlay) = side.decision.overlays.first() else {
        return;
    };
    let mut divergence = plain(
        DivergenceKind::Temporal,
        [
            own.view(own.outcome_cites()),
            other.view(other.outcome_cites()),
        ],
        Text::new(
            format!(
                "{} by the text of {}, {} as enforced",
                side.decision.literal_outcome.as_str(),
                side.name(),
                side.decision.outcome.as_str()
            ),
            format!(
                "{} 문언상 {}, 집행상 {}",
                side.name(),
                side.decision.literal_outcome.as_str(),
                side.decision.outcome.as_str()
            ),
        ),
    );
    divergence.intent = Intent::Documented;
    (divergence.from, divergence.to) = (overlay.cite.from, overlay.cite.to);
    found.push(divergence);
}

/// Both ask for a licence, and one of them has lighter papers.
fn process(own: Side<'_>, other: Side<'_>, found: &mut Vec<Divergence>) {
    if !asks_for_a_licence(own.decision.outcome) || !asks_for_a_licence(other.decision.outcome) {
        return;
    }
    let papers = |s: Side<'_>| s.decision.finding("procedure").map(str::to_owned);
    if papers(own) == papers(other) {
        return;
    }
    let lighter = if papers(own).is_some() { own } else { other };
    let heavier = if papers(own).is_some() { other } else { own };
    let mut divergence = plain(
        DivergenceKind::Process,
        [
            own.view(own.outcome_cites()),
            other.view(other.outcome_cites()),
        ],
        Text::new(
            format!("{} has simplified documents", lighter.name()),
            format!("{}은(는) 제출서류가 간소함", lighter.name()),
        ),
    );
    divergence.stricter = Some(heavier.name().to_owned());
    found.push(divergence);
}
