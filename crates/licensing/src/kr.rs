//! The Korean flow (Foreign Trade Act Arts. 19 to 20-2, Public Notice; `domain.md` 2.6): item, act, region, sensitivity and
//! grade of the exporter, licence type; and for what is not strategic the situational licence.

mod licence;
mod procedure;
mod region;
mod situational;

use concord_controls::regime::RegimeAt;
use concord_controls::vocabulary::Attribute;

use crate::classified::{ClassifiedBy, OpenParagraph, ParagraphRef};
use crate::decision::{Cite, LineDecision, StepStatus, Text};
use crate::draft::{Draft, listed};
use crate::facts::{Activity, Facts, PartyStep};
use crate::law::LawEdition;
use crate::law::kr_tables::KrTables;
use crate::outcome::{BurdenFacts, Outcome, burden};
use crate::questions;

/// What every step reads.
pub(crate) struct Ctx<'a> {
    pub tables: &'a KrTables,
    pub at: RegimeAt<'a>,
    pub facts: &'a Facts<'a>,
}

impl Ctx<'_> {
    fn activity(&self) -> Activity {
        self.facts.transaction.activity.unwrap_or_default()
    }

    fn is_home(&self, code: &str) -> bool {
        self.tables.home.contains(code)
    }

    fn flag(&self, id: &str) -> Option<bool> {
        self.facts
            .item
            .flag(self.at.regime().vocabulary().flag_id(id)?)
    }

    /// What a person answered.
    fn judged(&self, id: &str) -> Option<bool> {
        let id = self.at.regime().vocabulary().judgement_id(id)?;
        self.facts.judgements.answer(id)
    }

    fn kind(&self) -> &str {
        self.facts.item.attribute(Attribute::Kind).map_or("", |k| k)
    }

    /// The exporter's compliance-programme grade: the exporter's, or else the only one that a party states.
    fn grade(&self) -> Option<&str> {
        let parties = &self.facts.transaction.parties;
        let exporter = parties.iter().find(|p| p.role == "exporter");
        exporter
            .and_then(|p| p.cp_grade.as_deref())
            .or_else(|| parties.iter().find_map(|p| p.cp_grade.as_deref()))
            .filter(|grade| *grade != "none")
    }
}

/// Whether the item stands in Annex 2 or 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strategic {
    Yes,
    No,
    Unknown,
}

impl Strategic {
    const fn word(self) -> &'static str {
        match self {
            Self::Yes => "strategic",
            Self::No => "not_strategic",
            Self::Unknown => "unknown",
        }
    }
}

/// Decides one line.
pub(crate) fn decide(law: &LawEdition, tables: &KrTables, facts: &Facts<'_>) -> LineDecision {
    let ctx = Ctx {
        tables,
        at: law.regime().at(facts.as_of),
        facts,
    };
    let mut draft = Draft::default();
    procedure::facts(&ctx, &mut draft);
    let strategic = item_step(&ctx, &mut draft);
    let Some(destination) = facts.transaction.destination.as_deref() else {
        draft.ask_transaction(
            "destination",
            true,
            Text::new("To which country does it go?", "어느 나라로 갑니까?"),
        );
        draft.could_raise = true;
        let verdict = (Outcome::NeedsInformation, BurdenFacts::default());
        return finish(law, &ctx, draft, verdict, None);
    };
    let region = region::find(&ctx, destination, &mut draft);
    if let Some(outcome) = outside_territory(&ctx, destination, &mut draft) {
        // Whatever is open could not matter under a law that does not reach the act.
        draft.questions.clear();
        draft.could_raise = false;
        return finish(law, &ctx, draft, (outcome, BurdenFacts::default()), None);
    }
    let listed_party = situational::parties(&ctx, &mut draft);
    let situational = situational::step(&ctx, destination, &mut draft);
    let mut burden_facts = BurdenFacts {
        parties_unexamined: matches!(facts.parties, PartyStep::NotExamined(_)),
        ..BurdenFacts::default()
    };
    let (mut outcome, mut policy) = match strategic {
        Strategic::Yes => strategic_item(&ctx, &region, &mut draft, &mut burden_facts),
        Strategic::No | Strategic::Unknown if situational.listed || situational.triggered => {
            burden_facts.denial = situational.policy == "denial_in_principle";
            (
                Outcome::SituationalLicenceRequired,
                Some(situational.policy.clone()),
            )
        }
        Strategic::No => (Outcome::NoListLicence, None),
        Strategic::Unknown => (Outcome::NeedsInformation, None),
    };
    if let Some(party_policy) = listed_party {
        // A party of concern is a trigger of its own, whatever the item is.
        if strategic != Strategic::Yes {
            outcome = Outcome::SituationalLicenceRequired;
        }
        burden_facts.denial |= party_policy == "denial_in_principle";
        policy = Some(party_policy);
    }
    if let Some(policy) = &policy {
        let label = Text::new("how an application is reviewed", "심사 방침");
        draft.find(
            "policy",
            policy.clone(),
            &tables.situational.policy_cite,
            label,
        );
    }
    if burden_facts.parties_unexamined && outcome == Outcome::NoListLicence {
        outcome = Outcome::NeedsInformation;
    }
    let raising = raising(&ctx, &region, outcome, burden_facts);
    draft.could_raise |= !raising.is_empty();
    questions::ask(ctx.at, facts, &raising, &mut draft);
    if facts.strict && draft.could_raise {
        outcome = Outcome::NeedsInformation;
    }
    finish(law, &ctx, draft, (outcome, burden_facts), policy)
}

/// Annex 2 or 3?
fn item_step(ctx: &Ctx<'_>, draft: &mut Draft) -> Strategic {
    let classified = ctx.facts.classification;
    let strategic = if classified.is_listed() {
        Strategic::Yes
    } else {
        match ctx.flag("strategic_item") {
            Some(true) => Strategic::Yes,
            Some(false) => Strategic::No,
            None if ctx.flag("other_entries_excluded") == Some(true)
                || classified.by == ClassifiedBy::Residual =>
            {
                Strategic::No
            }
            None => Strategic::Unknown,
        }
    };
    let label = Text::new(
        "Annex 2 or 3 of the Public Notice",
        "고시 별표 2·3 해당 여부",
    );
    draft.find("list_status", strategic.word(), "대외무역법 제19조", label);
    let summary = match strategic {
        Strategic::Yes if classified.code.is_empty() => {
            Text::new("stated to be a strategic item", "전략물자로 제시됨")
        }
        Strategic::Yes => Text::new(
            format!("strategic item {}", classified.code),
            format!("전략물자 {}", classified.code),
        ),
        Strategic::No => Text::new("not a strategic item", "전략물자 아님"),
        Strategic::Unknown => {
            draft.ask_transaction(
                "strategic_item",
                true,
                Text::new(
                    "Does it stand in Annex 2 or 3?",
                    "별표 2 또는 3에 해당합니까?",
                ),
            );
            Text::new(
                "whether it is a strategic item is open",
                "전략물자 여부 미정",
            )
        }
    };
    if classified.contradicts_stated {
        draft.could_raise = true;
        draft.ask_transaction(
            "stated_classification",
            true,
            Text::new(
                "The facts contradict the stated number. Which is right?",
                "제시된 통제번호와 사실이 다릅니다. 어느 쪽이 맞습니까?",
            ),
        );
    }
    let status = if strategic == Strategic::Unknown {
        StepStatus::Open
    } else {
        StepStatus::Done
    };
    draft.step(
        "item",
        status,
        summary,
        vec![Cite::new("대외무역법 제19조")],
    );
    if let Some(entry) = ctx.at.regime().entry(entry_code(&classified.code)) {
        if let Some(authority) = &entry.authority {
            procedure::authority(ctx, authority, &entry.cite, draft);
        }
        if entry.coverage != concord_controls::entry::Coverage::Full {
            draft.skip(
                "item",
                "partial_coverage",
                Text::new(
                    format!("our data covers {} only in part", entry.code),
                    format!("{} 항목의 데이터가 일부만 수록됨", entry.code),
                ),
            );
        }
    }
    strategic
}

fn entry_code(code: &str) -> &str {
    code.split('.').next().unwrap_or_default()
}

/// Acts that Korean law does not license here: not from its own territory, or staying within it.
fn outside_territory(ctx: &Ctx<'_>, destination: &str, draft: &mut Draft) -> Option<Outcome> {
    let origin = ctx.facts.transaction.origin.as_deref();
    let from_home = origin.is_none_or(|o| ctx.is_home(o));
    let to_home = ctx.is_home(destination);
    let foreign_recipient =
        ctx.facts.transaction.to_foreign_national || ctx.activity() == Activity::DeemedExport;
    let (id, text) = match ctx.activity() {
        // Brokering and transit are licensed although the goods do not come from Korea.
        Activity::Brokering | Activity::Transit | Activity::Transshipment
            if !from_home && !to_home =>
        {
            draft.step(
                "act",
                StepStatus::Done,
                Text::new(
                    "brokered from, or moved through, Korea as asked",
                    "한국에서 중개되거나 한국을 경유하는 것으로 봄",
                ),
                vec![
                    Cite::new("대외무역법 제19조의4"),
                    Cite::new("대외무역법 제19조의5"),
                ],
            );
            return None;
        }
        _ if from_home && !to_home => return act_named(ctx, draft),
        // A transfer to a foreigner counts inside Korea too (Art. 19-2 item 2).
        _ if from_home && foreign_recipient => return act_named(ctx, draft),
        _ if to_home => (
            "import",
            Text::new(
                "an import into Korea, or a move within it",
                "한국으로의 수입 또는 국내 이동",
            ),
        ),
        _ => (
            "not_from_korea",
            Text::new(
                "the item does not leave Korea",
                "한국에서 나가는 품목이 아님",
            ),
        ),
    };
    let label = text.clone();
    draft.find("territory", id, "대외무역법 제19조의2", label);
    draft.step(
        "act",
        StepStatus::Stopped,
        text,
        vec![Cite::new("대외무역법 제19조의2")],
    );
    Some(Outcome::NotSubject)
}

fn act_named(ctx: &Ctx<'_>, draft: &mut Draft) -> Option<Outcome> {
    let act = ctx
        .tables
        .acts
        .iter()
        .find(|a| a.activity == ctx.activity().as_str());
    let cite = act.map_or_else(Cite::default, |a| Cite::new(a.cite.clone()));
    draft.step(
        "act",
        StepStatus::Done,
        Text::new(
            format!("act: {}", ctx.activity().as_str()),
            format!("행위: {}", ctx.activity().as_str()),
        ),
        vec![cite],
    );
    None
}

/// A strategic item: the act, the region and the licence type.
fn strategic_item(
    ctx: &Ctx<'_>,
    region: &region::Found<'_>,
    draft: &mut Draft,
    burden_facts: &mut BurdenFacts,
) -> (Outcome, Option<String>) {
    let activity = ctx.activity().as_str();
    let act = ctx.tables.acts.iter().find(|a| a.activity == activity);
    let Some(act) = act else {
        return (Outcome::Indeterminate, None);
    };
    if act.exempt_regions.iter().any(|r| *r == region.id) {
        let label = Text::new(
            "the act is exempt for this region",
            "이 지역에는 해당 행위 허가가 면제됨",
        );
        draft.find(
            "exemption",
            format!("{activity}_{}", region.id),
            &act.cite,
            label,
        );
        return (Outcome::NoListLicence, None);
    }
    let outcome = Outcome::parse(&act.outcome).unwrap_or(Outcome::Indeterminate);
    if outcome == Outcome::ExportLicenceRequired {
        let licence = licence::open_to(
            ctx,
            region,
            &licence::sensitivity(ctx, &ctx.facts.classification.code),
        );
        burden_facts.simplified = region.simplified;
        burden_facts.comprehensive = licence.comprehensive;
        let label = licence.label.clone();
        draft.find("licence_type", listed(&licence.types), &licence.cite, label);
        if let Some(doubt) = licence.doubt {
            draft.skip("licence", "sources_disagree", doubt);
        }
        procedure::process(ctx, region, draft);
        if region.exemptions_open {
            draft.point(
                crate::decision::PointerKind::ExemptionToCheck,
                "고시 제26조",
                Text::new("exemptions of Art. 26 may apply", "제26조 면제 확인"),
            );
            procedure::encryption(ctx, draft);
            procedure::low_value(ctx, draft);
        }
    }
    draft.step(
        "licence",
        StepStatus::Done,
        Text::new(
            format!("{} for {}", outcome.as_str(), region.label.en),
            format!("{} 목적지: {}", region.label.ko, outcome.as_str()),
        ),
        vec![Cite::new(act.cite.clone())],
    );
    (outcome, None)
}

/// The open paragraphs of which meeting one would raise the burden.
fn raising<'a>(
    ctx: &Ctx<'a>,
    region: &region::Found<'_>,
    outcome: Outcome,
    burden_facts: BurdenFacts,
) -> Vec<&'a OpenParagraph> {
    let mut raising = Vec::new();
    let now = burden(outcome, burden_facts);
    let floor = if now.is_known() {
        now
    } else {
        crate::outcome::Burden::NoListLicence
    };
    let act = ctx
        .tables
        .acts
        .iter()
        .find(|a| a.activity == ctx.activity().as_str());
    let exempt = act.is_some_and(|a| a.exempt_regions.iter().any(|r| *r == region.id));
    if exempt {
        return raising;
    }
    let would = act
        .and_then(|a| Outcome::parse(&a.outcome))
        .unwrap_or(Outcome::Indeterminate);
    for open in &ctx.facts.classification.open {
        let licence = licence::open_to(
            ctx,
            region,
            &licence::sensitivity(ctx, &open.paragraph.entry),
        );
        let facts = BurdenFacts {
            simplified: region.simplified,
            comprehensive: licence.comprehensive,
            denial: false,
            ..burden_facts
        };
        let known = BurdenFacts {
            parties_unexamined: false,
            ..facts
        };
        if burden(would, known) > floor {
            raising.push(open);
        }
    }
    raising
}

fn finish(
    law: &LawEdition,
    ctx: &Ctx<'_>,
    draft: Draft,
    verdict: (Outcome, BurdenFacts),
    policy: Option<String>,
) -> LineDecision {
    let (outcome, facts) = verdict;
    let burden = burden(outcome, facts);
    // Korean law holds no enforcement overlay in our data: text and enforcement say the same.
    LineDecision {
        jurisdiction: law.jurisdiction().to_owned(),
        as_of: ctx.facts.as_of,
        transaction: ctx.facts.transaction.clone(),
        matches: ctx
            .facts
            .classification
            .matches
            .iter()
            .map(ParagraphRef::code)
            .collect(),
        code: ctx.facts.classification.code.clone(),
        outcome,
        literal_outcome: outcome,
        burden,
        literal_burden: burden,
        open_could_raise: draft.could_raise,
        requirements: draft.requirements,
        exceptions: Vec::new(),
        review_policy: policy,
        overlays: Vec::new(),
        findings: draft.findings,
        pointers: draft.pointers,
        raising: draft.raising,
        questions: draft.questions,
        not_examined: draft.not_examined,
        steps: draft.steps,
        incomplete: draft.incomplete,
    }
}
