//! What the lists hold, as messages. Classifications are written by [`answer`](super::answer).

use concord_controls::entry::Entry;
use concord_controls::evaluate::Truth;
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

/// The contract's value of a truth.
pub(super) const fn truth(t: Truth) -> wire::Truth {
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
