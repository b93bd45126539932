//! The flow of the United States (15 CFR 730-774; `domain.md` 1.1 and 4.5): jurisdiction, classification, list
//! requirements, destination sanctions, parties, end use, exceptions, review.

mod conclude;
mod end_use;
mod exceptions;
mod open;
pub(crate) mod parties;
mod reach;
mod requirements;
mod review;
mod sanctions;
mod wordless;

use concord_controls::condition::Condition;
use concord_controls::entry::Entry;
use concord_controls::evaluate::{Evaluation, Truth};
use concord_controls::regime::RegimeAt;

use crate::classified::{ClassifiedBy, ParagraphRef};
use crate::decision::{
    Cite, ExceptionResult, LineDecision, OverlayResult, PointerKind, Question, Requirement,
    StepStatus, Text,
};
use crate::destination::{Place, Reached};
use crate::draft::Draft;
use crate::facts::{Activity, Facts};
use crate::law::LawEdition;
use crate::law::us_tables::{Asked, UsTables};
use crate::outcome::{Burden, Outcome};
use crate::questions;
use conclude::{Claim, Verdict, conclude};
use exceptions::Doors;
use reach::Subject;
pub(crate) use wordless::burden;

/// What every step reads.
pub(crate) struct Ctx<'a> {
    pub tables: &'a UsTables,
    pub at: RegimeAt<'a>,
    pub facts: &'a Facts<'a>,
}

impl<'a> Ctx<'a> {
    /// The entry, where it is in force.
    fn entry(&self, code: &str) -> Option<&'a Entry> {
        let entry = self.at.regime().entry(code)?;
        entry.period.contains(self.at.date()).then_some(entry)
    }

    /// How a condition over the item comes out.
    fn truth(&self, condition: &Condition) -> Truth {
        self.at
            .truth(condition, self.facts.item, self.facts.judgements)
    }

    /// The same with what is missing.
    fn evaluate(&self, condition: &Condition) -> Evaluation {
        self.at
            .evaluate(condition, self.facts.item, self.facts.judgements)
    }

    fn activity(&self) -> Activity {
        self.facts.transaction.activity.unwrap_or_default()
    }

    /// What was answered under a word of the vocabulary, be it a flag of the item or a judgement.
    fn answer(&self, word: &str) -> Option<bool> {
        let vocabulary = self.at.regime().vocabulary();
        let flag = vocabulary.flag_id(word);
        flag.and_then(|id| self.facts.item.flag(id)).or_else(|| {
            let id = vocabulary.judgement_id(word)?;
            self.facts.judgements.answer(id)
        })
    }

    /// Asks under a word of the vocabulary, in its words.
    fn ask_word(&self, draft: &mut Draft, asked: &Asked, could_raise: bool) {
        let vocabulary = self.at.regime().vocabulary();
        let Some(word) = asked.word.as_deref() else {
            return;
        };
        let judgement = vocabulary
            .judgement_id(word)
            .and_then(|id| vocabulary.judgement(id));
        let (kind, text) = match judgement {
            Some(judgement) => {
                let question = &judgement.question;
                let text = Text::new(question.en.to_string(), question.ko.to_string());
                ("judgement", text)
            }
            None => (
                "flag",
                Text::new(format!("{}?", asked.text.en), format!("{}?", asked.text.ko)),
            ),
        };
        draft.ask(Question::plain(word, kind, could_raise, text));
    }

    fn is_home(&self, code: &str) -> bool {
        self.tables.reach.home.contains(code)
    }
}

/// Decides one line.
pub(crate) fn decide(law: &LawEdition, tables: &UsTables, facts: &Facts<'_>) -> LineDecision {
    let ctx = Ctx {
        tables,
        at: law.regime().at(facts.as_of),
        facts,
    };
    let mut draft = Draft::default();
    let Some(code) = facts.transaction.destination.as_deref() else {
        return without_destination(law, &ctx, draft);
    };
    let Some(place) = Place::resolve(
        code,
        &tables.chart,
        &tables.groups,
        &tables.sanctions,
        facts.as_of,
    ) else {
        // The edge refuses such codes (`LawEdition::check`); the core still never reads one as free.
        draft.undecided = true;
        draft.skip(
            "list_requirement",
            "unknown_destination",
            Text::new(
                "the destination is in no table",
                "목적지가 어떤 표에도 없음",
            ),
        );
        let verdict = Verdict {
            outcome: Outcome::Indeterminate,
            burden: Burden::Unknown,
        };
        return finish(
            law,
            &ctx,
            draft,
            verdict,
            verdict,
            Vec::new(),
            Vec::new(),
            None,
        );
    };
    let subject = reach::step(&ctx, &place, &mut draft);
    classification_step(&ctx, &mut draft);
    if subject == Subject::No {
        // Whatever is open could not matter under a law that does not reach the act.
        draft.questions.clear();
        draft.could_raise = false;
        end_use::beyond_the_item(&ctx, &mut draft);
        let verdict = Verdict {
            outcome: Outcome::NotSubject,
            burden: Burden::NotSubject,
        };
        return finish(
            law,
            &ctx,
            draft,
            verdict,
            verdict,
            Vec::new(),
            Vec::new(),
            None,
        );
    }
    requirements::step(&ctx, &place, &facts.classification.paragraphs(), &mut draft);
    sanctions::step(&ctx, &place, &mut draft);
    parties::step(&ctx, &place, &mut draft);
    end_use::step(&ctx, &place, &mut draft);
    end_use::prohibitions(&ctx, &mut draft);
    let doors = Doors::of(&ctx, &place);
    let exceptions = exceptions::step(&ctx, &place, &doors, &mut draft);
    review::step(&ctx, &place, &mut draft);
    let (mut enforced, mut literal) = {
        let found = draft.requirements.iter();
        let claims: Vec<_> = found.map(|r| Claim::of(r, &exceptions)).collect();
        (
            conclude(&ctx, &claims, draft.undecided, subject, |c| c.enforced),
            conclude(&ctx, &claims, draft.undecided, subject, |c| c.literal),
        )
    };
    let raising = open::step(&ctx, &place, subject, &doors, &draft, enforced);
    let rows = open::rows_of_met(&ctx, &place, subject, &doors, &draft, (enforced, literal));
    // Where a licence is asked for anyway, the region of the destination asks for no more.
    draft.could_raise |= !raising.is_empty()
        || rows.raise_enforced
        || (draft.region_open && enforced.outcome < Outcome::LicenceRequired);
    // An open paragraph never withholds what another one gives (rule 2 of the case files). But a row of what is met that the
    // facts leave open may be the very requirement, and of an item that no paragraph meets the asker ruled out only what the
    // facts do not reach.
    let unmet = facts.classification.by == ClassifiedBy::Residual
        && raising.iter().any(|open| !open.is_asked_at_once());
    enforced = enforced.withheld(rows.raise_enforced || unmet);
    literal = literal.withheld(rows.raise_literal || unmet);
    draft.raising_inputs = rows.inputs;
    questions::ask(ctx.at, facts, &raising, &mut draft);
    if enforced.outcome == Outcome::Prohibited {
        draft.nothing_raises();
    }
    if enforced.outcome == Outcome::NoListLicence {
        draft.point(
            PointerKind::OtherControl,
            "738.4(a)(2)",
            Text::new(
                "no mark frees an item only where General Prohibitions Four to Ten do not apply",
                "표시가 없어도 일반금지 제4호부터 제10호에 해당하지 않아야 함",
            ),
        );
    }
    if facts.strict && draft.could_raise && enforced.outcome != Outcome::Prohibited {
        enforced = Verdict {
            outcome: Outcome::NeedsInformation,
            burden: Burden::Unknown,
        };
        literal = enforced;
    }
    let overlays = overlays(&ctx, &draft.requirements, literal.outcome, enforced.outcome);
    let policy = review::overall(&ctx, &draft.requirements, enforced.outcome);
    finish(
        law, &ctx, draft, enforced, literal, exceptions, overlays, policy,
    )
}

fn without_destination(law: &LawEdition, ctx: &Ctx<'_>, mut draft: Draft) -> LineDecision {
    let origin = ctx.facts.transaction.origin.as_deref();
    if origin.is_none_or(|o| ctx.is_home(o)) {
        draft.step(
            "jurisdiction",
            StepStatus::Done,
            Text::new("the item leaves the United States", "미국에서 나가는 품목"),
            vec![Cite::new("15 CFR 734.3")],
        );
    }
    classification_step(ctx, &mut draft);
    draft.ask_transaction(
        "destination",
        true,
        Text::new("To which country does it go?", "어느 나라로 갑니까?"),
    );
    draft.step(
        "list_requirement",
        StepStatus::Open,
        Text::new("the destination is missing", "목적지가 없음"),
        vec![Cite::new(ctx.tables.chart.cite.clone())],
    );
    draft.could_raise = true;
    // Without a destination any open paragraph may matter.
    let open: Vec<_> = ctx.facts.classification.open.iter().collect();
    questions::ask(ctx.at, ctx.facts, &open, &mut draft);
    let verdict = Verdict {
        outcome: Outcome::NeedsInformation,
        burden: Burden::Unknown,
    };
    finish(
        law,
        ctx,
        draft,
        verdict,
        verdict,
        Vec::new(),
        Vec::new(),
        None,
    )
}

fn classification_step(ctx: &Ctx<'_>, draft: &mut Draft) {
    let classified = ctx.facts.classification;
    let (status, summary) = match classified.by {
        ClassifiedBy::Computed | ClassifiedBy::Stated | ClassifiedBy::Aligned => (
            StepStatus::Done,
            Text::new(
                format!("classified under {}", classified.code),
                format!("{}(으)로 분류", classified.code),
            ),
        ),
        ClassifiedBy::Residual => (
            StepStatus::Done,
            Text::new(
                format!(
                    "no entry is met and the others are ruled out: {}",
                    classified.code
                ),
                format!("해당 항목이 없고 나머지는 배제됨: {}", classified.code),
            ),
        ),
        ClassifiedBy::Unresolved => (
            StepStatus::Open,
            Text::new(
                "no entry is met, none is ruled out",
                "충족 항목도 배제된 항목도 없음",
            ),
        ),
    };
    if classified.contradicts_stated {
        draft.could_raise = true;
        draft.ask_transaction(
            "stated_classification",
            true,
            Text::new(
                "The facts contradict the stated code. Which is right?",
                "제시된 분류와 사실이 다릅니다. 어느 쪽이 맞습니까?",
            ),
        );
    }
    draft.step(
        "classification",
        status,
        summary,
        vec![Cite::new("15 CFR 774 Supp. 1")],
    );
}

/// One result per overlay that separates a row's text from its enforcement.
fn overlays(
    ctx: &Ctx<'_>,
    requirements: &[Requirement],
    literal_outcome: Outcome,
    enforced_outcome: Outcome,
) -> Vec<OverlayResult> {
    let mut results: Vec<OverlayResult> = Vec::new();
    for id in requirements
        .iter()
        .filter(|r| r.literal && !r.enforced)
        .filter_map(|r| r.overlay.as_ref())
    {
        if results.iter().any(|r| r.id == *id) {
            continue;
        }
        let Some(overlay) = ctx.tables.overlays.overlays.get(id) else {
            continue;
        };
        let Some(dated) = overlay
            .states
            .iter()
            .find(|s| s.period.contains(ctx.facts.as_of))
        else {
            continue;
        };
        let label = ctx
            .tables
            .overlays
            .states
            .get(&dated.state)
            .map(|s| &s.label);
        let label = label.map_or_else(
            || overlay.label.clone(),
            |l| {
                Text::new(
                    format!("{}: {}", overlay.label.en, l.en),
                    format!("{}: {}", overlay.label.ko, l.ko),
                )
            },
        );
        results.push(OverlayResult {
            id: id.clone(),
            state: dated.state.clone(),
            literal_outcome,
            enforced_outcome,
            cite: Cite {
                provision: dated.cite.clone(),
                from: dated.period.from,
                to: dated.period.to,
            },
            label,
        });
    }
    results
}

#[expect(
    clippy::too_many_arguments,
    reason = "the one place where a decision is put together"
)]
fn finish(
    law: &LawEdition,
    ctx: &Ctx<'_>,
    draft: Draft,
    enforced: Verdict,
    literal: Verdict,
    exceptions: Vec<ExceptionResult>,
    overlays: Vec<OverlayResult>,
    review_policy: Option<String>,
) -> LineDecision {
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
        outcome: enforced.outcome,
        literal_outcome: literal.outcome,
        burden: enforced.burden,
        literal_burden: literal.burden,
        open_could_raise: draft.could_raise,
        requirements: draft.requirements,
        exceptions,
        review_policy,
        overlays,
        findings: draft.findings,
        pointers: draft.pointers,
        raising: draft.raising,
        questions: draft.questions,
        not_examined: draft.not_examined,
        steps: draft.steps,
        incomplete: draft.incomplete,
    }
}

/// Our words for a rule, marked where it was not compared with its text.
fn from_memory(text: &Text, recalled: bool) -> Text {
    if !recalled {
        return text.clone();
    }
    Text::new(
        format!("{} (from memory, not compared with the text)", text.en),
        format!("{} (기억에 따름, 원문과 대조하지 않음)", text.ko),
    )
}

/// Yes, or not decided: what must not be read as "no".
const fn may_reach(reached: Reached) -> bool {
    !matches!(reached, Reached::No)
}

/// The kind of a pointer of an entry.
const fn pointer_kind(kind: concord_controls::entry::PointerKind) -> PointerKind {
    match kind {
        concord_controls::entry::PointerKind::ExemptionToCheck => PointerKind::ExemptionToCheck,
        concord_controls::entry::PointerKind::OtherControl => PointerKind::OtherControl,
        concord_controls::entry::PointerKind::RedFlag => PointerKind::RedFlag,
    }
}
