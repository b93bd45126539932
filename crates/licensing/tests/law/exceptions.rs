//! Part 740 as a whole: no section is missing, bars come first, and each requirement has to be overcome by itself.

use std::collections::BTreeSet;

use concord_controls::yaml::Document;
use concord_licensing::{ExceptionStatus, LineDecision, Outcome};

use super::cases::{list, word, words};
use super::load::{decide, item, law, route, shared_data, source, stated};

fn of_code(code: &str, kind: &str, destination: &str, flags: &[(&str, bool)]) -> LineDecision {
    let input = stated(
        item(&[("name", "x"), ("kind", kind)], &[], flags),
        "US",
        code,
    );
    decide(law(), "US", &input, &route("US", destination), "2026-08-01")
}

fn status(decision: &LineDecision, symbol: &str) -> ExceptionStatus {
    let found = decision.exceptions.iter().find(|x| x.symbol == symbol);
    found
        .unwrap_or_else(|| panic!("{symbol} is missing"))
        .status
}

#[test]
fn every_section_of_part_740_is_there() {
    let Some(data) = shared_data() else {
        eprintln!("sections of part 740 not compared: CONCORD_TEST_DATA is not set");
        return;
    };
    let name = "license-exceptions-2026-07-23.thirdparty.json";
    let bytes = std::fs::read(data.join("regs/us").join(name)).unwrap();
    let official = Document::parse(name, &bytes).unwrap();
    let mut expected = BTreeSet::new();
    for section in list(official.root(), "exceptions") {
        let number = word(section, "sectionNumber").unwrap();
        for symbol in words(section, "symbols") {
            expected.insert((number.clone(), symbol));
        }
    }
    let files = source();
    let ours = Document::parse("x", files.get("us/exceptions.yaml").unwrap()).unwrap();
    let ours = super::cases::get(ours.root(), "exceptions").unwrap();
    let ours: BTreeSet<_> = list(ours, "list")
        .into_iter()
        .map(|x| (word(x, "section").unwrap(), word(x, "symbol").unwrap()))
        .collect();
    assert_eq!(ours, expected);
    assert_eq!(ours.len(), 28, "27 sections, and 740.8 has two symbols");
}

#[test]
fn bars_come_first_and_what_they_may_reach_is_open() {
    // 600 series to China: nothing but GOV; to Germany the short list of the series.
    let china = of_code("9A610.x", "commodity", "CN", &[]);
    for x in &china.exceptions {
        let survives = x.symbol == "GOV";
        assert_eq!(
            x.status == ExceptionStatus::Foreclosed,
            !survives,
            "{}",
            x.symbol
        );
    }
    assert_eq!(china.review_policy.as_deref(), Some("policy_of_denial"));
    let germany = of_code("9A610.x", "commodity", "DE", &[]);
    assert_eq!(status(&germany, "APR"), ExceptionStatus::Foreclosed);
    assert_ne!(status(&germany, "TMP"), ExceptionStatus::Foreclosed);
    // Software that may be for the set of chip tools: the bar may apply, so nothing but GOV is left as it was.
    let software = of_code("3D002", "software", "CN", &[]);
    assert_eq!(status(&software, "TMP"), ExceptionStatus::Indeterminate);
    assert_eq!(status(&software, "GOV"), ExceptionStatus::ToCheck);
    // What the asker says of the entry closes STA and never opens it.
    for (said, closed) in [(None, false), (Some(true), false), (Some(false), true)] {
        let flags: Vec<_> = said
            .map(|s| ("sta_eligible_entry", s))
            .into_iter()
            .collect();
        let india = of_code("3A225", "commodity", "IN", &flags);
        let found = status(&india, "STA") == ExceptionStatus::Foreclosed;
        assert_eq!(found, closed, "{said:?}");
    }
    // The seat of the parties is a person's question wherever the destination does not decide.
    let korea = of_code("3A090.a.1", "commodity", "KR", &[]);
    assert!((korea.pointers.iter()).any(|p| p.id == "740.2(a)(9)(ii)"));
}

#[test]
fn each_requirement_is_overcome_by_itself_or_the_licence_stands() {
    let (mut candidates, mut standing, mut split) = (0, 0, 0);
    for entry in law().us.regime().entries() {
        for destination in ["IN", "DE", "MX", "CN"] {
            let decision = of_code(&entry.code, "commodity", destination, &[]);
            let enforced: Vec<_> = decision
                .requirements
                .iter()
                .filter(|r| r.enforced)
                .collect();
            let left =
                |r: &&&concord_licensing::Requirement| !r.unmodelled && r.overcome_by.is_empty();
            match decision.outcome {
                Outcome::ExceptionCandidate => {
                    candidates += 1;
                    assert!(
                        enforced.iter().all(|r| !r.overcome_by.is_empty()),
                        "{} {destination}",
                        entry.code
                    );
                }
                Outcome::NoListLicence => assert!(enforced.is_empty()),
                _ => {}
            }
            if enforced.iter().any(|r| left(&r)) {
                standing += 1;
                assert!(
                    decision.outcome >= Outcome::LicenceRequired,
                    "{} {destination} {:?}",
                    entry.code,
                    decision.outcome
                );
            }
            split += usize::from(enforced.len() > 1);
            for requirement in &enforced {
                let cited = requirement.review_policy.is_some();
                assert!(cited, "{} {destination} has no review", entry.code);
                for symbol in &requirement.overcome_by {
                    assert_eq!(status(&decision, symbol), ExceptionStatus::Candidate);
                }
            }
        }
    }
    assert!(
        candidates > 20 && standing > 500 && split > 300,
        "{candidates} {standing} {split}"
    );
}
