//! Every reader on small files written here: what they say, and that damage of any kind is refused
//! with its place and never panics.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::path::{Path, PathBuf};

use concord_lists::{
    Format, Kind, ListError, Quality, ReadOptions, Reading, SourceFile, decompress, read,
};
use proptest::prelude::{ProptestConfig, any, prop_assert, proptest};
use proptest::sample::Index;

const CLASSIC: &str = r#"<?xml version="1.0"?>
<sdnList xmlns="http://tempuri.org/sdnList.xsd">
<publshInformation><Publish_Date>03/28/2025</Publish_Date><Record_Count>1</Record_Count></publshInformation>
<sdnEntry><uid>7</uid><firstName>Ann</firstName><lastName>EXAMPLE</lastName><sdnType>Individual</sdnType>
<programList><program>SDGT</program></programList>
<akaList><aka><uid>8</uid><type>a.k.a.</type><category>weak</category><lastName>ANN</lastName></aka></akaList>
<dateOfBirthList><dateOfBirthItem><dateOfBirth>circa 1954</dateOfBirth></dateOfBirthItem></dateOfBirthList>
<idList><id><idType>Passport</idType><idNumber>A1</idNumber><idCountry>Somalia</idCountry></id></idList>
</sdnEntry></sdnList>
"#;

const ENHANCED: &str = r#"<sanctionsData xmlns="https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/ENHANCED_XML">
<publicationInfo><dataAsOf>2025-01-10T00:00:00</dataAsOf><filters><sanctionsLists><sanctionsList refId="1">SDN List</sanctionsList></sanctionsLists></filters></publicationInfo>
<entities><entity id="7"><generalInfo><entityType refId="600">Individual</entityType></generalInfo>
<sanctionsPrograms><sanctionsProgram>SDGT</sanctionsProgram></sanctionsPrograms>
<names><name id="1"><isPrimary>true</isPrimary><isLowQuality>false</isLowQuality><translations><translation><isPrimary>true</isPrimary><formattedFullName>EXAMPLE, Ann</formattedFullName></translation></translations></name>
<name id="2"><isPrimary>false</isPrimary><isLowQuality>true</isLowQuality><translations><translation><isPrimary>true</isPrimary><formattedFullName>ANN</formattedFullName></translation></translations></name></names>
<features><feature><type>Birthdate</type><value>circa 1954</value></feature></features>
<identityDocuments><identityDocument><type>Passport</type><documentNumber>A1</documentNumber><issuingCountry>Somalia</issuingCountry></identityDocument></identityDocuments>
</entity></entities></sanctionsData>
"#;

const UN: &str = r#"<CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09.554Z"><INDIVIDUALS><INDIVIDUAL>
<DATAID>1</DATAID><FIRST_NAME>ANN</FIRST_NAME><SECOND_NAME>EXAMPLE</SECOND_NAME><UN_LIST_TYPE>DRC</UN_LIST_TYPE>
<REFERENCE_NUMBER>CDi.001</REFERENCE_NUMBER><LISTED_ON>2012-12-31</LISTED_ON>
<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Annie &amp; Co</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1957</FROM_YEAR><TO_YEAR>1960</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
</INDIVIDUAL></INDIVIDUALS><ENTITIES/></CONSOLIDATED_LIST>
"#;

const EU: &str = r#"<export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2020-04-15T15:29:22">
<sanctionEntity euReferenceNumber="EU.1.2" logicalId="5"><regulation programme="TAQA" numberTitle="2019/555 (OJ L97)"/>
<subjectType code="person" classificationCode="P"/>
<nameAlias wholeName="Ann Example" strong="true"/><nameAlias wholeName="Annie" strong="false"/>
<birthdate circa="false" birthdate="1958-02-22"/><citizenship countryIso2Code="DZ"/></sanctionEntity></export>
"#;

const EU_LINES: &str = concat!(
    r#"{"eu_reference_number":"EU.1.2","subject_type":{"code":"person"},"name_aliases":[{"whole_name":"Ann Example","strong":true},{"whole_name":"Annie","strong":false}],"citizenships":[{"country_iso2_code":"DZ"}],"birthdates":[{"circa":false,"birthdate":"1958-02-22"}],"regulations":[{"programme":"TAQA","number_title":"2019/555 (OJ L97)"}]}"#,
    "\n"
);

const FTM: &str = concat!(
    r#"{"id":"X-1","caption":"Ann Example","schema":"Person","properties":{"name":["Ann Example","안 예시"],"weakAlias":["Annie"],"birthDate":["1954"],"nationality":["kr"]},"datasets":["d"]}"#,
    "\n",
    r#"{"id":"X-2","caption":"P","schema":"Passport","properties":{"holder":["X-1"],"number":["A1"],"country":["so"]}}"#,
    "\n"
);

const CSL_JSON: &str = r#"{"total":1,
"results":[{"id":"a1","source":"Entity List (EL) - Bureau of Industry and Security","name":"Example Ltd","type":null,
"alt_names":["Sample Ltd"],"addresses":[{"address":"1 Road","city":"Town","country":"CN"}],"programs":[],
"license_policy":"Presumption of denial.","ids":[]}]}
"#;

const REDUCED: &str = r#"{"entryCount":1,"tables":{"sources":["Entity List (EL) - Bureau of Industry and Security"],"licencePolicies":["Presumption of denial."]},
"entries":[{"n":"Example Ltd","a":["Sample Ltd"],"s":0,"c":["CN"],"lp":0}]}
"#;

const UK_XML: &str = r#"<Designations><DateGenerated>13/05/2026</DateGenerated><Designation><UniqueID>AFG0001</UniqueID>
<Names><Name><Name1>Ann</Name1><Name6>EXAMPLE</Name6><NameType>Primary Name</NameType></Name></Names>
<NonLatinNames><NonLatinName><NameNonLatinScript>안 예시</NameNonLatinScript></NonLatinName></NonLatinNames>
<RegimeName>Example</RegimeName><IndividualEntityShip>Individual</IndividualEntityShip>
<IndividualDetails><Individual><DOBs><DOB>dd/mm/1958</DOB></DOBs></Individual></IndividualDetails></Designation></Designations>
"#;

const SEMA: &str = "<data-set><record><Country>Russia / Russie</Country><LastName>EXAMPLE</LastName>\
<GivenName>Ann</GivenName><DateOfBirthOrShipBuildDate>1963 or 1964</DateOfBirthOrShipBuildDate>\
<Aliases>Анна Пример; Annie</Aliases><Schedule>1</Schedule><Item>2</Item>\
<DateOfListing>2022-02-24</DateOfListing></record></data-set>\n";

const DPL: &str = "Name\tStreet_Address\tCity\tState\tCountry\tPostal_Code\tEffective_Date\tExpiration_Date\tStandard_Order\tLast_Update\tAction\tFR_Citation\n\
ANN EXAMPLE\t1 ROAD\tTOWN\tTX\tUS\t75159\t06/19/2003\t06/29/2056\tY\t2007-01-31\tNEW\t68 F.R. 1\n\
ANN EXAMPLE\t2 ROAD\tTOWN\tTX\tUS\t75159\t06/19/2003\t06/29/2056\tY\t2007-01-31\tNEW\t68 F.R. 1\n";

const UVL: &str = "COUNTRY,NAME,ADDRESS,,\r\nHong Kong,\"Example, a.k.a. Sample\",1 Road,,\r\nHong Kong,\"Example, a.k.a. Sample\",2 Road\r\n";

const OFSI: &str = "Last Updated,27/04/2020,,,,,,,,,\n\
Name 6,Name 1,Name Non-Latin Script,DOB,Nationality,Group Type,Alias Type,Alias Quality,Regime,Listed On,Group ID\n\
EXAMPLE,Annie,,00/04/1984,Russia,Individual,AKA,Low,Example,24/03/2007,9\n\
EXAMPLE,Ann,안 예시,00/04/1984,Russia,Individual,Prime Alias,,Example,24/03/2007,9\n";

/// File name, format, content: one party each, with a name `Ann…` or `Example…`.
const SAMPLES: [(&str, Format, &str); 13] = [
    ("sdn.xml", Format::OfacSdnXml, CLASSIC),
    ("sdn_enhanced.xml", Format::OfacSdnEnhancedXml, ENHANCED),
    ("un.xml", Format::UnScXml, UN),
    ("eu.xml", Format::EuFsfXml, EU),
    ("eu.jsonl", Format::EuFsfJsonl, EU_LINES),
    ("entities.ftm.json", Format::OpenSanctionsJsonl, FTM),
    ("csl.json", Format::UsCslJson, CSL_JSON),
    ("reduced.json", Format::UsCslReducedJson, REDUCED),
    ("uk.xml", Format::UkSanctionsListXml, UK_XML),
    ("sema.xml", Format::CaSemaXml, SEMA),
    ("dpl.txt", Format::BisDplTxt, DPL),
    ("uvl.csv", Format::BisUnverifiedCsv, UVL),
    ("ConList.csv", Format::UkOfsiCsv, OFSI),
];

fn one(name: &str, bytes: &[u8]) -> Result<Reading, ListError> {
    read(&[SourceFile { name, bytes }], &ReadOptions::default())
}

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
        if !matches!(name, "dpl.txt" | "uvl.csv" | "csl.json" | "reduced.json") {
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
            "`sdn.xml`: format not recognised (XML with the root element `sdnLost`)",
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
            "dpl.txt:1: column `city` is missing from the header",
        ),
        (
            "dpl.txt",
            "2 ROAD\t",
            "2 ROAD\n",
            "dpl.txt:3: record has 2 columns; expected 12",
        ),
        (
            "uvl.csv",
            "Hong Kong,\"Example, a.k.a. Sample\",1",
            "COUNTRY,NAME,ADDRESS\r\nHong Kong,\"Example, a.k.a. Sample\",1",
            "uvl.csv:2: a second header row",
        ),
        ("uvl.csv", "1 Road,", "1 Road, 3rd floor,", "uvl.csv:2:"),
        (
            "ConList.csv",
            "Individual,Prime",
            "Person,Prime",
            "ConList.csv:4:",
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
    // Cut anywhere before its last element, a document is refused.
    for (name, format, content) in SAMPLES {
        let end = content.trim_end().len();
        let last_line = content.trim_end().rfind('\n').map_or(0, |at| at + 1);
        for at in (1..end).filter(|at| content.is_char_boundary(*at)) {
            let lines = matches!(format, Format::EuFsfJsonl | Format::OpenSanctionsJsonl);
            let table = matches!(
                format,
                Format::BisDplTxt | Format::BisUnverifiedCsv | Format::UkOfsiCsv
            );
            // Whole lines are whole records; only the cut line can be told.
            if (lines || table) && (at < last_line || content.as_bytes()[at - 1] == b'\n') {
                continue;
            }
            // A table's last cell may be cut to what other rows say there.
            if table && at + 12 > end {
                continue;
            }
            let text = one(name, &content.as_bytes()[..at]).map(|r| r.records);
            assert!(text.is_err(), "{name} cut at {at} of {end}");
        }
    }
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

/// A workbook of one sheet with these cells.
fn workbook(cells: &str, padding: usize) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    for (name, content) in [
        (
            "_rels/.rels",
            format!(
                r#"<Relationships xmlns="{package}"><Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                r#"<Relationships xmlns="{package}"><Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(r#"<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>"#),
        ),
        ("padding", " ".repeat(padding)),
    ] {
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated);
        archive.start_file(name, options).unwrap();
        std::io::Write::write_all(&mut archive, content.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn bombs_and_lost_digits_are_refused_before_they_cost_memory() {
    let cell =
        |at: &str, text: &str| format!(r#"<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>"#);
    let header: Vec<String> = [
        "No.",
        "Country or Region",
        "Company or Organization",
        "Also Known As",
        "Type of WMD",
    ]
    .iter()
    .zip(["A1", "B1", "C1", "D1", "E1"])
    .map(|(text, at)| cell(at, text))
    .collect();
    let row = |cells: &str| {
        format!(
            r#"<row r="1">{}</row><row r="2">{}{}</row>{cells}"#,
            header.concat(),
            cell("A2", "1"),
            cell("C2", "Example")
        )
    };
    let good = one("list.xlsx", &workbook(&row(""), 0)).unwrap();
    assert_eq!(good.parties[0].names[0].text, "Example");
    let refused = |bytes: &[u8]| one("list.xlsx", bytes).unwrap_err();
    // 100 MB of spaces in 100 KB.
    let bomb = workbook(&row(""), 100 << 20);
    assert!(bomb.len() < 200_000, "{}", bomb.len());
    assert!(matches!(refused(&bomb), ListError::TooLarge { .. }));
    // Two cells, seventeen thousand million between them.
    let far = format!(r#"<row r="1048576">{}</row>"#, cell("XFD1048576", "x"));
    let text = refused(&workbook(&row(&far), 0)).to_string();
    assert!(text.starts_with("list.xlsx:1048576:16384: cell "), "{text}");
    let error = r#"<row r="3"><c r="A3" t="e"><v>#N/A</v></c></row>"#;
    let text = refused(&workbook(&row(error), 0)).to_string();
    assert!(text.starts_with("list.xlsx:3:1: cell "), "{text}");

    let long = CSL_JSON.replace(r#""id":"a1""#, r#""id":123456789012345678901"#);
    let text = one("csl.json", long.as_bytes()).unwrap_err().to_string();
    assert!(text.contains("more digits than can be kept"), "{text}");
    let kept = CSL_JSON.replace(r#""id":"a1""#, r#""id":12345678901234567890"#);
    let party = one("csl.json", kept.as_bytes()).unwrap().parties.remove(0);
    assert!(party.id.ends_with("12345678901234567890"), "{}", party.id);
}

/// The prefixes of real files that mutations start from; none without the shared data.
fn prefixes() -> &'static [(String, Vec<u8>)] {
    static PREFIXES: std::sync::LazyLock<Vec<(String, Vec<u8>)>> = std::sync::LazyLock::new(|| {
        let Some(dir) = std::env::var_os("CONCORD_TEST_DATA") else {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "CONCORD_TEST_DATA is not set; in CI these tests must run"
            );
            eprintln!("real prefixes not mutated: CONCORD_TEST_DATA is not set");
            return Vec::new();
        };
        let mut files = Vec::new();
        collect(&Path::new(&dir).join("lists"), &mut files);
        files
            .iter()
            .map(|path| {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                let bytes = std::fs::read(path).unwrap();
                let mut plain = decompress(&name, &bytes, u64::MAX).unwrap().into_owned();
                if !name.ends_with("xlsx") {
                    plain.truncate(6_000);
                }
                (name.trim_end_matches(".gz").to_owned(), plain)
            })
            .collect()
    });
    &PREFIXES
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Reads `bytes` under a name of each kind; whatever comes out, it is no panic, and a refusal names
/// the file.
fn survives(name: &str, bytes: &[u8]) -> bool {
    one(name, bytes)
        .err()
        .is_none_or(|e| e.to_string().contains(name) || matches!(e, ListError::MissingFile { .. }))
}

fn mutate(bytes: &mut Vec<u8>, at: &Index, how: u8, with: u8) {
    if bytes.is_empty() {
        return;
    }
    let at = at.index(bytes.len());
    match how % 6 {
        0 => bytes[at] = with,
        1 => bytes.insert(at, with),
        2 => {
            bytes.remove(at);
        }
        3 => bytes.truncate(at),
        4 => {
            let end = (at + usize::from(with)).min(bytes.len());
            let copy = bytes[at..end].to_vec();
            bytes.splice(at..at, copy);
        }
        _ => {
            let end = (at + usize::from(with)).min(bytes.len());
            bytes.drain(at..end);
        }
    }
}

/// How often each property is tried; `CONCORD_FUZZ_RUNS=2000000` for a long run.
fn runs(usual: u32) -> u32 {
    match std::env::var("CONCORD_FUZZ_RUNS") {
        Ok(runs) => runs.parse().expect("CONCORD_FUZZ_RUNS is a number"),
        Err(_) => usual,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: runs(2_000), ..ProptestConfig::default() })]

    #[test]
    fn mutated_samples_never_panic(
        sample in 0_usize..SAMPLES.len(),
        changes in proptest::collection::vec((any::<Index>(), any::<u8>(), any::<u8>()), 1..6),
    ) {
        let (name, _, content) = SAMPLES[sample];
        let mut bytes = content.as_bytes().to_vec();
        for (at, how, with) in &changes {
            mutate(&mut bytes, at, *how, *with);
        }
        prop_assert!(survives(name, &bytes));
    }

    #[test]
    fn arbitrary_bytes_never_panic(
        sample in 0_usize..SAMPLES.len(),
        keep in 0_usize..200,
        noise in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let (name, _, content) = SAMPLES[sample];
        let mut bytes = content.as_bytes()[..keep.min(content.len())].to_vec();
        bytes.extend(&noise);
        prop_assert!(survives(name, &bytes));
        prop_assert!(survives("any.xlsx", &[b"PK\x03\x04", noise.as_slice()].concat()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: runs(400), ..ProptestConfig::default() })]

    #[test]
    fn mutated_real_prefixes_never_panic(
        file in any::<Index>(),
        changes in proptest::collection::vec((any::<Index>(), any::<u8>(), any::<u8>()), 1..4),
    ) {
        let files = prefixes();
        if !files.is_empty() {
            let (name, bytes) = &files[file.index(files.len())];
            let mut bytes = bytes.clone();
            for (at, how, with) in &changes {
                mutate(&mut bytes, at, *how, *with);
            }
            prop_assert!(survives(name, &bytes));
        }
    }
}
