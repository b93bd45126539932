//! Builds the document from a determination: the decision first, then why, then what is open.

use std::collections::BTreeSet;

use concord_proto::classification::ClassifyResponse;
use concord_proto::determination::{CounterpartAnswer, CounterpartStatus, DetermineResponse};
use concord_proto::types::{
    Activity, Authority, Citation, ClassificationStatus, Comparison, Completeness, Divergence,
    EnforcementState, ExceptionResult, ExceptionStatus, IncompleteReason,
    JurisdictionDetermination, LineClassification, LineDetermination, ParagraphResult, Pointer,
    Quantity, Question, Receipt, ReceiptLevel, Requirement, ScreeningSummary, Transaction, Truth,
};

use super::{Block, Language, words};

/// The whole answer to one Determine call.
pub fn determination(answer: &DetermineResponse, lang: Language) -> Vec<Block> {
    let mut out = Vec::new();
    let Some(d) = &answer.determination else {
        out.push(Block::Warning(
            lang.say("the answer carries no determination", "응답에 결정이 없음")
                .to_owned(),
        ));
        return out;
    };
    let transaction = d.transaction.clone().unwrap_or_default();
    out.push(Block::Title(headline(&transaction, lang)));
    let mut pairs = vec![(
        lang.say("Determination", "결정 번호").to_owned(),
        d.determination_id.clone(),
    )];
    if let Some(own) = &d.own {
        pairs.push((
            lang.say("Law read as of", "법령 기준일").to_owned(),
            own.as_of.clone(),
        ));
    }
    if let Some(context) = &d.context
        && !context.case_reference.is_empty()
    {
        pairs.push((
            lang.say("Case", "사건 번호").to_owned(),
            context.case_reference.clone(),
        ));
    }
    out.push(Block::Pairs(pairs));
    if d.completeness() != Completeness::Complete {
        out.push(Block::Warning(format!(
            "{} {}",
            lang.say("INCOMPLETE.", "불완전(INCOMPLETE)."),
            reasons(&d.incomplete, lang)
        )));
    }
    for line in &transaction.lines {
        if let Some(item) = &line.item {
            let stated = stated_facts(item);
            if !stated.is_empty() {
                out.push(Block::Pairs(vec![(
                    if line.line_id.is_empty() || transaction.lines.len() == 1 {
                        lang.say("Stated facts", "제시된 사실").to_owned()
                    } else {
                        format!(
                            "{} ({})",
                            lang.say("Stated facts", "제시된 사실"),
                            line.line_id
                        )
                    },
                    stated.join("; "),
                )]));
            }
        }
    }
    if let Some(own) = &d.own {
        jurisdiction(&mut out, own, lang);
    }
    for counterpart in &d.counterparts {
        counterpart_section(&mut out, counterpart, lang);
    }
    divergences(&mut out, &d.divergences, &d.counterparts, lang);
    if let Some(screening) = &d.screening {
        parties(&mut out, screening, &transaction, lang);
    }
    open_questions(
        &mut out,
        d.own.iter().chain(
            d.counterparts
                .iter()
                .filter_map(|c| c.determination.as_ref()),
        ),
        lang,
    );
    not_examined(
        &mut out,
        d.own.iter().chain(
            d.counterparts
                .iter()
                .filter_map(|c| c.determination.as_ref()),
        ),
        lang,
    );
    if let Some(receipt) = &answer.receipt {
        receipt_section(&mut out, receipt, &d.counterparts, lang);
    }
    out.push(Block::Section(
        lang.say("What this answer is", "이 응답의 성격").to_owned(),
    ));
    for text in statements(&d.statements, lang) {
        out.push(Block::Paragraph(text));
    }
    out
}

/// The answer to one Classify call.
pub fn classification(answer: &ClassifyResponse, lang: Language) -> Vec<Block> {
    let mut out = Vec::new();
    let edition = answer.edition.clone().unwrap_or_default();
    out.push(Block::Title(format!(
        "{} {} {}",
        lang.say("Classification", "분류"),
        edition.jurisdiction,
        answer.as_of
    )));
    for line in &answer.lines {
        if !line.line_id.is_empty() {
            out.push(Block::Section(line.line_id.clone()));
        }
        line_classification(&mut out, line, lang);
        let questions: Vec<String> = line.questions.iter().map(|q| question(q, lang)).collect();
        if !questions.is_empty() {
            out.push(Block::Subsection(
                lang.say("Open questions", "미결 질문").to_owned(),
            ));
            out.push(Block::Bullets(questions));
        }
    }
    out
}

fn headline(transaction: &Transaction, lang: Language) -> String {
    let names: Vec<&str> = transaction
        .lines
        .iter()
        .filter_map(|l| l.item.as_ref())
        .map(|i| i.name.as_str())
        .collect();
    let what = match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first, rest @ ..] => format!("{first} + {}", rest.len()),
    };
    let unknown = lang.say("(not stated)", "(미기재)");
    let or_unknown = |s: &str| {
        if s.is_empty() {
            unknown.to_owned()
        } else {
            s.to_owned()
        }
    };
    format!(
        "{what}: {} -> {}, {}",
        or_unknown(&transaction.origin),
        or_unknown(&transaction.destination),
        activity(transaction.activity(), lang)
    )
}

fn activity(activity: Activity, lang: Language) -> &'static str {
    match activity {
        Activity::Unspecified | Activity::Export => lang.say("export", "수출"),
        Activity::Reexport => lang.say("re-export", "재수출"),
        Activity::DeemedExport => lang.say("deemed export", "간주수출"),
        Activity::TechnologyTransfer => lang.say("technology transfer", "기술이전"),
        Activity::Transit => lang.say("transit", "경유"),
        Activity::Transshipment => lang.say("transshipment", "환적"),
        Activity::Brokering => lang.say("brokering", "중개"),
    }
}

fn stated_facts(item: &concord_proto::types::Item) -> Vec<String> {
    let mut out = Vec::new();
    let word = |name: &str, value: &str, out: &mut Vec<String>| {
        if !value.is_empty() {
            out.push(format!("{name} {value}"));
        }
    };
    word("type", &item.r#type, &mut out);
    word("material", &item.material, &mut out);
    word("process", &item.process, &mut out);
    word("wetted_material", &item.wetted_material, &mut out);
    word("CAS", &item.cas, &mut out);
    word("HS", &item.hs6, &mut out);
    for (id, q) in &item.parameters {
        out.push(format!("{id} {}", quantity(q)));
    }
    for (id, value) in &item.flags {
        out.push(format!("{id} {}", if *value { "yes" } else { "no" }));
    }
    for s in &item.stated_classifications {
        out.push(format!("{} {} ({})", s.jurisdiction, s.code, "stated"));
    }
    out
}

fn quantity(q: &Quantity) -> String {
    if q.unit.is_empty() || q.unit == "1" {
        q.value.clone()
    } else {
        format!("{} {}", q.value, q.unit)
    }
}

fn jurisdiction(out: &mut Vec<Block>, j: &JurisdictionDetermination, lang: Language) {
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
    out.push(Block::Pairs(pairs));
    if j.open_could_raise {
        out.push(Block::Warning(
            lang.say(
                "Open points could raise this outcome: see the open questions.",
                "미결 사항이 결과를 더 엄격하게 만들 수 있음: 미결 질문 참조.",
            )
            .to_owned(),
        ));
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
        line_determination(out, line, lang);
    }
}

fn line_determination(out: &mut Vec<Block>, line: &LineDetermination, lang: Language) {
    if let Some(c) = &line.classification {
        line_classification(out, c, lang);
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
        let full = line.classification.as_ref().is_some_and(is_full);
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

fn line_classification(out: &mut Vec<Block>, c: &LineClassification, lang: Language) {
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
    let full = is_full(c);
    let mut rows: Vec<Vec<String>> = c.matches.iter().map(|p| paragraph(p, lang)).collect();
    let (bearing, by_type): (Vec<_>, Vec<_>) = c.open.iter().partition(|p| full || bears(p));
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
                by_entry(&by_type)
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

/// Whether the answer was asked for in full.
fn is_full(c: &LineClassification) -> bool {
    !c.not_addressed_entries.is_empty()
}

/// Whether a stated fact other than the item's type bears on an open paragraph.
fn bears(p: &ParagraphResult) -> bool {
    let reference = |c: &Comparison| c.subject.starts_with(|d: char| d.is_ascii_digit());
    p.comparisons
        .iter()
        .any(|c| !c.value.is_empty() && c.subject != "type" && !reference(c))
}

/// `3A001 (17), 3A991 (7)` in the order of the list.
fn by_entry(paragraphs: &[&ParagraphResult]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for p in paragraphs {
        match counts.last_mut() {
            Some((entry, count)) if *entry == p.entry => *count += 1,
            _ => counts.push((&p.entry, 1)),
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

fn counterpart_section(out: &mut Vec<Block>, c: &CounterpartAnswer, lang: Language) {
    if let (CounterpartStatus::Answered, Some(d)) = (c.status(), &c.determination) {
        jurisdiction(out, d, lang);
        return;
    }
    let word = match c.status() {
        CounterpartStatus::Refused => lang.say("REFUSED to answer", "응답을 거부함"),
        CounterpartStatus::NotConsulted => lang.say("was not consulted", "조회하지 않음"),
        _ => lang.say("UNAVAILABLE", "응답 없음(UNAVAILABLE)"),
    };
    out.push(Block::Section(format!("{} {word}", c.jurisdiction)));
    out.push(Block::Warning(format!(
        "{} {}",
        lang.say(
            "Nothing about its law may be concluded from this answer; no pair of burdens was computed.",
            "이 응답에서 상대국 법에 관한 어떤 결론도 내릴 수 없으며 부담 비교를 하지 않음.",
        ),
        c.reason
    )));
}

fn divergences(
    out: &mut Vec<Block>,
    all: &[Divergence],
    counterparts: &[CounterpartAnswer],
    lang: Language,
) {
    out.push(Block::Section(
        lang.say("Where the two part", "양국 법이 갈리는 곳")
            .to_owned(),
    ));
    if all.is_empty() {
        let answered = counterparts
            .iter()
            .any(|c| c.status() == CounterpartStatus::Answered);
        out.push(Block::Paragraph(
            if answered {
                lang.say(
                    "No divergence was found on what was stated.",
                    "제시된 사실에서 차이가 발견되지 않음.",
                )
            } else {
                lang.say(
                    "Not compared: no counterpart answered.",
                    "비교하지 않음: 상대국이 응답하지 않음.",
                )
            }
            .to_owned(),
        ));
        return;
    }
    let rows = all
        .iter()
        .map(|d| {
            let routes: BTreeSet<&str> = d.sides.iter().map(|s| s.route.as_str()).collect();
            let sides: Vec<String> = d
                .sides
                .iter()
                .map(|s| {
                    let code = if s.code.is_empty() { "-" } else { &s.code };
                    // The sides of a burden pair are about each country's own export.
                    let route = if routes.len() > 1 {
                        format!(" {}", s.route)
                    } else {
                        String::new()
                    };
                    let burden = words::burden(lang, s.burden);
                    format!("{}{route} {code} [{burden}]", s.jurisdiction)
                })
                .collect();
            let mut text = format!("{}. {}", sides.join(" / "), lang.pick(&d.text));
            if !d.stricter.is_empty() {
                text.push_str(&format!(
                    " {} {}.",
                    lang.say("Stricter:", "더 엄격한 쪽:"),
                    d.stricter
                ));
            }
            vec![words::divergence(lang, d.kind), text]
        })
        .collect();
    out.push(Block::Table {
        header: vec![],
        rows,
    });
}

fn parties(out: &mut Vec<Block>, s: &ScreeningSummary, transaction: &Transaction, lang: Language) {
    out.push(Block::Section(lang.say("Parties", "거래당사자").to_owned()));
    if transaction.parties.is_empty() {
        out.push(Block::Paragraph(
            lang.say(
                "No party was stated; none was screened.",
                "제시된 당사자가 없어 심사하지 않음.",
            )
            .to_owned(),
        ));
    }
    let mut rows = Vec::new();
    for p in &s.parties {
        let name = transaction
            .parties
            .get(p.index as usize)
            .map(|q| q.name.as_str())
            .unwrap_or("");
        if p.hits.is_empty() {
            rows.push(vec![
                p.role.clone(),
                name.to_owned(),
                lang.say("no hit at the threshold", "기준 이상 일치 없음")
                    .to_owned(),
            ]);
        }
        for h in &p.hits {
            rows.push(vec![
                p.role.clone(),
                name.to_owned(),
                format!(
                    "{} {} ({} \"{}\", {} {}.{:02} %) {}",
                    lang.say("HIT", "일치"),
                    h.list_id,
                    h.matched_quality,
                    h.matched_name,
                    lang.say("score", "점수"),
                    h.score / 100,
                    h.score % 100,
                    cite(h.citation.as_ref())
                ),
            ]);
        }
    }
    if !rows.is_empty() {
        out.push(Block::Table {
            header: vec![],
            rows,
        });
    }
    let lists: Vec<String> = s
        .sources
        .iter()
        .map(|l| {
            format!(
                "{} ({} {}{}{})",
                l.list_id,
                l.parties,
                lang.say("parties", "건"),
                if l.data_date.is_empty() {
                    String::new()
                } else {
                    format!(", {}", l.data_date)
                },
                if l.example {
                    lang.say(", FICTIONAL EXAMPLE", ", 가상 예시")
                } else {
                    ""
                }
            )
        })
        .collect();
    out.push(Block::Pairs(vec![
        (
            lang.say("Screened against", "대조한 목록").to_owned(),
            if lists.is_empty() {
                lang.say("nothing", "없음").to_owned()
            } else {
                lists.join(", ")
            },
        ),
        (
            lang.say("Snapshot", "스냅샷").to_owned(),
            s.snapshot
                .as_ref()
                .map(|r| r.digest.clone())
                .unwrap_or_default(),
        ),
    ]));
}

fn open_questions<'a>(
    out: &mut Vec<Block>,
    all: impl Iterator<Item = &'a JurisdictionDetermination>,
    lang: Language,
) {
    let mut items = Vec::new();
    for j in all {
        let full = j
            .lines
            .iter()
            .filter_map(|l| l.classification.as_ref())
            .any(is_full);
        let questions: Vec<&Question> = j.lines.iter().flat_map(|l| &l.questions).collect();
        let decisive = questions.iter().filter(|q| q.could_raise).count();
        // What could raise the outcome first; where nothing could, the most useful few.
        let shown = |q: &&&Question| full || q.could_raise || decisive == 0;
        let limit = if full || decisive > 0 { usize::MAX } else { 5 };
        let listed: Vec<String> = questions
            .iter()
            .filter(shown)
            .take(limit)
            .map(|q| question(q, lang))
            .collect();
        let left = questions.len() - listed.len();
        items.extend(
            listed
                .into_iter()
                .map(|q| format!("{}: {q}", j.jurisdiction)),
        );
        if left > 0 {
            items.push(format!(
                "{}: {left} {}",
                j.jurisdiction,
                lang.say(
                    "more whose answers would not raise this outcome (--full lists them)",
                    "개 질문이 더 있으나 답이 결과를 더 엄격하게 하지 않음(--full로 열람)"
                )
            ));
        }
    }
    if !items.is_empty() {
        out.push(Block::Section(
            lang.say("Open questions", "미결 질문").to_owned(),
        ));
        out.push(Block::Bullets(items));
    }
}

fn question(q: &Question, lang: Language) -> String {
    let mut text = format!("{} [{}", lang.pick(&q.text), q.input);
    if !q.unit.is_empty() && q.unit != "1" {
        text.push_str(&format!(", {}", q.unit));
    }
    text.push(']');
    if !q.thresholds.is_empty() {
        text.push_str(&format!(
            " {} {}",
            lang.say("compared with", "비교 기준"),
            few(&q.thresholds)
        ));
    }
    if !q.codes.is_empty() {
        text.push_str(&format!(" {} {}", lang.say("for", "관련"), few(&q.codes)));
    }
    if q.could_raise {
        text.push_str(lang.say(
            " (could raise the outcome)",
            " (결과를 더 엄격하게 할 수 있음)",
        ));
    }
    text
}

/// At most six, and how many more there are.
fn few(all: &[String]) -> String {
    const SHOWN: usize = 6;
    let shown = all
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    if all.len() > SHOWN {
        format!("{shown}, + {}", all.len() - SHOWN)
    } else {
        shown
    }
}

fn not_examined<'a>(
    out: &mut Vec<Block>,
    all: impl Iterator<Item = &'a JurisdictionDetermination>,
    lang: Language,
) {
    let mut items = Vec::new();
    for j in all {
        for n in j.lines.iter().flat_map(|l| &l.not_examined) {
            let item = format!("{}: {} ({})", j.jurisdiction, lang.pick(&n.text), n.reason);
            if !items.contains(&item) {
                items.push(item);
            }
        }
    }
    if !items.is_empty() {
        out.push(Block::Section(
            lang.say("Not examined", "검토하지 않은 사항").to_owned(),
        ));
        out.push(Block::Bullets(items));
    }
}

fn receipt_section(
    out: &mut Vec<Block>,
    r: &Receipt,
    counterparts: &[CounterpartAnswer],
    lang: Language,
) {
    out.push(Block::Section(
        lang.say("Audit receipt", "감사 영수증").to_owned(),
    ));
    out.push(Block::Pairs(receipt(r, lang)));
    for c in counterparts {
        if let Some(r) = &c.receipt {
            out.push(Block::Subsection(format!(
                "{} {}",
                c.jurisdiction,
                lang.say("log", "로그")
            )));
            out.push(Block::Pairs(receipt(r, lang)));
        }
    }
}

fn receipt(r: &Receipt, lang: Language) -> Vec<(String, String)> {
    let level = match r.level() {
        ReceiptLevel::Durable => "DURABLE",
        ReceiptLevel::Sequenced => "SEQUENCED",
        ReceiptLevel::Checkpointed => "CHECKPOINTED",
        ReceiptLevel::Witnessed => "WITNESSED",
        ReceiptLevel::Unspecified => "UNKNOWN",
    };
    let leaf: String = r.leaf_hash.iter().map(|b| format!("{b:02x}")).collect();
    vec![
        (lang.say("Log", "로그").to_owned(), r.log_origin.clone()),
        (
            lang.say("Record", "기록").to_owned(),
            format!(
                "{} ({} {}, {level})",
                r.record_id,
                lang.say("index", "순번"),
                r.index
            ),
        ),
        (lang.say("Leaf hash", "리프 해시").to_owned(), leaf),
        (
            lang.say("Logged at", "기록 시각").to_owned(),
            r.logged_at.clone(),
        ),
    ]
}

fn reasons(all: &[IncompleteReason], lang: Language) -> String {
    let texts: Vec<String> = all
        .iter()
        .map(|r| {
            let text = lang.pick(&r.text);
            if text.is_empty() {
                format!("{} {}", r.reason, r.subject)
            } else {
                format!("{text} ({})", r.reason)
            }
        })
        .collect();
    texts.join(" ")
}

fn statements(texts: &[concord_proto::types::LocalizedText], lang: Language) -> Vec<String> {
    let own: Vec<String> = texts
        .iter()
        .filter(|t| t.language == lang.tag())
        .map(|t| t.text.clone())
        .collect();
    if own.is_empty() {
        texts
            .iter()
            .filter(|t| t.language == "en")
            .map(|t| t.text.clone())
            .collect()
    } else {
        own
    }
}

fn cite(c: Option<&Citation>) -> String {
    c.filter(|c| !c.provision.is_empty())
        .map(|c| format!("[{}]", c.provision))
        .unwrap_or_default()
}
