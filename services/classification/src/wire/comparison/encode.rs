//! Differences of two lists as messages.

use concord_controls::compare::Region;
use concord_licensing::{self as core, Gap, ListSide, Pair, Subject, Uncompared, Weighed};
use concord_proto::classification as api;
use concord_proto::types as wire;

pub(super) fn region(weighed: &Weighed, names: &[String; 2]) -> api::ComparedRegion {
    let burdens = &weighed.burdens;
    let mut out = api::ComparedRegion {
        controlled_by: name(weighed.side, names),
        kind: weighed.kind.as_str().to_owned(),
        burdens: burdens.third.iter().map(burden_pair).collect(),
        mutual: burdens.mutual.map(|(left, right)| api::BurdenPair {
            left: burden(left).into(),
            right: burden(right).into(),
            destinations: Vec::new(),
        }),
        destinations_affected: count(weighed.affected()),
        reached_by: weighed.reached_by().to_vec(),
        ..api::ComparedRegion::default()
    };
    match (&weighed.subject, weighed.region()) {
        (_, Some((pair, region))) => of_pair(&mut out, pair, region, names),
        (Subject::Gap(gap), None) => of_gap(&mut out, gap, names),
        (Subject::Region { .. }, None) => {}
    }
    out
}

fn of_pair(out: &mut api::ComparedRegion, pair: &Pair, region: &Region, names: &[String; 2]) {
    out.entries = entries(&pair.left, &pair.right, names);
    let parts = region.inequalities.iter().chain(&region.apart);
    out.inequalities = parts.cloned().collect();
    let witnesses = region.witnesses.iter();
    out.witnesses = witnesses.map(|w| w.facts().join(" and ")).collect();
    out.paragraphs = region.paragraphs.iter().map(ToString::to_string).collect();
    out.evidence = pair.evidence.as_str().to_owned();
    out.coverage = coverage(pair.partial);
}

fn of_gap(out: &mut api::ComparedRegion, gap: &Gap, names: &[String; 2]) {
    out.entries = vec![side(&name(gap.side, names), &gap.code)];
    out.paragraphs = vec![gap.code.clone()];
    out.evidence = gap.evidence.as_str().to_owned();
    out.coverage = coverage(gap.partial);
}

pub(super) fn not_compared(missing: &[Uncompared], names: &[String; 2]) -> Vec<api::NotCompared> {
    missing
        .iter()
        .map(|missing| api::NotCompared {
            entries: entries(&missing.left, &missing.right, names),
            reason: missing.why.as_str().to_owned(),
            side: missing
                .why
                .side()
                .map(|side| name(side, names))
                .unwrap_or_default(),
        })
        .collect()
}

fn entries(left: &[String], right: &[String], [a, b]: &[String; 2]) -> Vec<wire::DivergenceSide> {
    let left = left.iter().map(|code| side(a, code));
    left.chain(right.iter().map(|code| side(b, code))).collect()
}

fn side(jurisdiction: &str, code: &str) -> wire::DivergenceSide {
    wire::DivergenceSide {
        jurisdiction: jurisdiction.to_owned(),
        code: code.to_owned(),
        ..wire::DivergenceSide::default()
    }
}

fn name(side: ListSide, [left, right]: &[String; 2]) -> String {
    match side {
        ListSide::Left => left.clone(),
        ListSide::Right => right.clone(),
    }
}

fn burden_pair(pair: &core::BurdenPair) -> api::BurdenPair {
    api::BurdenPair {
        left: burden(pair.left).into(),
        right: burden(pair.right).into(),
        destinations: pair.destinations.iter().map(ToString::to_string).collect(),
    }
}

/// The numbers of the core are those of the contract; one that the contract does not have is never read as mild.
fn burden(b: core::Burden) -> wire::Burden {
    wire::Burden::try_from(i32::from(b as u16)).unwrap_or(wire::Burden::Unknown)
}

fn coverage(partial: bool) -> String {
    if partial { "partial" } else { "full" }.to_owned()
}

pub(super) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
