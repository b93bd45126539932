//! Classification over the fictional list.

use std::sync::Arc;

use concord_controls::classify::{Classification, Detail, ParagraphResult, Status};
use concord_controls::evaluate::{InputKind, Truth};
use concord_controls::item::{FieldReason, Judgements, Origin};
use concord_controls::period::parse_date;

use crate::fixture::{classify, classify_on, item, regime};

fn codes(results: &[Arc<ParagraphResult>]) -> Vec<&str> {
    results.iter().map(|result| &*result.code).collect()
}

fn primary(found: &Classification) -> Option<&str> {
    found.primary.as_deref()
}

#[test]
fn comparators_decide_at_the_boundary() {
    let regime = regime();
    for (words, date, met) in [
        (
            ["speed=400 MHz", "+for_servers"],
            "2024-06-01",
            vec!["1A001.a.1", "1A990.c.1.x"],
        ),
        (
            ["speed=0.4 GHz", "+for_servers"],
            "2024-06-01",
            vec!["1A001.a.1", "1A990.c.1.x"],
        ),
        (
            ["speed=4e8 Hz", "+for_servers"],
            "2024-06-01",
            vec!["1A001.a.1", "1A990.c.1.x"],
        ),
        (
            ["speed=399.9999999999 MHz", "+for_servers"],
            "2024-06-01",
            vec!["1A990.c.1.x"],
        ),
    ] {
        let words = [words[0], words[1], "type=chip"];
        assert_eq!(
            codes(&classify_on(&regime, &words, date).matches),
            met,
            "{words:?}"
        );
    }
    // 0.5 MHz/mm2 exactly: `or more` until 2023, `exceeding` from 2024 on.
    let exact = ["type=chip", "speed=150 MHz", "area=3 cm2", "+for_servers"];
    assert_eq!(
        codes(&classify_on(&regime, &exact, "2023-12-31").matches),
        ["1A001.a.2", "1A990.c.1.x"]
    );
    assert_eq!(
        codes(&classify_on(&regime, &exact, "2024-01-01").matches),
        ["1A990.c.1.x"]
    );
    // A third of a unit below the bound is below it, however many digits the division has.
    let below = [
        "type=chip",
        "speed=100 MHz",
        "area=200.0000000000001 mm2",
        "+for_servers",
    ];
    assert_eq!(
        codes(&classify_on(&regime, &below, "2023-12-31").matches),
        ["1A990.c.1.x"]
    );
}

#[test]
fn what_is_not_stated_is_open_and_asked_for() {
    let regime = regime();
    let found = classify(&regime, &["type=chip", "speed=150 MHz"]);
    assert_eq!(codes(&found.matches), ["1A990.c.1.x"]);
    assert_eq!(codes(&found.unknown), ["1A001.a.2"]);
    assert_eq!(codes(&found.not_met), ["1A001.a.1", "1A001.b"]);
    let open = &found.unknown[0];
    let missing: Vec<_> = open
        .missing
        .iter()
        .map(|input| (input.kind, &*input.id))
        .collect();
    assert_eq!(missing[0], (InputKind::Parameter, "density"));
    assert_eq!(
        open.missing[0]
            .derivable_from
            .iter()
            .map(|id| &**id)
            .collect::<Vec<_>>(),
        ["area"]
    );
    let density = found
        .questions
        .iter()
        .find(|q| &*q.id == "density")
        .unwrap();
    assert_eq!(density.unit.as_deref(), Some("MHz/mm2"));
    assert_eq!(
        density
            .uses
            .iter()
            .map(|u| &*u.tested.compared)
            .collect::<Vec<_>>(),
        ["> 0.5 MHz/mm2"]
    );
    assert_eq!(
        density.codes.iter().map(|c| &**c).collect::<Vec<_>>(),
        ["1A001.a.2"]
    );
    let speed = open
        .comparisons
        .iter()
        .find(|made| &*made.subject == "speed")
        .unwrap();
    assert_eq!(
        (
            speed.operator,
            &*speed.threshold,
            speed.value.as_deref(),
            speed.origin,
            speed.truth
        ),
        (
            ">=",
            "100 MHz",
            Some("150"),
            Some(Origin::Stated),
            Truth::Met
        )
    );
}

#[test]
fn exclusions_subtract_inclusions_keep_and_the_undecided_stays_open() {
    let regime = regime();
    let chip = |more: &[&'static str]| {
        let words = [&["type=chip", "speed=150 MHz", "area=100 mm2"][..], more].concat();
        classify(&regime, &words)
    };
    assert_eq!(codes(&chip(&["-for_servers"]).matches), ["1A990.c.1.x"]);
    assert_eq!(primary(&chip(&["+for_servers", "-toy"])), Some("1A001.a.2"));
    let undecided = chip(&[]);
    assert_eq!(
        primary(&undecided),
        Some("1A001.a.2"),
        "an undecided exclusion does not block"
    );
    let note = &undecided.matches[0].notes[0];
    assert_eq!(
        (&*note.id, note.truth, &*note.missing[0].id),
        ("not-for-servers", Truth::Unknown, "for_servers")
    );
    let question = undecided
        .questions
        .iter()
        .find(|q| &*q.id == "for_servers")
        .unwrap();
    assert!(question.codes.is_empty() && question.exclusions.iter().any(|c| &**c == "1A001.a.2"));
    let toy = classify(&regime, &["type=chip", "speed=500 MHz", "+toy"]);
    assert_eq!(codes(&toy.matches), ["1A990.c.1.x"]);
    let fast_toy = classify(&regime, &["type=chip", "speed=1 GHz", "+toy"]);
    assert_eq!(primary(&fast_toy), Some("1A001.a.1"));
}

#[test]
fn entries_are_addressed_by_their_own_facts_or_by_their_subject() {
    let regime = regime();
    let addressed = |words: &[&str]| -> Vec<String> {
        classify(&regime, words)
            .addressed
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    assert_eq!(
        addressed(&["power=5 kVA", "type=box"]),
        ["1A002"],
        "power alone is not about mills"
    );
    assert_eq!(
        addressed(&["power=5 kVA"]),
        ["2B001"],
        "unless the type is not stated"
    );
    assert_eq!(addressed(&["speed=5 MHz", "type=mill"]), ["1A990", "2B001"]);
    assert_eq!(
        addressed(&["+for_servers", "type=mill"]),
        ["1A001", "2B001"]
    );
    assert_eq!(addressed(&["name=strange  POWDER"]), ["3C001"]);
    assert_eq!(addressed(&["name=ordinary powder"]), [""; 0]);
    assert_eq!(
        addressed(&["cas=64-17-5"]),
        ["3C001"],
        "a CAS number is looked up where CAS numbers are tested"
    );
    assert_eq!(addressed(&["stated=4D001"]), ["4D001"]);
    let found = classify(&regime, &["power=5 kVA"]);
    assert_eq!(
        (found.not_addressed_count, found.not_addressed.len()),
        (5, 5)
    );
    assert_eq!((found.status, found.primary), (Status::Unresolved, None));
    assert_eq!(
        primary(&classify(&regime, &["name=strange  POWDER"])),
        Some("3C001.a"),
        "names are compared after case folding"
    );
}

#[test]
fn references_follow_the_paragraph_they_name() {
    let regime = regime();
    let found = classify(&regime, &["type=box", "+for_servers", "speed=400 MHz"]);
    assert_eq!(
        primary(&found),
        Some("1A001.a.1"),
        "a flag of its own addresses 1A001 too"
    );
    assert!(codes(&found.matches).contains(&"1A002"));
    let open = classify(&regime, &["type=box", "-holds_chip"]);
    let reference = open
        .unknown
        .iter()
        .find(|result| &*result.code == "1A002")
        .unwrap();
    let asked = "what the referenced paragraph lacks is asked for";
    assert_eq!(&*reference.missing[0].id, "speed", "{asked}");
    let chip = classify(&regime, &["type=chip", "+for_servers", "speed=400 MHz"]);
    assert!(
        !codes(&chip.matches).contains(&"1A002"),
        "a chip is not a box because it meets 1A001.a"
    );
}

#[test]
fn stated_codes_stand_and_contradictions_are_told() {
    let regime = regime();
    let only = classify(&regime, &["stated=4D001.a"]);
    assert_eq!(
        (only.status, primary(&only)),
        (Status::Stated, Some("4D001.a"))
    );
    assert!(
        only.stated
            .as_ref()
            .is_some_and(|s| s.known && !s.contradiction)
    );

    let agreed = classify(
        &regime,
        &[
            "type=chip",
            "speed=500 MHz",
            "+for_servers",
            "stated=1A001.a",
        ],
    );
    assert_eq!(
        (agreed.status, primary(&agreed)),
        (Status::Computed, Some("1A001.a.1"))
    );
    assert!(agreed.stated.is_some_and(|s| !s.contradiction));

    let helped = classify(&regime, &["type=chip", "speed=150 MHz", "stated=1A001.a.2"]);
    assert_eq!(
        (helped.status, primary(&helped)),
        (Status::Stated, Some("1A001.a.2"))
    );
    assert!(
        helped
            .matches
            .iter()
            .any(|met| &*met.code == "1A001.a.2" && met.by_statement)
    );

    let refuted = classify(&regime, &["type=chip", "speed=60 MHz", "stated=1A001.a"]);
    assert_eq!(
        primary(&refuted),
        Some("1A001.a"),
        "taken as given all the same"
    );
    assert!(refuted.stated.is_some_and(|s| s.contradiction));

    let residual = classify(&regime, &["type=chip", "speed=500 MHz", "stated=REST99"]);
    let stated = residual.stated.unwrap();
    assert!(stated.known && stated.contradiction);
    assert_eq!(
        stated
            .contradicting
            .iter()
            .map(|c| &**c)
            .collect::<Vec<_>>(),
        ["1A001.a.1", "1A990.c.1.x"]
    );

    let unheard = classify(&regime, &["stated=9Z999"]);
    assert!(unheard.stated.is_some_and(|s| !s.known));
}

#[test]
fn the_residual_class_needs_the_asker_to_rule_the_rest_out() {
    let regime = regime();
    let found = classify(&regime, &["type=chip", "speed=1 MHz"]);
    assert_eq!((found.status, primary(&found)), (Status::Unresolved, None));
    let found = classify(
        &regime,
        &["type=chip", "speed=1 MHz", "+other_entries_excluded"],
    );
    assert_eq!(
        (found.status, primary(&found)),
        (Status::Residual, Some("REST99"))
    );
}

#[test]
fn notices_are_read_at_the_date() {
    let regime = regime();
    assert!(
        classify_on(&regime, &["+warned"], "2023-12-31")
            .notices
            .is_empty()
    );
    let found = classify_on(&regime, &["+warned"], "2024-01-01");
    assert_eq!(found.notices.len(), 1);
    assert!(classify(&regime, &["-warned"]).notices.is_empty());
}

#[test]
fn judgements_are_asked_and_answered() {
    let regime = regime();
    let words = ["type=chip", "speed=20 MHz"];
    let open = classify(&regime, &words);
    assert_eq!(codes(&open.unknown), ["1A001.b"]);
    assert_eq!(
        open.questions[0].label.as_ref().map(|label| &*label.en),
        Some("Is it special?")
    );
    let answers = Judgements::read([("special", true)], regime.vocabulary()).unwrap();
    let at = regime.at(parse_date("2024-06-01").unwrap());
    let answered = at
        .classify(&item(&regime, &words).unwrap(), &answers, Detail::Basic)
        .unwrap();
    assert_eq!(primary(&answered), Some("1A001.b"));
    let error = Judgements::read([("spezial", true)], regime.vocabulary()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "judgements.spezial: unknown judgement `spezial`; did you mean `special`?"
    );
}

#[test]
fn what_an_item_may_not_state_is_refused_with_its_field() {
    let regime = regime();
    for (word, field, reason, message) in [
        (
            "sped=1 MHz",
            "parameters[sped]",
            FieldReason::UnknownName,
            "unknown parameter `sped`; did you mean `speed`?",
        ),
        (
            "speed=1 kg",
            "parameters[speed].unit",
            FieldReason::WrongDimension,
            "`kg` (mass) does not fit `MHz` (time^-1)",
        ),
        (
            "speed=1 MHZ",
            "parameters[speed].unit",
            FieldReason::UnknownUnit,
            "unknown unit `MHZ`; units are written as `MHz`, `mm2`, `GB/s`, `TPP/mm2`; `speed` is measured in `MHz`",
        ),
        (
            "speed=fast MHz",
            "parameters[speed].value",
            FieldReason::InvalidNumber,
            "`fast` is not a decimal number such as `4800`, `0.25` or `1e26`",
        ),
        (
            "speed=-1 MHz",
            "parameters[speed].value",
            FieldReason::OutOfRange,
            "`-1 MHz` must be at least 0 MHz",
        ),
        (
            "speed=1e40 MHz",
            "parameters[speed].value",
            FieldReason::OutOfRange,
            "`1e40` is out of range: at most 10^28 and 28 decimal places are exact here",
        ),
        (
            "temperature=-300 degC",
            "parameters[temperature].value",
            FieldReason::OutOfRange,
            "`-300 degC` must be at least -273.15 degC",
        ),
        (
            "purity=101 %",
            "parameters[purity].value",
            FieldReason::OutOfRange,
            "`101 %` must be at most 100 %",
        ),
        (
            "axes=4.5 1",
            "parameters[axes].value",
            FieldReason::OutOfRange,
            "`4.5 1` must be a whole number",
        ),
        (
            "+toyy",
            "flags[toyy]",
            FieldReason::UnknownName,
            "unknown flag `toyy`; did you mean `toy`?",
        ),
        (
            "type=chips",
            "type",
            FieldReason::UnknownWord,
            "`chips` is not one of: chip, box, mill, powder",
        ),
        (
            "cas=142-84-8",
            "cas",
            FieldReason::InvalidFormat,
            "`142-84-8` is not a CAS registry number such as `142-84-7` (check digit included)",
        ),
        (
            "hs6=85423",
            "hs6",
            FieldReason::InvalidFormat,
            "`85423` is not a six-digit HS code such as `854231`",
        ),
        (
            "stated=3a090",
            "stated_classifications[XX]",
            FieldReason::InvalidFormat,
            "`3a090` is not a code such as `3A090.a` or `EAR99`",
        ),
    ] {
        let error = item(&regime, &[word]).unwrap_err();
        let [found] = error.fields.as_slice() else {
            panic!("{error}")
        };
        assert_eq!(
            (&*found.field, found.reason, &*found.message),
            (field, reason, message),
            "{word}"
        );
    }
    assert!(item(&regime, &["temperature=-40 degF"]).is_ok());
    assert!(
        item(&regime, &["material=unobtainium"]).is_ok(),
        "an open set takes any word"
    );
}

#[test]
fn a_statement_that_its_definition_contradicts_is_refused() {
    let regime = regime();
    let density = |stated: &'static str| item(&regime, &["speed=4992 MHz", "area=826 mm2", stated]);
    // 4992 / 826 = 6.04358…
    for right in [
        "density=6.04 MHz/mm2",
        "density=6.0 MHz/mm2",
        "density=6 MHz/mm2",
        "density=604 MHz/cm2",
    ] {
        assert!(density(right).is_ok(), "{right}");
    }
    for wrong in [
        "density=6.05 MHz/mm2",
        "density=6.030 MHz/mm2",
        "density=600.0 MHz/cm2",
    ] {
        let error = density(wrong).unwrap_err();
        assert_eq!(error.fields[0].reason, FieldReason::Inconsistent, "{wrong}");
    }
    let item = density("density=6.04 MHz/mm2").unwrap();
    let id = regime.vocabulary().parameter_id("density").unwrap();
    let value = item.parameter(id).unwrap();
    assert_eq!(
        (value.origin, value.exact.to_text(4)),
        (Origin::Derived, "~6.0436".to_owned())
    );
    assert!(value.stated.is_some());
}
