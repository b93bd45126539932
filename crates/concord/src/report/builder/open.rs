//! What is open, and what was not examined.

use concord_proto::types::{JurisdictionDetermination, Question};

use crate::report::{Block, Language};

pub(super) fn open_questions<'a>(
    out: &mut Vec<Block>,
    all: impl Iterator<Item = &'a JurisdictionDetermination>,
    full: bool,
    lang: Language,
) {
    let (mut items, mut of_transaction) = (Vec::new(), Vec::new());
    for j in all {
        // Whose question it is, where a shipment has several lines.
        let mut questions: Vec<(&str, &Question)> = Vec::new();
        for line in &j.lines {
            for asked in &line.questions {
                // Each line asks the same about the transaction.
                if !is_of_transaction(asked) {
                    let several = j.lines.len() > 1;
                    questions.push((if several { &line.line_id } else { "" }, asked));
                    continue;
                }
                match questions.iter_mut().find(|(_, q)| q.input == asked.input) {
                    Some((_, known)) if asked.could_raise => *known = asked,
                    Some(_) => {}
                    None => questions.push(("", asked)),
                }
            }
        }
        let decisive = questions.iter().filter(|(_, q)| settles(q)).count();
        // The smallest set that settles what could raise the outcome; where nothing could, the most useful few.
        let shown = |(_, q): &&(&str, &Question)| full || settles(q) || decisive == 0;
        let limit = if full || decisive > 0 { usize::MAX } else { 5 };
        let listed: Vec<_> = questions.iter().filter(shown).take(limit).collect();
        let left = questions.len() - listed.len();
        for (line, q) in listed {
            let whose = if line.is_empty() {
                j.jurisdiction.clone()
            } else {
                format!("{}, {line}", j.jurisdiction)
            };
            // Answers about the item close paragraphs; what is asked of the transaction alone comes after them.
            if !full && q.could_raise && is_of_transaction(q) {
                of_transaction.push(format!("{whose}: {} [{}]", lang.pick(&q.text), q.input));
            } else {
                items.push(format!("{whose}: {}", question(q, lang)));
            }
        }
        if left > 0 {
            items.push(format!(
                "{}: {left} {}",
                j.jurisdiction,
                lang.say(
                    "more that these answers settle, or that would not raise this outcome (--full lists them)",
                    "개 질문이 더 있으나 위의 답으로 해소되거나 결과를 더 엄격하게 하지 않음(--full로 열람)"
                )
            ));
        }
    }
    if items.is_empty() && of_transaction.is_empty() {
        return;
    }
    out.push(Block::Section(
        lang.say("Open questions", "미결 질문").to_owned(),
    ));
    if !items.is_empty() {
        out.push(Block::Bullets(items));
    }
    if !of_transaction.is_empty() {
        out.push(Block::Subsection(
            lang.say(
                "Of the transaction; a yes could raise the outcome",
                "거래에 관하여; 그렇다면 결과를 더 엄격하게 할 수 있음",
            )
            .to_owned(),
        ));
        out.push(Block::Bullets(of_transaction));
    }
}

/// Belongs to the smallest set that settles what could raise the outcome.
pub(super) const fn settles(q: &Question) -> bool {
    q.could_raise && q.needed
}

/// Closes no paragraph and is compared with nothing: a fact of the transaction.
fn is_of_transaction(q: &Question) -> bool {
    q.codes.is_empty() && q.thresholds.is_empty()
}

pub(super) fn question(q: &Question, lang: Language) -> String {
    let mut text = format!("{} [{}", lang.pick(&q.text), q.input);
    if !q.unit.is_empty() && q.unit != "1" {
        text.push_str(&format!(", {}", q.unit));
    }
    text.push(']');
    if !q.uses.is_empty() {
        let uses = q.uses.iter().map(|u| {
            let codes = few(&u.codes, 3);
            format!("{} {} ({codes})", u.comparator, u.threshold)
        });
        let uses: Vec<String> = uses.collect();
        text.push_str(&format!(
            " {} {}",
            lang.say("compared with", "비교 기준"),
            few(&uses, 6)
        ));
    } else {
        if !q.thresholds.is_empty() {
            text.push_str(&format!(
                " {} {}",
                lang.say("compared with", "비교 기준"),
                few(&q.thresholds, 6)
            ));
        }
        if !q.codes.is_empty() {
            text.push_str(&format!(
                " {} {}",
                lang.say("for", "관련"),
                few(&q.codes, 6)
            ));
        }
    }
    if q.could_raise {
        text.push_str(lang.say(
            " (could raise the outcome)",
            " (결과를 더 엄격하게 할 수 있음)",
        ));
    }
    text
}

/// At most `most`, and how many more there are.
fn few(all: &[String], most: usize) -> String {
    let shown = all
        .iter()
        .take(most)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    if all.len() > most {
        format!("{shown}, + {}", all.len() - most)
    } else {
        shown
    }
}

pub(super) fn not_examined<'a>(
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
