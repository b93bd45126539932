//! What two decisions ask for: burdens, reach, relief, parties, enforcement and papers.

use super::{Divergence, DivergenceKind, Intent, Side, plain};
use crate::decision::Text;
use crate::facts::Activity;
use crate::outcome::Outcome;

pub(super) fn burdens(own: Side<'_>, other: Side<'_>, found: &mut Vec<Divergence>) {
    let (a, b) = (own.decision.burden, other.decision.burden);
    let territorial = |s: Side<'_>| s.decision.outcome == Outcome::NotSubject;
    if !a.is_known() || !b.is_known() || a == b || territorial(own) || territorial(other) {
        return;
    }
    let stricter = if a > b { own.name() } else { other.name() };
    let mut divergence = of_outcomes(
        DivergenceKind::LicenceRequirement,
        [own, other],
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
pub(super) fn reach(own: Side<'_>, other: Side<'_>, found: &mut Vec<Divergence>) {
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
    let mut divergence = of_outcomes(
        DivergenceKind::Jurisdiction,
        [own, other],
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

/// A divergence whose evidence is what each side decided.
fn of_outcomes(kind: DivergenceKind, sides: [Side<'_>; 2], text: Text) -> Divergence {
    plain(
        kind,
        sides.map(|side| side.view(side.outcome_cites())),
        text,
    )
}

fn asks_for_a_licence(outcome: Outcome) -> bool {
    outcome > Outcome::Indeterminate && outcome != Outcome::Prohibited
}

pub(super) fn relief(own: Side<'_>, other: Side<'_>, found: &mut Vec<Divergence>) {
    for (open, closed) in [(own, other), (other, own)] {
        if open.decision.outcome == Outcome::ExceptionCandidate
            && asks_for_a_licence(closed.decision.outcome)
        {
            let mut divergence = of_outcomes(
                DivergenceKind::Exception,
                [own, other],
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
pub(super) fn parties(own: Side<'_>, other: Side<'_>, found: &mut Vec<Divergence>) {
    let examined = |s: Side<'_>| !s.decision.not_examined.iter().any(|n| n.step == "party");
    let hit = |s: Side<'_>| s.decision.finding("party_hit").is_some();
    if !examined(own) || !examined(other) || hit(own) == hit(other) {
        return;
    }
    let stricter = if hit(own) { own } else { other };
    let mut divergence = of_outcomes(
        DivergenceKind::Party,
        [own, other],
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
pub(super) fn enforcement(own: Side<'_>, other: Side<'_>, found: &mut Vec<Divergence>) {
    let parted = |s: Side<'_>| s.decision.literal_outcome != s.decision.outcome;
    if parted(own) == parted(other) {
        return;
    }
    let side = if parted(own) { own } else { other };
    let Some(overlay) = side.decision.overlays.first() else {
        return;
    };
    let mut divergence = of_outcomes(
        DivergenceKind::Temporal,
        [own, other],
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
pub(super) fn process(own: Side<'_>, other: Side<'_>, found: &mut Vec<Divergence>) {
    if !asks_for_a_licence(own.decision.outcome) || !asks_for_a_licence(other.decision.outcome) {
        return;
    }
    let papers = |s: Side<'_>| s.decision.finding("procedure").map(str::to_owned);
    if papers(own) == papers(other) {
        return;
    }
    let lighter = if papers(own).is_some() { own } else { other };
    let heavier = if papers(own).is_some() { other } else { own };
    let mut divergence = of_outcomes(
        DivergenceKind::Process,
        [own, other],
        Text::new(
            format!("{} has simplified documents", lighter.name()),
            format!("{}은(는) 제출서류가 간소함", lighter.name()),
        ),
    );
    divergence.stricter = Some(heavier.name().to_owned());
    found.push(divergence);
}
