//! Who was screened against what.

use concord_proto::types::{ScreeningSummary, Transaction};

use super::cite;
use crate::report::{Block, Language};

pub(super) fn parties(
    out: &mut Vec<Block>,
    s: &ScreeningSummary,
    transaction: &Transaction,
    lang: Language,
) {
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
                    if h.suppressed.is_some() {
                        lang.say("looked at, not a hit:", "검토 결과 일치 아님:")
                    } else {
                        lang.say("HIT", "일치")
                    },
                    h.list_id,
                    h.matched_quality,
                    h.matched_name,
                    lang.say("score", "점수"),
                    h.score / 100,
                    h.score % 100,
                    match &h.suppressed {
                        None => cite(h.citation.as_ref()),
                        Some(d) => format!("{}, {}: {}", d.decided_by, d.decided_on, d.reason),
                    }
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
