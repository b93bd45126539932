//! Pairs that published lists hold themselves: a name in another script with the Latin name that the
//! same party is listed under first. They are read at test time through `CONCORD_TEST_DATA`.
//!
//! Half of the Latin names (by hash) was never looked at while the engine was steered by the other;
//! both are reported. `CONCORD_ALIASES_MISSED` prints the pairs of the half that may be looked at and
//! are missed, and all shuffled pairs that are hits. One alias need not be a reading of the other: many are translations into
//! other languages of the Union, abbreviations, or other names. `CONCORD_ALIASES` names a CSV file that
//! the pairs are written to, for `tests/load/peers.py`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use concord_lists::{Kind, ReadOptions, Script, SourceFile, read};
use concord_names::{Corpus, Form, Profile, Qualifiers, Subject, explain};
use sha2::{Digest, Sha256};

/// One alias in another script.
struct Pair {
    own: String,
    latin: String,
    subject: Subject,
    kind: String,
}

fn files_below(dir: &Path, files: &mut Vec<PathBuf>) {
    for path in std::fs::read_dir(dir).unwrap().map(|f| f.unwrap().path()) {
        match path.is_dir() {
            true => files_below(&path, files),
            false => files.push(path),
        }
    }
    files.sort();
}

/// The pairs of every file that is a list by itself; `None` (said plainly; in CI a failure) without
/// the data.
fn pairs() -> Option<Vec<Pair>> {
    let Some(dir) = std::env::var_os("CONCORD_TEST_DATA") else {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "CONCORD_TEST_DATA is not set; in CI these tests must run"
        );
        eprintln!("not run: CONCORD_TEST_DATA is not set");
        return None;
    };
    let (mut files, mut seen, mut pairs) = (Vec::new(), BTreeSet::new(), Vec::new());
    files_below(&Path::new(&dir).join("lists"), &mut files);
    for path in files {
        let name = path.display().to_string();
        let bytes = std::fs::read(&path).unwrap();
        let file = [SourceFile {
            name: &name,
            bytes: &bytes,
        }];
        let Ok(reading) = read(&file, &ReadOptions::default()) else {
            continue;
        };
        for party in reading.parties {
            let (subject, what) = match party.kind {
                Kind::Person => (Subject::Person, "person"),
                Kind::Organisation => (Subject::Organisation, "company"),
                _ => continue,
            };
            let mut latin = party
                .names
                .iter()
                .filter(|n| n.script == Some(Script::Latin));
            let Some(latin) = latin.next() else { continue };
            for name in &party.names {
                let Some(script) = name.script.filter(|s| *s != Script::Latin) else {
                    continue;
                };
                if seen.insert((name.text.clone(), latin.text.clone())) {
                    pairs.push(Pair {
                        own: name.text.clone(),
                        latin: latin.text.clone(),
                        subject,
                        kind: format!("{script:?} {what}"),
                    });
                }
            }
        }
    }
    if let Some(path) = std::env::var_os("CONCORD_ALIASES") {
        let mut writer = csv::Writer::from_path(path).unwrap();
        writer
            .write_record(["name1", "name2", "schema", "match", "kind"])
            .unwrap();
        for p in &pairs {
            let schema = match p.subject {
                Subject::Person => "Person",
                _ => "Company",
            };
            let record = [&p.own, &p.latin, schema, "true", &p.kind];
            writer.write_record(record).unwrap();
        }
    }
    Some(pairs)
}

/// As `concord match` does: the best of the forms.
fn is_hit(own: &str, latin: &str, subject: Subject) -> bool {
    let facts = Qualifiers {
        subject,
        ..Qualifiers::default()
    };
    let forms = |name: &str| {
        let forms = Form::all(name).into_iter();
        forms.filter(|(form, _)| *form != Form::Parenthesised)
    };
    let (corpus, profile) = (Corpus::default(), Profile::DEFAULT);
    forms(own).any(|(_, own)| {
        forms(latin).any(|(_, latin)| {
            explain(&own, &facts, &latin, &facts, &corpus, &profile).score >= profile.threshold
        })
    })
}

/// True for the half that nobody looked at.
fn is_held_out(latin: &str) -> bool {
    Sha256::digest(latin)
        .last()
        .is_some_and(|byte| byte & 1 == 1)
}

#[derive(Default)]
struct Count {
    hits: [u32; 2],
    all: [u32; 2],
    shuffled: u32,
    shuffled_hits: u32,
}

#[test]
fn aliases_of_published_lists_find_the_names_they_are_listed_under() {
    let Some(pairs) = pairs() else { return };
    assert!(pairs.len() > 5_000, "{}", pairs.len());
    // Unoptimised code is some thirty times slower: fewer pairs there.
    let (step, turns) = if cfg!(debug_assertions) {
        (9, 3)
    } else {
        (1, 10)
    };
    let mut by_kind: BTreeMap<&str, Vec<&Pair>> = BTreeMap::new();
    for pair in &pairs {
        by_kind.entry(&pair.kind).or_default().push(pair);
    }
    let show = std::env::var_os("CONCORD_ALIASES_MISSED").is_some();
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    for (kind, own) in &by_kind {
        let count = counts.entry(kind).or_default();
        let step = if own.len() > 1_000 { step } else { 1 };
        for (n, pair) in own.iter().enumerate().step_by(step) {
            let half = usize::from(is_held_out(&pair.latin));
            count.all[half] += 1;
            let hit = is_hit(&pair.own, &pair.latin, pair.subject);
            count.hits[half] += u32::from(hit);
            if show && !hit && half == 0 {
                eprintln!("missed {kind}\t{}\t{}", pair.own, pair.latin);
            }
            for turn in 1..=turns {
                let other = own[(n + turn * 37) % own.len()];
                // Parties that are listed twice have a name in common.
                let same = own.iter().any(|p| {
                    (p.own == pair.own && p.latin == other.latin)
                        || (p.own == other.own && p.latin == pair.latin)
                });
                if other.latin != pair.latin && other.own != pair.own && !same {
                    count.shuffled += 1;
                    let hit = is_hit(&pair.own, &other.latin, pair.subject);
                    count.shuffled_hits += u32::from(hit);
                    if show && hit {
                        eprintln!("shuffled {kind}\t{}\t{}", pair.own, other.latin);
                    }
                }
            }
        }
    }
    for (kind, c) in &counts {
        let share = |half: usize| f64::from(c.hits[half]) / f64::from(c.all[half].max(1));
        eprintln!(
            "{kind}: recall {:.2} of {} looked at, {:.2} of {} held out; {} of {} shuffled",
            share(0),
            c.all[0],
            share(1),
            c.all[1],
            c.shuffled_hits,
            c.shuffled
        );
    }
    for (kind, floor) in [
        ("Hangul person", 0.90),
        ("Arabic person", 0.78),
        ("Cyrillic person", 0.90),
        ("Cyrillic company", 0.48),
        ("Han company", 0.52),
    ] {
        let c = &counts[kind];
        let (hits, all) = (c.hits[0] + c.hits[1], c.all[0] + c.all[1]);
        // A sample may be unlucky.
        let floor = if cfg!(debug_assertions) {
            0.85 * floor
        } else {
            floor
        };
        assert!(
            f64::from(hits) >= floor * f64::from(all),
            "{kind}: {hits} of {all}"
        );
        // One in a thousand, and one more where there are few pairs.
        assert!(
            c.shuffled_hits <= c.shuffled / 1_000 + 1,
            "{kind}: {} of {} shuffled",
            c.shuffled_hits,
            c.shuffled
        );
    }
}
