//! What decisions say in the situations that go wrong first.

use concord_licensing::{
    Activity, Burden, DivergenceKind, ExceptionStatus, JurisdictionDecision, LineDecision, Outcome,
    OwnershipShare, Party, PartyHit, PartyStep, Side, Strength, Transaction, divergences,
};

use super::load::{chip, decide, decide_with, item, law, route, stated};

fn status(decision: &LineDecision, symbol: &str) -> Option<ExceptionStatus> {
    decision
        .exceptions
        .iter()
        .find(|x| x.symbol == symbol)
        .map(|x| x.status)
}

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

/// A machine tool that needs NP 1 in Vietnam and nothing in Korea.
fn mill() -> concord_controls::item::ItemInput {
    stated(
        item(&[("name", "mill"), ("kind", "commodity")], &[], &[]),
        "US",
        "2B201.b.3",
    )
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

#[test]
fn reach_beyond_the_border_is_decided_by_limbs() {
    let tool = |flag: bool| {
        let flags = [("contains_ic_from_us_technology_plant", flag)];
        stated(
            item(&[("name", "t"), ("kind", "commodity")], &[], &flags),
            "US",
            "3B001.d.1",
        )
    };
    let from_korea = |input: &_, destination| {
        let d = decide(law(), "US", input, &route("KR", destination), "2026-08-01");
        (d.finding("subject_to_ear").unwrap().to_owned(), d.outcome)
    };
    let yes = |outcome| ("yes".to_owned(), outcome);
    assert_eq!(from_korea(&tool(true), "CN"), yes(Outcome::LicenceRequired));
    // Content is not known, so no limb says no.
    assert_eq!(
        from_korea(&tool(false), "CN"),
        ("unknown".to_owned(), Outcome::Indeterminate)
    );
    let content = |percent: &str, flags: &[(&str, bool)]| {
        let parameters = [("us_controlled_content", percent, "%")];
        stated(
            item(&[("name", "m"), ("kind", "commodity")], &parameters, flags),
            "US",
            "2B201.b.3",
        )
    };
    for (percent, destination, subject, test) in [
        ("25", "VN", "no", Some("not_subject_by_content")),
        ("25.01", "VN", "yes", Some("subject")),
        ("10", "IR", "unknown", Some("not_subject_by_content")),
        ("10.5", "IR", "yes", Some("subject")),
        ("20", "DE", "no", Some("not_subject_by_content")),
    ] {
        let d = decide(
            law(),
            "US",
            &content(percent, &[]),
            &route("KR", destination),
            "2026-08-01",
        );
        assert_eq!(
            d.finding("subject_to_ear"),
            Some(subject),
            "{percent} {destination}"
        );
        assert_eq!(d.finding("content_test"), test, "{percent} {destination}");
    }
    // What a foreign item contains decides whether a case without a limit applies, whatever the item is.
    let to_china = |flags: &[(&str, bool)]| {
        decide(
            law(),
            "US",
            &content("20", flags),
            &route("KR", "CN"),
            "2026-08-01",
        )
    };
    let open = to_china(&[]);
    assert_eq!(open.finding("subject_to_ear"), Some("unknown"));
    let has = |d: &LineDecision, key: &str, value: &str| {
        (d.findings.iter()).any(|f| f.key == key && f.value == value)
    };
    let a6 = "a6i unknown (item met, content unknown, destination met)";
    assert!(has(&open, "zero_percent_case", a6));
    assert!((open.questions.iter()).any(|q| q.input == "no_zero_percent_case"));
    assert!(has(
        &open,
        "zero_percent_case",
        "a8 not_met (item not_met, content unknown, destination met)"
    ));
    assert!(
        !(open.findings.iter()).any(|f| f.value.starts_with("iran ")),
        "ruled out by destination"
    );
    // Every rule that the destination leaves in is shown with both limbs.
    let tool_to_china = decide(law(), "US", &tool(true), &route("KR", "CN"), "2026-08-01");
    for limbs in [
        "sme met (product met, reach met)",
        "national_security unknown (product unknown, reach met)",
        "entity_fn1 not_met (product unknown, reach not_met)",
        "supercomputer unknown (product unknown, reach unknown)",
        "advanced_computing not_met (product not_met, reach met)",
    ] {
        assert!(
            has(&tool_to_china, "direct_product_limbs", limbs),
            "{limbs} {:?}",
            tool_to_china.findings
        );
    }
    let met = tool_to_china.finding("direct_product_rule");
    assert_eq!(met, Some("sme"));
    // A code stated too generally may lie within the set: it is not ruled out.
    let general = stated(
        item(
            &[("name", "t"), ("kind", "commodity")],
            &[("us_controlled_content", "0", "%")],
            &[],
        ),
        "US",
        "3B001",
    );
    let general = decide(law(), "US", &general, &route("KR", "MO"), "2026-08-01");
    let sme = "sme unknown (product unknown, reach met)";
    assert!(has(&general, "direct_product_limbs", sme));
    // A supercomputer as end use holds the answer open where the item may be a computer; elsewhere it is named, not assumed.
    let clear = to_china(&[("no_zero_percent_case", true)]);
    let machine = stated(
        item(
            &[
                ("name", "m"),
                ("kind", "commodity"),
                ("type", "machine_tool"),
            ],
            &[("us_controlled_content", "20", "%")],
            &[("no_zero_percent_case", true)],
        ),
        "US",
        "2B201.b.3",
    );
    let machine = decide(law(), "US", &machine, &route("KR", "CN"), "2026-08-01");
    assert_eq!(clear.finding("subject_to_ear"), Some("unknown"));
    assert!(
        (machine.not_examined.iter()).any(|n| n.reason == "direct_product_end_use"),
        "{:?}",
        machine.not_examined
    );
    // Weights of a model are a direct product of computers: the thirteenth rule is open and never ruled out by destination.
    let weights = stated(
        item(&[("name", "w"), ("kind", "technology")], &[], &[]),
        "US",
        "4E091",
    );
    let weights = decide(law(), "US", &weights, &route("KR", "SG"), "2026-08-01");
    assert!(has(
        &weights,
        "direct_product_limbs",
        "model_weights unknown (product unknown, reach unknown)"
    ));
    // Goods that come to the United States are not exported from it.
    let import = decide(
        law(),
        "US",
        &content("0", &[]),
        &route("KR", "US"),
        "2026-08-01",
    );
    assert_eq!(import.outcome, Outcome::NotSubject);
}

#[test]
fn a_release_to_a_foreign_person_goes_to_the_country_of_that_person() {
    let source_code = stated(
        item(&[("name", "s"), ("kind", "technology")], &[], &[]),
        "US",
        "3E001",
    );
    let release = |destination: &str, activity, foreign| Transaction {
        activity: Some(activity),
        to_foreign_national: foreign,
        ..route("US", destination)
    };
    let us = |transaction| decide(law(), "US", &source_code, &transaction, "2026-08-01");
    let transfer = Activity::TechnologyTransfer;
    // Inside the United States: whose national is it? Never an item that merely stays at home.
    for transaction in [
        release("US", Activity::DeemedExport, false),
        release("US", transfer, true),
    ] {
        let home = us(transaction);
        assert_eq!(home.finding("subject_to_ear"), Some("unknown"));
        assert!((home.questions.iter()).any(|q| q.input == "destination"));
    }
    assert_eq!(
        us(release("US", transfer, false)).outcome,
        Outcome::NotSubject
    );
    let china = us(release("CN", Activity::DeemedExport, false));
    assert_eq!(china.finding("deemed_export"), Some("CN"));
    assert_eq!(china.outcome, us(route("US", "CN")).outcome);
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
