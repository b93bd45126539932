//! Removing what is known never makes an answer milder, unless the answer says that it could be raised.

use concord_controls::item::ItemInput;
use concord_licensing::{LineDecision, Outcome};

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
fn weaker(input: &ItemInput) -> Vec<ItemInput> {
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

#[test]
fn fewer_facts_are_never_milder_in_silence() {
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
    let items = [
        chip("15832", "19.45", true),
        chip("5285", "8.69", false),
        camera,
        changer,
        fibre,
    ];
    for full in &items {
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
