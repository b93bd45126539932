//! Step X: part 740. The general restrictions of 740.2 run first; each requirement must be overcome by itself.
//!
//! One function judges; its finding is a ground without words. The answer puts the ground into words, a trial of an open
//! paragraph only asks which requirement is carried.

mod bars;
mod printed;
mod words;

use concord_controls::destination::DestinationPredicate;
use concord_controls::entry::{Entry, Path};
use concord_controls::vocabulary::Attribute;

use super::Ctx;
use super::conclude::Claim;
use crate::classified::{ParagraphRef, under};
use crate::decision::{Cite, ExceptionResult, ExceptionStatus, StepStatus, Text};
use crate::destination::{Place, Reached};
use crate::draft::{Draft, listed};
use crate::law::us_tables::{Bar, EntryRole, Exception, Limb};

pub(super) use printed::coverage;

/// The reason of a requirement of part 746.
const EMBARGO: &str = "embargo";

/// What is the same for every exception and every trial of one decision: where it may be used at all.
pub(super) struct Doors<'a> {
    doors: Vec<Door<'a>>,
}

/// One exception in force, with what does not turn on the paragraph.
struct Door<'a> {
    exception: &'a Exception,
    /// Why this item or act can never use it.
    closed: Option<Ground<'a>>,
    limbs: Vec<(&'a Limb, Reached)>,
    /// It was made for this destination by name (SPP for Syria).
    made_for: bool,
}

/// Why an exception stands as it does, without words.
#[derive(Clone, Copy)]
enum Ground<'a> {
    /// A listed party closes it.
    Party,
    /// A bar of 740.2 closes it, or may.
    Bar {
        bar: &'a Bar,
        closes: bool,
    },
    /// The entry prints that it may not be used.
    EntrySaysNo(&'a str),
    /// The facts do not decide what the entry asks.
    EntryAsks(&'a str),
    /// The value is above the entry's limit.
    AboveLimit(&'a str),
    /// The value was not stated.
    ValueNotStated(&'a str),
    /// No entry names it; the first that would have to.
    NotNamed(Option<&'a str>),
    OtherKind,
    OtherCode,
    OtherAct,
    OtherReason,
    OtherDestination,
    /// The destination's tier is not stored; `open`: the tables have no answer at all.
    TierNotStored {
        open: bool,
    },
    /// The mechanical tests pass.
    Passes,
    /// Its own terms are not among the facts.
    OwnTerms,
    /// Part 746 names it, under terms of its own.
    EmbargoTerms,
}

impl Ground<'_> {
    const fn status(self) -> ExceptionStatus {
        match self {
            Self::Party | Self::Bar { closes: true, .. } | Self::EntrySaysNo(_) => {
                ExceptionStatus::Foreclosed
            }
            Self::Bar { closes: false, .. }
            | Self::EntryAsks(_)
            | Self::TierNotStored { open: true } => ExceptionStatus::Indeterminate,
            Self::AboveLimit(_)
            | Self::NotNamed(_)
            | Self::OtherKind
            | Self::OtherCode
            | Self::OtherAct
            | Self::OtherReason
            | Self::OtherDestination => ExceptionStatus::OutOfScope,
            Self::ValueNotStated(_)
            | Self::TierNotStored { open: false }
            | Self::OwnTerms
            | Self::EmbargoTerms => ExceptionStatus::ToCheck,
            Self::Passes => ExceptionStatus::Candidate,
        }
    }

    /// Nothing that is still open could change it.
    const fn is_settled(self) -> bool {
        matches!(
            self.status(),
            ExceptionStatus::Foreclosed | ExceptionStatus::OutOfScope
        )
    }
}

impl<'a> Doors<'a> {
    /// Every exception in force, against this item, act and destination.
    pub(super) fn of(ctx: &Ctx<'a>, place: &Place<'_>) -> Self {
        let in_force = |x: &&'a Exception| x.period.contains(ctx.facts.as_of);
        let doors = ctx
            .tables
            .exceptions
            .iter()
            .filter(in_force)
            .map(|exception| {
                let limbs = exception
                    .limbs
                    .iter()
                    .filter(|l| l.period.contains(ctx.facts.as_of))
                    .map(|l| (l, place.reached(l.to.predicate())))
                    .collect();
                Door {
                    exception,
                    closed: not_for_this(ctx, exception),
                    limbs,
                    made_for: made_for(exception, place),
                }
            })
            .collect();
        Self { doors }
    }
}

/// Whether the exception was made for this destination by name.
fn made_for(exception: &Exception, place: &Place<'_>) -> bool {
    exception.limbs.iter().any(|limb| {
        matches!(limb.to.predicate(), DestinationPredicate::Country(codes)
            if codes.iter().any(|c| c == place.row))
    })
}

/// Kind, classification and act that the exception is not for.
fn not_for_this<'a>(ctx: &Ctx<'_>, exception: &Exception) -> Option<Ground<'a>> {
    if !exception.kinds.is_empty()
        && let Some(kind) = ctx.facts.item.attribute(Attribute::Kind)
        && !exception.kinds.iter().any(|k| **k == **kind)
    {
        return Some(Ground::OtherKind);
    }
    let code = &ctx.facts.classification.code;
    if !exception.codes.is_empty() && !exception.codes.iter().any(|c| under(code, c)) {
        return Some(Ground::OtherCode);
    }
    let activity = ctx.activity().as_str();
    if !exception.activities.is_empty() && !exception.activities.iter().any(|a| a == activity) {
        return Some(Ground::OtherAct);
    }
    None
}

/// What judging reads beside one exception: the paragraphs, the requirements and the bars that concern them.
struct Case<'c, 'a> {
    ctx: &'c Ctx<'a>,
    place: &'c Place<'c>,
    /// The paragraphs that are met, with their entries.
    paragraphs: Vec<(&'c Entry, Path)>,
    /// The paragraphs whose rows have to be overcome.
    bearing: Vec<(&'c str, Option<(&'c Entry, Path)>)>,
    claims: &'c [Claim<'c>],
    party_barred: bool,
    bars: Vec<(&'c Bar, bool)>,
    embargo: bool,
}

impl<'c, 'a> Case<'c, 'a> {
    fn of(
        ctx: &'c Ctx<'a>,
        place: &'c Place<'c>,
        paragraphs: &[ParagraphRef],
        claims: &'c [Claim<'c>],
        party_barred: bool,
    ) -> Self {
        let find = |entry: &str, path: &str| Some((ctx.entry(entry)?, Path::parse(path)?));
        let mut bearing: Vec<(&str, &str)> = Vec::new();
        for claim in claims.iter().filter(|c| c.is_list_row()) {
            if !bearing.contains(&(claim.entry, claim.path)) {
                bearing.push((claim.entry, claim.path));
            }
        }
        Self {
            ctx,
            place,
            paragraphs: paragraphs
                .iter()
                .filter_map(|p| find(&p.entry, &p.path))
                .collect(),
            bearing: bearing
                .into_iter()
                .map(|(entry, path)| (entry, find(entry, path)))
                .collect(),
            claims,
            party_barred,
            bars: bars::in_the_way(ctx, place, paragraphs, claims),
            embargo: claims.iter().any(|c| c.reason == EMBARGO),
        }
    }
}

/// How one exception stands.
fn judge<'c>(case: &Case<'c, '_>, door: &Door<'c>) -> Ground<'c> {
    // What closes it for sure comes first, then what the entry prints, and last what the facts leave open.
    let exception = door.exception;
    let bar = if case.party_barred {
        Some(Ground::Party)
    } else {
        bars::barred(case, &exception.symbol)
    };
    if let Some(closed) = bar.filter(|g| g.is_settled()) {
        return closed;
    }
    let no = case.paragraphs.iter().find_map(|(entry, path)| {
        let no = printed::printed(case.ctx, case.place, entry, path, &exception.symbol).no;
        no.then_some(Ground::EntrySaysNo(&entry.code))
    });
    if let Some(no) = no {
        return no;
    }
    let scope = door.closed.or_else(|| out_of_scope(case, door));
    if let Some(closed) = scope.filter(|g| g.is_settled()) {
        return closed;
    }
    if exception.entry != EntryRole::SilentOk
        && let Some(ground) = printed::undecided(case, exception)
    {
        return ground;
    }
    if let Some(open) = bar.or(scope) {
        return open;
    }
    if !exception.moves_outcome {
        Ground::OwnTerms
    } else if case.embargo && !door.made_for {
        Ground::EmbargoTerms
    } else {
        Ground::Passes
    }
}

/// Destinations and reasons for control.
fn out_of_scope<'c>(case: &Case<'c, '_>, door: &Door<'c>) -> Option<Ground<'c>> {
    let (mut open, mut other_reason) = (false, false);
    for (limb, reached) in &door.limbs {
        match reached {
            Reached::No => {}
            Reached::Yes if reasons_fit(&limb.only_reasons, case.claims) => return None,
            Reached::Yes => other_reason = true,
            _ => open = true,
        }
    }
    if open || door.exception.to_check_elsewhere {
        Some(Ground::TierNotStored { open })
    } else if other_reason {
        Some(Ground::OtherReason)
    } else {
        Some(Ground::OtherDestination)
    }
}

fn reasons_fit(only: &[String], claims: &[Claim<'_>]) -> bool {
    only.is_empty() || claims.iter().all(|c| only.iter().any(|r| *r == *c.reason))
}

/// Whether a candidate overcomes the requirement: list rows (738.4(a)(2)(ii)(A)), never part 744; an embargo only where made for it.
fn overcomes(door: &Door<'_>, claim: &Claim<'_>) -> bool {
    let embargo = claim.reason == EMBARGO && door.made_for;
    (claim.is_list_row() || embargo) && !claim.unmodelled
}

/// Which requirements are carried, without a word: for trials.
pub(super) fn carry(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    doors: &Doors<'_>,
    paragraphs: &[ParagraphRef],
    party_barred: bool,
    claims: &mut [Claim<'_>],
) {
    if claims.is_empty() {
        return;
    }
    let before = claims.to_vec();
    let case = Case::of(ctx, place, paragraphs, &before, party_barred);
    let may_carry = doors.doors.iter().filter(|d| d.exception.moves_outcome);
    for door in may_carry.filter(|d| judge(&case, d).status() == ExceptionStatus::Candidate) {
        for claim in claims.iter_mut().filter(|c| overcomes(door, c)) {
            claim.overcome = true;
            claim.by_notice_only &= door.exception.notification;
        }
    }
}

/// Looks at every exception in force, where some requirement needs one, and fills `overcome_by`.
pub(super) fn step(
    ctx: &Ctx<'_>,
    place: &Place<'_>,
    doors: &Doors<'_>,
    draft: &mut Draft,
) -> Vec<ExceptionResult> {
    if draft.requirements.is_empty() {
        return Vec::new();
    }
    let paragraphs = ctx.facts.classification.paragraphs();
    bars::point_to_headquarters(ctx, place, &paragraphs, draft);
    let mut results = Vec::new();
    let mut carried: Vec<(usize, String)> = Vec::new();
    {
        let claims: Vec<Claim<'_>> = draft
            .requirements
            .iter()
            .map(|r| Claim::of(r, &[]))
            .collect();
        let barred = !draft.party_bars.is_empty();
        let case = Case::of(ctx, place, &paragraphs, &claims, barred);
        for door in &doors.doors {
            let ground = judge(&case, door);
            if ground.status() == ExceptionStatus::Candidate {
                let overcome = claims.iter().enumerate();
                let overcome = overcome.filter(|(_, claim)| overcomes(door, claim));
                carried.extend(overcome.map(|(i, _)| (i, door.exception.symbol.clone())));
            }
            results.push(words::result(door, ground, &draft.party_bars));
        }
    }
    for (index, symbol) in carried {
        if let Some(requirement) = draft.requirements.get_mut(index) {
            requirement.overcome_by.push(symbol);
        }
    }
    say(&results, draft);
    results
}

fn say(results: &[ExceptionResult], draft: &mut Draft) {
    let of = |status| {
        let found = results
            .iter()
            .filter(|r: &&ExceptionResult| r.status == status);
        found.map(|r| r.symbol.clone()).collect::<Vec<_>>()
    };
    let (candidates, to_check) = (of(ExceptionStatus::Candidate), of(ExceptionStatus::ToCheck));
    draft.step(
        "exception",
        StepStatus::Done,
        Text::new(
            format!(
                "candidates: [{}]; to check: [{}]",
                listed(&candidates),
                listed(&to_check)
            ),
            format!(
                "후보: [{}], 확인 필요: [{}]",
                listed(&candidates),
                listed(&to_check)
            ),
        ),
        vec![
            Cite::new("15 CFR 740.2"),
            Cite::new("15 CFR 738.4(a)(2)(ii)(A)"),
        ],
    );
}
