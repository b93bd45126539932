//! What is open, and what was not examined.

use concord_proto::types::{JurisdictionDetermination, Question};

use crate::report::{Block, Language};

pub(super) fn open_questions<'a>(
    out: &mut Vec<Block>,
    all: impl Iterator<Item = &'a JurisdictionDetermination>,
    full: bool,
    lang: Language,
) {
    let mut items = Vec::new();
    for j in all {
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

pub(super) fn question(q: &Question, lang: Language) -> String {
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
