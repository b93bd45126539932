//! Every kind of the taxonomy (`domain.md` 4.7) comes out of two decisions or two lists, with what a reader needs to check it.

use std::collections::BTreeSet;

use concord_licensing::{
    Activity, Divergence, DivergenceKind, Intent, LineDecision, Party, PartyHit, PartyStep, Side,
    Strength, Transaction, divergences,
};

use super::load::{chip, date, decide, decide_with, item, law, mill, route, stated};

fn between(us: &LineDecision, kr: &LineDecision) -> Vec<Divergence> {
    let law = law();
    let side = |decision, law| Side {
        decision,
        law: Some(law),
    };
    divergences(side(us, &law.us), side(kr, &law.kr), &law.alignment)
}

fn of(
    input: &concord_controls::item::ItemInput,
    us: &Transaction,
    kr: &Transaction,
    as_of: &str,
) -> Vec<Divergence> {
    let us = decide(law(), "US", input, us, as_of);
    let kr = decide(law(), "KR", input, kr, as_of);
    between(&us, &kr)
}

/// The one of this kind, which names both sides' provisions.
fn one(found: &[Divergence], kind: DivergenceKind) -> &Divergence {
    let mut found_one = found.iter().filter(|d| d.kind == kind);
    let divergence = found_one.next();
    let divergence = divergence.unwrap_or_else(|| panic!("no {kind:?} in {found:#?}"));
    assert_ne!(
        divergence.sides[0].jurisdiction,
        divergence.sides[1].jurisdiction
    );
    assert!(
        divergence.sides.iter().any(|s| !s.cites.is_empty()),
        "{divergence:?}"
    );
    assert!(!divergence.label.en.is_empty() && !divergence.label.ko.is_empty());
    if let (Some(from), Some(to)) = (divergence.from, divergence.to) {
        assert!(from < to, "{divergence:?}");
    }
    divergence
}

#[test]
fn every_kind_of_divergence_is_produced() {
    let mut produced = BTreeSet::new();
    let mut seen = |kind| produced.insert(kind);
    let anything = |kind: &str| item(&[("name", "x"), ("kind", kind)], &[], &[]);
    let to = |destination: &str| (route("US", destination), route("KR", destination));

    // Named by Korea, described by the United States.
    let pentafluoride = item(
        &[
            ("name", "iodine pentafluoride"),
            ("kind", "commodity"),
            ("type", "chemical"),
            ("cas", "7783-66-6"),
        ],
        &[],
        &[("fluorine_halogen_oxidiser", true)],
    );
    let (us, kr) = to("VN");
    let found = of(&pentafluoride, &us, &kr, "2026-06-01");
    seen(one(&found, DivergenceKind::Classification).kind);

    let weights = stated(anything("software"), "US", "4E091");
    let found = of(&weights, &us, &kr, "2026-06-01");
    let gap = one(&found, DivergenceKind::ListScopeGap);
    assert_eq!(gap.controlled_by.as_deref(), Some("US"));
    seen(gap.kind);

    let amine = stated(anything("commodity"), "US", "1C350.d.11");
    let found = of(&amine, &us, &kr, "2026-06-01");
    seen(one(&found, DivergenceKind::NumberingOnly).kind);

    let found = of(
        &mill(),
        &route("US", "KR"),
        &route("KR", "US"),
        "2026-08-01",
    );
    let licence = one(&found, DivergenceKind::LicenceRequirement);
    assert_eq!(licence.stricter.as_deref(), Some("KR"));
    assert_eq!(licence.intent, Intent::Unexplained);
    assert!(
        licence.sides.iter().all(|s| !s.cites.is_empty()),
        "{licence:?}"
    );
    seen(licence.kind);

    // A candidate exception on one side, a licence on the other.
    let gaming = stated(chip("5285", "8.7", false), "KR", "3A903");
    let (us, kr) = to("CN");
    let found = of(&gaming, &us, &kr, "2026-10-01");
    let relief = one(&found, DivergenceKind::Exception);
    assert_eq!(relief.stricter.as_deref(), Some("KR"));
    seen(relief.kind);

    // In force on one side only, for as long as the other's is not.
    let transistors = stated(anything("technology"), "US", "3E905");
    let found = of(&transistors, &us, &kr, "2025-02-27");
    let temporal = one(&found, DivergenceKind::Temporal);
    assert_eq!(temporal.to, Some(date("2025-02-28")));
    assert_eq!(temporal.stricter.as_deref(), Some("US"));
    seen(temporal.kind);
    let enforced = of(
        &chip("15832", "19.45", true),
        &route("US", "KR"),
        &route("KR", "US"),
        "2026-10-01",
    );
    let temporal = one(&enforced, DivergenceKind::Temporal);
    assert_eq!(
        (temporal.intent, temporal.from),
        (Intent::Documented, Some(date("2025-05-13")))
    );

    // Korea licenses transit to the United States, for which it is an import.
    let strategic = item(
        &[("name", "x"), ("kind", "any")],
        &[],
        &[("strategic_item", true)],
    );
    let through = Transaction {
        activity: Some(Activity::Transit),
        ..route("CN", "US")
    };
    let found = of(&strategic, &through, &through, "2026-10-01");
    let reach = one(&found, DivergenceKind::Jurisdiction);
    assert_eq!(
        (reach.stricter.as_deref(), reach.intent),
        (Some("KR"), Intent::Documented)
    );
    seen(reach.kind);

    // Both ask for a licence; Korea's file is shorter for Ga.
    let etcher = stated(
        stated(anything("commodity"), "US", "3B001.c.1.a"),
        "KR",
        "3B901.a",
    );
    let (us, kr) = to("DE");
    let found = of(&etcher, &us, &kr, "2026-10-01");
    let process = one(&found, DivergenceKind::Process);
    assert_eq!(process.stricter.as_deref(), Some("US"));
    seen(process.kind);

    // A party on the lists of one side.
    let hit = PartyHit {
        party: 0,
        list: "entity_list".to_owned(),
        entity: "x-1".to_owned(),
        strength: Strength::Strong,
    };
    let listed = PartyStep::Examined {
        hits: vec![hit],
        incomplete: Vec::new(),
    };
    let named = |origin: &str| Transaction {
        parties: vec![Party {
            role: "consignee".to_owned(),
            country: Some("VN".to_owned()),
            cp_grade: None,
        }],
        ..route(origin, "VN")
    };
    let (us, kr) = (named("US"), named("KR"));
    let us = decide_with(law(), "US", &mill(), &us, &listed, "2026-08-01", false);
    let kr = decide(law(), "KR", &mill(), &kr, "2026-08-01");
    let found = between(&us, &kr);
    let party = one(&found, DivergenceKind::Party);
    assert_eq!(party.controlled_by.as_deref(), Some("US"));
    seen(party.kind);

    // Between the thresholds of two paragraphs that were aligned by what they measure.
    let found = gap_of_thresholds();
    let thresholds = one(&found, DivergenceKind::ParameterThresholdGap);
    assert!(thresholds.controlled_by.is_some());
    let region = thresholds.label.en.rsplit_once(": ");
    let (_, region) = region.unwrap_or_else(|| panic!("no region: {thresholds:?}"));
    assert!(region.contains(['<', '>', '=']), "{region}");
    seen(thresholds.kind);

    let all = [
        DivergenceKind::Classification,
        DivergenceKind::ListScopeGap,
        DivergenceKind::ParameterThresholdGap,
        DivergenceKind::NumberingOnly,
        DivergenceKind::LicenceRequirement,
        DivergenceKind::Exception,
        DivergenceKind::Party,
        DivergenceKind::Temporal,
        DivergenceKind::Jurisdiction,
        DivergenceKind::Process,
    ];
    assert_eq!(produced, BTreeSet::from(all));
}

/// The first region between two thresholds that whole lists show, decided as an item: the example is met on one side, the other
/// has ruled it out.
fn gap_of_thresholds() -> Vec<Divergence> {
    let law = law();
    let day = date("2026-10-01");
    let (us, kr) = (law.us.regime().at(day), law.kr.regime().at(day));
    let compared = concord_licensing::compare_lists(&law.alignment, us, kr, &[]).unwrap();
    let by_parameters = compared
        .pairs
        .iter()
        .filter(|pair| pair.evidence == concord_licensing::Evidence::Parameters);
    let regions = by_parameters.flat_map(|pair| pair.regions());
    let measured = regions.filter(|(_, r)| !r.parameters.is_empty() && r.apart.is_empty());
    let mut tried = Vec::new();
    for (_, region) in measured {
        for witness in &region.witnesses {
            if !witness.judgements.is_empty() {
                continue;
            }
            let mut input = witness.item.clone();
            input
                .flags
                .push(("other_entries_excluded".to_owned(), Some(true)));
            let found = of(&input, &route("US", "VN"), &route("KR", "VN"), "2026-10-01");
            if found
                .iter()
                .any(|d| d.kind == DivergenceKind::ParameterThresholdGap)
            {
                return found;
            }
            tried.push((region.inequalities.clone(), found));
        }
    }
    panic!("no region decides: {tried:#?}");
}
