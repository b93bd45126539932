//! The readers over lists as their publishers issued them, found through `CONCORD_TEST_DATA`.

use std::path::{Path, PathBuf};

use concord_lists::{
    Format, Kind, ListError, Quality, ReadOptions, Reading, Snapshot, SourceFile, decompress, read,
};

/// The folder with the published lists. Without it the test says so; in CI it fails.
pub fn data() -> Option<PathBuf> {
    if let Some(dir) = std::env::var_os("CONCORD_TEST_DATA") {
        return Some(Path::new(&dir).join("lists"));
    }
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "CONCORD_TEST_DATA is not set; in CI these tests must run"
    );
    eprintln!("not run: CONCORD_TEST_DATA is not set");
    None
}

pub fn load(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut paths = vec![path.to_owned()];
    if path.is_dir() {
        paths = std::fs::read_dir(path)
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        paths.sort();
    }
    paths
        .iter()
        .map(|p| {
            (
                p.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read(p).unwrap(),
            )
        })
        .collect()
}

pub fn read_all(files: &[(String, Vec<u8>)]) -> Result<Reading, ListError> {
    let files: Vec<SourceFile<'_>> = files
        .iter()
        .map(|(name, bytes)| SourceFile { name, bytes })
        .collect();
    read(&files, &ReadOptions::default())
}

fn refusal(files: &[(String, Vec<u8>)]) -> String {
    read_all(files).unwrap_err().to_string()
}

fn plain(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap();
    decompress("x", &bytes, u64::MAX).unwrap().into_owned()
}

/// Path, format and records of each file. Counts: MANIFEST.tsv of the data folder.
pub const FILES: [(&str, Format, u64); 29] = [
    ("us-csl/csl-2022-05-16.csv.gz", Format::UsCslCsv, 14_160),
    (
        "us-csl/csl-2026-07-31.thirdparty.json.gz",
        Format::UsCslReducedJson,
        25_921,
    ),
    ("bis-dpl/dpl-2019-07-09.txt", Format::BisDplTxt, 546),
    ("us-csl/ita-fixtures/dpl.txt", Format::BisDplTxt, 9),
    ("us-csl/ita-fixtures/el.csv", Format::UsSourceListCsv, 18),
    ("us-csl/ita-fixtures/uvl.csv", Format::BisUnverifiedCsv, 19),
    ("us-csl/ita-fixtures/isn.csv", Format::StateIsnCsv, 5),
    ("us-csl/ita-fixtures/isn_full.csv", Format::StateIsnCsv, 213),
    (
        "us-csl/ita-fixtures/itar_debarred_parties.csv",
        Format::StateDebarredCsv,
        4,
    ),
    (
        "us-csl/ita-fixtures/itar_debarred_party_list_01242018.csv",
        Format::StateDebarredCsv,
        515,
    ),
    ("us-csl/ita-fixtures/sdn.xml", Format::OfacSdnXml, 4),
    (
        "us-csl/ita-fixtures/treasury_consolidated.xml",
        Format::OfacConsolidatedXml,
        16,
    ),
    (
        "format-samples/sample_ofac_consolidated.xml",
        Format::OfacSdnXml,
        8,
    ),
    (
        "ofac-cons/consolidated-classic-2025-03-28.xml.gz",
        Format::OfacConsolidatedXml,
        443,
    ),
    (
        "ofac-cons/CONS_ENHANCED-2025-01-14.xml.gz",
        Format::OfacConsolidatedEnhancedXml,
        443,
    ),
    ("un-sc/un-2025-04-19.xml.gz", Format::UnScXml, 684 + 193),
    ("un-sc/un-2026-02-27.xml.gz", Format::UnScXml, 730 + 273),
    ("format-samples/sample_unsc.xml", Format::UnScXml, 7),
    (
        "eu-fsf/eu-fsf-2026-05-01.ammitto.jsonl.gz",
        Format::EuFsfJsonl,
        5_860,
    ),
    ("format-samples/sample_eu.xml", Format::EuFsfXml, 7),
    ("uk-sl/2026-05-13.thirdparty", Format::UkTablesCsv, 6_046),
    // 25 lines: a title, the header, 23 rows (the manifest counts the header too).
    ("format-samples/sample_hmt.csv", Format::UkOfsiCsv, 23),
    ("ca-sema/sema-2025-06-08.xml.gz", Format::CaSemaXml, 4_759),
    ("jp-meti-ful/20250929_4.xlsx", Format::JpMetiXlsx, 835),
    ("us-csl/csl-2019-12-03.sample.csv", Format::UsCslCsv, 115),
    ("us-csl/csl-2025-06-25.sample.csv", Format::UsCslCsv, 13),
    ("ofac-sdn/2019-01-15", Format::OfacSdnCsv, 7_379),
    ("ofac-sdn/2021-04-25", Format::OfacSdnCsv, 8_890),
    ("ofac-cons/2025-12-19", Format::OfacConsolidatedCsv, 442),
];

#[test]
fn publications_are_read_whole() {
    let Some(data) = data() else { return };
    for (path, format, records) in FILES {
        let reading = read_all(&load(&data.join(path))).unwrap_or_else(|e| panic!("{path}: {e}"));
        let seen = reading.inspect();
        assert_eq!((reading.format, seen.parties), (format, records), "{path}");
        let rows_of_one = !reading.records_by_kind.is_empty() && seen.parties_grouped < records;
        assert!(
            rows_of_one || reading.parties.len() as u64 == records,
            "{path}: every record is a party"
        );
        assert_eq!(seen.by_type.values().sum::<u64>(), records, "{path}");
        let parties = reading.parties.len() as u64;
        assert_eq!(seen.by_list.values().sum::<u64>(), parties, "{path}");
        assert!(
            seen.parties_grouped <= parties && seen.names >= parties,
            "{path}"
        );
        eprintln!("{path}: {seen:?}");
    }
}

#[test]
fn consolidated_screening_list_in_detail() {
    let Some(data) = data() else { return };
    let reading = read_all(&load(&data.join("us-csl/csl-2022-05-16.csv.gz"))).unwrap();
    let seen = reading.inspect();
    for (list, count) in [
        ("sdn", 10_026),
        ("entity_list", 2_001),
        ("dtc_debarred", 727),
        ("denied_persons", 462),
        ("ssi", 290),
        ("unverified", 201),
        ("nonproliferation", 163),
        ("plc", 78),
        ("meu_list", 71),
        ("cmic", 68),
        ("cap", 53),
        ("mbs", 17),
        ("fse", 3),
    ] {
        assert_eq!(seen.by_list[list], count, "{list}");
    }
    assert_eq!(
        seen.by_type
            .iter()
            .map(|(k, n)| (*k, *n))
            .collect::<Vec<_>>(),
        [
            ("aircraft", 283),
            ("organisation", 4_104 + 290 + 68 + 53 + 17 + 1),
            ("person", 5_206 + 78 + 2),
            ("unknown", 3_625),
            ("vessel", 433),
        ]
    );
    let by_name = |name: &str| {
        reading
            .parties
            .iter()
            .find(|p| p.names[0].text == name)
            .unwrap()
    };
    let abbas = by_name("'ABBAS, Rim");
    assert_eq!(
        (abbas.id.as_str(), abbas.kind),
        ("us_csl/sdn/21944", Kind::Person)
    );
    assert_eq!(abbas.countries[0].as_str(), "SY");
    assert!(abbas.births[0].allows_year(1973) && !abbas.births[0].allows_year(1974));
    let agat = by_name("AGAT-SYSTEM");
    assert_eq!(agat.list.as_str(), "entity_list");
    assert_eq!(agat.citations, ["87 FR 20299"]);
    assert_eq!(agat.licence_policy, "Policy of denial.");
    let abba = by_name("ABBA");
    assert_eq!(
        (abba.kind, abba.identifiers[0].value.as_str()),
        (Kind::Vessel, "IMO 9051624")
    );
    let passport = &by_name("'ABD AL-RAZZIQ, Abu Sufian al-Salamabi Muhammed Ahmed").identifiers[0];
    assert_eq!(
        (
            passport.kind.as_str(),
            passport.value.as_str(),
            passport.country.unwrap().as_str()
        ),
        ("Passport", "BC166787", "CA")
    );
    // By 2025 the parts of an identifier stand the other way round.
    let later = read_all(&load(&data.join("us-csl/csl-2025-06-25.sample.csv"))).unwrap();
    let passport = later
        .parties
        .iter()
        .flat_map(|p| &p.identifiers)
        .find(|i| i.kind == "Passport");
    assert_eq!(passport.unwrap().country.unwrap().as_str(), "KP");
}

#[test]
fn ofac_sets_in_detail() {
    let Some(data) = data() else { return };
    let reading = read_all(&load(&data.join("ofac-sdn/2019-01-15"))).unwrap();
    // One record per alias row, and the weak aliases of the remarks on top.
    let strong = reading.parties.iter().flat_map(|p| &p.names);
    assert!(strong.filter(|n| n.quality == Quality::Strong).count() > 9_500);
    let party = |id: &str| reading.parties.iter().find(|p| p.record_id == id).unwrap();
    let bank = party("306");
    assert_eq!(bank.names[0].text, "BANCO NACIONAL DE CUBA");
    assert!(
        bank.names
            .iter()
            .any(|n| n.text == "BNC" && n.quality == Quality::Weak)
    );
    assert!(bank.addresses[0].text.ends_with("Switzerland"));
    assert_eq!(bank.addresses[0].country.unwrap().as_str(), "CH");
    let person = party("26235");
    assert_eq!(person.births[0].text, "14 Jun 1975");
    assert_eq!(person.identifiers[0].value, "717637093");
    // This copy lacks the last bytes; that is said, with the place.
    assert!(
        reading
            .problems
            .iter()
            .any(|p| p.file == "add.csv" && p.line == 11_696)
    );
    let later = read_all(&load(&data.join("ofac-sdn/2021-04-25"))).unwrap();
    assert!(
        later.problems.iter().all(|p| p.file == "sdn_comments.csv"),
        "{:?}",
        later.problems
    );
    let cons = read_all(&load(&data.join("ofac-cons/2025-12-19"))).unwrap();
    assert!(cons.problems.is_empty(), "{:?}", cons.problems);
    assert_eq!(cons.inspect().by_list["cmic"], 68);
}

#[test]
fn damaged_publications_are_refused_with_the_place() {
    let Some(data) = data() else { return };
    let invalid = load(&data.join("ofac-sdn/2019-01-17.invalid"));
    let csl: Vec<_> = invalid
        .iter()
        .filter(|(n, _)| n == "csl.csv")
        .cloned()
        .collect();
    assert_eq!(
        refusal(&csl),
        "csl.csv:2:3: record has 2 columns; expected 28"
    );
    let set: Vec<_> = invalid
        .into_iter()
        .filter(|(n, _)| n != "csl.csv")
        .collect();
    assert_eq!(
        refusal(&set),
        "sdn.csv:7380:1: the file ends inside a record (1 of 12 columns); fetch the complete file"
    );
    assert_eq!(
        refusal(&load(&data.join("ofac-sdn/2025-02-27.no-primary"))),
        "the OFAC SDN set lacks `sdn.csv`; give the folder with all its files"
    );

    let whole = plain(&data.join("us-csl/csl-2022-05-16.csv.gz"));
    let damaged = |bytes: Vec<u8>| refusal(&[("csl.csv".to_owned(), bytes)]);
    let line_of = |at: usize| whole[..at].iter().filter(|b| **b == b'\n').count() + 1;
    // Cut anywhere: refused at the record that is cut, unless the cut is a line end.
    for at in (20_000..whole.len()).step_by(401_001) {
        if whole[at - 1] == b'\n' {
            continue;
        }
        let message = damaged(whole[..at].to_vec());
        let line = message.split(':').nth(1).unwrap().parse::<usize>().unwrap();
        // A record with line ends inside begins up to a few lines above the cut.
        assert!(
            line <= line_of(at) && line + 8 > line_of(at),
            "cut at {at}: {message}"
        );
        assert!(
            message.contains("ends inside a record"),
            "cut at {at}: {message}"
        );
    }
    let header_end = whole.iter().position(|b| *b == b'\n').unwrap() + 1;
    let mut joined = whole.clone();
    joined.extend_from_slice(&whole[..header_end]);
    assert!(damaged(joined).contains("a second header row among the records"));
    let third = header_end
        + whole[header_end..]
            .iter()
            .position(|b| *b == b'\n')
            .unwrap()
        + 1;
    let mut latin1 = whole.clone();
    latin1[third + 3] = 0xe9;
    let message = damaged(latin1);
    let place = format!("csl.csv:3:4: byte 0xe9 at offset {}", third + 3);
    assert!(message.starts_with(&place), "{message}");
    let text = String::from_utf8(whole.clone()).unwrap();
    assert_eq!(
        damaged(text.replacen("alt_names", "alt_nomes", 1).into_bytes()),
        "csl.csv:1:1: column `alt_names` is missing from the header"
    );
    let message = damaged(
        text.replacen("Denied Persons List (DPL)", "Dented List (DXL)", 1)
            .into(),
    );
    assert!(
        message.starts_with("csl.csv:2:42: list `Dented List (DXL) - Bureau"),
        "{message}"
    );

    let mut gz = std::fs::read(data.join("us-csl/csl-2022-05-16.csv.gz")).unwrap();
    gz.truncate(gz.len() / 2);
    assert!(damaged(gz.clone()).contains("not a complete gzip file"));
    let files = [SourceFile {
        name: "csl.csv",
        bytes: &whole,
    }];
    let options = ReadOptions {
        size_limit: 1_000_000,
        ..ReadOptions::default()
    };
    assert!(matches!(
        read(&files, &options),
        Err(ListError::TooLarge { .. })
    ));
}

#[test]
fn snapshots_of_real_lists_round_trip_and_compare() {
    let Some(data) = data() else { return };
    let csl = || read_all(&load(&data.join("us-csl/csl-2022-05-16.csv.gz"))).unwrap();
    let sdn = |d: &str| read_all(&load(&data.join("ofac-sdn").join(d))).unwrap();
    let old = Snapshot::build([csl(), sdn("2019-01-15")]).unwrap();
    let same = Snapshot::build([sdn("2019-01-15"), csl()]).unwrap();
    assert_eq!(
        old.digest(),
        same.digest(),
        "the order of publications does not matter"
    );
    assert_eq!(Snapshot::decode(&old.encode()).unwrap(), old);
    let new = Snapshot::build([csl(), sdn("2021-04-25")]).unwrap();
    let diff = old.diff(&new);
    assert_eq!(diff.added.len() + 7_379, diff.removed.len() + 8_890);
    assert!(!diff.changed.is_empty() && diff.changed.iter().all(|c| c.id.contains("ofac_sdn")));
    assert!(new.shrinkage(&old).is_empty());
    let shrunk = &old.shrinkage(&new)[0];
    assert_eq!(
        (shrunk.before, shrunk.after, shrunk.lost_per_mille),
        (8_890, 7_379, 170)
    );
}

/// What a snapshot of every complete list costs to take up, against reading its bytes alone.
#[test]
#[ignore = "a measurement: cargo test --release -p concord-lists costs -- --ignored --nocapture"]
fn what_taking_up_a_snapshot_costs() {
    let Some(data) = data() else { return };
    let complete = [
        "us-csl/csl-2026-07-31.thirdparty.json.gz",
        "ofac-sdn/2021-04-25",
        "ofac-cons/2025-12-19",
        "un-sc/un-2026-02-27.xml.gz",
        "eu-fsf/eu-fsf-2026-05-01.ammitto.jsonl.gz",
        "uk-sl/2026-05-13.thirdparty",
        "ca-sema/sema-2025-06-08.xml.gz",
        "jp-meti-ful/20250929_4.xlsx",
    ];
    let readings = complete.map(|path| read_all(&load(&data.join(path))).unwrap());
    let snapshot = Snapshot::build(readings).unwrap();
    let file = std::env::temp_dir().join(format!("concord-snapshot-{}", std::process::id()));
    std::fs::write(&file, snapshot.encode()).unwrap();
    let mut best = [std::time::Duration::MAX; 3];
    for _ in 0..7 {
        let begun = std::time::Instant::now();
        let bytes = std::fs::read(&file).unwrap();
        let read = begun.elapsed();
        let digest = concord_lists::sha256_hex(&bytes);
        let hashed = begun.elapsed();
        let decoded = Snapshot::decode(&bytes).unwrap();
        assert_eq!((digest.len(), decoded.digest()), (64, snapshot.digest()));
        let times = [read, hashed - read, begun.elapsed() - hashed];
        for (best, time) in best.iter_mut().zip(times) {
            *best = (*best).min(time);
        }
    }
    let size = std::fs::metadata(&file).unwrap().len();
    std::fs::remove_file(&file).unwrap();
    let [read, hashed, decoded] = best;
    eprintln!(
        "{} parties, {size} bytes: read {read:?}, hashed {hashed:?}, decoded {decoded:?}",
        snapshot.parties().len()
    );
}
