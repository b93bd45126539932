//! What the tree holds.

use super::{edited, parse, path, tree};

#[test]
fn the_tree_holds_what_is_printed() {
    let tree = tree();
    assert_eq!(
        tree.issue.map(|day| day.to_string()).as_deref(),
        Some("2024-06-01")
    );
    let codes: Vec<&str> = tree.entries.iter().map(|entry| &*entry.code).collect();
    assert_eq!(codes, ["1A001", "1A002", "2B001", "3C001"]);

    let chips = tree.entry("1A001").unwrap();
    assert_eq!(
        chips.heading,
        "Invented chips, as follows (see List of Items Controlled)."
    );
    assert_eq!(
        chips.reasons.iter().map(|r| &**r).collect::<Vec<_>>(),
        ["NS", "AT"]
    );
    let rows: Vec<(String, String)> = chips
        .rows
        .iter()
        .map(|row| (row.reasons.join(" "), row.columns.join(" ")))
        .collect();
    let pair = |reason: &str, column: &str| (reason.to_owned(), column.to_owned());
    assert_eq!(rows, [pair("NS", "NS 2"), pair("AT", "AT 1"), pair("", "")]);
    assert_eq!(
        chips
            .exceptions
            .iter()
            .map(|(symbol, text)| format!("{symbol} {text}"))
            .collect::<Vec<_>>(),
        ["LVS $1500 for 1A001.b", "GBS N/A"]
    );

    let paragraphs: Vec<&str> = chips.paragraphs.iter().map(|p| p.path.as_str()).collect();
    assert_eq!(
        paragraphs,
        ["a", "a.1", "a.2", "b", "c", "d", "e", "f", "f.1", "f.1.a"]
    );
    let printed = |at: &str| chips.paragraph(&path(at)).unwrap();
    // A raised figure after the printer's line break; a paragraph within the note before it; implied parents.
    assert_eq!(
        printed("a.2").text,
        "A speed of 1 × 10^8 hertz or more and more than 0.5 MHz/mm^2;"
    );
    assert!(printed("b").text.starts_with("Chips with a speed between"));
    assert!(printed("c").reserved && printed("e").reserved && !printed("f").reserved);
    assert!(printed("f").implied && printed("f.1").implied && !printed("f.1.a").implied);
    assert!(chips.at.line > 10 && printed("a.1").at.line > chips.at.line);

    let notes: Vec<(&str, &str)> = chips
        .notes
        .iter()
        .map(|note| (note.path.as_str(), note.text.as_str()))
        .collect();
    assert_eq!(
        notes,
        [
            (
                "a.2",
                "1A001.a does not reach: a. Chips that are not for servers with a speed below 400 MHz; and b. Toys."
            ),
            (
                "b",
                "Note: 1A001.b leaves out: a. Chips of glass; and b. Chips of sand."
            ),
            ("f.1.a", "Dust is weighed dry."),
        ]
    );
    assert_eq!(chips.notes[2].title, "Technical Note to 1A001.f");
    assert_eq!(chips.notes[2].names, [path("f")]);

    // The items line may itself hold a paragraph, or refer to the heading.
    let mills = tree.entry("2B001").unwrap();
    assert_eq!(
        mills.paragraphs[0].text,
        "Mills having all of the following:"
    );
    let powder = tree.entry("3C001").unwrap();
    assert!(powder.paragraphs.is_empty() && powder.body.contains("ECCN heading"));
    // Outside the entries.
    let sections: Vec<(&str, &str)> = tree
        .sections
        .iter()
        .map(|section| (section.title.as_str(), section.text.as_str()))
        .collect();
    assert_eq!(
        sections,
        [
            ("", "Note: Chips are counted at 20 °C & dry."),
            ("List of Dusts (See 1A001)", "1. Invented dust."),
        ]
    );
}

#[test]
fn a_file_that_does_not_tell_its_issue_has_none() {
    let tree = parse(&edited("/on/2024-06-01/", "/on/_SUBSTITUTE_DATE_/")).unwrap();
    assert_eq!(tree.issue, None);
}

#[test]
fn the_supplement_may_stand_in_a_larger_file() {
    let body = super::LIST.split_once('\n').unwrap().1;
    let whole =
        format!("<TITLE>\n<DIV5 N=\"774\"><DIV8><P>Words.</P></DIV8>\n{body}</DIV5></TITLE>");
    assert_eq!(parse(&whole).unwrap().entries.len(), 4);
}
