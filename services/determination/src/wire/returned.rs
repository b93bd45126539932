//! A counterpart's determination back into the core's terms, so that two can be compared.
//!
//! Nothing a reader does not know becomes mild: unknown outcomes are `indeterminate`, unknown burdens are `unknown`.

use concord_licensing as core;
use concord_proto::types as wire;
use jiff::civil::Date;

/// The counterpart's determination. `transaction` is what it was asked about.
pub fn decode_jurisdiction(
    j: &wire::JurisdictionDetermination,
    transaction: &core::Transaction,
) -> core::JurisdictionDecision {
    let as_of = j.as_of.parse().unwrap_or(Date::MIN);
    let lines = j
        .lines
        .iter()
        .map(|l| line(j, l, as_of, transaction))
        .collect();
    core::JurisdictionDecision {
        jurisdiction: j.jurisdiction.clone(),
        agency: j.agency.clone(),
        edition: j
            .edition
            .as_ref()
            .map(|e| e.digest.clone())
            .unwrap_or_default(),
        outcome: outcome(&j.outcome),
        literal_outcome: outcome(&j.literal_outcome),
        burden: burden(j.burden),
        literal_burden: burden(j.literal_burden),
        open_could_raise: j.open_could_raise,
        lines,
    }
}

fn line(
    j: &wire::JurisdictionDetermination,
    l: &wire::LineDetermination,
    as_of: Date,
    transaction: &core::Transaction,
) -> core::LineDecision {
    core::LineDecision {
        jurisdiction: j.jurisdiction.clone(),
        as_of,
        transaction: transaction.clone(),
        matches: l
            .classification
            .iter()
            .flat_map(|c| &c.matches)
            .map(|p| p.code.clone())
            .collect(),
        code: l
            .classification
            .as_ref()
            .map(|c| c.code.clone())
            .unwrap_or_default(),
        outcome: outcome(&l.outcome),
        literal_outcome: outcome(&l.literal_outcome),
        burden: burden(l.burden),
        literal_burden: burden(l.literal_burden),
        open_could_raise: l.open_could_raise,
        requirements: l.requirements.iter().map(requirement).collect(),
        exceptions: l.exceptions.iter().map(exception).collect(),
        review_policy: (!l.review_policy.is_empty()).then(|| l.review_policy.clone()),
        overlays: l.overlays.iter().map(overlay).collect(),
        findings: l
            .findings
            .iter()
            .map(|f| core::Finding {
                key: f.key.clone(),
                value: f.value.clone(),
                cite: cite(f.citation.as_ref()),
                label: text(&f.label),
            })
            .collect(),
        pointers: l
            .pointers
            .iter()
            .map(|p| core::Pointer {
                kind: pointer_kind(&p.kind),
                id: p.id.clone(),
                text: text(&p.text),
            })
            .collect(),
        raising: l.raising.clone(),
        questions: l.questions.iter().map(question).collect(),
        not_examined: l
            .not_examined
            .iter()
            .map(|n| core::NotExamined {
                step: n.step.clone(),
                reason: n.reason.clone(),
                text: text(&n.text),
            })
            .collect(),
        steps: l
            .steps
            .iter()
            .map(|s| core::Step {
                id: s.id.clone(),
                status: step_status(&s.status),
                summary: text(&s.summary),
                cites: s.citations.iter().map(|c| cite(Some(c))).collect(),
            })
            .collect(),
        incomplete: j.incomplete.iter().map(|r| r.reason.clone()).collect(),
    }
}

fn outcome(word: &str) -> core::Outcome {
    core::Outcome::parse(word).unwrap_or(core::Outcome::Indeterminate)
}

fn burden(number: i32) -> core::Burden {
    use core::Burden as To;
    use wire::Burden as From;
    match From::try_from(number).unwrap_or(From::Unknown) {
        From::NotSubject => To::NotSubject,
        From::NoListLicence => To::NoListLicence,
        From::ExceptionCandidate => To::ExceptionCandidate,
        From::Notification => To::Notification,
        From::SimplifiedLicence => To::SimplifiedLicence,
        From::ComprehensiveLicence => To::ComprehensiveLicence,
        From::IndividualLicence => To::IndividualLicence,
        From::IndividualLicenceDenialPresumed => To::IndividualLicenceDenialPresumed,
        From::Prohibited => To::Prohibited,
        From::Unspecified | From::Unknown => To::Unknown,
    }
}

fn requirement(r: &wire::Requirement) -> core::Requirement {
    let path = r
        .code
        .strip_prefix(&r.entry)
        .unwrap_or("")
        .trim_start_matches('.')
        .to_owned();
    core::Requirement {
        reason: r.reason.clone(),
        column: r.column.clone(),
        basis: r.basis.clone(),
        row_used: r.row_used.clone(),
        entry: r.entry.clone(),
        code: r.code.clone(),
        path,
        destinations: r.destinations.clone(),
        destination: core::Text::default(),
        literal: r.literal,
        enforced: r.enforced,
        overlay: (!r.overlay_id.is_empty()).then(|| r.overlay_id.clone()),
        overcome_by: r.overcome_by.clone(),
        review_policy: (!r.review_policy.is_empty()).then(|| r.review_policy.clone()),
        denial: false,
        cite: cite(r.citation.as_ref()),
        label: text(&r.label),
        unmodelled: false,
        prohibits: false,
        row: String::new(),
        review: None,
    }
}

fn exception(e: &wire::ExceptionResult) -> core::ExceptionResult {
    use core::ExceptionStatus as To;
    use wire::ExceptionStatus as From;
    let status = match e.status() {
        From::Foreclosed => To::Foreclosed,
        From::OutOfScope => To::OutOfScope,
        From::Candidate => To::Candidate,
        From::ToCheck => To::ToCheck,
        From::Indeterminate | From::Unspecified => To::Indeterminate,
    };
    core::ExceptionResult {
        symbol: e.symbol.clone(),
        section: e.section.clone(),
        status,
        barred_by: e.barred_by.iter().map(|c| cite(Some(c))).collect(),
        conditions: Vec::new(),
        needs_notification: e.needs_notification,
        reason: text(&e.reason),
        label: core::Text::default(),
    }
}

fn overlay(o: &wire::Overlay) -> core::OverlayResult {
    use wire::EnforcementState as From;
    let state = match o.state() {
        From::InForce | From::Unspecified => "in_force",
        From::Suspended => "suspended",
        From::AnnouncedNonEnforcement => "announced_non_enforcement",
        From::StayedUntil => "stayed_until",
        From::InForceUnlessExtended => "in_force_unless_extended",
    };
    core::OverlayResult {
        id: o.id.clone(),
        state: state.to_owned(),
        literal_outcome: outcome(&o.literal_outcome),
        enforced_outcome: outcome(&o.enforced_outcome),
        cite: cite(o.citation.as_ref()),
        label: text(&o.label),
    }
}

fn pointer_kind(word: &str) -> core::PointerKind {
    match word {
        "exemption_to_check" => core::PointerKind::ExemptionToCheck,
        "red_flag" => core::PointerKind::RedFlag,
        _ => core::PointerKind::OtherControl,
    }
}

fn step_status(word: &str) -> core::StepStatus {
    match word {
        "done" => core::StepStatus::Done,
        "stopped" => core::StepStatus::Stopped,
        "open" => core::StepStatus::Open,
        _ => core::StepStatus::NotExamined,
    }
}

/// A question as the core reads it.
pub fn question(q: &wire::Question) -> core::Question {
    core::Question {
        input: q.input.clone(),
        kind: q.kind.clone(),
        unit: q.unit.clone(),
        thresholds: q.thresholds.clone(),
        codes: q.codes.clone(),
        uses: q
            .uses
            .iter()
            .map(|u| core::QuestionUse {
                comparator: u.comparator.clone(),
                threshold: u.threshold.clone(),
                codes: u.codes.clone(),
            })
            .collect(),
        could_raise: q.could_raise,
        needed: q.needed,
        text: text(&q.text),
    }
}

fn text(words: &[wire::LocalizedText]) -> core::Text {
    let of = |tag: &str| {
        words
            .iter()
            .find(|w| w.language == tag)
            .map(|w| w.text.clone())
            .unwrap_or_default()
    };
    core::Text {
        en: of("en"),
        ko: of("ko"),
    }
}

fn cite(c: Option<&wire::Citation>) -> core::Cite {
    let Some(c) = c else {
        return core::Cite::default();
    };
    core::Cite {
        provision: c.provision.clone(),
        from: c.valid_from.parse().ok(),
        to: c.valid_to.parse().ok(),
    }
}
