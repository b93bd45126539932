//! The repository's own regimes load without a problem and say what their editions promise.

use concord_controls::classify::{Classification, Detail};
use concord_controls::item::{Item, Judgements, StatedInput};
use concord_controls::period::parse_date;
use concord_controls::regime::check;

use crate::fixture::input;
use crate::folder::regime;

#[test]
fn both_regimes_load() {
    for folder in ["us", "kr"] {
        let regime = regime(folder);
        let counts = check(&regime);
        assert!(counts.entries > 30 && counts.paragraphs > 100, "{counts:?}");
        assert_eq!(
            counts.entries,
            counts.full + counts.partial + counts.stated_only
        );
        assert_eq!(
            counts.without_label, 0,
            "every parameter and flag has both labels"
        );
        assert!(regime.digest().starts_with("sha256:") && regime.digest().len() == 71);
    }
}

/// An accelerator: its type reaches dozens of paragraphs about converters and amplifiers.
#[test]
fn what_only_the_type_reaches_is_one_question() {
    let us = regime("us");
    let classify = |words: &[&str]| {
        let input = input(words);
        let item = Item::read(&input, us.vocabulary()).unwrap();
        let at = us.at(parse_date("2026-10-01").unwrap());
        at.classify(&item, &Judgements::none(), Detail::Basic)
            .unwrap()
    };
    let accelerator = ["type=integrated_circuit", "tpp=5000 TPP"];
    let converter = "3A001.a.5.a.1";
    let open = |found: &Classification| -> Vec<String> {
        let codes = found.unknown.iter().map(|p| p.code.to_string());
        codes.collect()
    };
    let asks = |found: &Classification, id: &str| found.questions.iter().any(|q| &*q.id == id);

    let once = classify(&accelerator);
    assert!(once.matches.iter().any(|p| &*p.code == "3A090.a.1"));
    let of_type = once.unknown.iter().find(|p| &*p.code == converter).unwrap();
    assert!(of_type.by_type_alone && of_type.comparisons.is_empty());
    let missing: Vec<&str> = of_type.missing.iter().map(|m| &*m.id).collect();
    for lacks in [
        "adc_resolution",
        "adc_sample_rate",
        "other_paragraphs_excluded",
    ] {
        assert!(missing.contains(&lacks), "{missing:?}");
    }
    let first = once.questions.first().unwrap();
    assert_eq!(&*first.id, "other_paragraphs_excluded");
    assert!(first.needed && first.closes > 30 && first.codes.iter().any(|c| &**c == converter));
    assert!(!asks(&once, "adc_resolution"));

    let ruled_out = classify(&[&accelerator[..], &["+other_paragraphs_excluded"]].concat());
    assert_eq!(ruled_out.matches, once.matches);
    assert!(ruled_out.excluded.iter().any(|c| &**c == converter));
    assert!(!open(&ruled_out).contains(&converter.to_owned()));
    let mut of_both: Vec<String> = ruled_out.excluded.iter().map(ToString::to_string).collect();
    of_both.extend(open(&ruled_out));
    of_both.sort();
    let mut before = open(&once);
    before.sort();
    assert_eq!(of_both, before, "nothing is lost");

    // Where the asker does not rule them out, and where nothing else is stated, each asks for what it tests.
    for words in [
        &[&accelerator[..], &["-other_paragraphs_excluded"]].concat()[..],
        &accelerator[..1],
    ] {
        let found = classify(words);
        assert!(
            asks(&found, "adc_resolution") && found.excluded.is_empty(),
            "{words:?}"
        );
    }
    // A stated figure reaches what tests it, and the entry whose code is stated is asked about in full.
    let figure = classify(&[&accelerator[..], &["adc_resolution=14 bit"]].concat());
    assert!(asks(&figure, "adc_sample_rate"));
    let us_code = StatedInput {
        jurisdiction: "US".to_owned(),
        code: "3A001".to_owned(),
        ..StatedInput::default()
    };
    let mut stated = input(&accelerator);
    stated.stated.push(us_code);
    let item = Item::read(&stated, us.vocabulary()).unwrap();
    let at = us.at(parse_date("2026-10-01").unwrap());
    let found = at.classify(&item, &Judgements::none(), Detail::Basic);
    assert!(asks(&found.unwrap(), "adc_resolution"));
}
