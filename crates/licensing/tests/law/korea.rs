//! Korea, and what two lists say of one item.

use concord_licensing::{
    Activity, Burden, DivergenceKind, Outcome, Party, Side, Transaction, divergences,
};

use super::load::{answered_by, chip, decide, item, law, mill, route, stated};

#[test]
fn the_authority_is_named_by_the_day_and_what_sources_leave_open_is_said() {
    let converter = |code| {
        let goods = item(&[("name", "converter"), ("kind", "commodity")], &[], &[]);
        stated(goods, "KR", code)
    };
    let listed = converter("3A001.a.5.a.1");
    for (day, name) in [("2025-09-30", "MOTIE"), ("2025-10-01", "MOTIR")] {
        let decided = decide(law(), "KR", &listed, &route("KR", "CN"), day);
        assert_eq!(decided.finding("authority"), Some(name), "{day}");
        let low = decided.pointers.iter();
        let low = low.filter(|p| p.text.en.contains("small value"));
        assert_eq!(low.count(), 1, "{:?}", decided.pointers);
    }
    // Of another regime: no exemption of low values.
    let nuclear = decide(
        law(),
        "KR",
        &converter("3A225"),
        &route("KR", "CN"),
        "2026-10-01",
    );
    let mut pointers = nuclear.pointers.iter();
    assert!(!pointers.any(|p| p.text.en.contains("small value")));
    for (grade, doubted) in [("AA", false), ("AAA", true)] {
        let transaction = Transaction {
            parties: vec![Party {
                role: "exporter".to_owned(),
                country: Some("KR".to_owned()),
                cp_grade: Some(grade.to_owned()),
            }],
            ..route("KR", "CN")
        };
        let decided = decide(law(), "KR", &listed, &transaction, "2026-10-01");
        let mut skipped = decided.not_examined.iter();
        let said = skipped.any(|n| n.reason == "sources_disagree");
        assert_eq!(said, doubted, "{grade}");
    }
}

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

/// One sign is a trigger for what is not strategic; what was answered is no longer asked.
#[test]
fn knowledge_and_signs_trigger_the_situational_licence() {
    let pump = item(
        &[("name", "pump"), ("kind", "commodity")],
        &[],
        &[("other_entries_excluded", true)],
    );
    let to = |answers: &[(&str, bool)]| {
        answered_by("KR", &pump, &route("KR", "VN"), answers, "2026-10-01")
    };
    let quiet = to(&[]);
    assert_eq!(quiet.outcome, Outcome::NoListLicence);
    let signs = |d: &concord_licensing::LineDecision| {
        let flags = d.pointers.iter();
        flags.filter(|p| p.id.starts_with("sign-")).count()
    };
    assert_eq!(signs(&quiet), 12);
    assert!(quiet.not_examined.iter().any(|n| n.reason == "not_stated"));
    for word in ["kr_known_weapons_use", "kr_sign_odd_route"] {
        let found = to(&[(word, true), ("kr_sign_odd_price", false)]);
        assert_eq!(found.outcome, Outcome::SituationalLicenceRequired, "{word}");
        assert_eq!(found.burden, Burden::IndividualLicence);
        assert_eq!(found.finding("policy"), Some("case_by_case"));
        assert!(found.finding("situational_trigger").is_some());
        assert!(signs(&found) < 12);
    }
    let no = to(&[("kr_sign_odd_price", false)]);
    assert_eq!((no.outcome, signs(&no)), (Outcome::NoListLicence, 11));
    // A strategic item needs the export licence, whatever its buyer does.
    let strategic = item(
        &[("name", "x"), ("kind", "commodity")],
        &[],
        &[("strategic_item", true)],
    );
    let answers = [("kr_sign_odd_route", true)];
    let found = answered_by("KR", &strategic, &route("KR", "VN"), &answers, "2026-10-01");
    assert_eq!(found.outcome, Outcome::ExportLicenceRequired);
}

#[test]
fn annexes_8_19_and_23_open_no_more_than_they_say() {
    let graded = Transaction {
        parties: vec![Party {
            role: "exporter".to_owned(),
            country: Some("KR".to_owned()),
            cp_grade: Some("AA".to_owned()),
        }],
        ..route("KR", "CN")
    };
    let strategic = item(
        &[("name", "any"), ("kind", "any")],
        &[],
        &[("strategic_item", true)],
    );
    let types = |answers: &[(&str, bool)]| {
        let found = answered_by("KR", &strategic, &graded, answers, "2026-10-01");
        found.finding("licence_type").map(str::to_owned)
    };
    let (body, other) = (types(&[("kr_state_body_end_user", true)]), types(&[]));
    assert!(body.is_some_and(|t| t.contains("item_comprehensive")));
    assert!(other.is_some_and(|t| !t.contains("item_comprehensive")));
    let router = stated(
        item(&[("name", "router"), ("kind", "commodity")], &[], &[]),
        "KR",
        "5A002.a",
    );
    for (destination, named) in [("HR", true), ("DE", true), ("CN", false), ("IQ", false)] {
        let found = decide(
            law(),
            "KR",
            &router,
            &route("KR", destination),
            "2026-10-01",
        );
        let annex = found.pointers.iter().any(|p| p.id.contains("별표 23"));
        assert_eq!(annex, named, "{destination}");
        assert_eq!(found.outcome, Outcome::ExportLicenceRequired);
    }
    let list = item(
        &[("name", "annex_2_2_russia_belarus"), ("kind", "list")],
        &[],
        &[],
    );
    for (day, said) in [("2025-02-27", false), ("2025-02-28", true)] {
        let found = decide(law(), "KR", &list, &route("KR", "RU"), day);
        let removed = found
            .not_examined
            .iter()
            .any(|n| n.reason == "removed_items");
        assert_eq!(removed, said, "{day}");
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

/// The plurilateral table row by row, both ways, and before Korea had the numbers.
#[test]
fn plurilateral_controls_are_aligned_under_both_numbers() {
    let law = law();
    let day = |text: &str| text.parse().unwrap();
    for (us, kr) in [
        ("3A090", "3A903"),
        ("4A090", "4A902"),
        ("4A906", "4A901"),
        ("4D906", "4D901"),
        ("3A901", "3A901"),
        ("3A904", "3A902"),
        ("3B001.c.1.a", "3B901.a"),
        ("3B001.c.1.c", "3B901.b"),
        ("3B001.q", "3B902"),
        ("3B903", "3B903"),
        ("3B904", "3B904"),
        ("3C907", "3C901.a"),
        ("3C908", "3C901.b"),
        ("3C909", "3C901.c"),
        ("3D901", "3D901"),
        ("3D907", "3D902"),
        ("3E905", "3E901"),
        ("2B910", "2B901"),
        ("2D910", "2D901"),
        ("2E903", "2E901"),
    ] {
        let in_korea = |date| law.alignment.counterpart(&law.kr, "US", us, date);
        let found = in_korea(day("2026-06-01"));
        assert!(
            found.as_deref().is_some_and(|f| f.starts_with(kr)),
            "{us}: {found:?}"
        );
        assert_eq!(in_korea(day("2025-02-27")), None, "{us}");
        let back = law
            .alignment
            .counterpart(&law.us, "KR", kr, day("2026-06-01"));
        let entry = us.split('.').next().unwrap();
        assert!(
            back.as_deref().is_some_and(|b| b.starts_with(entry)),
            "{kr}: {back:?}"
        );
    }
    // The technology of the United States' 3E901 has no number in Korea, least of all 3E901.
    let trap = law
        .alignment
        .counterpart(&law.kr, "US", "3E901", day("2026-06-01"));
    assert_ne!(trap.as_deref(), Some("3E901"));
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
