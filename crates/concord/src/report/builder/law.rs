//! What one law says: outcome, requirements, exceptions, findings, pointers.

use concord_proto::types::{
    Authority, EnforcementState, ExceptionResult, ExceptionStatus, JurisdictionDetermination,
    LineDetermination, Pointer, Requirement,
};

use super::cite;
use super::open::settles;
use super::paragraphs::line_classification;
use crate::report::{Block, Language, words};

/// With `full`, nothing that reads alike is drawn together.
pub(super) fn jurisdiction(
    out: &mut Vec<Block>,
    j: &JurisdictionDetermination,
    full: bool,
    lang: Language,
) {
    let authority = match j.authority() {
        Authority::Official => lang.say("under its own law", "자국법에 따른 결정"),
        Authority::Unofficial | Authority::Unspecified => lang.say(
            "UNOFFICIAL copy, for comparison only",
            "비공식 사본(비교용)",
        ),
    };
    out.push(Block::Section(format!(
        "{} ({}) {}",
        j.jurisdiction, j.agency, authority
    )));
    let mut pairs = vec![(
        lang.say("Outcome", "결과").to_owned(),
        words::outcome(lang, &j.outcome),
    )];
    if j.literal_outcome != j.outcome {
        pairs.push((
            lang.say("By the text alone", "조문만 볼 때").to_owned(),
            words::outcome(lang, &j.literal_outcome),
        ));
    }
    pairs.push((
        lang.say("Burden", "부담 수준").to_owned(),
        words::burden(lang, j.burden).to_owned(),
    ));
    if let Some(edition) = &j.edition {
        pairs.push((
            lang.say("Edition of the law", "법령 데이터 판").to_owned(),
            format!(
                "{} {} {} ({})",
                edition.digest,
                lang.say("read as of", "기준일"),
                j.as_of,
                j.engine
            ),
        ));
    }
    out.push(Block::Pairs(pairs));
    if j.open_could_raise {
        let settling = j.lines.iter().flat_map(|line| &line.questions);
        let settling = settling.filter(|q| settles(q)).count();
        out.push(Block::Warning(match lang {
            Language::En => format!(
                "Open points could raise this outcome: {settling} of the open questions settle them."
            ),
            Language::Ko => format!(
                "미결 사항이 결과를 더 엄격하게 만들 수 있음: 미결 질문 가운데 {settling}개의 답으로 해소됨."
            ),
        }));
    }
    let several = j.lines.len() > 1;
    for line in &j.lines {
        if several {
            out.push(Block::Subsection(format!(
                "{} {}: {}",
                lang.say("Line", "품목"),
                line.line_id,
                words::outcome(lang, &line.outcome)
            )));
        }
        line_determination(out, line, full, lang);
    }
}

fn line_determination(out: &mut Vec<Block>, line: &LineDetermination, full: bool, lang: Language) {
    if let Some(c) = &line.classification {
        line_classification(out, c, full, lang);
    }
    if !line.requirements.is_empty() {
        out.push(Block::Subsection(
            lang.say("Licence requirements", "허가요건").to_owned(),
        ));
        let rows = counted(line.requirements.iter().map(|r| requirement(r, lang)));
        out.push(Block::Table {
            header: vec![
                lang.say("reason", "사유").to_owned(),
                lang.say("basis", "근거").to_owned(),
                lang.say("reaches", "대상 지역").to_owned(),
                lang.say("standing", "상태").to_owned(),
            ],
            rows,
        });
    }
    let shown: Vec<&ExceptionResult> = line
        .exceptions
        .iter()
        .filter(|e| e.status() != ExceptionStatus::OutOfScope)
        .collect();
    if !shown.is_empty() {
        out.push(Block::Subsection(
            lang.say("Licence exceptions", "허가예외").to_owned(),
        ));
        let rows = exceptions(&shown, full, lang);
        out.push(Block::Table {
            header: vec![
                lang.say("symbol", "기호").to_owned(),
                lang.say("section", "조항").to_owned(),
                lang.say("status", "상태").to_owned(),
                lang.say(
                    "why, and what a person must confirm",
                    "이유와 사람이 확인할 사항",
                )
                .to_owned(),
            ],
            rows,
        });
    }
    let mut pairs = Vec::new();
    if !line.review_policy.is_empty() {
        pairs.push((
            lang.say("Review policy", "심사 방침").to_owned(),
            line.review_policy.replace('_', " "),
        ));
    }
    for o in &line.overlays {
        let state = match o.state() {
            EnforcementState::InForce | EnforcementState::Unspecified => {
                lang.say("in force", "시행 중")
            }
            EnforcementState::Suspended => lang.say("suspended", "정지"),
            EnforcementState::AnnouncedNonEnforcement => {
                lang.say("announced non-enforcement", "미집행 발표")
            }
            EnforcementState::StayedUntil => lang.say("stayed", "유예"),
            EnforcementState::InForceUnlessExtended => lang.say(
                "in force unless extended: confirm",
                "연장되지 않으면 시행: 확인 필요",
            ),
        };
        pairs.push((
            lang.say("Text and enforcement", "조문과 집행").to_owned(),
            format!(
                "{} [{}: {}] {}",
                lang.pick(&o.label),
                o.id,
                state,
                cite(o.citation.as_ref())
            ),
        ));
    }
    for f in &line.findings {
        let name = words::finding(lang, &f.key);
        pairs.push((
            name,
            format!("{} {}", f.value, cite(f.citation.as_ref()))
                .trim()
                .to_owned(),
        ));
    }
    if !pairs.is_empty() {
        out.push(Block::Subsection(
            lang.say("Also found", "그 밖의 사실").to_owned(),
        ));
        out.push(Block::Pairs(pairs));
    }
    if !line.pointers.is_empty() {
        out.push(Block::Subsection(
            lang.say("Look at these too", "함께 확인할 규정").to_owned(),
        ));
        out.push(Block::Bullets(pointers(&line.pointers, lang)));
    }
}

/// One bullet per provision; the signs of a list of signs share one.
fn pointers(all: &[Pointer], lang: Language) -> Vec<String> {
    let sign = |p: &&Pointer| p.id.starts_with("sign-");
    let signs: Vec<&str> = all
        .iter()
        .filter(sign)
        .map(|p| lang.pick(&p.text))
        .collect();
    let mut out: Vec<String> = all
        .iter()
        .filter(|p| !sign(p))
        .map(|p| pointer(p, lang))
        .collect();
    if !signs.is_empty() {
        out.push(format!(
            "{}: {}",
            lang.say(
                "red flags, none of them stated here",
                "위험 신호(제시된 것 없음)"
            ),
            signs.join("; ")
        ));
    }
    out
}

fn pointer(p: &Pointer, lang: Language) -> String {
    let kind = match p.kind.as_str() {
        "exemption_to_check" => lang.say("exemption to check", "확인할 면제"),
        "red_flag" => lang.say("red flag", "위험 신호"),
        _ => lang.say("other control", "그 밖의 통제"),
    };
    let text = lang.pick(&p.text);
    // A text that only repeats the provision says nothing.
    if text.is_empty() || text.ends_with(&p.id) {
        format!("{}: {kind}", p.id)
    } else {
        format!("{}: {kind}; {text}", p.id)
    }
}

fn requirement(r: &Requirement, lang: Language) -> Vec<String> {
    let standing = match (r.literal, r.enforced) {
        (true, false) => format!(
            "{} ({})",
            lang.say("in the text, not enforced", "조문에 있으나 미집행"),
            r.overlay_id
        ),
        (false, true) => lang.say("enforced only", "집행만 됨").to_owned(),
        _ if r.overcome_by.is_empty() => lang.say("applies", "적용").to_owned(),
        _ => format!(
            "{} {}",
            lang.say("applies; candidate:", "적용; 예외 후보:"),
            r.overcome_by.join(", ")
        ),
    };
    let mut basis = r.basis.clone();
    if !r.code.is_empty() {
        basis = format!("{basis} ({})", r.code);
    }
    let mut reach = if r.column.is_empty() {
        r.destinations.clone()
    } else {
        r.column.clone()
    };
    if !r.row_used.is_empty() {
        reach = format!("{reach} ({} {})", lang.say("row of", "적용 행"), r.row_used);
    }
    vec![r.reason.clone(), basis, reach, standing]
}

/// Rows that read the same become one, with how often it stands (several listed parties of one name).
fn counted(rows: impl Iterator<Item = Vec<String>>) -> Vec<Vec<String>> {
    let mut out: Vec<(Vec<String>, usize)> = Vec::new();
    for row in rows {
        match out.iter_mut().find(|(known, _)| *known == row) {
            Some((_, count)) => *count += 1,
            None => out.push((row, 1)),
        }
    }
    let number = |(mut row, count): (Vec<String>, usize)| {
        if count > 1
            && let Some(last) = row.last_mut()
        {
            last.push_str(&format!(" (x {count})"));
        }
        row
    };
    out.into_iter().map(number).collect()
}

/// One row per exception; in the short view those that stand alike for the same reason share one.
fn exceptions(all: &[&ExceptionResult], full: bool, lang: Language) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for e in all {
        let row = exception(e, full, lang);
        match rows.iter_mut().find(|r| !full && r[2..] == row[2..]) {
            Some(same) => {
                same[0] = format!("{}, {}", same[0], row[0]);
                same[1] = "740".to_owned();
            }
            None => rows.push(row),
        }
    }
    // Long lists of symbols go to the last column, which wraps.
    for row in rows.iter_mut().filter(|r| r[0].len() > 14) {
        row[3] = format!("{}: {}", row[0], row[3]);
        row[0].clear();
    }
    rows
}

fn exception(e: &ExceptionResult, full: bool, lang: Language) -> Vec<String> {
    let status = match e.status() {
        ExceptionStatus::Candidate => lang.say("candidate", "후보"),
        ExceptionStatus::Foreclosed => lang.say("foreclosed", "배제됨"),
        ExceptionStatus::OutOfScope => lang.say("out of scope", "범위 밖"),
        ExceptionStatus::ToCheck => lang.say("to check", "확인 필요"),
        ExceptionStatus::Indeterminate | ExceptionStatus::Unspecified => {
            lang.say("indeterminate", "미확정")
        }
    };
    let mut why: Vec<String> = e.barred_by.iter().map(|c| c.provision.clone()).collect();
    let reason = lang.pick(&e.reason);
    if !reason.is_empty() {
        why.insert(0, reason.to_owned());
    }
    if full || e.status() != ExceptionStatus::ToCheck {
        why.extend(
            e.conditions
                .iter()
                .filter(|t| t.language == lang.tag())
                .map(|t| t.text.clone()),
        );
    }
    vec![
        e.symbol.clone(),
        e.section.clone(),
        status.to_owned(),
        why.join("; "),
    ]
}
