//! `docs/api.md` explains every reason and word that leaves the program: what the sources can say is read from the sources.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use concord_kit::status::code_name;
use concord_tests::repository;
use tonic::Code;

/// Every text in double quotes that is one word of upper-case letters.
fn is_reason(word: &str) -> bool {
    word.len() > 3
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && word
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Texts in upper case that are no reasons.
fn is_other(word: &str) -> bool {
    // what a file or variable is called, and words of SQL and Redis
    const NAMES: &[&str] = &[
        "BEGIN",
        "CODE",
        "COMMIT",
        "DATA_DIR",
        "FILE",
        "FULL",
        "HOME",
        "IDENTITY",
        "INDEX",
        "KIND",
        "NAME",
        "PARTY_ID",
        "PUBLISH",
        "REFERENCE",
        "ROLE",
        "ROLLBACK",
        "RUST_LOG",
        "SCREAMING_SNAKE_CASE",
        "TEXT",
        "TIME",
        "TOKEN",
        "VKEY",
        "XDG_DATA_HOME",
    ];
    // values of an enum of the contract, explained in proto/
    const VALUES: &[&str] = &[
        "CHECKPOINTED",
        "DURABLE",
        "NAMED",
        "NONE",
        "ROLE_AND_COUNTRY",
        "SEQUENCED",
        "WITNESSED",
    ];
    let code = (0..=16).any(|code| code_name(Code::from_i32(code)) == word && word != "INTERNAL");
    let variable = ["CARGO_", "CONCORD", "OTEL_"]
        .iter()
        .any(|start| word.starts_with(start));
    code || variable || NAMES.contains(&word) || VALUES.contains(&word)
}

#[test]
fn every_reason_and_word_is_explained() {
    let page = std::fs::read_to_string(repository().join("docs/api.md")).expect("docs/api.md");
    let mut missing = BTreeSet::new();
    let mut seen = 0;
    for (path, is_word) in places() {
        let text = std::fs::read_to_string(&path).expect("a source file");
        for word in quoted(code(&text)).filter(|word| is_word(word)) {
            seen += 1;
            if !page.contains(&format!("`{word}`")) {
                missing.insert(format!(
                    "{word} ({})",
                    path.strip_prefix(repository()).expect("ours").display()
                ));
            }
        }
    }
    assert!(
        seen > 60,
        "only {seen} words were found: does this test still read the right places?"
    );
    let missing: Vec<_> = missing.into_iter().collect();
    assert!(
        missing.is_empty(),
        "docs/api.md does not explain:\n{}",
        missing.join("\n")
    );
}

#[test]
fn every_finding_and_everything_not_examined_is_explained() {
    let page = std::fs::read_to_string(repository().join("docs/api.md")).expect("docs/api.md");
    let mut files = Vec::new();
    sources(&repository().join("crates/licensing/src"), &mut files);
    let mut words = BTreeSet::new();
    for path in files {
        let text = std::fs::read_to_string(&path).expect("a source file");
        // On one line, so that a call can be found however it is broken.
        let text = code(&text).split_whitespace().collect::<Vec<_>>().join(" ");
        for (begins, arguments) in [("draft.find(", 1), ("draft.skip(", 2), ("key: \"", 0)] {
            for call in text.split(begins).skip(1) {
                words.extend(leading_words(call, arguments));
            }
        }
    }
    assert!(
        words.len() > 25,
        "only {words:?}: does this test still read the right calls?"
    );
    let unexplained = |word: &&String| !page.contains(&format!("`{word}`"));
    let missing: Vec<_> = words.iter().filter(unexplained).collect();
    assert!(
        missing.is_empty(),
        "docs/api.md does not explain {missing:?}"
    );
}

/// The texts among the first arguments of a call; with 0, the text that the call's name has opened.
fn leading_words(call: &str, arguments: usize) -> Vec<String> {
    if arguments == 0 {
        return call
            .split('"')
            .next()
            .map(str::to_owned)
            .into_iter()
            .collect();
    }
    let first = call.split(',').take(arguments).map(str::trim);
    let texts = first.filter_map(|argument| argument.strip_prefix('"')?.strip_suffix('"'));
    texts.map(str::to_owned).collect()
}

type IsWord = fn(&str) -> bool;

/// Where words that leave the program are written, and which texts there are such words.
fn places() -> Vec<(PathBuf, IsWord)> {
    let root = repository();
    let reasons: IsWord = |word| is_reason(word) && !is_other(word);
    let folders = [
        "crates/kit/src",
        "crates/controls/src/item",
        "crates/concord/src",
        "services/audit/src",
        "services/classification/src",
        "services/determination/src",
        "services/screening/src",
    ];
    let mut places = Vec::new();
    for folder in folders {
        let mut files = Vec::new();
        sources(&root.join(folder), &mut files);
        places.extend(files.into_iter().map(|file| (file, reasons)));
    }
    let words: IsWord = |word| word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    places.push((root.join("crates/licensing/src/outcome.rs"), words));
    places
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

/// The text before the tests of a source file.
fn code(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

/// What stands in double quotes on one line, comments left out.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split('"').skip(1).step_by(2))
}
