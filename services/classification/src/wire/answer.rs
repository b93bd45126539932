//! Answers of the core, written straight into the bytes of their messages (concord/type/v1/classification.proto): what the list
//! says of a paragraph stands ready since it was loaded, and what an answer says of it whatever else is stated since it was
//! first said.

use std::sync::{LazyLock, OnceLock};

use concord_controls::classify::{self as core, Classification, Detail};
use concord_controls::evaluate::{ComparisonMade, InputKind, MissingInput, Tested};
use concord_controls::item::{Origin, StatedCode};
use concord_controls::period::Period;
use concord_controls::regime::Regime;
use concord_controls::yaml::Label;
use concord_proto::types as wire;
use jiff::civil::Date;

use super::encode::truth;
use super::protobuf::Message;

/// What an edition says of its paragraphs, as answers carry it.
#[derive(Debug)]
pub struct Listed {
    /// By position among all paragraphs of the edition.
    paragraphs: Vec<Fields>,
    /// The results that the edition shares between answers, by their number there.
    kept: Vec<OnceLock<Box<[u8]>>>,
}

/// The fields of one paragraph that no item changes, in three runs between those that one does.
#[derive(Debug, Default)]
struct Fields {
    names: Box<[u8]>,
    formula: Box<[u8]>,
    words: Box<[u8]>,
}

impl Listed {
    /// Writes what an edition says of its paragraphs.
    pub fn of(regime: &Regime) -> Self {
        let written = |write: &dyn Fn(&mut Message)| {
            let mut message = Message::default();
            write(&mut message);
            message.into_bytes().into_boxed_slice()
        };
        let entries = regime.entries().iter();
        let paragraphs = entries.flat_map(|entry| entry.paragraphs.iter().map(move |p| (entry, p)));
        let paragraphs = paragraphs.map(|(entry, p)| Fields {
            names: written(&|m| {
                m.text(1, &entry.code);
                m.text(2, p.path.as_str());
                m.text(3, &p.code);
            }),
            formula: written(&|m| m.text(5, p.when.text())),
            words: written(&|m| {
                label(m, 9, p.label.as_ref().unwrap_or(&entry.label));
                cite(m, 10, &p.cite, p.period);
                m.text(11, entry.coverage.word());
                m.text(12, entry.basis.as_deref().unwrap_or_default());
            }),
        });
        Self {
            paragraphs: paragraphs.collect(),
            kept: vec![OnceLock::new(); regime.kept_results()],
        }
    }

    fn fields(&self, p: &core::ParagraphResult) -> &Fields {
        static NONE: LazyLock<Fields> = LazyLock::new(Fields::default);
        self.paragraphs.get(p.position).unwrap_or(&NONE)
    }

    /// One classification (`LineClassification`).
    pub fn classification(
        &self,
        m: &mut Message,
        regime: &Regime,
        line_id: &str,
        c: &Classification,
        detail: Detail,
    ) {
        use wire::ClassificationStatus as Status;
        let status = match c.status {
            core::Status::Computed => Status::Computed,
            core::Status::Stated => Status::Stated,
            core::Status::Residual => Status::Residual,
            core::Status::Unresolved => Status::Unresolved,
        };
        m.text(1, line_id);
        m.choice(2, status);
        m.text(3, c.primary.as_deref().unwrap_or_default());
        for p in &c.matches {
            m.message(4, |m| self.result(m, p));
        }
        for p in &c.unknown {
            m.message(5, |m| self.result(m, p));
        }
        if detail == Detail::Full {
            for p in &c.not_met {
                m.message(6, |m| self.result(m, p));
            }
        }
        for code in &c.addressed {
            m.each(7, code);
        }
        m.count(8, c.not_addressed_count);
        for code in &c.not_addressed {
            m.each(9, code);
        }
        if let Some(s) = &c.stated {
            m.message(10, |m| stated(m, &s.stated));
            m.flag(11, s.contradiction);
        }
        for q in &c.questions {
            m.message(12, |m| question(m, q, line_id));
        }
        for n in &c.notices {
            m.message(13, |m| {
                m.text(1, &n.id);
                m.choice(2, truth(n.truth));
                cite(m, 3, &n.cite, Period::ALWAYS);
            });
        }
        if let Some(words) = &c.label {
            label(m, 14, words);
        }
        m.text(15, c.coverage.map(|c| c.word()).unwrap_or_default());
        let governing = c.primary.as_deref().and_then(|code| {
            let entry = code.split_once('.').map_or(code, |(entry, _)| entry);
            regime.entry(entry)
        });
        let basis = governing.and_then(|entry| entry.basis.as_deref());
        m.text(16, basis.unwrap_or_default());
        for code in &c.excluded {
            m.each(17, code);
        }
    }

    /// `ParagraphResult`, written once where the edition keeps it.
    fn result(&self, m: &mut Message, p: &core::ParagraphResult) {
        match p.kept.and_then(|number| self.kept.get(number)) {
            Some(kept) => m.fields(kept.get_or_init(|| {
                let mut message = Message::default();
                self.paragraph(&mut message, p);
                message.into_bytes().into_boxed_slice()
            })),
            None => self.paragraph(m, p),
        }
    }

    /// `ParagraphResult`.
    fn paragraph(&self, m: &mut Message, p: &core::ParagraphResult) {
        let listed = self.fields(p);
        m.fields(&listed.names);
        m.choice(4, truth(p.truth));
        // A chip has dozens that only its type reaches, and a shipment many chips.
        let short = p.by_type_alone && p.comparisons.is_empty();
        if !short {
            m.fields(&listed.formula);
            for c in &p.comparisons {
                m.message(6, |m| comparison(m, c));
            }
        }
        missing(m, 7, &p.missing);
        if !short {
            for n in &p.notes {
                m.message(8, |m| {
                    m.text(1, &n.id);
                    m.text(2, n.kind.word());
                    m.choice(3, truth(n.truth));
                    missing(m, 4, &n.missing);
                    cite(m, 5, &n.cite, Period::ALWAYS);
                    m.text(6, &n.formula);
                });
            }
            m.fields(&listed.words);
        }
        m.flag(13, p.by_type_alone);
    }
}

/// `Comparison`.
fn comparison(m: &mut Message, c: &ComparisonMade) {
    m.text(1, &c.subject);
    m.text(2, c.operator);
    m.text(3, &c.threshold);
    match (&c.value, &c.unit) {
        (Some(value), Some(unit)) if &**unit != "1" => m.parts(4, &[value, " ", unit]),
        (Some(value), _) => m.text(4, value),
        (None, _) => {}
    }
    m.flag(5, c.origin == Some(Origin::Derived));
    m.choice(6, truth(c.truth));
}

/// Ids of missing inputs; a derived one names what it could be derived from.
fn missing(m: &mut Message, field: u32, all: &[MissingInput]) {
    for input in all {
        match input.derivable_from.split_first() {
            None => m.each(field, &input.id),
            Some((first, more)) => {
                let mut parts = vec![&*input.id, " (or ", first];
                for other in more {
                    parts.extend([" and ", other]);
                }
                parts.push(")");
                m.parts(field, &parts);
            }
        }
    }
}

/// `Question`.
fn question(m: &mut Message, q: &core::Question, line_id: &str) {
    m.text(1, &q.id);
    m.text(2, q.kind.word());
    m.text(3, q.unit.as_deref().unwrap_or_default());
    for used in &q.uses {
        m.each(4, &used.tested.compared);
    }
    m.count(5, q.codes.len() + q.exclusions.len());
    for code in q.codes.iter().chain(&q.exclusions) {
        m.each(6, code);
    }
    // 7: only the licensing step knows whether an open paragraph could raise the burden.
    let (en, ko) = match q.kind {
        InputKind::Parameter => ("what is the ", "값은 무엇입니까: "),
        InputKind::Attribute => ("what is the ", "무엇입니까: "),
        InputKind::Flag => ("is this so: ", "해당합니까: "),
        InputKind::Judgement => ("for a person to judge: ", "사람의 판단이 필요함: "),
        InputKind::StatedCode => ("which code was given for ", "어떤 번호로 판정되었습니까: "),
    };
    let known = q.label.as_ref();
    let words = [
        ("en", en, known.map_or(&*q.id, |words| &*words.en)),
        ("ko", ko, known.map_or(&*q.id, |words| &*words.ko)),
    ];
    for (language, prefix, text) in words {
        m.message(8, |m| {
            m.text(1, language);
            m.parts(2, &[prefix, text]);
        });
    }
    m.text(9, line_id);
    m.flag(10, q.needed);
    for used in &q.uses {
        m.message(11, |m| {
            let tested: &Tested = &used.tested;
            m.text(1, tested.operator);
            m.text(2, &tested.threshold);
            for code in &used.codes {
                m.each(3, code);
            }
        });
    }
}

/// `StatedClassification`.
fn stated(m: &mut Message, s: &StatedCode) {
    let source = match &*s.source {
        "ccats" => wire::StatedSource::Ccats,
        "kosti_expert" => wire::StatedSource::KostiExpert,
        "vendor" => wire::StatedSource::Vendor,
        _ => wire::StatedSource::Self_,
    };
    m.text(1, &s.jurisdiction);
    m.text(2, &s.code.to_string());
    m.choice(3, source);
    m.text(4, s.reference.as_deref().unwrap_or_default());
}

/// `LocalizedText` in both languages.
fn label(m: &mut Message, field: u32, words: &Label) {
    for (language, text) in [("en", &words.en), ("ko", &words.ko)] {
        m.message(field, |m| {
            m.text(1, language);
            m.text(2, text);
        });
    }
}

/// `Citation`.
fn cite(m: &mut Message, field: u32, provision: &str, period: Period) {
    if provision.is_empty() {
        return;
    }
    let date = |m: &mut Message, field: u32, date: Option<Date>| {
        if let Some(date) = date {
            m.text(field, &date.to_string());
        }
    };
    m.message(field, |m| {
        m.text(1, provision);
        date(m, 2, period.from);
        date(m, 3, period.to);
    });
}
