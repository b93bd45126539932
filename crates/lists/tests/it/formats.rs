//! What every format says of the same party, and the layouts it comes in.

use concord_lists::{Format, Gender, Kind, Quality, Reading};

use crate::samples::{
    CLASSIC, CSL, DPL, ENHANCED, EU, EU_CSV, EU_LINES, FTM, OFSI, SAMPLES, SEMA, UK_CSV, UVL, one,
    sample, spreadsheet,
};

#[test]
fn every_format_gives_the_party() {
    for (name, format, content) in SAMPLES {
        let reading = one(name, content.as_bytes()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(reading.format, format, "{name}");
        assert_eq!(reading.parties.len(), 1, "{name}");
        let party = &reading.parties[0];
        assert!(
            party.names[0].text.to_lowercase().contains("example"),
            "{name}"
        );
        assert!(party.names[0].quality == Quality::Primary, "{name}");
        assert!(
            reading.problems.is_empty() || name == "uvl.csv",
            "{:?}",
            reading.problems
        );
        if !matches!(
            name,
            "dpl.txt" | "uvl.csv" | "csl.json" | "reduced.json" | "el.csv"
        ) {
            assert_eq!(party.kind, Kind::Person, "{name}");
            let born = &party
                .births
                .first()
                .unwrap_or_else(|| panic!("{name}: no birth"))
                .span;
            assert!(born.is_some(), "{name}: {:?}", party.births);
        }
    }
    let party =
        |content: &str, name: &str| one(name, content.as_bytes()).unwrap().parties.remove(0);
    // The same party in two formats of one publication.
    let (classic, enhanced) = (
        party(CLASSIC, "sdn.xml"),
        party(ENHANCED, "sdn_enhanced.xml"),
    );
    assert_eq!(
        (&classic.id, &classic.names),
        (&enhanced.id, &enhanced.names)
    );
    assert_eq!(
        (&classic.births, &classic.identifiers),
        (&enhanced.births, &enhanced.identifiers)
    );
    let (xml, lines) = (party(EU, "eu.xml"), party(EU_LINES, "eu.jsonl"));
    assert_eq!(
        (&xml.id, &xml.names, &xml.births),
        (&lines.id, &lines.names, &lines.births)
    );
    assert_eq!(
        (&xml.countries, &xml.programmes),
        (&lines.countries, &lines.programmes)
    );
    let csv = party(EU_CSV, "eu.csv");
    assert_eq!(
        (
            &xml.id,
            &xml.births,
            &xml.countries,
            &xml.programmes,
            &xml.citations
        ),
        (
            &csv.id,
            &csv.births,
            &csv.countries,
            &csv.programmes,
            &csv.citations
        )
    );
    assert_eq!(
        (csv.identifiers.len(), csv.genders.as_slice()),
        (1, [Gender::Female].as_slice())
    );
    let ftm = party(FTM, "ftm.json");
    assert_eq!(
        (ftm.names.len(), ftm.identifiers[0].value.as_str()),
        (3, "A1")
    );
    assert_eq!(party(DPL, "dpl.txt").addresses.len(), 2);
    let uvl = party(UVL, "uvl.csv");
    assert_eq!(
        (uvl.names[1].text.as_str(), uvl.addresses.len()),
        ("Sample", 2)
    );
    let ofsi = party(OFSI, "ConList.csv");
    let names: Vec<_> = ofsi
        .names
        .iter()
        .map(|n| (n.text.as_str(), n.quality))
        .collect();
    assert_eq!(names[0], ("Ann EXAMPLE", Quality::Primary));
    assert!(names.contains(&("안 예시", Quality::Strong)));
    assert_eq!(one("a", OFSI.as_bytes()).unwrap().inspect().parties, 2);
}

#[test]
fn layouts_of_other_days_are_the_same_list() {
    let same = |name: &str, content: &str, other: &[u8]| {
        let before = one(name, content.as_bytes()).unwrap();
        let after = one(name, other).unwrap_or_else(|e| panic!("{name}: {e}"));
        let strip = |r: Reading| -> Vec<_> {
            let mut parties = r.parties;
            for party in &mut parties {
                party.position.line = 0;
            }
            parties
        };
        assert_eq!(
            (before.format, before.records),
            (after.format, after.records)
        );
        assert_eq!(strip(before), strip(after), "{name}");
    };
    for (name, format, content) in SAMPLES {
        // A byte-order mark; and the other line ends, where lines are not records of JSON.
        same(name, content, format!("\u{feff}{content}").as_bytes());
        let unix = content.replace("\r\n", "\n");
        let other = if content.contains("\r\n") {
            unix
        } else {
            unix.replace('\n', "\r\n")
        };
        same(name, content, other.as_bytes());
        if matches!(
            format,
            Format::UsCslCsv | Format::BisUnverifiedCsv | Format::BisEntityListCsv
        ) {
            let (header, rest) = content.split_once('\n').unwrap();
            let shouted = format!("{}\n{rest}", header.to_uppercase());
            same(name, content, shouted.as_bytes());
        }
    }
    // Trade.gov's list with `_id`, with its columns in another order and one more, and by tabs.
    let moved: String = CSL
        .lines()
        .map(|line| {
            let (first, rest) = line.split_once(',').unwrap();
            let added = if first == "source" { "new" } else { "x" };
            format!("{rest},{added},{first}\n")
        })
        .collect();
    let reading = one("csl.csv", moved.as_bytes()).unwrap();
    assert_eq!(reading.parties[0].list.as_str(), "sdn");
    assert!(reading.problems[0].message.contains("column `new`"));
    let tabs = CSL
        .replace("\"1 Road, Town, SO\"", "1 Road; Town; SO")
        .replace("\"EXAMPLE, Ann\"", "Ann");
    let tabs = tabs
        .replace("\"SO, A1, Passport; Female, Gender\"", "A1")
        .replace(',', "\t");
    assert_eq!(one("csl.tsv", tabs.as_bytes()).unwrap().records, 1);
    for (source, list) in [
        (
            "Palestinian Legislative Council List (PLC) - Treasury Department",
            "plc",
        ),
        (
            "Non-SDN Iranian Sanctions Act List (NS-ISA) - Treasury Department",
            "ns_isa",
        ),
    ] {
        let content = CSL.replace(
            "Specially Designated Nationals (SDN) - Treasury Department",
            source,
        );
        let reading = one("csl.csv", content.as_bytes()).unwrap();
        assert_eq!(reading.parties[0].list.as_str(), list);
    }
    // Another namespace, a prefix and a comment before the root.
    let prefixed = CLASSIC
        .replace("<", "<o:")
        .replace("<o:/", "</o:")
        .replace("<o:?", "<?")
        .replace(
            "xmlns=\"http://tempuri.org/sdnList.xsd\"",
            "xmlns:o=\"https://example.org/XML\"",
        )
        .replacen("?>", "?><!-- of today -->", 1);
    same("sdn.xml", CLASSIC, prefixed.as_bytes());
    // Canada's list before it had ships.
    let before = SEMA
        .replace("DateOfBirthOrShipBuildDate", "DateOfBirth")
        .replace("<LastName>", "<Title>Ms</Title><LastName>");
    let party = one("sema.xml", before.as_bytes())
        .unwrap()
        .parties
        .remove(0);
    assert_eq!((party.title.as_str(), party.births.len()), ("Ms", 1));
    let entity = SEMA.replace(
        "<LastName>EXAMPLE</LastName><GivenName>Ann</GivenName>",
        "<Entity>Example Ltd</Entity>",
    );
    let party = one("sema.xml", entity.as_bytes())
        .unwrap()
        .parties
        .remove(0);
    assert_eq!(party.kind, Kind::Organisation);
    // What is about a party nested in it.
    let nested = FTM.lines().next().unwrap().replace(
        r#""nationality":["kr"]"#,
        r#""nationality":["kr"],"sanctions":[{"id":"s","schema":"Sanction","properties":{"program":["P"],"startDate":["2022-02-24"]}}],"gender":["female"]"#,
    );
    let party = one("targets.nested.json", nested.as_bytes())
        .unwrap()
        .parties
        .remove(0);
    assert_eq!(party.listed_from, "2022-02-24");
    assert!(party.programmes.contains(&"P".to_owned()));
    assert_eq!(party.genders, [Gender::Female]);
    // A section of the Entity List for a region that has no code.
    let region = sample("el.csv").replace("China", "Crimea (Occupied)");
    let reading = one("el.csv", region.as_bytes()).unwrap();
    assert!(reading.parties[0].countries.is_empty());
    assert!(reading.parties[0].addresses[0].text.contains("Crimea"));
    assert!(reading.problems[0].message.contains("Crimea (Occupied)"));
}

#[test]
fn the_united_kingdoms_list_is_the_same_in_its_layouts() {
    let csv = one("uk.csv", UK_CSV.as_bytes()).unwrap();
    assert_eq!(csv.problems, []);
    assert_eq!(csv.sources[0].data_date, "2026-02-13");
    let party = &csv.parties[0];
    let names: Vec<_> = party
        .names
        .iter()
        .map(|n| (n.text.as_str(), n.quality))
        .collect();
    assert_eq!(
        names,
        [
            ("Ann EXAMPLE", Quality::Primary),
            ("안 예시", Quality::Strong),
            ("Anna EXAMPLE", Quality::Strong),
            ("Annie", Quality::Weak),
        ]
    );
    assert_eq!(party.genders, [Gender::Female]);
    assert_eq!(
        (
            party.births.len(),
            party.addresses.len(),
            party.identifiers.len()
        ),
        (1, 1, 2)
    );
    let quoted = UK_CSV.replace('"', "");
    let ods = one("uk.ods", &spreadsheet(&quoted, "")).unwrap();
    assert_eq!(ods.format, Format::UkSanctionsListOds);
    assert_eq!(
        (ods.records, &ods.sources[0].data_date),
        (3, &csv.sources[0].data_date)
    );
    let mut other = ods.parties[0].clone();
    other.position = party.position.clone();
    assert_eq!(&other, party);
    let ofsi = one("ConList.ods", &spreadsheet(OFSI, "")).unwrap();
    assert_eq!(ofsi.format, Format::UkOfsiOds);
    assert_eq!(
        ofsi.parties[0].names,
        one("a", OFSI.as_bytes()).unwrap().parties[0].names
    );
    let new = UK_CSV.replace("IMO number", "IMO numbers");
    let reading = one("uk.csv", new.as_bytes()).unwrap();
    assert!(reading.problems[0].message.contains("column `imo numbers`"));
}
