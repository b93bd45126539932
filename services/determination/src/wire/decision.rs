//! Decisions of the core as messages.

use concord_licensing as core;
use concord_proto::types as wire;
use jiff::civil::Date;

/// A jurisdiction's decision with the classifications it rests on, in line order.
pub fn encode_jurisdiction(
    decision: &core::JurisdictionDecision,
    classifications: Vec<wire::LineClassification>,
    as_of: &str,
) -> wire::JurisdictionDetermination {
    let mut incomplete: Vec<wire::IncompleteReason> = Vec::new();
    for reason in decision.lines.iter().flat_map(|l| &l.incomplete) {
        if !incomplete.iter().any(|r| r.reason == *reason) {
            incomplete.push(wire::IncompleteReason {
                reason: reason.clone(),
                ..Default::default()
            });
        }
    }
    let completeness = if incomplete.is_empty() {
        wire::Completeness::Complete
    } else {
        wire::Completeness::Incomplete
    };
    let lines = decision
        .lines
        .iter()
        .zip(classifications)
        .map(|(l, c)| encode_line(l, c))
        .collect();
    wire::JurisdictionDetermination {
        jurisdiction: decision.jurisdiction.clone(),
        agency: decision.agency.clone(),
        authority: wire::Authority::Official.into(),
        edition: Some(wire::EditionRef {
            jurisdiction: decision.jurisdiction.clone(),
            digest: decision.edition.clone(),
        }),
        as_of: as_of.to_owned(),
        outcome: decision.outcome.as_str().to_owned(),
        literal_outcome: decision.literal_outcome.as_str().to_owned(),
        burden: burden(decision.burden).into(),
        literal_burden: burden(decision.literal_burden).into(),
        open_could_raise: decision.open_could_raise,
        lines,
        completeness: completeness.into(),
        incomplete,
        engine: crate::ENGINE.to_owned(),
    }
}

fn encode_line(
    l: &core::LineDecision,
    classification: wire::LineClassification,
) -> wire::LineDetermination {
    let line_id = classification.line_id.clone();
    wire::LineDetermination {
        line_id: line_id.clone(),
        classification: Some(classification),
        outcome: l.outcome.as_str().to_owned(),
        literal_outcome: l.literal_outcome.as_str().to_owned(),
        burden: burden(l.burden).into(),
        literal_burden: burden(l.literal_burden).into(),
        open_could_raise: l.open_could_raise,
        requirements: l.requirements.iter().map(requirement).collect(),
        exceptions: l.exceptions.iter().map(exception).collect(),
        review_policy: l.review_policy.clone().unwrap_or_default(),
        overlays: l.overlays.iter().map(overlay).collect(),
        findings: l.findings.iter().map(finding).collect(),
        pointers: l
            .pointers
            .iter()
            .map(|p| wire::Pointer {
                id: p.id.clone(),
                kind: p.kind.as_str().to_owned(),
                text: text(&p.text),
            })
            .collect(),
        questions: l.questions.iter().map(|q| question(q, &line_id)).collect(),
        raising: l.raising.clone(),
        not_examined: l
            .not_examined
            .iter()
            .map(|n| wire::NotExamined {
                step: n.step.clone(),
                reason: n.reason.clone(),
                text: text(&n.text),
            })
            .collect(),
        steps: l
            .steps
            .iter()
            .map(|s| wire::Step {
                id: s.id.clone(),
                status: s.status.as_str().to_owned(),
                summary: text(&s.summary),
                citations: s.cites.iter().filter_map(cite).collect(),
            })
            .collect(),
    }
}

fn requirement(r: &core::Requirement) -> wire::Requirement {
    wire::Requirement {
        reason: r.reason.clone(),
        column: r.column.clone(),
        basis: r.basis.clone(),
        row_used: r.row_used.clone(),
        entry: r.entry.clone(),
        code: r.code.clone(),
        destinations: r.destinations.clone(),
        literal: r.literal,
        enforced: r.enforced,
        overlay_id: r.overlay.clone().unwrap_or_default(),
        overcome_by: r.overcome_by.clone(),
        review_policy: r.review_policy.clone().unwrap_or_default(),
        citation: cite(&r.cite),
        label: text(&r.label),
    }
}

fn exception(e: &core::ExceptionResult) -> wire::ExceptionResult {
    use core::ExceptionStatus as From;
    use wire::ExceptionStatus as To;
    let status = match e.status {
        From::Foreclosed => To::Foreclosed,
        From::OutOfScope => To::OutOfScope,
        From::Candidate => To::Candidate,
        From::Indeterminate => To::Indeterminate,
        From::ToCheck => To::ToCheck,
    };
    wire::ExceptionResult {
        symbol: e.symbol.clone(),
        section: e.section.clone(),
        status: status.into(),
        barred_by: e.barred_by.iter().filter_map(cite).collect(),
        conditions: e.conditions.iter().flat_map(text).collect(),
        needs_notification: e.needs_notification,
        reason: text(&e.reason),
    }
}

fn overlay(o: &core::OverlayResult) -> wire::Overlay {
    use wire::EnforcementState as To;
    let state = match o.state.as_str() {
        "in_force" => To::InForce,
        "suspended" => To::Suspended,
        "announced_non_enforcement" => To::AnnouncedNonEnforcement,
        "stayed_until" => To::StayedUntil,
        "in_force_unless_extended" => To::InForceUnlessExtended,
        _ => To::Unspecified,
    };
    wire::Overlay {
        id: o.id.clone(),
        state: state.into(),
        literal_outcome: o.literal_outcome.as_str().to_owned(),
        enforced_outcome: o.enforced_outcome.as_str().to_owned(),
        citation: cite(&o.cite),
        label: text(&o.label),
    }
}

fn finding(f: &core::Finding) -> wire::Finding {
    wire::Finding {
        key: f.key.clone(),
        value: f.value.clone(),
        citation: cite(&f.cite),
        label: text(&f.label),
    }
}

fn question(q: &core::Question, line_id: &str) -> wire::Question {
    wire::Question {
        input: q.input.clone(),
        kind: q.kind.clone(),
        unit: q.unit.clone(),
        thresholds: q.thresholds.clone(),
        closes: u32::try_from(q.closes()).unwrap_or(u32::MAX),
        codes: q.codes.clone(),
        could_raise: q.could_raise,
        text: text(&q.text),
        line_id: line_id.to_owned(),
        needed: q.needed,
        uses: q
            .uses
            .iter()
            .map(|u| wire::QuestionUse {
                comparator: u.comparator.clone(),
                threshold: u.threshold.clone(),
                codes: u.codes.clone(),
            })
            .collect(),
    }
}

/// The contract's number of a burden.
pub(super) fn burden(b: core::Burden) -> wire::Burden {
    use core::Burden as From;
    use wire::Burden as To;
    match b {
        From::NotSubject => To::NotSubject,
        From::NoListLicence => To::NoListLicence,
        From::ExceptionCandidate => To::ExceptionCandidate,
        From::Notification => To::Notification,
        From::SimplifiedLicence => To::SimplifiedLicence,
        From::ComprehensiveLicence => To::ComprehensiveLicence,
        From::IndividualLicence => To::IndividualLicence,
        From::IndividualLicenceDenialPresumed => To::IndividualLicenceDenialPresumed,
        From::Prohibited => To::Prohibited,
        From::Unknown => To::Unknown,
    }
}

/// Both languages of a label; none when there are no words.
pub(super) fn text(t: &core::Text) -> Vec<wire::LocalizedText> {
    [("en", &t.en), ("ko", &t.ko)]
        .into_iter()
        .filter(|(_, words)| !words.is_empty())
        .map(|(language, words)| wire::LocalizedText {
            language: language.to_owned(),
            text: words.clone(),
        })
        .collect()
}

fn cite(c: &core::Cite) -> Option<wire::Citation> {
    let date = |d: Option<Date>| d.map(|d| d.to_string()).unwrap_or_default();
    (!c.provision.is_empty()).then(|| wire::Citation {
        provision: c.provision.clone(),
        valid_from: date(c.from),
        valid_to: date(c.to),
    })
}

/// One divergence of a line; `routes` are those that the sides were asked about.
pub fn encode_divergence(
    d: &core::Divergence,
    line_id: &str,
    routes: &[String; 2],
) -> wire::Divergence {
    use core::DivergenceKind as From;
    use wire::DivergenceKind as To;
    let kind = match d.kind {
        From::Classification => To::Classification,
        From::ListScopeGap => To::ListScopeGap,
        From::ParameterThresholdGap => To::ParameterThresholdGap,
        From::NumberingOnly => To::NumberingOnly,
        From::LicenceRequirement => To::LicenceRequirement,
        From::Exception => To::Exception,
        From::Party => To::Party,
        From::Temporal => To::Temporal,
        From::Jurisdiction => To::Jurisdiction,
        From::Process => To::Process,
    };
    let date = |d: Option<Date>| d.map(|d| d.to_string()).unwrap_or_default();
    wire::Divergence {
        kind: kind.into(),
        line_id: line_id.to_owned(),
        sides: d
            .sides
            .iter()
            .zip(routes)
            .map(|(s, route)| wire::DivergenceSide {
                jurisdiction: s.jurisdiction.clone(),
                code: s.code.clone(),
                outcome: s.outcome.as_str().to_owned(),
                burden: burden(s.burden).into(),
                citations: s.cites.iter().filter_map(cite).collect(),
                route: route.clone(),
            })
            .collect(),
        stricter: d.stricter.clone().unwrap_or_default(),
        controlled_by: d.controlled_by.clone().unwrap_or_default(),
        evidence: d.evidence.as_str().to_owned(),
        coverage: if d.partial { "partial" } else { "full" }.to_owned(),
        intent: d.intent.as_str().to_owned(),
        holds_from: date(d.from),
        holds_to: date(d.to),
        text: text(&d.label),
    }
}
