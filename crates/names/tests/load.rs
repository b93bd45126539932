//! Speed over every real list together, on one core. Not run by itself:
//! `cargo test --release -p concord-names --test load -- --ignored --nocapture`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use concord_lists::{Kind, Quality, ReadOptions, SourceFile, read};
use concord_names::{Index, IndexBuilder, Profile, Qualifiers, Query, Subject};

/// Every file and folder of the lists that is meant to be read.
fn publications(dir: &Path) -> Vec<Vec<PathBuf>> {
    let mut all = Vec::new();
    for path in std::fs::read_dir(dir).unwrap().map(|f| f.unwrap().path()) {
        if !path.is_dir() {
            all.push(vec![path]);
            continue;
        }
        let inside: Vec<PathBuf> = std::fs::read_dir(&path)
            .unwrap()
            .map(|f| f.unwrap().path())
            .filter(|p| p.is_file())
            .collect();
        all.push(inside);
        all.extend(publications(&path));
    }
    all
}

fn index(root: &Path) -> (Index, Vec<String>) {
    let mut builder = IndexBuilder::default();
    let (mut names, mut seen) = (Vec::new(), std::collections::BTreeSet::new());
    for group in publications(root) {
        let single: Vec<Vec<PathBuf>> = group.iter().map(|p| vec![p.clone()]).collect();
        for paths in std::iter::once(group).chain(single) {
            let files: Vec<(String, Vec<u8>)> = paths
                .iter()
                .map(|p| (p.display().to_string(), std::fs::read(p).unwrap()))
                .collect();
            let sources: Vec<SourceFile<'_>> = files
                .iter()
                .map(|(name, bytes)| SourceFile { name, bytes })
                .collect();
            let Ok(reading) = read(&sources, &ReadOptions::default()) else {
                continue;
            };
            eprintln!("{}: {} parties", files[0].0, reading.parties.len());
            for party in reading.parties {
                if !seen.insert(party.id.clone()) {
                    continue;
                }
                let entry = builder.entry(Qualifiers {
                    subject: match party.kind {
                        Kind::Person => Subject::Person,
                        Kind::Organisation => Subject::Organisation,
                        Kind::Vessel | Kind::Aircraft => Subject::Craft,
                        Kind::Unknown => Subject::Unknown,
                    },
                    ..Qualifiers::default()
                });
                for name in &party.names {
                    builder.name(entry, &name.text, name.quality == Quality::Weak);
                    names.push(name.text.clone());
                }
            }
        }
    }
    let start = Instant::now();
    let index = builder.build(&Profile::DEFAULT);
    eprintln!(
        "{} parties, {} names, built in {:?}",
        index.len(),
        names.len(),
        start.elapsed()
    );
    (index, names)
}

fn typo(name: &str, n: usize) -> String {
    let mut chars: Vec<char> = name.chars().collect();
    let at = 1 + n % chars.len().max(2).saturating_sub(1);
    match n % 3 {
        0 if at < chars.len() => chars.swap(at, at - 1),
        1 if at < chars.len() => {
            chars.remove(at);
        }
        _ => chars.insert(at.min(chars.len()), 'e'),
    }
    chars.into_iter().collect()
}

#[test]
#[ignore = "a measurement; run it in release on a quiet machine"]
fn speed_over_all_lists() {
    let Some(dir) = std::env::var_os("CONCORD_TEST_DATA") else {
        eprintln!("not run: CONCORD_TEST_DATA is not set");
        return;
    };
    let (index, names) = index(&Path::new(&dir).join("lists"));
    let others = [
        "Banco Santander S.A.",
        "Samsung Electronics Co., Ltd.",
        "김정은",
        "이재용",
        "삼성전자 주식회사",
        "Jane Elizabeth Bennet",
        "华为技术有限公司",
        "Владимир Путин",
        "بشار الأسد",
        "Kim Min Su",
        "John Smith",
        "Global Trading Company Limited",
        "Mohammed Ali",
    ];
    let mut queries = Vec::new();
    for (n, name) in names.iter().step_by(names.len() / 1_800).enumerate() {
        queries.push(match n % 10 {
            0..=2 => name.clone(),
            3..=6 => typo(name, n * 7),
            7 => name.split(' ').rev().collect::<Vec<_>>().join(" "),
            8 => name.replacen(' ', "", 1),
            _ => others[n / 10 % others.len()].to_owned(),
        });
    }
    let threshold = Profile::DEFAULT.threshold;
    // A query's fastest of five rounds: whatever else the machine does only slows it down.
    let mut times: Vec<(Duration, usize, String)> = queries
        .iter()
        .map(|name| (Duration::MAX, 0, name.clone()))
        .collect();
    for _ in 0..5 {
        for time in &mut times {
            let query = Query {
                name: time.2.clone(),
                ..Query::default()
            };
            let start = Instant::now();
            let found = index.search_within(&query, threshold, u64::MAX);
            time.0 = time.0.min(start.elapsed());
            time.1 = found.hits.len();
        }
    }
    times.sort();
    let total: Duration = times.iter().map(|t| t.0).sum();
    let at = |per_mille: usize| &times[times.len() * per_mille / 1000];
    eprintln!(
        "{} queries: p50 {:?}, p95 {:?}, p99 {:?}, max {:?}; {:.0} a second",
        times.len(),
        at(500).0,
        at(950).0,
        at(990),
        times.last().unwrap(),
        times.len() as f64 / total.as_secs_f64()
    );
    for t in times.iter().rev().take(12) {
        eprintln!("{t:?}");
    }
}
