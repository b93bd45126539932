//! Removing what is known never makes an answer milder, unless the answer says that it could be raised.

use concord_controls::item::{Item, ItemInput};
use concord_controls::vocabulary::Attribute;
use concord_licensing::{LineDecision, Outcome};

use super::cases::situations;
use super::load::{chip, decide, item, law, route};

/// Strictness of an answer: an unknown one is not mild.
fn strictness(decision: &LineDecision) -> u16 {
    if decision.outcome.is_unknown() {
        u16::MAX
    } else {
        decision.burden as u16
    }
}

/// Every subset of parameters and flags taken away.
pub fn weaker(input: &ItemInput) -> Vec<ItemInput> {
    let (p, f) = (input.parameters.len(), input.flags.len());
    (1..1_u32 << (p + f))
        .map(|mask| {
            let keep = |index: usize| mask & (1 << index) == 0;
            let mut less = input.clone();
            less.parameters = input
                .parameters
                .iter()
                .enumerate()
                .filter(|(i, _)| keep(*i))
                .map(|(_, x)| x.clone())
                .collect();
            less.flags = input
                .flags
                .iter()
                .enumerate()
                .filter(|(i, _)| keep(p + i))
                .map(|(_, x)| x.clone())
                .collect();
            less
        })
        .collect()
}

/// Items of several kinds, each with everything that decides it.
pub fn items() -> [ItemInput; 5] {
    let camera = item(
        &[
            ("name", "camera"),
            ("kind", "commodity"),
            ("type", "camera"),
        ],
        &[("fpa_elements", "327680", "1"), ("frame_rate", "30", "Hz")],
        &[
            ("fpa_6a002_a_3_f", true),
            ("embedded_in_civil_product", false),
            ("consumer_ready_civil_product", false),
        ],
    );
    let changer = item(
        &[
            ("name", "changer"),
            ("kind", "commodity"),
            ("type", "frequency_changer"),
        ],
        &[
            ("output_power", "10000", "VA"),
            ("max_frequency", "1000", "Hz"),
            ("frequency_control", "0.01", "%"),
        ],
        &[("multiphase_output", true), ("usable_as_motor_drive", true)],
    );
    let fibre = item(
        &[
            ("name", "tow"),
            ("kind", "commodity"),
            ("type", "fibre"),
            ("material", "carbon"),
        ],
        &[
            ("specific_modulus", "13030000", "m"),
            ("specific_tensile_strength", "277500", "m"),
        ],
        &[("form_continuous", true)],
    );
    [
        chip("15832", "19.45", true),
        chip("5285", "8.69", false),
        camera,
        changer,
        fibre,
    ]
}

#[test]
fn fewer_facts_are_never_milder_in_silence() {
    for full in &items() {
        for (jurisdiction, origin) in [("US", "US"), ("KR", "KR")] {
            for destination in ["CN", "KR", "US", "VN", "DE", "RU", "IR"] {
                if origin == destination {
                    continue;
                }
                let route = route(origin, destination);
                let known = decide(law(), jurisdiction, full, &route, "2026-08-01");
                for less in weaker(full) {
                    let decision = decide(law(), jurisdiction, &less, &route, "2026-08-01");
                    let milder = strictness(&decision) < strictness(&known);
                    assert!(
                        !milder || decision.open_could_raise,
                        "{jurisdiction} to {destination}: {:?} became {:?} with {:?} {:?}",
                        known.burden,
                        decision.burden,
                        less.parameters,
                        less.flags,
                    );
                    assert_ne!(decision.outcome, Outcome::NotSubject);
                }
            }
        }
    }
}

/// One and every two facts of a public case taken away, also its type, material and codes; and given back.
#[test]
fn a_public_case_with_fewer_facts_is_never_milder_in_silence() {
    let situations = situations();
    let (mut compared, mut milder, mut wrong) = (0, 0, Vec::new());
    for situation in &situations {
        for jurisdiction in ["US", "KR"] {
            let decided = |input: &ItemInput| {
                let route = &situation.transaction;
                decide(law(), jurisdiction, input, route, &situation.as_of)
            };
            let known = decided(&situation.item);
            let bytes = format!("{known:?}");
            for (place, (first, less)) in one_less(&situation.item).into_iter().enumerate() {
                // What is left of each pair is the same in either order.
                let twice = one_less(&less).into_iter().skip(place);
                let fewer = std::iter::once((String::new(), less.clone())).chain(twice);
                for (second, input) in fewer {
                    let vocabulary = law().of(jurisdiction).regime().vocabulary();
                    if Item::read(&input, vocabulary).is_err() {
                        continue; // a derived value that no longer fits what is left
                    }
                    let decision = decided(&input);
                    compared += 1;
                    if strictness(&decision) < strictness(&known) {
                        milder += 1;
                        if !decision.open_could_raise {
                            wrong.push(format!(
                                "{} {jurisdiction} {} without {first} {second}: {:?} became {:?}",
                                situation.id, situation.as_of, known.burden, decision.burden
                            ));
                        }
                    }
                }
            }
            let again = decided(&situation.item.clone());
            assert_eq!(format!("{again:?}"), bytes, "{}", situation.id);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        situations.is_empty() || (compared > 300 && milder > 10),
        "{compared} compared, {milder} milder"
    );
}

/// The item without each of its facts; what it is called and whether it is goods are no facts that formulas test.
fn one_less(input: &ItemInput) -> Vec<(String, ItemInput)> {
    let mut all = Vec::new();
    let mut add = |fact: String, change: &dyn Fn(&mut ItemInput)| {
        let mut less = input.clone();
        change(&mut less);
        all.push((fact, less));
    };
    for (i, (id, _)) in input.parameters.iter().enumerate() {
        add(id.clone(), &|less| drop(less.parameters.remove(i)));
    }
    for (i, (id, _)) in input.flags.iter().enumerate() {
        add(id.clone(), &|less| drop(less.flags.remove(i)));
    }
    for (i, (attribute, _)) in input.attributes.iter().enumerate() {
        if !matches!(attribute, Attribute::Name | Attribute::Kind) {
            let id = attribute.id().to_owned();
            add(id, &|less| drop(less.attributes.remove(i)));
        }
    }
    for (i, stated) in input.stated.iter().enumerate() {
        add(stated.code.clone(), &|less| drop(less.stated.remove(i)));
    }
    all
}
