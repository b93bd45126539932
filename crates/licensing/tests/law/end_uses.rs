//! Part 744: triggers one by one, owners, and what stays for a person.

use concord_licensing::{
    Activity, LawEdition, LineDecision, Outcome, OwnershipShare, Party, PointerKind, Transaction,
};

use super::load::{answered, decide, item, law, mill, route, source, stated};

fn not_examined(decision: &LineDecision, step: &str) -> Vec<String> {
    let of_step = decision.not_examined.iter().filter(|n| n.step == step);
    of_step.map(|n| n.reason.clone()).collect()
}

#[test]
fn every_trigger_that_may_apply_is_named_with_its_section() {
    let to = |destination, as_of| decide(law(), "US", &mill(), &route("US", destination), as_of);
    let korea = to("KR", "2026-08-01");
    assert_eq!(
        not_examined(&korea, "end_use"),
        [
            "nuclear_end_use",
            "weapons_delivery_end_use",
            "chemical_biological_end_use",
            "maritime_nuclear_end_use",
            "us_person_support_wmd",
            "is_informed"
        ]
    );
    let named = korea.not_examined.iter();
    assert!(named.clone().any(|n| n.text.en.contains("15 CFR 744.2")));
    let china = not_examined(&to("CN", "2026-08-01"), "end_use");
    for id in [
        "military_end_use",
        "military_intelligence_end_use",
        "missile_end_use",
        "advanced_node_fabrication_end_use",
        "us_person_support_advanced_node",
    ] {
        assert!(china.contains(&id.to_owned()), "{id} {china:?}");
    }
    // Hong Kong is read by China's row; Macau is named beside D:5; Russia has no list of items; before the rule there is none.
    let hong_kong = not_examined(&to("HK", "2026-08-01"), "end_use");
    assert!(hong_kong.contains(&"military_end_use".to_owned()));
    let macau = not_examined(&to("MO", "2026-08-01"), "end_use");
    assert!(macau.contains(&"advanced_node_fabrication_end_use".to_owned()));
    assert!(!macau.contains(&"military_end_use".to_owned()));
    let russia = not_examined(&to("RU", "2026-08-01"), "end_use");
    assert!(russia.contains(&"military_end_use_any_item".to_owned()));
    let earlier = not_examined(&to("CN", "2022-10-01"), "end_use");
    assert!(!earlier.contains(&"advanced_node_fabrication_end_use".to_owned()));
    // Allies of 744 Supp. 3 are outside the nuclear end use; Korea is not one of them.
    let japan = not_examined(&to("JP", "2026-08-01"), "end_use");
    assert!(!japan.contains(&"nuclear_end_use".to_owned()));
    // Cameras, and the chips and computers for a supercomputer, are meant by code, also where the code is stated too generally.
    let named = |code, destination, id: &str| {
        let input = stated(
            item(&[("name", "c"), ("kind", "commodity")], &[], &[]),
            "US",
            code,
        );
        let there = route("US", destination);
        let there = decide(law(), "US", &input, &there, "2026-08-01");
        not_examined(&there, "end_use").contains(&id.to_owned())
    };
    let camera = |code| named(code, "VN", "camera_military_end_use");
    assert!(camera("6A003.b.4.b") && camera("6A993") && !camera("6A005"));
    let supercomputer = |code| named(code, "CN", "supercomputer_end_use");
    assert!(supercomputer("3A991.p") && supercomputer("4A003.b") && !supercomputer("2B001.a.1"));
    // A seat in Macau or D:5 counts wherever the party is.
    let seat = |code| named(code, "SG", "advanced_computing_for_headquarters_in_d5");
    assert!(seat("3A090.b") && seat("3A001.z.4.b") && !seat("3A991.p"));
}

#[test]
fn an_answer_makes_a_requirement_or_settles_the_trigger() {
    let decide = |destination: &str, answers: &[(&str, bool)]| {
        answered(&mill(), &route("US", destination), answers, "2026-08-01")
    };
    let open = decide("KR", &[]);
    assert_eq!(open.outcome, Outcome::NoListLicence);
    assert!((open.questions.iter()).any(|q| q.input == "nuclear_end_use" && q.kind == "judgement"));
    let asked: Vec<&str> = (open.questions.iter())
        .filter(|q| q.kind == "judgement" && q.could_raise)
        .map(|q| q.input.as_str())
        .collect();
    // Every trigger that was not examined has its question.
    assert_eq!(
        asked.len(),
        not_examined(&open, "end_use").len(),
        "{asked:?}"
    );
    let yes = decide("KR", &[("nuclear_end_use", true)]);
    assert_eq!(yes.outcome, Outcome::LicenceRequired);
    let requirement = &yes.requirements[0];
    assert_eq!(
        (requirement.reason.as_str(), requirement.basis.as_str()),
        ("nuclear_end_use", "744.2")
    );
    assert!(requirement.overcome_by.is_empty() && requirement.review_policy.is_some());
    let no = decide("KR", &[("nuclear_end_use", false)]);
    assert_eq!(no.outcome, Outcome::NoListLicence);
    assert!(!not_examined(&no, "end_use").contains(&"nuclear_end_use".to_owned()));
    // The items of Supp. 2 are not stored: the licence row of the list stands, the end use is for a person.
    let military = decide("CN", &[("military_end_use", true)]);
    let found = (military.requirements.iter()).find(|r| r.reason == "military_end_use");
    assert!(found.is_some_and(|r| r.unmodelled && r.denial));
    let cambodia = decide("MM", &[("military_end_use", true)]);
    assert_ne!(cambodia.outcome, Outcome::NoListLicence);
}

#[test]
fn general_prohibitions_stay_where_no_step_examined_them() {
    let pointers = |d: &LineDecision| -> Vec<String> {
        let ids = d.pointers.iter().map(|p| p.id.clone());
        ids.filter(|id| id.starts_with("736.2")).collect()
    };
    let korea = decide(law(), "US", &mill(), &route("US", "KR"), "2026-08-01");
    assert_eq!(
        pointers(&korea),
        [
            "736.2(b)(5)",
            "736.2(b)(7)",
            "736.2(b)(8)",
            "736.2(b)(9)",
            "736.2(b)(10)"
        ]
    );
    // Outside the EAR a United States person is bound all the same.
    let staying = Transaction {
        activity: Some(Activity::Export),
        ..route("KR", "US")
    };
    let import = decide(law(), "US", &mill(), &staying, "2026-08-01");
    assert_eq!(pointers(&import), ["736.2(b)(7)"]);
    // What the country code of Ukraine cannot tell is said.
    let ukraine = decide(law(), "US", &mill(), &route("US", "UA"), "2026-08-01");
    assert!(ukraine.open_could_raise);
    assert_eq!(
        not_examined(&ukraine, "destination_sanction"),
        ["region_not_stated"]
    );
    let listed = stated(
        item(&[("name", "x"), ("kind", "commodity")], &[], &[]),
        "US",
        "9A610.x",
    );
    let listed = decide(law(), "US", &listed, &route("US", "UA"), "2026-08-01");
    assert_eq!(listed.outcome, Outcome::LicenceRequired);
    assert!(!listed.open_could_raise);
}

#[test]
fn owners_nobody_stated_are_no_clean_owners() {
    let share = |list: Option<&str>, percent: u32| OwnershipShare {
        list: list.map(str::to_owned),
        basis_points: percent * 100,
    };
    let at = |owners: Vec<OwnershipShare>, as_of| {
        let transaction = Transaction {
            ownership: owners,
            parties: vec![Party {
                role: "consignee".to_owned(),
                ..Party::default()
            }],
            ..route("US", "KR")
        };
        decide(law(), "US", &mill(), &transaction, as_of)
    };
    let flag = |d: &LineDecision, id: &str| {
        (d.pointers.iter()).any(|p| p.kind == PointerKind::RedFlag && p.id == id)
    };
    // In force: unstated ownership is Red Flag 29, and what is left unstated may be listed.
    let unstated = at(Vec::new(), "2025-10-01");
    assert!(flag(&unstated, "29") && !unstated.open_could_raise);
    let rest = at(vec![share(Some("sdn"), 20)], "2025-10-01");
    assert!(flag(&rest, "minority_ownership") && flag(&rest, "29") && rest.open_could_raise);
    assert_eq!(rest.outcome, Outcome::NoListLicence);
    let whole = at(
        vec![share(Some("sdn"), 20), share(Some("none"), 80)],
        "2025-10-01",
    );
    assert!(flag(&whole, "minority_ownership") && !flag(&whole, "29") && !whole.open_could_raise);
    // Suspended: nothing of it.
    assert!(!flag(&at(Vec::new(), "2026-03-01"), "29"));
    // From 2026-11-10 the state is in force unless extended, and every answer demands that an operator confirms it.
    for (as_of, demanded) in [("2026-11-09", false), ("2026-11-10", true)] {
        let today = at(vec![share(Some("entity_list"), 50)], as_of);
        let reasons = not_examined(&today, "party");
        let said = reasons.contains(&"affiliate_rule_unconfirmed".to_owned());
        assert_eq!(said, demanded, "{as_of}");
        let licence = today.outcome == Outcome::LicenceRequired;
        assert_eq!(licence, demanded, "{as_of}");
    }
}

#[test]
fn a_word_that_nobody_can_answer_is_refused() {
    for (file, word) in [
        ("us/end-uses.yaml", "asks: nuclear_end_use"),
        ("us/reach.yaml", "use_asks: supercomputer_end_use"),
    ] {
        let mut files = source();
        let text = String::from_utf8(files.get(file).unwrap().to_vec()).unwrap();
        let broken = text.replacen(word, &word.replace("_use", "_uze"), 1);
        assert_ne!(text, broken);
        files.insert(file, broken.into_bytes());
        let refused = LawEdition::load(&files, "us").unwrap_err().to_string();
        let said = refused.contains("end_uze` is neither a flag nor a judgement");
        assert!(said && refused.contains(&format!("{file}:")), "{refused}");
    }
}
