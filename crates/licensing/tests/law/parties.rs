//! Embargoes, listed parties and their owners.

use concord_licensing::{
    Burden, ExceptionStatus, Outcome, OwnershipShare, Party, PartyHit, PartyStep, Strength,
    Transaction,
};

use super::decisions::status;
use super::load::{chip, decide, decide_with, item, law, mill, route, stated};

fn hit(list: &str, strength: Strength) -> PartyStep {
    let hit = PartyHit {
        party: 0,
        list: list.to_owned(),
        entity: "x-1".to_owned(),
        strength,
    };
    PartyStep::Examined {
        hits: vec![hit],
        incomplete: Vec::new(),
    }
}

#[test]
fn embargoes_and_parties_stand_beside_an_empty_chart() {
    let eraser = item(
        &[("name", "e"), ("kind", "commodity")],
        &[],
        &[("other_entries_excluded", true)],
    );
    for (destination, basis) in [("IR", "746.7"), ("CU", "746.2"), ("KP", "746.4")] {
        let there = decide(
            law(),
            "US",
            &eraser,
            &route("US", destination),
            "2026-08-01",
        );
        assert_eq!(
            there.burden,
            Burden::IndividualLicenceDenialPresumed,
            "{destination}"
        );
        assert_eq!(there.requirements[0].basis, basis);
    }
    // EAR99 to Russia: the tables by HS code are not stored, so nothing is cleared.
    let russia = decide(law(), "US", &eraser, &route("US", "RU"), "2026-08-01");
    assert_eq!(russia.outcome, Outcome::Indeterminate);
    let syria = decide(law(), "US", &eraser, &route("US", "SY"), "2026-08-01");
    assert_eq!(
        (syria.outcome, status(&syria, "SPP")),
        (
            Outcome::ExceptionCandidate,
            Some(ExceptionStatus::Candidate)
        )
    );
    // Gibraltar has no row: a chart row is neither marked nor empty there.
    let mill = mill();
    // An entry that our data does not hold is never free.
    let far = stated(
        item(&[("name", "x"), ("kind", "commodity")], &[], &[]),
        "US",
        "9A610.x",
    );
    let there = decide(law(), "US", &far, &route("US", "DE"), "2026-08-01");
    assert!(
        !matches!(there.outcome, Outcome::NoListLicence),
        "{:?}",
        there.outcome
    );
    let nowhere = decide(law(), "US", &mill, &route("US", "GI"), "2026-08-01");
    assert_eq!(nowhere.outcome, Outcome::Indeterminate);
    assert!(
        nowhere
            .not_examined
            .iter()
            .any(|n| n.reason == "no_chart_row")
    );

    let party = Transaction {
        parties: vec![Party {
            role: "consignee".to_owned(),
            ..Party::default()
        }],
        ..route("US", "KR")
    };
    let with = |parties: &PartyStep, strict| {
        let d = decide_with(law(), "US", &mill, &party, parties, "2026-08-01", strict);
        (d.outcome, d.burden, d.open_could_raise)
    };
    let unknown = Burden::Unknown;
    assert_eq!(
        with(&PartyStep::clean(), false),
        (Outcome::NoListLicence, Burden::NoListLicence, false)
    );
    assert_eq!(
        with(&hit("dpl", Strength::Strong), false),
        (Outcome::Prohibited, Burden::Prohibited, false)
    );
    assert_eq!(
        with(&hit("entity_list", Strength::Exact), false),
        (
            Outcome::LicenceRequired,
            Burden::IndividualLicenceDenialPresumed,
            false
        )
    );
    assert_eq!(
        with(&hit("entity_list", Strength::Possible), false),
        (Outcome::NoListLicence, Burden::NoListLicence, true)
    );
    assert_eq!(
        with(&hit("entity_list", Strength::Possible), true),
        (Outcome::NeedsInformation, unknown, true)
    );
    assert!(with(&hit("a-list-of-tomorrow", Strength::Exact), false).2);
    let withheld = PartyStep::NotExamined("parties_not_disclosed".to_owned());
    assert_eq!(
        with(&withheld, false),
        (Outcome::NeedsInformation, unknown, false)
    );
    // A party on the Unverified List closes exceptions without asking for a licence of its own.
    let card = chip("5285", "8.69", false);
    let to_china = Transaction {
        parties: party.parties.clone(),
        ..route("US", "CN")
    };
    let uvl = decide_with(
        law(),
        "US",
        &card,
        &to_china,
        &hit("uvl", Strength::Exact),
        "2023-12-01",
        false,
    );
    assert_eq!(
        (uvl.outcome, status(&uvl, "NAC")),
        (Outcome::LicenceRequired, Some(ExceptionStatus::Foreclosed))
    );
    // What was searched incompletely is said.
    let stale = PartyStep::Examined {
        hits: Vec::new(),
        incomplete: vec!["EXAMPLE_LIST_ONLY".to_owned()],
    };
    let stale = decide_with(law(), "US", &mill, &party, &stale, "2026-08-01", false);
    assert_eq!(stale.incomplete, ["EXAMPLE_LIST_ONLY"]);
}

#[test]
fn owners_are_added_up_and_the_rule_has_dates() {
    let share = |list: Option<&str>, percent: u32| OwnershipShare {
        list: list.map(str::to_owned),
        basis_points: percent * 100,
    };
    let mill = mill();
    let decide_at = |owners: Vec<OwnershipShare>, as_of| {
        let transaction = Transaction {
            ownership: owners,
            ..route("US", "KR")
        };
        decide(law(), "US", &mill, &transaction, as_of)
    };
    let half = || {
        vec![
            share(Some("entity_list"), 30),
            share(Some("sdn"), 20),
            share(Some("none"), 50),
        ]
    };
    for (as_of, state, outcome) in [
        ("2025-09-28", "not_in_force", Outcome::NoListLicence),
        ("2025-09-29", "in_force", Outcome::LicenceRequired),
        ("2025-11-09", "in_force", Outcome::LicenceRequired),
        ("2025-11-10", "suspended", Outcome::NoListLicence),
        ("2026-11-09", "suspended", Outcome::NoListLicence),
        (
            "2026-11-10",
            "in_force_unless_extended",
            Outcome::LicenceRequired,
        ),
    ] {
        let decision = decide_at(half(), as_of);
        assert_eq!(decision.finding("affiliate_rule"), Some(state), "{as_of}");
        assert_eq!(decision.outcome, outcome, "{as_of}");
    }
    let minority = decide_at(vec![share(Some("entity_list"), 49)], "2025-10-01");
    assert_eq!(minority.outcome, Outcome::NoListLicence);
    assert!(
        minority
            .pointers
            .iter()
            .any(|p| p.id == "minority_ownership")
    );
    let unknown = decide_at(
        vec![share(Some("entity_list"), 30), share(None, 20)],
        "2025-10-01",
    );
    assert!(unknown.open_could_raise && unknown.pointers.iter().any(|p| p.id == "29"));
}
