//! The engine over the complete Consolidated Screening List of 2022, found through
//! `CONCORD_TEST_DATA`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::io::Read;
use std::path::Path;
use std::time::Instant;

use concord_names::{FULL, Index, IndexBuilder, Profile, Qualifiers, Query, Subject, verify};

/// The names of each record, or `None` (said plainly; in CI a failure) without the data.
fn records() -> Option<Vec<(Subject, Vec<String>)>> {
    let Some(dir) = std::env::var_os("CONCORD_TEST_DATA") else {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "CONCORD_TEST_DATA is not set; in CI these tests must run"
        );
        eprintln!("not run: CONCORD_TEST_DATA is not set");
        return None;
    };
    let file =
        std::fs::File::open(Path::new(&dir).join("lists/us-csl/csl-2022-05-16.csv.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|h| h == name).unwrap();
    let (kind, name, aliases) = (column("type"), column("name"), column("alt_names"));
    let records = reader
        .records()
        .map(|r| {
            let r = r.unwrap();
            let subject = match &r[kind] {
                "Individual" => Subject::Person,
                "Entity" => Subject::Organisation,
                "" => Subject::Unknown,
                _ => Subject::Craft,
            };
            let aliases = r[aliases].split("; ").filter(|a| !a.is_empty());
            (
                subject,
                std::iter::once(r[name].trim())
                    .chain(aliases)
                    .map(str::to_owned)
                    .collect(),
            )
        })
        .collect();
    Some(records)
}

fn index(records: &[(Subject, Vec<String>)]) -> Index {
    let mut builder = IndexBuilder::default();
    for (subject, names) in records {
        let entry = builder.entry(Qualifiers {
            subject: *subject,
            ..Qualifiers::default()
        });
        for name in names {
            builder.name(entry, name, false);
        }
    }
    builder.build(&Profile::DEFAULT)
}

/// A typo in the middle of the longest word: two letters exchanged.
fn typo(name: &str) -> String {
    let longest = name
        .split(' ')
        .max_by_key(|w| w.chars().count())
        .unwrap_or_default();
    let mut chars: Vec<char> = longest.chars().collect();
    let middle = chars.len() / 2;
    if chars.len() > 4 && chars[middle].is_alphabetic() && chars[middle - 1].is_alphabetic() {
        chars.swap(middle, middle - 1);
    }
    name.replacen(longest, &chars.into_iter().collect::<String>(), 1)
}

#[test]
fn every_listed_name_finds_itself_and_the_filter_loses_nothing() {
    let Some(records) = records() else { return };
    assert_eq!(records.len(), 14_160);
    let index = index(&records);
    let query = |name: &str| Query {
        name: name.to_owned(),
        ..Query::default()
    };
    let threshold = Profile::DEFAULT.threshold;
    let (mut times, mut typos_found, mut typos) = (Vec::new(), 0, 0);
    // Unoptimised code is some thirty times slower: fewer names there.
    let step = if cfg!(debug_assertions) { 331 } else { 29 };
    for (n, (_, names)) in records.iter().enumerate().step_by(step) {
        let name = &names[n % names.len()];
        let start = Instant::now();
        let hits = index.search(&query(name), threshold);
        times.push((start.elapsed(), name));
        let hit = hits.iter().find(|h| h.entry == n);
        assert_eq!(hit.map(|h| h.score), Some(FULL), "{name}");
        for hit in hits.iter().take(3) {
            assert_eq!(verify(&hit.explanation), Ok(hit.score), "{name}");
        }
        let misspelt = typo(name);
        typos += 1;
        if index
            .search(&query(&misspelt), threshold)
            .iter()
            .any(|h| h.entry == n)
        {
            typos_found += 1;
        } else {
            eprintln!("not found: `{misspelt}` for `{name}`");
        }
        // The exhaustive scan is slow: one query in twenty.
        if n % (step * 80) == 0 {
            for name in [name, &misspelt] {
                for threshold in [6_000, threshold, 9_500] {
                    let query = query(name);
                    assert_eq!(
                        index.search(&query, threshold),
                        index.search_exhaustively(&query, threshold),
                        "{name} at {threshold}"
                    );
                }
            }
        }
    }
    times.sort();
    let at = |per_cent: usize| times[times.len() * per_cent / 100];
    eprintln!(
        "{} queries: p50 {:?}, p99 {:?}, max {:?}; typos found {typos_found} of {typos}",
        times.len(),
        at(50),
        at(99),
        times[times.len() - 1]
    );
    assert!(
        typos_found * 100 >= typos * 95,
        "{typos_found} of {typos} misspelt names found"
    );
}

#[test]
fn unrelated_names_are_not_hits() {
    let Some(records) = records() else { return };
    let index = index(&records);
    for name in [
        "Banco Santander S.A.",
        "Samsung Electronics Co., Ltd.",
        "Hyundai Motor Company",
        "Massachusetts Institute of Technology",
        "Deutsche Telekom AG",
        "Jane Elizabeth Bennet",
        "Nestle SA",
        "SK hynix Inc.",
    ] {
        let query = Query {
            name: name.to_owned(),
            ..Query::default()
        };
        let hits = index.search(&query, Profile::DEFAULT.threshold);
        let shown: Vec<_> = hits
            .iter()
            .map(|h| (h.score, h.explanation.list.clone()))
            .collect();
        assert!(hits.is_empty(), "{name}: {shown:?}");
    }
}
