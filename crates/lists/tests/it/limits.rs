//! Files that would cost more memory or time than a list is worth.

use std::fmt::Write;
use std::time::{Duration, Instant};

use concord_lists::ListError;

use crate::samples::{
    CLASSIC, CSL, CSL_JSON, FTM, OFSI, UK_CSV, archive, cell, japan, one, sample, spreadsheet,
};

#[test]
fn bombs_and_lost_digits_are_refused_before_they_cost_memory() {
    let good = one("list.xlsx", &japan("", 0)).unwrap();
    assert_eq!(good.parties[0].names[0].text, "Example");
    let refused = |bytes: &[u8]| one("list.xlsx", bytes).unwrap_err();
    // 129 MB of spaces in 130 KB.
    let bomb = japan("", 129 << 20);
    assert!(bomb.len() < 300_000, "{}", bomb.len());
    assert!(matches!(refused(&bomb), ListError::TooLarge { .. }));
    // Two cells, seventeen thousand million between them.
    let far = format!(r#"<row r="1048576">{}</row>"#, cell("XFD1048576", "x"));
    let text = refused(&japan(&far, 0)).to_string();
    assert!(text.starts_with("list.xlsx:1048576:16384: cell "), "{text}");
    let error = r#"<row r="3"><c r="A3" t="e"><v>#N/A</v></c></row>"#;
    let text = refused(&japan(error, 0)).to_string();
    assert!(text.starts_with("list.xlsx:3:1: cell "), "{text}");

    let long = CSL_JSON.replace(r#""id":"a1""#, r#""id":123456789012345678901"#);
    let text = one("csl.json", long.as_bytes()).unwrap_err().to_string();
    assert!(text.contains("more digits than can be kept"), "{text}");
    let kept = CSL_JSON.replace(r#""id":"a1""#, r#""id":12345678901234567890"#);
    let party = one("csl.json", kept.as_bytes()).unwrap().parties.remove(0);
    assert!(party.id.ends_with("12345678901234567890"), "{}", party.id);
}

/// Refused with a place, and quickly.
fn refused(name: &str, bytes: &[u8], problem: &str) {
    let begun = Instant::now();
    let text = match one(name, bytes) {
        Ok(reading) => panic!("{name}: {} records were read", reading.records),
        Err(error) => error.to_string(),
    };
    assert!(text.contains(problem), "{text}");
    assert!(text.starts_with(&format!("{name}:")), "{text}");
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "{name}: {problem}"
    );
}

#[test]
fn deep_wide_and_endless_files_are_refused() {
    // Deep: elements in elements, brackets in brackets.
    let deep = CLASSIC.replacen("<uid>", &format!("{}<uid>", "<a>".repeat(100_000)), 1);
    refused("sdn.xml", deep.as_bytes(), "nested more deeply");
    let deep = FTM.replacen(r#"["kr"]"#, &"[".repeat(100_000), 1);
    refused("ftm.json", deep.as_bytes(), "recursion limit");
    // Wide: attributes, elements of a record, columns, cells.
    let mut attributes = String::new();
    for at in 0..50_000 {
        let _ = write!(attributes, " a{at}=\"\"");
    }
    let wide = CLASSIC.replacen("<sdnEntry>", &format!("<sdnEntry{attributes}>"), 1);
    refused("sdn.xml", wide.as_bytes(), "more attributes");
    let wide = CLASSIC.replacen("<uid>", &format!("{}<uid>", "<a/>".repeat(200_000)), 1);
    refused("sdn.xml", wide.as_bytes(), "more elements in a record");
    let columns: Vec<String> = (0..5_000).map(|at| format!("c{at}")).collect();
    let wide = CSL.replacen("ids\n", &format!("ids,{}\n", columns.join(",")), 1);
    refused("csl.csv", wide.as_bytes(), "more than 1000 columns");
    let rows = format!("{UK_CSV}{}", ",\n".repeat(5 << 20));
    refused("uk.csv", rows.as_bytes(), "more than 8388608 cells");
    let long = FTM.replacen("[\"1954\"]", &format!("[{}1]", "1,".repeat(3 << 20)), 1);
    refused(
        "ftm.json",
        long.as_bytes(),
        "a record of more than 4194304 bytes",
    );
    // A sheet that says "a thousand times" a few times over.
    let again = "<table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell table:number-columns-repeated=\"900\"><text:p>x</text:p></table:table-cell></table:table-row>";
    let sheet = spreadsheet(OFSI, again);
    refused("list.ods", &sheet, "more cells than any list has");
    let again = again.replace("\"900\"", "\"16384\"");
    refused(
        "list.ods",
        &spreadsheet(OFSI, &again),
        "more columns than any list has",
    );
    let empty = archive(&[(
        "=mimetype",
        b"application/vnd.oasis.opendocument.spreadsheet".to_vec(),
    )]);
    refused("list.ods", &empty, "not a readable ODS spreadsheet");
    let zipped = archive(&[("SDN_ENHANCED.XML", CLASSIC.as_bytes().to_vec())]);
    refused(
        "SDN_ENHANCED.ZIP",
        &zipped,
        "a zip archive; give the list file in it",
    );
}

/// Long lists of names are read in a time that grows with their length.
#[test]
fn many_names_of_one_party_are_read_in_good_time() {
    let begun = Instant::now();
    let names: Vec<String> = (0..100_000).map(|at| format!("Name {at}")).collect();
    let content = CSL.replacen("Annie", &names.join("; "), 1);
    let reading = one("csl.csv", content.as_bytes()).unwrap();
    assert_eq!(reading.parties[0].names.len(), 100_001);
    let row = sample("uk.csv").lines().last().unwrap();
    let rows: Vec<String> = (0..15_000)
        .map(|at| row.replace("Annie", &format!("Annie {at}")))
        .collect();
    let content = format!("{UK_CSV}{}\n", rows.join("\n"));
    let reading = one("uk.csv", content.as_bytes()).unwrap();
    assert_eq!(reading.parties[0].names.len(), 15_004);
    let content = format!("{content}{}\n", rows.join("\n"));
    refused(
        "uk.csv",
        content.as_bytes(),
        "a number that fewer rows have",
    );
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "{:?}",
        begun.elapsed()
    );
}
