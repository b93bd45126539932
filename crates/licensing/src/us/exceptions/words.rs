//! How an exception stands, in words and with what bars it.

use super::{Door, Ground};
use crate::decision::{Cite, ExceptionResult, ExceptionStatus, Text};
use crate::destination::Reached;
use crate::us::from_memory;

/// The answer's line about one exception.
pub(super) fn result(door: &Door<'_>, ground: Ground<'_>, party_bars: &[Cite]) -> ExceptionResult {
    let exception = door.exception;
    let status = ground.status();
    let limb = door
        .limbs
        .iter()
        .find(|(limb, reached)| *reached == Reached::Yes && !limb.id.is_empty());
    let closed = matches!(
        status,
        ExceptionStatus::OutOfScope | ExceptionStatus::Foreclosed
    );
    ExceptionResult {
        symbol: exception.symbol.clone(),
        section: format!(
            "{}{}",
            exception.section,
            limb.map_or("", |(limb, _)| &limb.id)
        ),
        status,
        barred_by: barred_by(door, ground, party_bars),
        conditions: if closed {
            Vec::new()
        } else {
            exception.conditions.clone()
        },
        needs_notification: exception.notification,
        reason: reason(ground),
        label: exception.label.clone(),
    }
}

fn barred_by(door: &Door<'_>, ground: Ground<'_>, party_bars: &[Cite]) -> Vec<Cite> {
    match ground {
        Ground::Party => party_bars.to_vec(),
        Ground::Bar { bar, .. } => vec![Cite::new(format!("15 CFR {}", bar.id))],
        Ground::EntrySaysNo(entry)
        | Ground::EntryAsks(entry)
        | Ground::AboveLimit(entry)
        | Ground::ValueNotStated(entry)
        | Ground::NotNamed(Some(entry)) => {
            vec![Cite::new(format!("15 CFR 774 Supp. 1, {entry}"))]
        }
        Ground::NotNamed(None) | Ground::Passes | Ground::OwnTerms | Ground::EmbargoTerms => {
            Vec::new()
        }
        Ground::OtherKind
        | Ground::OtherCode
        | Ground::OtherAct
        | Ground::OtherReason
        | Ground::OtherDestination
        | Ground::TierNotStored { .. } => {
            vec![Cite::new(format!("15 CFR {}", door.exception.section))]
        }
    }
}

fn reason(ground: Ground<'_>) -> Text {
    let (en, ko) = match ground {
        Ground::Bar { bar, .. } => return from_memory(&bar.label, bar.recalled),
        Ground::Party => (
            "a listed party closes it",
            "등재된 거래당사자로 인해 사용 불가",
        ),
        Ground::EntrySaysNo(_) => (
            "the entry says that it may not be used",
            "통제항목이 사용을 허용하지 않음",
        ),
        Ground::EntryAsks(_) => (
            "the facts do not decide what the entry asks",
            "통제항목의 조건을 사실로 판단할 수 없음",
        ),
        Ground::AboveLimit(_) => (
            "the value is above the entry's limit",
            "금액이 항목 한도를 초과함",
        ),
        Ground::ValueNotStated(_) => ("the value was not stated", "금액이 제시되지 않음"),
        Ground::NotNamed(_) => ("the entry does not name it", "통제항목에 명시되지 않음"),
        Ground::OtherKind => (
            "not for this kind of item",
            "이 품목 종류에는 적용되지 않음",
        ),
        Ground::OtherCode => ("not for this classification", "이 분류에는 적용되지 않음"),
        Ground::OtherAct => ("not for this act", "이 행위에는 적용되지 않음"),
        Ground::OtherReason => (
            "a requirement has another reason for control",
            "다른 통제사유의 요건이 있음",
        ),
        Ground::OtherDestination => ("not for this destination", "이 목적지에는 적용되지 않음"),
        Ground::TierNotStored { .. } => (
            "the destination's tier is not stored",
            "목적지 등급이 수록되지 않음",
        ),
        // Part 746 names it, under terms of its own that the facts do not hold: the tests passed all the same.
        Ground::Passes | Ground::EmbargoTerms => (
            "the mechanical tests pass; the conditions must be confirmed",
            "기계적 요건은 충족, 조건은 확인 필요",
        ),
        Ground::OwnTerms => (
            "its own terms are not among the facts",
            "고유 요건이 제시되지 않음",
        ),
    };
    Text::new(en, ko)
}
