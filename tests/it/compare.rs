//! Two lists, and one list at two dates, subtracted from one another by the command line.

use concord_tests::binary::run;
use serde_json::Value;

fn comparison(args: &[&str]) -> Value {
    let mut all = vec!["--json"];
    all.extend(args);
    let ran = run(all);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran.json()
}

fn texts(value: &Value) -> Vec<&str> {
    let texts = value.as_array().expect("an array").iter();
    texts.map(|text| text.as_str().expect("a text")).collect()
}

#[test]
fn the_rule_of_november_2023_is_found_by_its_thresholds() {
    let answer = comparison(&[
        "regimes",
        "diff",
        "us@2023-10-01",
        "us@2024-01-01",
        "--scope",
        "3A090",
    ]);
    let editions = answer["editions"].as_array().expect("two");
    let dates: Vec<&Value> = editions.iter().map(|e| &e["as_of"]).collect();
    assert_eq!(dates, ["2023-10-01", "2024-01-01"]);
    let regions = answer["regions"].as_array().expect("regions");
    let dense = regions.iter().find(|region| {
        let said = texts(&region["inequalities"]);
        said.contains(&"1600 TPP <= tpp < 4800 TPP")
            && said.contains(&"performance_density >= 5.92 TPP/mm2")
    });
    let dense = dense.unwrap_or_else(|| panic!("{answer}"));
    assert_eq!(dense["controlled_by"], "US@2024-01-01");
    let witnesses = texts(&dense["witnesses"]);
    assert!(witnesses[0].contains("applicable_die_area = "), "{dense}");
}

#[test]
fn two_lists_leave_nothing_out_without_saying_so() {
    let answer = comparison(&["compare", "us", "kr", "--as-of", "2026-10-01"]);
    let mut before = u64::MAX;
    for region in answer["regions"].as_array().expect("regions") {
        assert!(!texts(&region["witnesses"]).is_empty(), "{region}");
        let side = region["controlled_by"].as_str().expect("a side");
        assert!(["US", "KR"].contains(&side), "{region}");
        // Every third destination once, with both burdens; those first that affect the most of them.
        let burdens = region["burdens"].as_array().expect("burdens").iter();
        let mut destinations: Vec<&str> = burdens.flat_map(|b| texts(&b["destinations"])).collect();
        let all = destinations.len();
        destinations.sort_unstable();
        destinations.dedup();
        assert!(all > 230 && destinations.len() == all, "{region}");
        let affected = region["destinations_affected"].as_u64().expect("a count");
        assert!(affected <= before, "{region}");
        before = affected;
    }
    let gaps = answer["scope_gaps"].as_array().expect("gaps");
    let alone = |code: &str| gaps.iter().any(|gap| gap["code"] == code);
    assert!(alone("3A090.c"), "high-bandwidth memory");
    for missing in answer["not_compared"].as_array().expect("an array") {
        assert!(missing["reason"].is_string(), "{missing}");
    }
    let text = run(["compare", "us", "kr", "--as-of", "2026-10-01"]).stdout;
    let differences = answer["regions"].as_array().map_or(0, Vec::len) + gaps.len();
    let lines: Vec<&str> = text.lines().filter(|l| l.contains(" only: ")).collect();
    assert_eq!(lines.len(), differences);
    // At a glance: no line is a page.
    for line in lines {
        assert!(line.chars().count() < 600, "{line}");
    }
    let paper = run([
        "compare",
        "us",
        "kr",
        "--format",
        "markdown",
        "--as-of",
        "2026-10-01",
    ])
    .stdout;
    assert!(paper.starts_with("# US and KR\n"), "{paper}");
}

#[test]
fn a_person_sees_what_matters_and_the_paper_has_pictures() {
    let scope = [
        "--as-of",
        "2026-10-01",
        "--scope",
        "3A001,3A225,6A003,2B201",
    ];
    let short = |more: &[&str]| {
        let all: Vec<&str> = ["compare", "us", "kr"]
            .iter()
            .chain(&scope)
            .chain(more)
            .copied()
            .collect();
        run(all).stdout
    };
    let lines = |text: &str| text.lines().filter(|l| l.contains(" only: ")).count();
    let three = short(&["--most", "3"]);
    assert_eq!(lines(&three), 3, "{three}");
    assert!(
        three.contains(" more that affect fewer destinations"),
        "{three}"
    );
    let details = short(&["--most", "3", "--details"]);
    assert_eq!(details.matches("from US to KR: ").count(), 3, "{details}");

    let diff = [
        "regimes",
        "diff",
        "us@2023-10-01",
        "us@2024-01-01",
        "--scope",
        "3A090",
        "--format",
        "markdown",
    ];
    let paper = run(diff).stdout;
    let pictures: Vec<&str> = paper.split("<svg").skip(1).collect();
    assert!(!pictures.is_empty(), "{paper}");
    for picture in pictures {
        let (picture, _) = picture.split_once("</svg>").expect("it ends");
        // A blank line would end it within Markdown.
        assert!(!picture.contains("\n\n"), "{picture}");
        for said in ["(TPP)", ">4800<", "US@2023-10-01 alone", "url(#p"] {
            assert!(picture.contains(said), "{said} in {picture}");
        }
    }
}
