//! What decisions say in the situations that go wrong first.

use concord_licensing::{
    Activity, Burden, ExceptionStatus, JurisdictionDecision, LineDecision, Outcome, PartyStep,
    Transaction,
};

use super::load::{chip, decide, decide_with, item, law, route, stated};

pub fn status(decision: &LineDecision, symbol: &str) -> Option<ExceptionStatus> {
    decision
        .exceptions
        .iter()
        .find(|x| x.symbol == symbol)
        .map(|x| x.status)
}

#[test]
fn text_and_enforcement_are_both_reported() {
    let h100 = chip("15832", "19.45", true);
    let us = |destination, as_of| decide(law(), "US", &h100, &route("US", destination), as_of);
    let korea = us("KR", "2026-10-01");
    assert_eq!(
        (korea.outcome, korea.burden),
        (Outcome::NoListLicence, Burden::NoListLicence)
    );
    assert_eq!(korea.literal_outcome, Outcome::LicenceRequired);
    assert_eq!(korea.literal_burden, Burden::IndividualLicence);
    assert_eq!(
        korea,
        us("KR", "2026-10-01"),
        "the same facts give the same decision"
    );
    assert!(korea.pointers.iter().any(|p| p.id == "738.4(a)(2)"));
    assert_eq!(korea.overlays.len(), 1);
    assert_eq!(korea.overlays[0].state, "announced_non_enforcement");
    let worldwide: Vec<_> = korea
        .requirements
        .iter()
        .filter(|r| r.overlay.is_some())
        .collect();
    assert_eq!(worldwide.len(), 1);
    assert!(worldwide[0].literal && !worldwide[0].enforced);
    assert_eq!(status(&korea, "AIA"), Some(ExceptionStatus::ToCheck));
    // Before the rule there is no row to part over.
    let before = us("KR", "2024-06-01");
    assert_eq!(
        (before.outcome, before.literal_outcome),
        (Outcome::NoListLicence, Outcome::NoListLicence)
    );
    assert!(before.overlays.is_empty() && before.requirements.is_empty());
    // China stays enforced by its own row, and Hong Kong is read by China's.
    for destination in ["CN", "HK", "MO"] {
        let there = us(destination, "2026-10-01");
        assert_eq!(there.outcome, Outcome::LicenceRequired, "{destination}");
        assert_eq!(
            there.requirements[0].row_used,
            if destination == "HK" { "CN" } else { "" }
        );
    }
}

#[test]
fn review_policy_moves_the_burden_and_not_the_requirement() {
    let with_memory = |bandwidth: &str| {
        let mut h200 = chip("15832", "19.45", true);
        let quantity = concord_controls::item::QuantityInput {
            value: bandwidth.to_owned(),
            unit: "GB/s".to_owned(),
        };
        h200.parameters
            .push(("dram_bandwidth".to_owned(), Some(quantity)));
        h200
    };
    let china = |input: &_, transaction: &Transaction| {
        let decision = decide(law(), "US", input, transaction, "2026-03-01");
        (
            decision.outcome,
            decision.burden,
            decision.review_policy.unwrap_or_default(),
        )
    };
    let licence = Outcome::LicenceRequired;
    assert_eq!(
        china(&with_memory("4800"), &route("US", "CN")),
        (
            licence,
            Burden::IndividualLicence,
            "case_by_case_if_conditions_met".to_owned()
        )
    );
    let denied = (
        licence,
        Burden::IndividualLicenceDenialPresumed,
        "presumption_of_denial".to_owned(),
    );
    assert_eq!(china(&with_memory("6500"), &route("US", "CN")), denied);
    // A milder review is never assumed where the bandwidth is not stated, nor for a re-export.
    assert_eq!(
        china(&chip("15832", "19.45", true), &route("US", "CN")),
        denied
    );
    let again = Transaction {
        activity: Some(Activity::Reexport),
        ..route("SG", "CN")
    };
    assert_eq!(china(&with_memory("4800"), &again), denied);
}

#[test]
fn exceptions_are_candidates_and_each_requirement_must_be_overcome() {
    let card = chip("5285", "8.69", false);
    let china = decide(law(), "US", &card, &route("US", "CN"), "2023-12-01");
    assert_eq!(
        (china.outcome, china.burden),
        (Outcome::ExceptionCandidate, Burden::Notification)
    );
    assert_eq!(status(&china, "NAC"), Some(ExceptionStatus::Candidate));
    assert_eq!(status(&china, "STA"), Some(ExceptionStatus::Foreclosed));
    assert!(china.requirements.iter().all(|r| r.overcome_by == ["NAC"]));
    assert!(
        china
            .exceptions
            .iter()
            .any(|x| !x.conditions.is_empty() && x.needs_notification)
    );
    // After the split of 2024 Vietnam is ACA's, without notice.
    let vietnam = decide(law(), "US", &card, &route("US", "VN"), "2024-06-01");
    assert_eq!(vietnam.burden, Burden::ExceptionCandidate);
    assert_eq!(status(&vietnam, "ACA"), Some(ExceptionStatus::Candidate));
    assert_eq!(status(&vietnam, "NAC"), Some(ExceptionStatus::OutOfScope));
    // A notice stands beside the list rows and no list exception overcomes it.
    let mut told = card.clone();
    told.flags
        .push(("informed_by_notice_2025_04".to_owned(), Some(true)));
    let told = decide(law(), "US", &told, &route("US", "CN"), "2025-06-01");
    assert_eq!(told.outcome, Outcome::LicenceRequired);
    let notice = told
        .requirements
        .iter()
        .find(|r| r.reason == "is_informed")
        .unwrap();
    assert!(notice.overcome_by.is_empty() && notice.basis == "744");
    // The set of chip tools to China: only GOV survives, and GOV does not move the outcome.
    let tool = stated(
        item(&[("name", "t"), ("kind", "commodity")], &[], &[]),
        "US",
        "3B001.d.1",
    );
    let tool = decide(law(), "US", &tool, &route("US", "CN"), "2026-08-01");
    assert_eq!(tool.burden, Burden::IndividualLicenceDenialPresumed);
    for x in &tool.exceptions {
        let survives = x.status == ExceptionStatus::ToCheck;
        assert_eq!(survives, x.symbol == "GOV", "{} {:?}", x.symbol, x.status);
    }
    // STA to the Emirates turns on 740 Supp. 8.
    let camera = item(
        &[("name", "c"), ("kind", "commodity"), ("type", "camera")],
        &[("fpa_elements", "327680", "1"), ("frame_rate", "30", "Hz")],
        &[
            ("fpa_6a002_a_3_f", true),
            ("embedded_in_civil_product", false),
            ("consumer_ready_civil_product", false),
        ],
    );
    for (named, expected) in [
        (None, ExceptionStatus::Indeterminate),
        (Some(false), ExceptionStatus::Foreclosed),
        (Some(true), ExceptionStatus::Candidate),
    ] {
        let there = Transaction {
            consignee_in_supp8: named,
            ..route("US", "AE")
        };
        let decision = decide(law(), "US", &camera, &there, "2026-08-01");
        assert_eq!(status(&decision, "STA"), Some(expected), "{named:?}");
    }
}

#[test]
fn what_is_missing_is_asked_and_strict_waits_for_it() {
    let vague = item(
        &[
            ("name", "chip"),
            ("kind", "commodity"),
            ("type", "integrated_circuit"),
        ],
        &[
            ("tpp", "1700", "TPP"),
            ("processing_performance", "106", "TOPS"),
        ],
        &[("designed_or_marketed_for_datacenter", true)],
    );
    let china = |strict| {
        decide_with(
            law(),
            "US",
            &vague,
            &route("US", "CN"),
            &PartyStep::clean(),
            "2026-08-01",
            strict,
        )
    };
    let open = china(false);
    assert_eq!(
        (open.code.as_str(), open.outcome),
        ("3A991.p.1", Outcome::NoListLicence)
    );
    assert!(open.open_could_raise);
    assert!(
        open.questions
            .iter()
            .any(|q| q.could_raise && q.input == "performance_density")
    );
    assert_eq!(china(true).outcome, Outcome::NeedsInformation);
    // What is open need not matter: a mill that may be 2B201 or 2B001 needs nothing to Korea either way.
    let mill = item(
        &[
            ("name", "mill"),
            ("kind", "commodity"),
            ("type", "machine_tool"),
            ("process", "milling"),
        ],
        &[("positioning_accuracy_iso230_2006", "8", "um")],
        &[("numerical_control_capable", true)],
    );
    for (destination, raises) in [("VN", true), ("KR", false)] {
        let open = decide(law(), "US", &mill, &route("US", destination), "2026-08-01");
        assert_eq!(open.outcome, Outcome::NeedsInformation, "{destination}");
        assert_eq!(open.open_could_raise, raises, "{destination}");
        assert!(open.questions.iter().any(|q| q.input == "contouring_axes"));
    }
    let nowhere = decide(law(), "US", &vague, &Transaction::default(), "2026-08-01");
    assert_eq!(
        (nowhere.outcome, nowhere.burden),
        (Outcome::NeedsInformation, Burden::Unknown)
    );
    assert!(nowhere.questions.iter().any(|q| q.input == "destination"));
    let joined = JurisdictionDecision::of("US", "BIS", "sha256:0", vec![open, nowhere]);
    assert_eq!(
        (joined.outcome, joined.burden),
        (Outcome::NeedsInformation, Burden::Unknown)
    );
}
