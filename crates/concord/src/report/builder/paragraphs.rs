//! What a list says about one item, paragraph by paragraph.

use concord_proto::types::{
    ClassificationStatus, Comparison, LineClassification, ParagraphResult, Truth,
};

use crate::report::{Block, Language};

/// With `full`, paragraphs that only the item's type reaches get a row each; otherwise they are counted by entry.
pub(super) fn line_classification(
    out: &mut Vec<Block>,
    c: &LineClassification,
    full: bool,
    lang: Language,
) {
    let how = match c.status() {
        ClassificationStatus::Computed => {
            lang.say("computed from the stated facts", "제시된 사실로 계산")
        }
        ClassificationStatus::Stated => lang.say("as stated by the asker", "신청인이 제시"),
        ClassificationStatus::Aligned => lang.say(
            "from the counterpart's code through the alignment of the lists",
            "상대국 번호의 대응표에서 도출",
        ),
        ClassificationStatus::Residual => lang.say(
            "every other entry ruled out by the asker",
            "신청인이 다른 품목을 모두 배제",
        ),
        ClassificationStatus::Unresolved | ClassificationStatus::Unspecified => {
            lang.say("not resolved on the stated facts", "제시된 사실로는 미확정")
        }
    };
    let code = if c.code.is_empty() {
        lang.say("none", "없음")
    } else {
        &c.code
    };
    out.push(Block::Subsection(format!(
        "{}: {} {} ({how})",
        lang.say("Classification", "분류"),
        code,
        lang.pick(&c.label)
    )));
    let mut rows: Vec<Vec<String>> = c.matches.iter().map(|p| paragraph(p, lang)).collect();
    let (bearing, by_type): (Vec<_>, Vec<_>) =
        c.open.iter().partition(|p| full || !p.by_type_alone);
    rows.extend(bearing.into_iter().map(|p| paragraph(p, lang)));
    rows.extend(c.not_met.iter().map(|p| paragraph(p, lang)));
    if !by_type.is_empty() {
        rows.push(vec![
            lang.say("open", "미결").to_owned(),
            String::new(),
            format!(
                "{}: {}",
                lang.say(
                    "by the item's type alone, nothing else that they test was stated",
                    "품목 유형만 해당하고 시험하는 사실은 제시되지 않음"
                ),
                by_entry(by_type.iter().map(|p| p.entry.as_str()))
            ),
        ]);
    }
    if !c.excluded_by_asker.is_empty() {
        let entries = c.excluded_by_asker.iter();
        let entries = entries.map(|code| code.split('.').next().unwrap_or(code));
        rows.push(vec![
            lang.say("ruled out", "배제").to_owned(),
            String::new(),
            format!(
                "{}: {}",
                lang.say(
                    "by the asker, of what only the item's type reaches",
                    "품목 유형만으로 도달하는 호 중 질의자가 배제함"
                ),
                by_entry(entries)
            ),
        ]);
    }
    if !rows.is_empty() {
        out.push(Block::Table {
            header: vec![],
            rows,
        });
    }
    if c.contradicts_stated {
        out.push(Block::Warning(
            lang.say(
                "The stated code and the computed code differ; both are reported and a person must settle it.",
                "제시된 번호와 계산된 번호가 다름: 둘 다 보고하며 사람이 확정해야 함.",
            )
            .to_owned(),
        ));
    }
    if c.coverage == "partial" || c.coverage == "stated_only" {
        out.push(Block::Warning(format!(
            "{} {} ({})",
            lang.say(
                "Coverage of this entry is not full:",
                "이 품목의 자료는 완전하지 않음:"
            ),
            c.coverage.replace('_', " "),
            c.basis
        )));
    }
    out.push(Block::Pairs(vec![(
        lang.say("Entries not addressed", "대상이 되지 않은 품목")
            .to_owned(),
        format!(
            "{} ({})",
            c.not_addressed_count,
            lang.say("no stated fact bears on them", "제시된 사실과 관련 없음")
        ),
    )]));
}

/// `3A001 (17), 3A991 (7)` in the order of the list.
fn by_entry<'a>(entries: impl Iterator<Item = &'a str>) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for entry in entries {
        match counts.last_mut() {
            Some((known, count)) if *known == entry => *count += 1,
            _ => counts.push((entry, 1)),
        }
    }
    counts
        .iter()
        .map(|(entry, count)| format!("{entry} ({count})"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn paragraph(p: &ParagraphResult, lang: Language) -> Vec<String> {
    let truth = match p.truth() {
        Truth::Met => lang.say("met", "해당"),
        Truth::NotMet => lang.say("not met", "비해당"),
        Truth::Unknown | Truth::Unspecified => lang.say("open", "미결"),
    };
    let mut why: Vec<String> = p
        .comparisons
        .iter()
        .filter(|c| !c.value.is_empty())
        .map(|c| comparison(c, lang))
        .collect();
    if !p.missing.is_empty() {
        why.push(format!(
            "{} {}",
            lang.say("needs", "필요:"),
            p.missing.join(", ")
        ));
    }
    for n in &p.notes {
        match n.truth() {
            Truth::Unknown => why.push(format!(
                "{} {} ({})",
                n.note_id,
                lang.say("is open", "미결"),
                n.missing.join(", ")
            )),
            Truth::Met if n.kind == "exclude" => why.push(format!(
                "{} {}",
                n.note_id,
                lang.say("excludes it", "에 의해 제외")
            )),
            _ => {}
        }
    }
    vec![truth.to_owned(), p.code.clone(), why.join("; ")]
}

fn comparison(c: &Comparison, lang: Language) -> String {
    let derived = if c.derived {
        lang.say(" (derived)", " (도출값)")
    } else {
        ""
    };
    match c.operator.as_str() {
        "is" => format!("{} = {}", c.subject, c.value),
        _ => format!(
            "{} {}{derived} {} {}",
            c.subject,
            c.value,
            symbol(c),
            c.threshold
        ),
    }
}

/// The comparator as it came out: a failed `>=` reads `is not >=`.
fn symbol(c: &Comparison) -> String {
    if c.truth() == Truth::NotMet {
        format!("not {}", c.operator)
    } else {
        c.operator.clone()
    }
}
