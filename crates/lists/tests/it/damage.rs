//! Damage of any kind is refused with its place.

use std::collections::BTreeSet;

use concord_lists::{Format, ListError};

use crate::samples::{SAMPLES, UK_CSV, UN, by_lines, japan, one, spreadsheet};

#[test]
fn damage_is_refused_with_the_place_and_what_would_be_right() {
    let mut wrong = Vec::new();
    let refused =
        |name: &str, content: &str| one(name, content.as_bytes()).unwrap_err().to_string();
    for (name, from, to, message) in [
        (
            "sdn.xml",
            "</lastName><sdnType>",
            "</lastNam><sdnType>",
            "sdn.xml:4:",
        ),
        (
            "sdn.xml",
            "Individual",
            "Person",
            "sdn.xml:4:77: type `Person` is not valid; expected Individual, Entity",
        ),
        (
            "sdn.xml",
            "<uid>7<",
            "<uid>seven<",
            "sdn.xml:4:11: entity number `seven` is not valid; expected a whole number",
        ),
        (
            "sdn.xml",
            "Ann",
            "&ann;",
            "sdn.xml:4:34: not well-formed XML: entity `&ann;`",
        ),
        (
            "sdn.xml",
            "<sdnList",
            "<!DOCTYPE x [<!ENTITY a 'b'>]><sdnList",
            "sdn.xml:2:1: not well-formed XML: a document type definition",
        ),
        (
            "sdn.xml",
            "sdnList",
            "sdnLost",
            "sdn.xml:1:1: format not recognised (XML with the root element `sdnLost`)",
        ),
        (
            "un.xml",
            "<QUALITY>Low",
            "<QUALITY>So so",
            "un.xml:4:19: QUALITY `So so` is not valid; expected Good, Low",
        ),
        ("eu.xml", "strong=\"true\"", "strong=\"true", "eu.xml:4:"),
        (
            "eu.jsonl",
            "\"strong\":true}",
            "\"strong\":true,\"strong\":false}",
            "eu.jsonl:1:",
        ),
        (
            "csl.json",
            "(EL)",
            "(LE)",
            "csl.json:2:12: list `Entity List (LE)",
        ),
        (
            "reduced.json",
            "\"s\":0",
            "\"s\":9",
            "reduced.json:2:12: sources `9` is not valid; expected a place",
        ),
        (
            "reduced.json",
            "\"entryCount\":1",
            "\"entryCount\":2",
            "reduced.json:1:1: entryCount `2` is not valid; expected 1",
        ),
        (
            "sema.xml",
            "<LastName>EXAMPLE</LastName><GivenName>Ann</GivenName>",
            "",
            "sema.xml:1:11: EntityOrShip `` is not valid; expected a name",
        ),
        (
            "dpl.txt",
            "City",
            "Town",
            "dpl.txt:1:1: column `city` is missing from the header",
        ),
        (
            "dpl.txt",
            "2 ROAD\t",
            "2 ROAD\n",
            "dpl.txt:3:13: record has 2 columns; expected 12",
        ),
        (
            "uvl.csv",
            "Hong Kong,\"Example, a.k.a. Sample\",1",
            "COUNTRY,NAME,ADDRESS\r\nHong Kong,\"Example, a.k.a. Sample\",1",
            "uvl.csv:2:1: a second header row",
        ),
        ("uvl.csv", "1 Road,", "1 Road, 3rd floor,", "uvl.csv:2:"),
        (
            "ConList.csv",
            "Individual,Prime",
            "Person,Prime",
            "ConList.csv:4:",
        ),
        (
            "sdn_enhanced.xml",
            "<entity id=\"7\">",
            "<entity id=\"7\" action=\"add\">",
            "sdn_enhanced.xml:3:11: action `add` is not valid; expected an entity of the complete list",
        ),
        (
            "sdn_enhanced.xml",
            "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/ENHANCED_XML",
            "https://www.treasury.gov/ofac/DeltaFile/1.0",
            "sdn_enhanced.xml:1:1: format not recognised (OFAC's file of changes",
        ),
        (
            "uk.csv",
            "AFG0001,7,,,Annie,Alias",
            ",7,,,Annie,Alias",
            "uk.csv:5:12: identifier `` is not valid; expected the number of the party",
        ),
        (
            "csl.csv",
            "Individual,SDGT",
            "Person,SDGT",
            "csl.csv:2:62: type `Person` is not valid; expected Individual",
        ),
        (
            "el.csv",
            "China,",
            ",",
            "el.csv:2:1: country `` is not valid; expected the name of a country",
        ),
    ] {
        let (_, _, content) = SAMPLES.iter().find(|(n, ..)| *n == name).unwrap();
        assert!(content.contains(from), "{name}: {from}");
        let text = refused(name, &content.replacen(from, to, 1));
        if !text.starts_with(message) {
            wrong.push(format!("{text}\n  expected {message}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(refused("a.csv", "\u{fffd}").contains("format not recognised"));
    let utf16: Vec<u8> = UN.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert!(one("un.xml", &utf16).is_err());
    let mut latin = UN.replace("Annie", "Anni\u{e9}").into_bytes();
    let at = latin.windows(2).position(|w| w == [0xc3, 0xa9]).unwrap();
    latin.splice(at..at + 2, [0xe9]);
    let text = one("un.xml", &latin).unwrap_err().to_string();
    assert!(
        text.starts_with("un.xml:4:57: byte 0xe9 at offset"),
        "{text}"
    );
}

/// Whatever is refused is refused with a place in the file.
fn placed(name: &str, error: &ListError) {
    let place = error.place().unwrap_or_else(|| panic!("no place: {error}"));
    assert_eq!(place.file, name, "{error}");
    assert!(place.line > 0 && place.column > 0, "{error}");
    let text = format!("{name}:{}:{}: ", place.line, place.column);
    assert!(error.to_string().starts_with(&text), "{error}");
}

#[test]
fn cut_anywhere_a_list_is_refused_with_the_place() {
    for (name, format, content) in SAMPLES {
        let whole = one(name, content.as_bytes()).unwrap();
        let ids: BTreeSet<&str> = whole.parties.iter().map(|p| p.id.as_str()).collect();
        let end = content.trim_end().len();
        for at in (1..content.len()).filter(|at| content.is_char_boundary(*at)) {
            match one(name, &content.as_bytes()[..at]) {
                Err(error) => {
                    placed(name, &error);
                    let lines = content[..at].matches('\n').count() as u64 + 1;
                    assert!(
                        error.place().unwrap().line <= lines,
                        "{name} cut at {at}: {error}"
                    );
                }
                // Whole lines are whole records, and a last cell may be cut to what other rows say.
                Ok(reading) if by_lines(format) => {
                    let cut = content.as_bytes()[at - 1] == b'\n' || at >= end || {
                        reading
                            .problems
                            .iter()
                            .any(|p| p.message.contains("may lack its end"))
                    };
                    // JSON may end behind its last bracket, and a quoted last cell behind its quote.
                    let closed = matches!(content.as_bytes()[at - 1], b'}' | b'"');
                    assert!(cut || closed, "{name} cut at {at} of {end}");
                    assert!(reading.parties.iter().all(|p| ids.contains(p.id.as_str())));
                }
                Ok(reading) => {
                    assert!(at >= end, "{name} cut at {at} of {end}");
                    assert_eq!(reading.parties, whole.parties, "{name} cut at {at}");
                }
            }
        }
    }
    let quoted = UK_CSV.replace('"', "");
    for (name, bytes) in [
        ("list.xlsx", japan("", 0)),
        ("uk.ods", spreadsheet(&quoted, "")),
    ] {
        for at in (1..bytes.len()).step_by(7) {
            placed(name, &one(name, &bytes[..at]).unwrap_err());
        }
    }
}

#[test]
fn a_second_header_a_lost_line_end_and_another_encoding_are_refused() {
    let tables = [
        Format::BisDplTxt,
        Format::BisUnverifiedCsv,
        Format::BisEntityListCsv,
        Format::UkOfsiCsv,
        Format::UkSanctionsListCsv,
        Format::EuFsfCsv,
        Format::UsCslCsv,
        Format::OwnCsv,
    ];
    for (name, format, content) in SAMPLES {
        let refused = |bytes: &[u8], what: &str| match one(name, bytes) {
            Ok(_) => panic!("{name}: {what} was read"),
            Err(error) => placed(name, &error),
        };
        // UTF-16, as some editors save it; Latin letters of an older encoding beside others.
        let utf16 = content.encode_utf16().flat_map(u16::to_le_bytes);
        refused(&[vec![0xff, 0xfe], utf16.collect()].concat(), "UTF-16");
        refused(
            &content
                .encode_utf16()
                .flat_map(u16::to_be_bytes)
                .collect::<Vec<_>>(),
            "UTF-16",
        );
        if !content.is_ascii() || !tables.contains(&format) {
            let at = content.rfind(['e', 'E']).unwrap();
            let mut latin = content.as_bytes().to_vec();
            latin[at] = 0xe9;
            refused(&latin, "a byte that is not UTF-8");
        }
        // Two documents in one file.
        if !by_lines(format) {
            refused(format!("{content}{content}").as_bytes(), "the file twice");
            continue;
        }
        if !tables.contains(&format) {
            continue;
        }
        let header = content
            .lines()
            .find(|l| {
                ["name", "entity"]
                    .iter()
                    .any(|n| l.to_lowercase().contains(n))
            })
            .unwrap();
        let lines: Vec<&str> = content.lines().collect();
        let first = lines.iter().position(|l| *l == header).unwrap();
        for at in first + 1..=lines.len() {
            let mut twice = lines.clone();
            twice.insert(at, header);
            refused((twice.join("\n") + "\n").as_bytes(), "a second header");
        }
        refused(
            content.replacen(header, "a,b,c", 1).as_bytes(),
            "another header",
        );
        refused(content.replacen(header, "", 1).as_bytes(), "no header");
        let cells = match format {
            Format::BisDplTxt => '\t',
            Format::EuFsfCsv => ';',
            _ => ',',
        };
        let joined = format!("{header}{cells}{header}");
        refused(
            content.replacen(header, &joined, 1).as_bytes(),
            "every column twice",
        );
    }
}

/// Real files cut at places all over them, also compressed.
#[test]
fn published_files_cut_off_are_refused_with_the_place() {
    let Some(data) = crate::published::data() else {
        return;
    };
    for (path, _, _) in crate::published::FILES {
        let path = data.join(path);
        if path.is_dir() {
            continue;
        }
        let stored = std::fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let plain_name = name.trim_end_matches(".gz");
        let mut plain = concord_lists::decompress(&name, &stored, u64::MAX)
            .unwrap()
            .into_owned();
        if name != plain_name {
            let error = one(&name, &stored[..stored.len() / 2]).unwrap_err();
            placed(&name, &error);
        }
        if !name.ends_with("xlsx") {
            plain.truncate(150_000.min(plain.len() - 1));
        }
        for at in (1..plain.len()).step_by(plain.len() / 25 + 1) {
            match one(plain_name, &plain[..at]) {
                Err(error) => placed(plain_name, &error),
                // The end of a row is the end of a file.
                Ok(reading) => assert!(
                    plain[at - 1] == b'\n'
                        || plain[at] == b'\n'
                        || plain[at] == b'\r'
                        || reading
                            .problems
                            .iter()
                            .any(|p| p.message.contains("may lack its end")),
                    "{name} cut at {at}"
                ),
            }
        }
    }
}
