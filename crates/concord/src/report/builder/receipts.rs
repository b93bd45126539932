//! Where the records are.

use concord_proto::determination::CounterpartAnswer;
use concord_proto::types::{Receipt, ReceiptLevel};

use crate::report::{Block, Language};

pub(super) fn receipt_section(
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
