//! References to entries of which the data holds only a part: unknown is not false.

use concord_controls::classify::{Classification, Detail};
use concord_controls::item::{Item, Judgements};
use concord_controls::period::parse_date;
use concord_controls::regime::Regime;

use crate::fixture::{input, source};

/// A list in which `1B001.b` and `1B001.c` turn on what is stored of a partial entry, and `1B002` on one whose heading is the
/// control.
const PARTIAL: &str = "entries:
  - code: 1B001
    label: {en: Tools, ko: 공구}
    cite: X 1B001
    paragraphs:
      - {path: a, when: 'speed >= 1 MHz and not [4D002]'}
      - {path: b, when: 'speed >= 1 MHz and not [4D002.a]'}
      - {path: c, when: 'speed >= 1 MHz and not [4D002.b]'}
      - {path: d, when: 'speed >= 1 MHz and not [4D003]'}
  - code: 4D002
    label: {en: Partly known, ko: 일부만 수록}
    cite: X 4D002
    coverage: partial
    basis: paragraph b is reached by a stated code only
    paragraphs:
      - {path: a.1, when: toy}
      - {path: a.2, when: for_servers}
  - code: 4D003
    label: {en: The heading is the control, ko: 표제가 통제 기준}
    cite: X 4D003
    coverage: partial
    basis: parts of it are reached by a stated code only
    paragraphs:
      - when: toy
";

fn classify(words: &[&str]) -> Classification {
    let mut source = source();
    source.insert("xx/entries/partial.yaml", PARTIAL.as_bytes());
    let regime = Regime::load(&source, "xx").unwrap_or_else(|error| panic!("{error}"));
    let item = Item::read(&input(words), regime.vocabulary()).unwrap();
    let at = regime.at(parse_date("2024-06-01").unwrap());
    at.classify(&item, &Judgements::none(), Detail::Full)
        .unwrap()
}

fn codes<'a>(found: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    found.filter(|code| code.starts_with("1B001")).collect()
}

#[test]
fn ruling_out_what_is_stored_of_a_partial_entry_does_not_rule_out_the_entry() {
    let found = classify(&["speed=5 MHz", "-toy", "-for_servers"]);
    // The paragraphs that the data holds are decided by their formulas, and so is a heading that is the control.
    let met = codes(found.matches.iter().map(|p| &*p.code));
    assert_eq!(met, ["1B001.b", "1B001.d"]);
    // The whole entry and a paragraph that the data lacks are open; only a stated code closes them.
    let open: Vec<_> = found
        .unknown
        .iter()
        .filter(|p| p.code.starts_with("1B001"))
        .map(|p| {
            (
                &*p.code,
                p.missing.iter().map(|m| &*m.id).collect::<Vec<_>>(),
            )
        })
        .collect();
    assert_eq!(
        open,
        [("1B001.a", vec!["4D002"]), ("1B001.c", vec!["4D002.b"])]
    );
}

#[test]
fn what_is_stored_of_a_partial_entry_still_meets_a_reference() {
    let found = classify(&["speed=5 MHz", "+toy"]);
    let met = codes(found.matches.iter().map(|p| &*p.code));
    assert_eq!(met, [""; 0], "c is open");
    let out = codes(found.not_met.iter().map(|p| &*p.code));
    assert_eq!(out, ["1B001.a", "1B001.b", "1B001.d"]);
}
