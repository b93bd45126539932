//! Speed on one core: over every real list together, over parts of them, and over generated names.
//! Not run by itself:
//!
//! `cargo test --release -p concord-names --test load speed -- --ignored --nocapture`
//!
//! `CONCORD_GENERATED=1000000` adds as many generated names to the lists; `CONCORD_ROUNDS` is how
//! often each query is asked (5); `CONCORD_ASKED=1` answers queries from the standard input instead, a
//! line each, for `tests/load/peers_search.py`. Lines that begin with `curve` are for `tests/load/curve.py`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing
)]

#[path = "load/queries.rs"]
mod queries;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use concord_lists::{Kind, Quality, ReadOptions, SourceFile, read};
use concord_names::{Index, IndexBuilder, Profile, Qualifiers, Query, Subject};
use queries::{KINDS, Random, generated, queries};

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
    all.sort();
    all
}

/// A party as it is indexed.
struct Listed {
    subject: Subject,
    /// Names, and whether they are weak.
    names: Vec<(String, bool)>,
}

/// Every party of the lists below `root`, each once.
fn parties(root: &Path) -> Vec<Listed> {
    let (mut parties, mut seen) = (Vec::new(), BTreeSet::new());
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
            for party in reading.parties {
                if !seen.insert(party.id.clone()) {
                    continue;
                }
                let names = party.names.iter();
                parties.push(Listed {
                    subject: match party.kind {
                        Kind::Person => Subject::Person,
                        Kind::Organisation => Subject::Organisation,
                        Kind::Vessel | Kind::Aircraft => Subject::Craft,
                        Kind::Unknown => Subject::Unknown,
                    },
                    names: names
                        .map(|name| (name.text.clone(), name.quality == Quality::Weak))
                        .collect(),
                });
            }
        }
    }
    parties
}

fn percentile(sorted: &[Duration], per_mille: usize) -> Duration {
    let at = (sorted.len() * per_mille / 1000).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default()
}

fn summary(mut times: Vec<Duration>) -> String {
    times.sort();
    let total: Duration = times.iter().sum();
    let micro = |d: Duration| d.as_nanos() as f64 / 1000.0;
    format!(
        "p50 {:.0} µs, p95 {:.0}, p99 {:.0}, max {:.0}; {:.0} a second",
        micro(percentile(&times, 500)),
        micro(percentile(&times, 950)),
        micro(percentile(&times, 990)),
        micro(percentile(&times, 1000)),
        times.len() as f64 / total.as_secs_f64()
    )
}

/// The memory that the process holds, in MiB (Linux).
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

fn build<'a>(parties: impl Iterator<Item = &'a Listed>, more: usize) -> (Index, usize) {
    let mut builder = IndexBuilder::default();
    let mut names = 0;
    let mut entry = |subject| {
        builder.entry(Qualifiers {
            subject,
            ..Qualifiers::default()
        })
    };
    let mut all: Vec<(usize, String, bool)> = Vec::new();
    for party in parties {
        let at = entry(party.subject);
        for (name, weak) in &party.names {
            all.push((at, name.clone(), *weak));
            names += 1;
        }
    }
    let random = &mut Random(7);
    for _ in 0..more {
        let (subject, name) = generated(random);
        all.push((entry(subject), name, false));
        names += 1;
    }
    for (at, name, weak) in all {
        builder.name(at, &name, weak);
    }
    let (before, start) = (resident(), Instant::now());
    let index = builder.build(&Profile::DEFAULT);
    eprintln!(
        "{} parties, {names} names, built in {:.1?}, {} MiB held, {before} before",
        index.len(),
        start.elapsed(),
        resident()
    );
    (index, names)
}

/// Asks every query as often as told; prints percentiles of the first time and of the fastest.
fn measure(index: &Index, names: usize, queries: &[(usize, String)], rounds: usize) {
    let threshold = Profile::DEFAULT.threshold;
    let mut first: Vec<Duration> = Vec::new();
    let mut fastest: Vec<(Duration, usize, u64)> = vec![(Duration::MAX, 0, 0); queries.len()];
    for _ in 0..rounds {
        for ((_, name), best) in queries.iter().zip(&mut fastest) {
            let query = Query {
                name: name.clone(),
                ..Query::default()
            };
            let start = Instant::now();
            let found = index.search_within(&query, threshold, u64::MAX);
            let elapsed = start.elapsed();
            if first.len() < queries.len() {
                first.push(elapsed);
            }
            // Whatever else the machine does only slows it down.
            *best = (best.0.min(elapsed), found.hits.len(), found.cost);
        }
    }
    eprintln!("met for the first time: {}", summary(first));
    let times: Vec<Duration> = fastest.iter().map(|t| t.0).collect();
    let mut sorted = times.clone();
    sorted.sort();
    let total: Duration = sorted.iter().sum();
    println!(
        "curve\t{}\t{names}\t{}\t{}\t{:.0}",
        index.len(),
        percentile(&sorted, 500).as_nanos(),
        percentile(&sorted, 990).as_nanos(),
        times.len() as f64 / total.as_secs_f64()
    );
    eprintln!("fastest of {rounds}: {}", summary(times));
    for (kind, title) in KINDS.iter().enumerate() {
        let own = queries
            .iter()
            .zip(&fastest)
            .filter(|((k, _), _)| *k == kind);
        let own: Vec<Duration> = own.map(|(_, t)| t.0).collect();
        eprintln!("  {title} ({}): {}", own.len(), summary(own));
    }
    let mut slowest: Vec<_> = fastest.iter().zip(queries).collect();
    slowest.sort();
    for ((time, hits, cost), (_, name)) in slowest.iter().rev().take(15) {
        eprintln!("  {time:?}, {hits} hits, cost {cost}: {name}");
    }
}

/// Tells every name, then answers each line of the standard input with nanoseconds and hits.
fn answer_lines(index: &Index, names: &[&str], queries: &[(usize, String)]) {
    for name in names {
        println!("name\t{}", name.replace(['\t', '\n'], " "));
    }
    for (kind, query) in queries {
        println!("query\t{}\t{query}", KINDS[*kind]);
    }
    println!("ready");
    for line in std::io::stdin().lines() {
        let query = Query {
            name: line.unwrap(),
            ..Query::default()
        };
        let start = Instant::now();
        let hits = index.search(&query, Profile::DEFAULT.threshold);
        println!("answer\t{}\t{}", start.elapsed().as_nanos(), hits.len());
    }
}

fn setting(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

/// Every party of the published lists, where they are at hand.
fn all_parties() -> Option<Vec<Listed>> {
    let Some(dir) = std::env::var_os("CONCORD_TEST_DATA") else {
        eprintln!("not run: CONCORD_TEST_DATA is not set");
        return None;
    };
    Some(parties(&Path::new(&dir).join("lists")))
}

fn all_names(parties: &[Listed]) -> Vec<&str> {
    let names = parties.iter().flat_map(|p| &p.names);
    names.map(|(name, _)| name.as_str()).collect()
}

#[test]
#[ignore = "a measurement; run it in release on a quiet machine"]
fn speed_over_all_lists() {
    let Some(parties) = all_parties() else {
        return;
    };
    let names = all_names(&parties);
    let queries = queries(&names);
    let rounds = setting("CONCORD_ROUNDS").unwrap_or(5);
    if let Some(more) = setting("CONCORD_GENERATED") {
        let (index, names) = build(parties.iter(), more);
        return measure(&index, names, &queries, rounds);
    }
    if setting("CONCORD_ASKED").is_some() {
        let (index, _) = build(parties.iter(), 0);
        return answer_lines(&index, &names, &queries);
    }
    for share in [64, 16, 4, 1] {
        if share > 1 && setting("CONCORD_WHOLE").is_some() {
            continue;
        }
        let (index, names) = build(parties.iter().step_by(share), 0);
        measure(&index, names, &queries, rounds);
    }
}

/// The long form of what `published.rs` asks of one list; `CONCORD_QUERIES` is how many queries (300).
#[test]
#[ignore = "a scan of every name takes half a second"]
fn nothing_is_lost_over_all_lists() {
    let Some(parties) = all_parties() else {
        return;
    };
    let names = all_names(&parties);
    let queries = queries(&names);
    let (index, _) = build(parties.iter(), 0);
    let count = setting("CONCORD_QUERIES").unwrap_or(300);
    let subjects = [Subject::Unknown, Subject::Person, Subject::Organisation];
    let mut hits = 0;
    for (n, (_, name)) in queries
        .iter()
        .step_by(queries.len().div_ceil(count))
        .enumerate()
    {
        let facts = Qualifiers {
            subject: subjects[n % 3],
            ..Qualifiers::default()
        };
        let query = Query {
            name: name.clone(),
            facts,
        };
        let threshold = [8_500, 7_000, 9_200, 10_000][n / 3 % 4];
        let found = index.search(&query, threshold);
        hits += found.len();
        let scanned = index.search_exhaustively(&query, threshold);
        assert_eq!(found, scanned, "{name} at {threshold}");
    }
    eprintln!("{count} queries, {hits} hits, as by the scan");
}
