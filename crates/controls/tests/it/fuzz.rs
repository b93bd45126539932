//! Bad input of every kind: readers answer or report, with a place inside the file, and never stop the program.

use std::sync::OnceLock;

use concord_controls::condition::Condition;
use concord_controls::destination::DestinationPredicate;
use concord_controls::formula::Formula;
use concord_controls::regime::{Regime, RegimeSource};
use concord_controls::unit::Unit;
use concord_controls::vocabulary::Vocabulary;
use concord_controls::yaml::Document;
use proptest::prelude::{Strategy, any, prop, prop_assert, prop_oneof, proptest};
use proptest::sample::Index;

use crate::fixture::trials;
use crate::folder;

/// What the files and formulas are made of, and what breaks readers.
const PIECES: [&str; 46] = [
    " and ",
    " or ",
    " not ",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ": ",
    "\n",
    "\n  - ",
    "  ",
    ">=",
    "<",
    "=",
    " in {",
    "tpp",
    "tpp >= 4800 TPP",
    "performance_density",
    "type in {camera}",
    "judgement(",
    "[3A090.a]",
    "1e400",
    "-1",
    "0.",
    "é",
    "²",
    "\u{feff}",
    "\u{0}",
    "\"",
    "'",
    "&a ",
    "*a",
    "!!str ",
    "---\n",
    "<<",
    "| ",
    "2023-02-30",
    "null",
    "true",
    "1 TPP/mm2 <= ",
    "#",
    "?",
];

/// A change of a text: where, how much is taken out, and what is put in.
type Change = (Index, u8, Vec<u8>);

fn change() -> impl Strategy<Value = Change> {
    let piece = prop::sample::select(PIECES.to_vec()).prop_map(|piece| piece.as_bytes().to_vec());
    let put = prop_oneof![4 => piece, 1 => prop::collection::vec(any::<u8>(), 0..4)];
    (any::<Index>(), 0..40_u8, put)
}

fn changed(bytes: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (place, out, put) in changes {
        let from = place.index(bytes.len() + 1);
        let to = (from + usize::from(*out)).min(bytes.len());
        bytes.splice(from..to, put.iter().copied());
    }
    bytes
}

fn source() -> &'static RegimeSource {
    static SOURCE: OnceLock<RegimeSource> = OnceLock::new();
    SOURCE.get_or_init(folder::source)
}

fn vocabulary() -> &'static Vocabulary {
    static REGIME: OnceLock<Regime> = OnceLock::new();
    REGIME.get_or_init(|| folder::regime("kr")).vocabulary()
}

/// Line and column lie in the text, or just behind its end.
fn inside(bytes: &[u8], line: u32, column: u32) -> bool {
    let text = String::from_utf8_lossy(bytes);
    // Line breaks of YAML include the carriage return alone.
    let lines = text.split(['\n', '\r']).count();
    let longest = text
        .split(['\n', '\r'])
        .map(|line| line.chars().count())
        .max();
    let (line, column) = (line as usize, column as usize);
    (1..=lines + 1).contains(&line) && (1..=longest.unwrap_or(0) + 2).contains(&column)
}

fn formula() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(PIECES.to_vec()).prop_map(str::to_owned);
    let real = any::<Index>().prop_map(|which| {
        static TEXTS: OnceLock<Vec<String>> = OnceLock::new();
        let texts = TEXTS.get_or_init(|| {
            let regime = folder::regime("us");
            let paragraphs = regime.entries().iter().flat_map(|entry| &entry.paragraphs);
            paragraphs.map(|p| p.when.text().to_string()).collect()
        });
        which.get(texts).clone()
    });
    let text = prop_oneof![2 => piece, 2 => real, 1 => any::<String>()];
    (
        prop::collection::vec(text, 0..5),
        prop::collection::vec(change(), 0..3),
    )
        .prop_map(|(texts, changes)| {
            let bytes = changed(texts.concat().as_bytes(), &changes);
            String::from_utf8_lossy(&bytes).into_owned()
        })
}

proptest! {
    #![proptest_config(trials(10_000))]

    #[test]
    fn any_formula_is_read_or_refused_at_a_column_of_it(text in formula()) {
        let end = u32::try_from(text.chars().count()).unwrap() + 1;
        match Formula::parse(&text) {
            Ok(formula) => {
                let printed = formula.to_string();
                prop_assert!(Formula::parse(&printed).is_ok_and(|read| read == formula), "{printed}");
            }
            Err(error) => prop_assert!((1..=end).contains(&error.column), "{}", error.column),
        }
        if let Err(problems) = Condition::parse(&text, vocabulary()) {
            prop_assert!(!problems.is_empty());
            for (column, kind) in problems {
                prop_assert!((1..=end).contains(&column), "{column}: {kind}");
            }
        }
        if let Err(error) = DestinationPredicate::parse(&text) {
            prop_assert!((1..=end).contains(&error.column), "{}", error.column);
        }
        let _ = Unit::parse(&text);
    }
}

proptest! {
    #![proptest_config(trials(64))]

    #[test]
    fn a_changed_file_is_read_or_refused_at_a_place_in_it(
        which in any::<Index>(), changes in prop::collection::vec(change(), 1..6), cut in any::<Index>(), short in 0..4_u8,
    ) {
        let folder = ["us", "kr"][which.index(2)];
        let entries = format!("{folder}/entries");
        let files: Vec<(&str, &[u8])> = source().below(&entries).chain(source().below("vocabulary")).collect();
        let (path, bytes) = *which.get(&files);
        let mut damaged = changed(bytes, &changes);
        if short == 0 {
            damaged.truncate(cut.index(damaged.len() + 1));
        }
        if let Err(problem) = Document::parse(path, &damaged) {
            let (line, column) = (problem.at.line, problem.at.column);
            prop_assert!(inside(&damaged, line, column), "{problem}");
        }
        // The words, and of the list only the damaged file: what it refers to elsewhere is a problem with a place too.
        let mut source = source().clone();
        for (other, _) in &files {
            if other.starts_with(&entries) && *other != path {
                source.insert(*other, &b"entries: []\n"[..]);
            }
        }
        source.insert(path, damaged);
        if let Err(error) = Regime::load(&source, folder) {
            prop_assert!(!error.problems.is_empty());
            for problem in &error.problems {
                let at = &problem.at;
                let text = source.get(&at.file);
                prop_assert!(text.is_some_and(|text| inside(text, at.line, at.column)), "{problem}");
            }
        }
    }
}
