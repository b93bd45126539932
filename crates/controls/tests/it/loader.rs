//! What a strict loader refuses, as data: file, text, and the exact problems with their places.

use concord_controls::regime::{Regime, RegimeSource};
use concord_controls::yaml::Document;
use proptest::prelude::{any, prop_assert, proptest};

use crate::fixture::source;

const ENTRY: &str = "entries:
  - code: 5E001
    label: {en: Test, ko: 시험}
    cite: X 5E001
";

fn problems(source: &RegimeSource) -> Vec<String> {
    match Regime::load(source, "xx") {
        Ok(_) => Vec::new(),
        Err(error) => error.to_string().lines().map(str::to_owned).collect(),
    }
}

/// Adds one file of entries that begins with a sound entry head.
fn with_entry(rest: &str) -> Vec<String> {
    let mut source = source();
    source.insert("xx/entries/zz.yaml", format!("{ENTRY}{rest}").into_bytes());
    problems(&source)
        .into_iter()
        .map(|line| line.replace("xx/entries/zz.yaml", "zz"))
        .collect()
}

#[test]
fn mistakes_in_entries_are_named_with_their_place() {
    for (rest, expected) in [
        (
            "    paragraphs:\n      - when: speeed >= 4 MHz\n",
            vec!["zz:6:15: unknown parameter `speeed`; did you mean `speed`?"],
        ),
        (
            "    paragraphs:\n      - when: 'toy and speed >= 4 kg'\n",
            vec!["zz:6:33: `kg` (mass) does not fit `MHz` (time^-1)"],
        ),
        (
            "    paragraphs:\n      - when: toy and\n",
            vec![
                "zz:6:22: in the formula, column 8: expected a parameter, a flag, `not`, `(`, `[` or a number, found the end of the formula",
            ],
        ),
        (
            "    paragraphs:\n      - when: (toy or\n          speed > 4 mhz)\n",
            vec![
                "zz:6:15: unknown unit `mhz`; units are written as `MHz`, `mm2`, `GB/s`, `TPP/mm2`",
            ],
        ),
        (
            "    paragraphs:\n      - {path: a, when: toy, wen: x}\n",
            vec!["zz:6:30: unknown key `wen`; allowed here: path, label, when, period, cite, gap"],
        ),
        (
            "    paragraphs:\n      - {path: a}\n",
            vec!["zz:6:9: the key `when` is missing"],
        ),
        (
            "    paragraphs:\n      - {path: a, when: speed}\n",
            vec!["zz:6:25: the parameter `speed` needs a comparison, for example `>= 1`"],
        ),
        (
            "    paragraphs:\n      - {path: a, when: 'type in {chip, bus}'}\n",
            vec!["zz:6:26: `bus` is not one of: chip, box, mill, powder"],
        ),
        (
            "    paragraphs:\n      - {path: a, when: 'colour in {red}'}\n",
            vec![
                "zz:6:26: `colour` is not one of: type, kind, material, process, wetted_material, cas, hs6, name, manufacturer, model",
            ],
        ),
        (
            "    paragraphs:\n      - {path: a, when: '9 MHz < speed < 2 MHz'}\n",
            vec![
                "zz:6:26: `9 MHz < speed < 2 MHz` is empty: its lower bound is above its upper bound",
            ],
        ),
        (
            "    paragraphs:\n      - {path: a, when: 'judgement(spezial)'}\n",
            vec!["zz:6:36: unknown judgement `spezial`; did you mean `special`?"],
        ),
        (
            "    paragraphs:\n      - {path: a, when: '[1A001.q] or [7X]'}\n",
            vec![
                "zz:6:9: `1A001.q` does not exist in this list",
                "zz:6:9: `7X` does not exist in this list",
            ],
        ),
        (
            "    paragraphs:\n      - {path: a, when: '[5E001.b]'}\n      - {path: b, when: 'toy or [5E001]'}\n",
            vec![
                "zz:6:9: references form a cycle: 5E001.a -> 5E001.b -> 5E001.a",
                "zz:7:9: references form a cycle: 5E001.b -> 5E001.b",
            ],
        ),
        (
            "    paragraphs:\n      - {path: a, when: toy, period: {to: 2023-01-01}}\n      - {path: a, when: toy, period: {from: 2022-12-31}}\n",
            vec!["zz:7:9: `5E001.a` has two versions in force on 2022-12-31"],
        ),
        (
            "    paragraphs:\n      - {path: a, when: toy, period: {to: 2023-01-01}}\n      - {path: a, when: toy, period: {from: 2023-01-02}}\n",
            vec![
                "zz:7:9: `5E001.a` is not in force from 2023-01-01 until 2023-01-02: close the gap or declare it with `gap: true`",
            ],
        ),
        (
            "    paragraphs:\n      - {path: a, when: toy, period: {to: 2023-01-01}}\n      - {path: a, gap: true, when: toy, period: {from: 2023-01-02}}\n",
            vec![],
        ),
        (
            "    paragraphs:\n      - {path: a, gap: true, when: toy}\n",
            vec!["zz:6:9: `5E001.a` declares a gap where there is none"],
        ),
        (
            "    paragraphs:\n      - {path: a, when: toy, period: {from: 2023-02-30}}\n",
            vec!["zz:6:45: `2023-02-30` is not a date such as `2023-11-17`"],
        ),
        (
            "    paragraphs:\n      - {path: a, when: toy, period: {from: 2023-02-02, to: 2023-02-02}}\n",
            vec!["zz:6:38: the period ends before it begins or is empty"],
        ),
        (
            "    paragraphs:\n      - {path: a, when: toy}\n    notes:\n      - {id: n, kind: excludes, when: toy}\n",
            vec!["zz:8:23: `excludes` is not one of: exclude, include"],
        ),
        (
            "    paragraphs:\n      - {path: a, when: toy}\n    notes:\n      - {id: n, kind: exclude, when: toy, scope: [b]}\n",
            vec!["zz:8:9: the scope `b` covers no paragraph of `5E001`"],
        ),
        (
            "    paragraphs:\n      - {path: a, when: toy}\n    requirements:\n      - {id: r, reason: NS, to: chart(NS1)}\n",
            vec![
                "zz:8:39: in the destination, column 7: expected a chart column such as `NS 1`, found `NS1)`",
            ],
        ),
        (
            "    paragraphs:\n      - {path: a, when: toy}\n    requirements:\n      - {id: r, reason: NS, to: worldwide}\n      - {id: r, reason: AT, to: worldwide}\n",
            vec!["zz:9:9: `r` is already defined at zz:8:9"],
        ),
        (
            "    paragraphs:\n      - {path: a, when: toy}\n    yields_to: [5E002]\n",
            vec!["zz:2:5: `5E002` does not exist in this list"],
        ),
        (
            "    paragraphs:\n      - {path: a, when: toy}\n    yields_to: [5E001]\n",
            vec!["zz:2:5: references form a cycle: 5E001 -> 5E001 (yields_to)"],
        ),
        (
            "    paragraphs:\n      - {path: a, when: toy}\n    exceptions:\n      LVS: {status: maybe, value: 5 dollars}\n",
            vec!["zz:8:21: `maybe` is not one of: no, candidate"],
        ),
        (
            "    paragraphs:\n      - {path: a, when: toy}\n    exceptions:\n      LVS: {status: candidate, value: 5 dollars}\n",
            vec!["zz:8:39: `5 dollars` is not an amount such as `1500 USD`"],
        ),
        (
            "    coverage: partial\n    paragraphs:\n      - {path: a, when: toy}\n",
            vec!["zz:2:5: `5E001` is not covered in full: `basis` must say why"],
        ),
        (
            "",
            vec!["zz:2:5: `5E001` has no paragraphs: `coverage: stated_only` would say so"],
        ),
        (
            "    paragraphs: &all\n      - {path: a, when: toy}\n",
            vec!["zz:6:7: anchors are not allowed here"],
        ),
        (
            "    paragraphs: *all\n",
            vec!["zz:5:17: not readable as YAML: while parsing node, found unknown anchor"],
        ),
        (
            "    paragraphs: !!seq []\n",
            vec!["zz:5:23: tags are not allowed here"],
        ),
        (
            "    code: 5E002\n",
            vec!["zz:5:5: the key `code` is given twice"],
        ),
        (
            "    <<: {a: b}\n",
            vec!["zz:5:5: merge keys are not allowed here"],
        ),
        (
            "    paragraphs: [\n",
            vec![
                "zz:6:1: not readable as YAML: while parsing a node, did not find expected node content",
            ],
        ),
        (
            "---\nentries: []\n",
            vec!["zz:5:1: several documents are not allowed here"],
        ),
        (
            "  - code: 1A001\n    label: {en: Again, ko: 다시}\n    cite: X\n    paragraphs:\n      - when: toy\n",
            vec![
                "zz:2:5: `5E001` has no paragraphs: `coverage: stated_only` would say so",
                "zz:5:5: `1A001` is already defined at xx/entries/list.yaml:2:5",
            ],
        ),
    ] {
        assert_eq!(with_entry(rest), expected, "{rest}");
    }
}

#[test]
fn every_problem_is_told_at_once_and_in_file_order() {
    let found = with_entry(
        "    colour: red\n    paragraphs:\n      - {when: sped > 1 MHz}\n      - {path: b, when: toyy}\n",
    );
    assert_eq!(
        found,
        [
            "zz:5:5: unknown key `colour`; allowed here: code, label, subject, reasons, cite, period, yields_to, coverage, basis, sensitivity, authority, annex, paragraphs, notes, requirements, exceptions, pointers",
            "zz:7:16: unknown parameter `sped`; did you mean `speed`?",
            "zz:8:25: unknown parameter or flag `toyy`; did you mean `toy`?",
        ]
    );
}

#[test]
fn mistakes_in_the_vocabulary_and_the_head_are_named_too() {
    for (path, text, expected) in [
        (
            "vocabulary-extra.yaml",
            "derived:\n  density: speed * area\n",
            "vocabulary-extra.yaml:2:12: `speed * area` has the dimension length^2 time^-1, `density` has length^-2 time^-1",
        ),
        (
            "vocabulary-extra.yaml",
            "derived: {densty: speed / area}\n",
            "vocabulary-extra.yaml:1:11: unknown parameter `densty`; did you mean `density`?",
        ),
        (
            "vocabulary-extra.yaml",
            "labels: {speed: {en: clock}}\n",
            "vocabulary-extra.yaml:1:17: the key `ko` is missing",
        ),
        (
            "vocabulary-extra.yaml",
            "judgements:\n  toy: {question: {en: a, ko: b}, cite: c}\n",
            "vocabulary-extra.yaml:2:3: `toy` is already defined at vocabulary.yaml:13:3",
        ),
        (
            "vocabulary/more.yaml",
            "parameters: {torque: {unit: N, label: {en: torque}}}\n",
            "vocabulary/more.yaml:1:39: the key `ko` is missing",
        ),
        (
            "vocabulary/more.yaml",
            "parameters: {speed: {unit: MHz, label: {en: speed, ko: 속도}}}\n",
            "vocabulary/more.yaml:1:14: `speed` is already defined at vocabulary.yaml:4:3",
        ),
        (
            "xx/regime.yaml",
            "jurisdiction: XX\n",
            "xx/regime.yaml:1:1: the key `list` is missing",
        ),
        (
            "xx/notices.yaml",
            "notices: {}\n",
            "xx/notices.yaml:1:10: expected a sequence, found a mapping",
        ),
        (
            "xx/entries/readme.txt",
            "x",
            "xx/entries/readme.txt:1:1: files of entries end in `.yaml`",
        ),
        (
            "vocabulary.yaml",
            "schema_version: 2\n",
            "vocabulary.yaml:1:17: `2` is not one of: 1",
        ),
    ] {
        let mut source = source();
        source.insert(path, text.as_bytes());
        let found = problems(&source);
        assert!(
            found.iter().any(|line| line == expected),
            "{expected}\nfound:\n{}",
            found.join("\n")
        );
    }
    let mut source = source();
    source.insert("xx/entries/zz.yaml", &b"entries:\n  - \xff\n"[..]);
    assert_eq!(
        problems(&source),
        ["xx/entries/zz.yaml:2:1: the file is not UTF-8"]
    );
    assert_eq!(
        Regime::load(&RegimeSource::new(), "xx")
            .unwrap_err()
            .to_string(),
        "vocabulary.yaml:1:1: the file is missing\nxx/regime.yaml:1:1: the file is missing"
    );
}

#[test]
fn a_field_adds_its_own_words() {
    let mut source = source();
    let before = (source.digest("xx"), Regime::load(&source, "xx").unwrap());
    source.insert(
        "vocabulary/more.yaml",
        "parameters: {wheel_width: {unit: mm, label: {en: width of a wheel, ko: 바퀴 너비}}}\nflags: {has_wheels: {en: has wheels, ko: 바퀴가 있음}}\n".as_bytes(),
    );
    source.insert(
        "xx/entries/wheels.yaml",
        &b"entries:\n  - code: 7W001\n    label: {en: w, ko: w}\n    reasons: [NS]\n    cite: X\n    paragraphs:\n      - {path: a, when: has_wheels and wheel_width > 2 m}\n"[..],
    );
    let regime = Regime::load(&source, "xx").unwrap_or_else(|e| panic!("{e}"));
    let vocabulary = regime.vocabulary();
    let width = vocabulary.parameter_id("wheel_width").unwrap();
    let width = vocabulary.parameter(width).unwrap();
    assert_eq!(&**width.unit.symbol(), "mm");
    assert_eq!(&*width.label.as_ref().unwrap().ko, "바퀴 너비");
    assert!(vocabulary.flag_id("has_wheels").is_some());
    assert_ne!(
        source.digest("xx"),
        before.0,
        "the words are part of the edition"
    );
    assert_ne!(vocabulary.digest(), before.1.vocabulary().digest());
}

#[test]
fn scalars_stay_text() {
    let text = "{a: 1E001, b: NO, c: 3E901, d: '', e: null, f: 'null', g: 0x10, h: 2023-01-01}";
    let document = Document::parse("t", text.as_bytes()).unwrap();
    let mut problems = concord_controls::problem::Problems::new();
    let pairs = document.root().pairs(&mut problems);
    let texts: Vec<_> = pairs
        .iter()
        .map(|(_, _, value)| {
            (
                value.text(&mut concord_controls::problem::Problems::new()),
                value.is_null(),
            )
        })
        .collect();
    assert_eq!(
        texts,
        [
            (Some("1E001"), false),
            (Some("NO"), false),
            (Some("3E901"), false),
            (None, false),
            (Some("null"), true),
            (Some("null"), false),
            (Some("0x10"), false),
            (Some("2023-01-01"), false),
        ]
    );
}

#[test]
fn the_edition_is_its_content() {
    let digest = source().digest("xx");
    assert_eq!(digest, source().digest("xx"));
    for (path, changes) in [
        ("xx/more.yaml", true),
        ("vocabulary.yaml", true),
        ("yy/regime.yaml", false),
        ("xxx/a.yaml", false),
        ("alignment.yaml", false),
    ] {
        let mut other = source();
        other.insert(path, &b"x"[..]);
        assert_eq!(other.digest("xx") != digest, changes, "{path}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Document::parse("t", &bytes);
    }

    #[test]
    fn any_yaml_like_text_is_read_or_refused(text in "[a-c:{}\\[\\], \n&*!|>'\"#?-]{0,80}") {
        let _ = Document::parse("t", text.as_bytes());
    }

    #[test]
    fn a_damaged_list_is_refused_or_loads_but_never_stops(cut in 0_usize..2000, byte in any::<u8>()) {
        let mut bytes = include_bytes!("fixture/xx/entries/list.yaml").to_vec();
        let position = cut % bytes.len();
        bytes[position] = byte;
        let mut source = source();
        source.insert("xx/entries/list.yaml", bytes);
        if let Err(error) = Regime::load(&source, "xx") {
            prop_assert!(!error.problems.is_empty());
        }
    }
}

#[test]
fn nesting_is_limited() {
    for text in [
        "[".repeat(100_000),
        "{a: ".repeat(50_000),
        "- ".repeat(50_000),
        "? ".repeat(20_000),
    ] {
        assert!(Document::parse("t", text.as_bytes()).is_err());
    }
}
