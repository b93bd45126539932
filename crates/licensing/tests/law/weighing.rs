//! Both burdens of what one list alone controls.

use std::time::Instant;

use concord_controls::embedded;
use concord_controls::entry::Code;
use concord_controls::item::{Item, ItemInput, Judgements};
use concord_controls::period::parse_date;
use concord_licensing::{
    Alignment, Burden, Classified, ClassifiedBy, DivergenceKind, Facts, LawAt, LawEdition,
    ListSide, ParagraphRef, PartyStep, Subject, Transaction, compare_lists, weigh,
};

fn laws() -> [LawEdition; 2] {
    let source = embedded::source();
    ["us", "kr"].map(|folder| LawEdition::load(&source, folder).unwrap())
}

fn alignment() -> Alignment {
    Alignment::load(&embedded::source()).unwrap()
}

/// Deciding once for each group is the same as deciding for each country.
#[test]
fn destinations_of_a_group_are_decided_alike() {
    let judgements = Judgements::none();
    let parties = PartyStep::clean();
    let codes = [
        "3A090.a",
        "3B001.f.1.b",
        "1C350.d.11",
        "3A225",
        "6A003.b.4.b",
        "0A501.a",
    ];
    for law in laws() {
        let item = Item::read(&ItemInput::default(), law.regime().vocabulary()).unwrap();
        for day in ["2024-01-01", "2026-10-01"] {
            let as_of = parse_date(day).unwrap();
            let groups = law.destinations_alike(as_of);
            assert!(
                groups.iter().map(Vec::len).sum::<usize>() > 230,
                "{groups:?}"
            );
            assert!(
                !groups
                    .iter()
                    .flatten()
                    .any(|code| *code == law.jurisdiction())
            );
            for code in codes {
                let classified = Classified {
                    by: ClassifiedBy::Computed,
                    code: code.to_owned(),
                    matches: vec![ParagraphRef::parse(code)],
                    ..Classified::unresolved()
                };
                let burden = |destination: &str| {
                    let transaction = Transaction {
                        origin: Some(law.jurisdiction().to_owned()),
                        destination: Some(destination.to_owned()),
                        ..Transaction::default()
                    };
                    let facts = Facts {
                        item: &item,
                        classification: &classified,
                        judgements: &judgements,
                        transaction: &transaction,
                        parties: &parties,
                        as_of,
                        strict: false,
                    };
                    law.decide(&facts).burden
                };
                for group in &groups {
                    let first = burden(group[0]);
                    for destination in group {
                        assert_eq!(
                            burden(destination),
                            first,
                            "{code} {day} {destination} {group:?}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn a_gap_is_weighed_for_every_destination_and_for_the_way_back() {
    let [us, kr] = laws();
    let date = parse_date("2026-10-01").unwrap();
    let scope = ["3B001", "3A225", "3A090"].map(|code| Code::parse(code).unwrap());
    let found = compare_lists(
        &alignment(),
        us.regime().at(date),
        kr.regime().at(date),
        &scope,
    )
    .unwrap();
    let weighed = weigh(&found, [&us, &kr].map(|law| LawAt { law, date }));
    let regions: usize = found.pairs.iter().map(|pair| pair.regions().count()).sum();
    assert_eq!(weighed.len(), regions + found.gaps.len());
    assert!(weighed.is_sorted_by_key(|w| std::cmp::Reverse(w.affected())));
    for w in &weighed {
        let destinations: usize = w.burdens.third.iter().map(|p| p.destinations.len()).sum();
        assert!(destinations > 230, "{w:?}");
        assert!(w.burdens.mutual.is_some());
        let both = w.affected()
            + w.burdens.affected(match w.side {
                ListSide::Left => ListSide::Right,
                ListSide::Right => ListSide::Left,
            });
        assert!(both <= destinations);
    }
    // High-bandwidth memory, which Korea has no number for: licensed from the United States to China, free from Korea.
    let alone = weighed
        .iter()
        .find(|w| matches!(&w.subject, Subject::Gap(gap) if gap.code == "3A090.c"));
    let alone = alone.unwrap();
    assert_eq!(
        (alone.side, alone.kind),
        (ListSide::Left, DivergenceKind::ListScopeGap)
    );
    let china = alone
        .burdens
        .third
        .iter()
        .find(|p| p.destinations.contains(&"CN"))
        .unwrap();
    assert!(china.left >= Burden::IndividualLicence, "{china:?}");
    assert_eq!(china.right, Burden::NoListLicence);
}

/// Run alone: `cargo test --release -p concord-licensing --test law weighing -- --ignored --nocapture`
#[test]
#[ignore = "a measurement"]
fn the_whole_comparison_is_weighed_quickly() {
    let [us, kr] = laws();
    let date = parse_date("2026-10-01").unwrap();
    let found = compare_lists(
        &alignment(),
        us.regime().at(date),
        kr.regime().at(date),
        &[],
    )
    .unwrap();
    let laws = [&us, &kr].map(|law| LawAt { law, date });
    let groups = laws.map(|at| at.law.destinations_alike(date).len());
    let started = Instant::now();
    let weighed = weigh(&found, laws);
    eprintln!(
        "{} differences weighed in {:?}, {groups:?} groups of destinations",
        weighed.len(),
        started.elapsed()
    );
    assert!(!weighed.is_empty());
}
