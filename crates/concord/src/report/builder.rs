//! Builds the document from a determination: the decision first, then why, then what is open.

mod compared;
mod law;
mod open;
mod paragraphs;
mod parties;
mod people;
mod receipts;

use concord_proto::classification::ClassifyResponse;
use concord_proto::determination::{DetermineResponse, GetDeterminationResponse};
use concord_proto::types::{
    Activity, Citation, Completeness, IncompleteReason, Quantity, Transaction,
};

use super::{Block, Language};
use compared::{counterpart_section, divergences};
use law::jurisdiction;
use open::{not_examined, open_questions, question};
use paragraphs::line_classification;
use parties::parties;
use receipts::receipt_section;

pub use people::{recorded_decision, recorded_judgement};

/// The whole answer to one Determine call. `full` when it was asked for in full: every open paragraph, question and
/// exception then has a row of its own.
pub fn determination(answer: &DetermineResponse, full: bool, lang: Language) -> Vec<Block> {
    document(answer, None, full, lang)
}

/// A stored determination with what people decided about it and in its case.
pub fn stored(answer: &GetDeterminationResponse, lang: Language) -> Vec<Block> {
    let shown = DetermineResponse {
        determination: answer.determination.clone(),
        receipt: answer.receipt.clone(),
        history: answer.history.clone(),
    };
    document(&shown, Some(answer), false, lang)
}

fn document(
    answer: &DetermineResponse,
    stored: Option<&GetDeterminationResponse>,
    full: bool,
    lang: Language,
) -> Vec<Block> {
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
        jurisdiction(&mut out, own, full, lang);
    }
    for counterpart in &d.counterparts {
        counterpart_section(&mut out, counterpart, full, lang);
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
        full,
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
    match stored {
        Some(stored) => people::about(&mut out, stored, lang),
        None => people::nobody(&mut out, &d.determination_id, lang),
    }
    if let Some(history) = &answer.history {
        people::history(&mut out, history, lang);
    }
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

/// The answer to one Classify call; `full` as for a determination.
pub fn classification(answer: &ClassifyResponse, full: bool, lang: Language) -> Vec<Block> {
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
        line_classification(&mut out, line, full, lang);
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
