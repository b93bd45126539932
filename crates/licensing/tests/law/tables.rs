//! The tables themselves: every destination, every date that matters, and files with a typo.

use concord_licensing::{Alignment, LawEdition, Outcome, Transaction, is_country};

use super::load::{date, decide, item, law, route, source, stated};

/// Items whose only row is one chart column, to read the chart through decisions.
fn through_chart(destination: &str, as_of: &str, code: &str) -> bool {
    let input = stated(
        item(&[("name", "x"), ("kind", "commodity")], &[], &[]),
        "US",
        code,
    );
    let decision = decide(law(), "US", &input, &route("US", destination), as_of);
    decision.requirements.iter().any(|r| !r.column.is_empty())
}

#[test]
fn every_destination_has_an_answer_in_both_countries() {
    let fibre = item(
        &[
            ("name", "tow"),
            ("kind", "commodity"),
            ("type", "fibre"),
            ("material", "carbon"),
        ],
        &[
            ("specific_modulus", "13030000", "m"),
            ("specific_tensile_strength", "277500", "m"),
        ],
        &[("form_continuous", true)],
    );
    let (mut asked, mut free, mut open, mut home) = (0, 0, 0, 0);
    let letters = || b'A'..=b'Z';
    let codes = letters().flat_map(|a| letters().map(move |b| [a, b]));
    for code in codes
        .map(|c| String::from_utf8(c.to_vec()).unwrap())
        .filter(|c| is_country(c))
    {
        let us = decide(law(), "US", &fibre, &route("US", &code), "2026-08-01");
        match us.outcome {
            // India and the other STA destinations with a mark.
            Outcome::LicenceRequired | Outcome::ExceptionCandidate => asked += 1,
            Outcome::NoListLicence => free += 1,
            Outcome::Indeterminate => open += 1,
            Outcome::NotSubject => home += 1,
            other => panic!("{code}: {other:?}"),
        }
        let kr = decide(law(), "KR", &fibre, &route("KR", &code), "2026-10-01");
        assert_eq!(kr.finding("region").is_some(), code != "KR", "{code}");
    }
    // NP 1 is marked in 151 rows and through China's for Hong Kong, and four destinations are embargoed. 45 rows and the
    // Cayman Islands have no mark. The United States and its territories are no export; what has no row is open.
    assert_eq!(home, 7);
    assert_eq!(asked + free + open + home, 250);
    assert_eq!((asked, free, open), (156, 46, 41));
}

#[test]
fn dates_and_inherited_rows_decide() {
    // NP 1: China, Hong Kong and Macau alike; Liechtenstein as Switzerland, the Cayman Islands as the United Kingdom.
    for (destination, marked) in [
        ("CN", true),
        ("HK", true),
        ("MO", true),
        ("LI", false),
        ("KY", false),
        ("KR", false),
    ] {
        assert_eq!(
            through_chart(destination, "2026-08-01", "3A225"),
            marked,
            "{destination}"
        );
    }
    let unknown = Transaction {
        destination: Some("ZZ".to_owned()),
        ..Transaction::default()
    };
    let error = law().us.check(&unknown).unwrap_err();
    assert_eq!(error.field, "transaction.destination");
    assert!(law().kr.check(&unknown).is_err());
    let strategic = item(
        &[("name", "any"), ("kind", "any")],
        &[],
        &[("strategic_item", true)],
    );
    let region = |destination, as_of| {
        let decision = decide(law(), "KR", &strategic, &route("KR", destination), as_of);
        decision.finding("region").unwrap().to_owned()
    };
    for (destination, as_of, expected) in [
        ("JP", "2019-09-17", "GA"),
        ("JP", "2019-09-18", "GA_2"),
        ("JP", "2023-04-23", "GA_2"),
        ("JP", "2023-04-24", "GA"),
        ("IR", "2023-03-31", "NA_1"),
        ("IR", "2026-10-01", "NA_2"),
        ("SG", "2026-10-01", "NA_1"),
        ("NO", "2026-10-01", "GA"),
    ] {
        assert_eq!(
            region(destination, as_of),
            expected,
            "{destination} {as_of}"
        );
    }
    assert!(law().us.digest().starts_with("sha256:"));
    assert_eq!(
        (law().us.jurisdiction(), law().kr.jurisdiction()),
        ("US", "KR")
    );
    assert!(law().alignment.records().len() > 100 && date("2026-01-01").year() == 2026);
}

#[test]
fn files_with_a_mistake_are_refused_where_it_stands() {
    for (path, from, to, expected) in [
        (
            "us/countries.yaml",
            "code: KR,",
            "code: KX,",
            "us/countries.yaml:1:1: `KR` is missing",
        ),
        (
            "us/countries.yaml",
            "marks: [CB 1, CB 2, NP 1",
            "marks: [CB 9, CB 2, NP 1",
            "`CB 9` is not a column",
        ),
        (
            "us/groups.yaml",
            "[IR, KP, SY]",
            "[IR, KP, ZZ]",
            "`ZZ` in group `E:1` is not a country",
        ),
        (
            "us/exceptions.yaml",
            "to: group(B)",
            "to: group(Bee)",
            "expected country groups",
        ),
        (
            "us/exceptions.yaml",
            "moves_outcome: true",
            "moves_outcom: true",
            "unknown key `moves_outcom`",
        ),
        (
            "us/reviews.yaml",
            "tpp < 21000 TPP",
            "tpp < 21000 GB/s",
            "us/reviews.yaml:",
        ),
        (
            "us/overlays.yaml",
            "to: 2025-09-29",
            "to: 2025-13-29",
            "`2025-13-29` is not a date",
        ),
        (
            "us/overlays.yaml",
            "id: ai-diffusion-non-enforcement",
            "id: renamed",
            "is not an overlay",
        ),
        (
            "us/sanctions.yaml",
            "items: any",
            "items: every",
            "`every` is not one of: any, listed",
        ),
        (
            "kr/regions.yaml",
            "default: NA_1",
            "default: NA_9",
            "`NA_9` is not a region",
        ),
        (
            "kr/situational.yaml",
            "count: 57",
            "count: fifty",
            "`fifty` is not a whole number",
        ),
    ] {
        let mut files = source();
        let text = String::from_utf8(files.get(path).unwrap().to_vec()).unwrap();
        assert!(text.contains(from), "{path}: {from}");
        files.insert(path, text.replacen(from, to, 1).into_bytes());
        let folder = path.split('/').next().unwrap();
        let error = LawEdition::load(&files, folder)
            .map(|_| ())
            .expect_err(&format!("{path}: {from}"))
            .to_string();
        assert!(error.contains(expected), "{path}: {error}");
    }
    let mut files = source();
    files.insert("alignment.yaml", b"alignment:\n  - {id: x}\n".to_vec());
    let error = Alignment::load(&files).unwrap_err().to_string();
    assert!(
        error.contains("alignment.yaml:2:5: the key `relation` is missing"),
        "{error}"
    );
}
