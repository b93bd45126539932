//! Step J: which limbs of part 734 reach an item that does not leave the United States.

use concord_licensing::{Activity, LineDecision, Outcome, Transaction};

use super::load::{answered, decide, item, law, route, stated};

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
fn every_limb_that_is_left_open_is_asked_and_an_answer_settles_it() {
    let parameters = [("us_controlled_content", "1", "%")];
    let tool = stated(
        item(&[("name", "t"), ("kind", "commodity")], &parameters, &[]),
        "US",
        "3B993.f.1",
    );
    let route = route("KR", "CN");
    let to_china = |answers: &[(&str, bool)]| answered(&tool, &route, answers, "2026-08-01");
    let open = to_china(&[]);
    assert_eq!(open.finding("subject_to_ear"), Some("unknown"));
    let asked: Vec<&str> = (open.questions.iter())
        .filter(|q| q.kind == "judgement" && q.could_raise)
        .map(|q| q.input.as_str())
        .collect();
    // Limbs of 734.4(a)(3), (a)(6), (a)(9) and of 734.9(e)(3), (i).
    for word in [
        "for_advanced_node_integrated_circuits",
        "contains_us_600_series_a_to_x",
        "contains_us_integrated_circuit_for_footnote_5",
        "advanced_node_fabrication_end_use",
        "direct_product_of_category_3_4_5_technology",
    ] {
        assert!(asked.contains(&word), "{word} {asked:?}");
    }
    // In the words of the vocabulary, in both languages.
    let words =
        |q: &&concord_licensing::Question| q.text.en.ends_with('?') && !q.text.ko.is_empty();
    assert!(
        open.questions
            .iter()
            .filter(|q| q.kind == "judgement")
            .all(|q| words(&q))
    );
    // One yes meets a case; all of them answered no leave nothing that reaches the item.
    let yes = to_china(&[("for_advanced_node_integrated_circuits", true)]);
    assert_eq!(yes.finding("subject_to_ear"), Some("yes"));
    let no: Vec<(&str, bool)> = asked.iter().map(|word| (*word, false)).collect();
    let none = to_china(&no);
    assert_eq!(
        none.finding("subject_to_ear"),
        Some("no"),
        "{:?}",
        none.findings
    );
    assert_eq!(none.outcome, Outcome::NotSubject);
}
