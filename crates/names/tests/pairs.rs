//! Labelled pairs, in `tests/pairs`: what the default profile makes of them, by kind.
//!
//! The files are our own. A folder of further files of the same columns can be named by
//! `CONCORD_PAIRS`; it is measured and printed, and nothing is demanded of it.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::BTreeMap;
use std::path::Path;

use concord_names::{Corpus, Form, Profile, Qualifiers, Subject, explain};

struct Pair {
    names: [String; 2],
    subject: Subject,
    same: bool,
    kind: String,
    /// Where several pairs are about one party.
    party: String,
}

fn read(folder: &Path) -> Vec<Pair> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().path())
        .filter(|f| f.extension().is_some_and(|e| e == "csv"))
        .collect();
    files.sort();
    let mut pairs = Vec::new();
    for file in files {
        let mut reader = csv::Reader::from_path(&file).unwrap();
        for record in reader.records() {
            let r = record.unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            pairs.push(Pair {
                names: [r[0].to_owned(), r[1].to_owned()],
                subject: match &r[2] {
                    "Person" => Subject::Person,
                    "Company" => Subject::Organisation,
                    _ => Subject::Unknown,
                },
                same: r[3] == *"true",
                kind: format!("{} {}", &r[4], &r[2]),
                party: r.get(5).unwrap_or_default().to_owned(),
            });
        }
    }
    pairs
}

/// As `concord match` does: the best of the forms.
fn score(a: &str, b: &str, subject: Subject) -> u32 {
    let facts = Qualifiers {
        subject,
        ..Qualifiers::default()
    };
    let forms = |name: &str| -> Vec<String> {
        Form::all(name)
            .into_iter()
            .filter(|(form, _)| *form != Form::Parenthesised)
            .map(|(_, text)| text)
            .collect()
    };
    let (mine, theirs) = (forms(a), forms(b));
    let corpus = Corpus::default();
    mine.iter()
        .flat_map(|x| theirs.iter().map(move |y| (x, y)))
        .map(|(x, y)| explain(x, &facts, y, &facts, &corpus, &Profile::DEFAULT).score)
        .max()
        .unwrap_or(0)
}

#[derive(Default)]
struct Count {
    hits: u32,
    missed: u32,
    false_hits: u32,
    rejected: u32,
    shuffled: u32,
    shuffled_hits: u32,
}

impl Count {
    fn recall(&self) -> f64 {
        f64::from(self.hits) / f64::from((self.hits + self.missed).max(1))
    }

    fn f1(&self) -> f64 {
        let wrong = f64::from(self.false_hits + self.missed);
        2.0 * f64::from(self.hits) / (2.0 * f64::from(self.hits) + wrong).max(1.0)
    }
}

fn measure(pairs: &[Pair], show: bool) -> BTreeMap<String, Count> {
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    let threshold = Profile::DEFAULT.threshold;
    for pair in pairs {
        let [a, b] = &pair.names;
        let score = score(a, b, pair.subject);
        let count = counts.entry(pair.kind.clone()).or_default();
        match (pair.same, score >= threshold) {
            (true, true) => count.hits += 1,
            (true, false) => count.missed += 1,
            (false, true) => count.false_hits += 1,
            (false, false) => count.rejected += 1,
        }
        if show && pair.same != (score >= threshold) {
            eprintln!("{} {} {score} {a} | {b}", pair.kind, pair.same);
        }
    }
    // Every name with the partners of others of its kind: pairs that are not the same party.
    for (kind, count) in &mut counts {
        let same: Vec<&Pair> = pairs.iter().filter(|p| p.same && p.kind == *kind).collect();
        for (i, pair) in same.iter().enumerate() {
            for step in 1..20.min(same.len()) {
                let other = same[(i + step * 7) % same.len()];
                if other.names[1] == pair.names[1]
                    || (!pair.party.is_empty() && pair.party == other.party)
                {
                    continue;
                }
                count.shuffled += 1;
                let score = score(&pair.names[0], &other.names[1], pair.subject);
                if score >= threshold {
                    count.shuffled_hits += 1;
                    if show {
                        eprintln!(
                            "{kind} shuffled {score} {} | {}",
                            pair.names[0], other.names[1]
                        );
                    }
                }
            }
        }
    }
    for (kind, c) in &counts {
        eprintln!(
            "{kind}: F1 {:.3}, recall {:.3} of {}, false hits {} of {}, shuffled {} of {}",
            c.f1(),
            c.recall(),
            c.hits + c.missed,
            c.false_hits,
            c.false_hits + c.rejected,
            c.shuffled_hits,
            c.shuffled
        );
    }
    counts
}

#[test]
fn our_pairs_keep_their_quality() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pairs");
    let counts = measure(&read(&folder), true);
    let names: u32 = counts.values().map(|c| c.hits + c.missed).sum();
    assert!(names > 300, "{names}");
    for (kind, recall, f1) in [
        ("arabic Person", 0.90, 0.94),
        ("cyrillic Company", 0.95, 0.97),
        ("cyrillic Person", 0.95, 0.97),
        ("han Company", 0.90, 0.94),
        ("hangul Company", 0.85, 0.92),
        ("hangul Person", 0.94, 0.96),
        ("latin Company", 0.90, 0.94),
        ("latin Person", 0.92, 0.94),
        ("other Person", 0.75, 0.85),
        ("latin hard Person", 0.90, 0.92),
        ("latin hard Company", 0.95, 0.90),
    ] {
        let count = &counts[kind];
        assert!(
            count.recall() >= recall,
            "{kind}: recall {:.3}",
            count.recall()
        );
        assert!(count.f1() >= f1, "{kind}: F1 {:.3}", count.f1());
        // One in a thousand.
        assert!(count.shuffled_hits * 1000 <= count.shuffled, "{kind}");
    }
}

#[test]
fn further_pairs_are_measured() {
    match std::env::var_os("CONCORD_PAIRS") {
        Some(folder) => {
            measure(&read(Path::new(&folder)), true);
        }
        None => eprintln!("not run: CONCORD_PAIRS names no folder"),
    }
}
