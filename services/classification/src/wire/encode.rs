//! Answers of the core as messages.

use concord_controls::classify::{self as core, Classification, Detail};
use concord_controls::entry::Entry;
use concord_controls::evaluate::{ComparisonMade, InputKind, MissingInput, Truth};
use concord_controls::item::{Origin, StatedCode};
use concord_controls::period::Period;
use concord_controls::regime::Regime;
use concord_controls::yaml::Label;
use concord_proto::classification as api;
use concord_proto::types as wire;
use jiff::civil::Date;

/// The edition's name.
pub fn edition(regime: &Regime) -> wire::EditionRef {
    wire::EditionRef {
        jurisdiction: regime.jurisdiction().to_string(),
        digest: regime.digest().to_string(),
    }
}

/// One classification.
pub fn classification(
    regime: &Regime,
    line_id: String,
    c: &Classification,
    detail: Detail,
) -> wire::LineClassification {
    use wire::ClassificationStatus as Status;
    let status = match c.status {
        core::Status::Computed => Status::Computed,
        core::Status::Stated => Status::Stated,
        core::Status::Residual => Status::Residual,
        core::Status::Unresolved => Status::Unresolved,
    };
    let full = detail == Detail::Full;
    let paragraphs =
        |all: &[core::ParagraphResult]| all.iter().map(|p| paragraph(regime, p)).collect();
    let governing = c.primary.as_deref().and_then(|code| {
        let entry = code.split_once('.').map_or(code, |(entry, _)| entry);
        regime.entry(entry)
    });
    wire::LineClassification {
        line_id: line_id.clone(),
        status: status.into(),
        code: c.primary.as_deref().unwrap_or("").to_owned(),
        matches: paragraphs(&c.matches),
        open: paragraphs(&c.unknown),
        not_met: if full {
            paragraphs(&c.not_met)
        } else {
            Vec::new()
        },
        addressed_entries: c.addressed.iter().map(ToString::to_string).collect(),
        not_addressed_count: u32::try_from(c.not_addressed_count).unwrap_or(u32::MAX),
        not_addressed_entries: c.not_addressed.iter().map(ToString::to_string).collect(),
        stated: c.stated.as_ref().map(|s| stated(&s.stated)),
        contradicts_stated: c.stated.as_ref().is_some_and(|s| s.contradiction),
        questions: c.questions.iter().map(|q| question(q, &line_id)).collect(),
        notices: c
            .notices
            .iter()
            .map(|n| wire::NoticeResult {
                notice_id: n.id.to_string(),
                truth: truth(n.truth).into(),
                citation: cite(&n.cite, None),
            })
            .collect(),
        label: c.label.as_ref().map(label).unwrap_or_default(),
        coverage: c.coverage.map(|c| c.word().to_owned()).unwrap_or_default(),
        basis: governing
            .and_then(|e| e.basis.as_deref())
            .unwrap_or("")
            .to_owned(),
        excluded_by_asker: c.excluded.iter().map(ToString::to_string).collect(),
    }
}

fn paragraph(regime: &Regime, p: &core::ParagraphResult) -> wire::ParagraphResult {
    if p.by_type_alone && p.comparisons.is_empty() {
        // A chip has dozens, and a shipment many chips.
        return wire::ParagraphResult {
            entry: p.entry.to_string(),
            path: p.path.as_str().to_owned(),
            code: p.code.to_string(),
            truth: truth(p.truth).into(),
            missing: missing(&p.missing),
            by_type_alone: true,
            ..wire::ParagraphResult::default()
        };
    }
    let period = regime
        .entry(&p.entry)
        .and_then(|e| {
            e.paragraphs
                .iter()
                .find(|q| q.code == p.code && q.cite == p.cite)
        })
        .map(|q| q.period);
    wire::ParagraphResult {
        entry: p.entry.to_string(),
        path: p.path.as_str().to_owned(),
        code: p.code.to_string(),
        truth: truth(p.truth).into(),
        formula: p.formula.to_string(),
        comparisons: p.comparisons.iter().map(comparison).collect(),
        missing: missing(&p.missing),
        notes: p
            .notes
            .iter()
            .map(|n| wire::NoteResult {
                note_id: n.id.to_string(),
                kind: n.kind.word().to_owned(),
                truth: truth(n.truth).into(),
                missing: missing(&n.missing),
                citation: cite(&n.cite, None),
                formula: n.formula.to_string(),
            })
            .collect(),
        label: label(&p.label),
        citation: cite(&p.cite, period),
        coverage: p.coverage.word().to_owned(),
        basis: p.basis.as_deref().unwrap_or("").to_owned(),
        by_type_alone: p.by_type_alone,
    }
}

fn comparison(c: &ComparisonMade) -> wire::Comparison {
    let value = match (&c.value, &c.unit) {
        (Some(value), Some(unit)) if &**unit != "1" => format!("{value} {unit}"),
        (Some(value), _) => value.to_string(),
        (None, _) => String::new(),
    };
    wire::Comparison {
        subject: c.subject.to_string(),
        operator: c.operator.to_owned(),
        threshold: c.threshold.to_string(),
        value,
        derived: c.origin == Some(Origin::Derived),
        truth: truth(c.truth).into(),
    }
}

/// Ids of missing inputs; a derived one names what it could be derived from.
fn missing(all: &[MissingInput]) -> Vec<String> {
    all.iter()
        .map(|m| {
            if m.derivable_from.is_empty() {
                m.id.to_string()
            } else {
                let from: Vec<&str> = m.derivable_from.iter().map(|s| &**s).collect();
                format!("{} (or {})", m.id, from.join(" and "))
            }
        })
        .collect()
}

fn question(q: &core::Question, line_id: &str) -> wire::Question {
    let codes: Vec<String> = q
        .codes
        .iter()
        .chain(&q.exclusions)
        .map(ToString::to_string)
        .collect();
    let words = |language: &str, prefix: &str, known: Option<&str>| wire::LocalizedText {
        language: language.to_owned(),
        text: format!("{prefix}{}", known.unwrap_or(&q.id)),
    };
    let (en, ko) = match q.kind {
        InputKind::Parameter => ("what is the ", "값은 무엇입니까: "),
        InputKind::Attribute => ("what is the ", "무엇입니까: "),
        InputKind::Flag => ("is this so: ", "해당합니까: "),
        InputKind::Judgement => ("for a person to judge: ", "사람의 판단이 필요함: "),
        InputKind::StatedCode => ("which code was given for ", "어떤 번호로 판정되었습니까: "),
    };
    wire::Question {
        input: q.id.to_string(),
        kind: q.kind.word().to_owned(),
        unit: q.unit.as_deref().unwrap_or("").to_owned(),
        thresholds: q
            .uses
            .iter()
            .map(|u| u.tested.compared.to_string())
            .collect(),
        closes: u32::try_from(codes.len()).unwrap_or(u32::MAX),
        codes,
        could_raise: false, // only the licensing step knows what an open paragraph would ask for
        text: vec![
            words("en", en, q.label.as_ref().map(|l| &*l.en)),
            words("ko", ko, q.label.as_ref().map(|l| &*l.ko)),
        ],
        line_id: line_id.to_owned(),
        needed: q.needed,
        uses: q
            .uses
            .iter()
            .map(|u| wire::QuestionUse {
                comparator: u.tested.operator.to_owned(),
                threshold: u.tested.threshold.to_string(),
                codes: u.codes.iter().map(ToString::to_string).collect(),
            })
            .collect(),
    }
}

fn stated(s: &StatedCode) -> wire::StatedClassification {
    let source = match &*s.source {
        "ccats" => wire::StatedSource::Ccats,
        "kosti_expert" => wire::StatedSource::KostiExpert,
        "vendor" => wire::StatedSource::Vendor,
        _ => wire::StatedSource::Self_,
    };
    wire::StatedClassification {
        jurisdiction: s.jurisdiction.to_string(),
        code: s.code.to_string(),
        source: source.into(),
        reference: s.reference.as_deref().unwrap_or("").to_owned(),
    }
}

/// An entry with its paragraphs in force at `date`.
pub fn entry(e: &Entry, date: Date) -> api::ControlEntry {
    let words = |all: &[std::sync::Arc<str>]| all.iter().map(ToString::to_string).collect();
    api::ControlEntry {
        code: e.code.to_string(),
        label: label(&e.label),
        subjects: words(&e.subjects),
        reasons: words(&e.reasons),
        paragraphs: e
            .paragraphs
            .iter()
            .filter(|p| p.period.contains(date))
            .map(|p| api::ControlParagraph {
                path: p.path.as_str().to_owned(),
                formula: p.when.text().to_string(),
                label: p.label.as_ref().map(label).unwrap_or_default(),
                citation: cite(&p.cite, Some(p.period)),
            })
            .collect(),
        citation: cite(&e.cite, Some(e.period)),
        coverage: e.coverage.word().to_owned(),
        basis: e.basis.as_deref().unwrap_or("").to_owned(),
    }
}

/// What a loaded edition is.
pub fn regime_edition(regime: &Regime, authority: wire::Authority) -> wire::RegimeEdition {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    wire::RegimeEdition {
        edition: Some(edition(regime)),
        list_id: regime.list_id().to_string(),
        name: label(regime.list_name()),
        entries: count(regime.entries().len()),
        paragraphs: count(regime.entries().iter().map(|e| e.paragraphs.len()).sum()),
        milestones: regime
            .milestones()
            .iter()
            .map(|m| wire::Milestone {
                date: m.date.to_string(),
                label: label(&m.label),
                citation: cite(&m.cite, None),
            })
            .collect(),
        compared_until: regime
            .official_until()
            .map(|d| d.to_string())
            .unwrap_or_default(),
        authority: authority.into(),
    }
}

fn truth(t: Truth) -> wire::Truth {
    match t {
        Truth::Met => wire::Truth::Met,
        Truth::NotMet => wire::Truth::NotMet,
        Truth::Unknown => wire::Truth::Unknown,
    }
}

fn label(l: &Label) -> Vec<wire::LocalizedText> {
    [("en", &l.en), ("ko", &l.ko)]
        .map(|(language, text)| wire::LocalizedText {
            language: language.to_owned(),
            text: text.to_string(),
        })
        .to_vec()
}

fn cite(provision: &str, period: Option<Period>) -> Option<wire::Citation> {
    let date = |d: Option<Date>| d.map(|d| d.to_string()).unwrap_or_default();
    let period = period.unwrap_or(Period::ALWAYS);
    (!provision.is_empty()).then(|| wire::Citation {
        provision: provision.to_owned(),
        valid_from: date(period.from),
        valid_to: date(period.to),
    })
}
