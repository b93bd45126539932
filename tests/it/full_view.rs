//! `--full`: what the short view draws together has a row of its own.

use std::collections::BTreeSet;

use concord_tests::binary::{Ran, run};
use serde_json::Value;

const EXAMPLE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../examples/h100-us-to-kr.yaml"
);

fn answer(args: &[&str]) -> Ran {
    let data = tempfile::tempdir().expect("a temporary folder");
    let mut all = args.to_vec();
    all.extend(["--data-dir", data.path().to_str().expect("a path of text")]);
    let ran = run(all);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran
}

/// Codes of the open paragraphs that only the item's type reaches.
fn by_type(lines: &Value, of: impl Fn(&Value) -> &Value) -> BTreeSet<String> {
    let lines = lines.as_array().expect("lines").iter();
    let open = lines.flat_map(|line| of(line)["open"].as_array().expect("open paragraphs"));
    open.filter(|p| p["by_type_alone"] == true)
        .map(|p| p["code"].as_str().expect("a code").to_owned())
        .collect()
}

/// The codes that stand as words of the text.
fn shown<'a>(codes: &'a BTreeSet<String>, text: &str) -> BTreeSet<&'a String> {
    let words: BTreeSet<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | ';' | '(' | ')'))
        .collect();
    codes
        .iter()
        .filter(|code| words.contains(code.as_str()))
        .collect()
}

#[test]
fn a_full_determination_shows_each_paragraph_that_only_the_type_reaches() {
    let facts = answer(&["--json", "determine", "--full", EXAMPLE]).json();
    let own = &facts["determination"]["own"]["lines"];
    let codes = by_type(own, |line| &line["classification"]);
    assert!(codes.len() > 10, "{codes:?}");
    let full = answer(&["determine", "--full", EXAMPLE]).stdout;
    assert_eq!(shown(&codes, &full).len(), codes.len(), "{codes:?}\n{full}");
    let short = answer(&["determine", EXAMPLE]).stdout;
    assert!(shown(&codes, &short).len() * 2 < codes.len(), "{short}");
    assert!(short.lines().count() * 2 < full.lines().count());
}

#[test]
fn a_full_classification_shows_them_too() {
    let args = |rest: &[&'static str]| {
        let mut all = rest.to_vec();
        all.extend(["--jurisdiction", "us", EXAMPLE]);
        all
    };
    let facts = answer(&args(&["--json", "classify", "--full"])).json();
    let codes = by_type(&facts["lines"], |line| line);
    assert!(codes.len() > 10, "{codes:?}");
    let full = answer(&args(&["classify", "--full"])).stdout;
    assert_eq!(shown(&codes, &full).len(), codes.len(), "{codes:?}\n{full}");
}
