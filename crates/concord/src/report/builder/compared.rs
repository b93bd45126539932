//! The counterparts, and where the two part.

use std::collections::BTreeSet;

use concord_proto::determination::{CounterpartAnswer, CounterpartStatus};
use concord_proto::types::Divergence;

use super::law::jurisdiction;
use crate::report::{Block, Language, words};

pub(super) fn counterpart_section(
    out: &mut Vec<Block>,
    c: &CounterpartAnswer,
    full: bool,
    lang: Language,
) {
    if let (CounterpartStatus::Answered, Some(d)) = (c.status(), &c.determination) {
        jurisdiction(out, d, full, lang);
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

pub(super) fn divergences(
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
