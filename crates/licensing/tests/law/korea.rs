//! Korea, and what two lists say of one item.

use concord_licensing::{
    Activity, Burden, DivergenceKind, Outcome, Party, Side, Transaction, divergences,
};

use super::load::{chip, decide, item, law, mill, route, stated};

#[test]
fn korea_asks_by_region_grade_and_act() {
    let kr = |input: &_, transaction: &Transaction, as_of| {
        decide(law(), "KR", input, transaction, as_of)
    };
    let strategic = item(
        &[("name", "any"), ("kind", "any")],
        &[],
        &[("strategic_item", true)],
    );
    let graded = |destination: &str, grade: &str| Transaction {
        parties: vec![Party {
            role: "exporter".to_owned(),
            country: Some("KR".to_owned()),
            cp_grade: Some(grade.to_owned()),
        }],
        ..route("KR", destination)
    };
    for (transaction, burden) in [
        (route("KR", "US"), Burden::SimplifiedLicence),
        (route("KR", "CN"), Burden::IndividualLicence),
        (graded("CN", "A"), Burden::IndividualLicence),
        (graded("CN", "AA"), Burden::ComprehensiveLicence),
        (graded("IR", "AAA"), Burden::IndividualLicence),
    ] {
        let d = kr(&strategic, &transaction, "2026-10-01");
        assert_eq!(
            (d.outcome, d.burden),
            (Outcome::ExportLicenceRequired, burden),
            "{transaction:?}"
        );
    }
    let us = kr(&strategic, &route("KR", "US"), "2026-10-01");
    assert_eq!(us.finding("procedure"), Some("simplified_documents"));
    assert_eq!(
        (
            us.finding("validity_months"),
            us.finding("extensions_allowed")
        ),
        (Some("12"), Some("1"))
    );
    // Goods from the United States do not leave Korea; the item is classified all the same.
    let from_us = kr(&strategic, &route("US", "KR"), "2026-10-01");
    assert_eq!(
        (from_us.outcome, from_us.finding("list_status")),
        (Outcome::NotSubject, Some("strategic"))
    );
    let act = |activity, origin, destination| Transaction {
        activity: Some(activity),
        ..route(origin, destination)
    };
    for (transaction, outcome) in [
        (
            act(Activity::Brokering, "CN", "VN"),
            Outcome::BrokeringLicenceRequired,
        ),
        (act(Activity::Brokering, "CN", "DE"), Outcome::NoListLicence),
        (
            act(Activity::Transshipment, "CN", "VN"),
            Outcome::TransitLicenceRequired,
        ),
        (act(Activity::Export, "CN", "VN"), Outcome::NotSubject),
        (
            Transaction {
                to_foreign_national: true,
                ..act(Activity::TechnologyTransfer, "KR", "KR")
            },
            Outcome::ExportLicenceRequired,
        ),
    ] {
        assert_eq!(
            kr(&strategic, &transaction, "2026-10-01").outcome,
            outcome,
            "{transaction:?}"
        );
    }
    let battery = item(
        &[("name", "b"), ("kind", "commodity"), ("hs6", "850760")],
        &[],
        &[("annex_2_2_listed_2024_02", true)],
    );
    let listed = kr(&battery, &route("KR", "RU"), "2024-03-01");
    assert_eq!(listed.burden, Burden::IndividualLicenceDenialPresumed);
    let earlier = Transaction {
        contract_date: Some(super::load::date("2024-01-10")),
        ..route("KR", "RU")
    };
    assert_eq!(
        kr(&battery, &earlier, "2024-03-01").finding("policy"),
        Some("case_by_case")
    );
    for (as_of, count) in [
        ("2022-03-25", "0"),
        ("2022-03-26", "57"),
        ("2024-02-23", "798"),
        ("2024-09-09", "1402"),
    ] {
        let list = item(
            &[("name", "annex_2_2_russia_belarus"), ("kind", "list")],
            &[],
            &[],
        );
        assert_eq!(
            kr(&list, &route("KR", "RU"), as_of).finding("count"),
            Some(count)
        );
    }
}

#[test]
fn a_code_stated_for_one_list_answers_the_other() {
    let dpa = stated(
        item(&[("name", "x"), ("kind", "commodity")], &[], &[]),
        "US",
        "1C350.d.11",
    );
    assert_eq!(
        decide(law(), "KR", &dpa, &route("KR", "VN"), "2026-06-01").code,
        "1C350.90"
    );
    let back = stated(
        item(&[("name", "x"), ("kind", "commodity")], &[], &[]),
        "KR",
        "1C350.90",
    );
    assert_eq!(
        decide(law(), "US", &back, &route("US", "VN"), "2026-06-01").code,
        "1C350.d.11"
    );
    // Equal characters, another control: 3E901 is never aligned with 3E901.
    let gaafet = stated(
        item(&[("name", "x"), ("kind", "technology")], &[], &[]),
        "KR",
        "3E901",
    );
    assert_eq!(
        decide(law(), "US", &gaafet, &route("US", "VN"), "2026-06-01").code,
        "3E905"
    );
}

#[test]
fn divergences_carry_evidence_and_need_two_known_answers() {
    let law = law();
    let both = |input: &_, us: &Transaction, kr: &Transaction, as_of| {
        let (us, kr) = (
            decide(law, "US", input, us, as_of),
            decide(law, "KR", input, kr, as_of),
        );
        divergences(
            Side {
                decision: &us,
                law: Some(&law.us),
            },
            Side {
                decision: &kr,
                law: Some(&law.kr),
            },
            &law.alignment,
        )
    };
    let mill = mill();
    let mirrored = both(&mill, &route("US", "KR"), &route("KR", "US"), "2026-08-01");
    let licence = mirrored
        .iter()
        .find(|d| d.kind == DivergenceKind::LicenceRequirement)
        .unwrap();
    assert_eq!(licence.stricter.as_deref(), Some("KR"));
    assert_eq!(licence.sides[0].burden, Burden::NoListLicence);
    assert_eq!(licence.sides[1].burden, Burden::SimplifiedLicence);
    // The same route seen twice is no pair: Korea does not license exports from the United States.
    let one_way = both(&mill, &route("US", "KR"), &route("US", "KR"), "2026-08-01");
    assert!(
        one_way
            .iter()
            .all(|d| d.kind != DivergenceKind::LicenceRequirement)
    );
    let unknown = both(
        &mill,
        &Transaction::default(),
        &route("KR", "US"),
        "2026-08-01",
    );
    assert!(
        unknown
            .iter()
            .all(|d| d.kind != DivergenceKind::LicenceRequirement)
    );
    let chemical = item(
        &[
            ("name", "Dipropylamine"),
            ("kind", "commodity"),
            ("type", "chemical"),
            ("cas", "142-84-7"),
        ],
        &[],
        &[],
    );
    let numbers = both(
        &chemical,
        &route("US", "VN"),
        &route("KR", "VN"),
        "2026-06-01",
    );
    let numbers = numbers
        .iter()
        .find(|d| d.kind == DivergenceKind::NumberingOnly)
        .unwrap();
    assert_eq!(numbers.evidence.as_str(), "cas");
    assert!(!numbers.sides[0].cites.is_empty());
    let h100 = chip("15832", "19.45", true);
    let enforced = both(&h100, &route("US", "KR"), &route("KR", "US"), "2026-10-01");
    let temporal = enforced
        .iter()
        .find(|d| d.kind == DivergenceKind::Temporal)
        .unwrap();
    assert_eq!(temporal.from, Some(super::load::date("2025-05-13")));
}
