//! What encryption and the index cost per append, and how long searches take. Not a pass-or-fail test.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

use concord_audit::record::{Contents, Logged, Record};
use concord_audit::search::Criteria;
use concord_audit::start::{self, OpenLog};
use concord_audit::vault::Term;
use concord_tlog::commitment::{Field, RecordSecret};
use concord_tlog::hash::Hash;
use concord_tlog::leaf::RecordKind;
use uuid::Uuid;

use crate::running::config;

/// One of many that differ as real ones do: five outcomes, a hundred codes, 20,000 parties.
fn made(number: u64, body: usize) -> (Record, Contents) {
    let outcomes = [
        "licence_required",
        "no_list_licence",
        "not_subject",
        "denied",
        "needs_information",
    ];
    let named = |field: Field, value: String| (field, value);
    let party = number.wrapping_mul(7919) % 20_000;
    let record = Record {
        id: Uuid::now_v7(),
        kind: RecordKind::Determination,
        caller: "spiffe://us.concord.example/agency/bis/desk".to_owned(),
        request_id: format!("r-{:016x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
        request_mark: *Hash::of(&[&number.to_be_bytes()]).as_bytes(),
        about: None,
        counterpart: None,
        sealed: None,
    };
    let contents = Contents {
        secret: RecordSecret::from_bytes(record.request_mark),
        request_digest: record.request_mark,
        body_type: "concord.determination.v1.Determination".to_owned(),
        body: Some(vec![b'x'; body]),
        case_reference: format!("case-{}", number / 3),
        actor: "officer 12".to_owned(),
        purpose: "licence review".to_owned(),
        fields: BTreeMap::from([
            named(Field::Agency, "bis".to_owned()),
            named(Field::AsOf, "2026-01-31".to_owned()),
            named(Field::Outcome, outcomes[(number % 5) as usize].to_owned()),
            named(
                Field::Items,
                format!("{}A{:03}.a.1", number % 9, number % 100),
            ),
            named(
                Field::Parties,
                format!("Trading Company {party} Ltd\nShipper {}", party % 500),
            ),
        ]),
        editions: BTreeMap::from([("regime/US".to_owned(), Hash::of(&[b"edition"]))]),
    };
    (record, contents)
}

/// A record ready to be stored, and the marks it is found by.
fn sealed(log: &OpenLog, index: u64, body: usize) -> (Logged, Vec<Term>) {
    let (mut record, contents) = made(index, body);
    let leaf = record.leaf(&contents, 0).unwrap();
    let terms = log.vault.terms(&record, &contents);
    record.sealed = Some(log.vault.seal(&leaf, &contents).unwrap());
    let logged = Logged {
        index,
        time_micros: 1_700_000_000_000_000 + index * 1_000_000,
        leaf: leaf.encode().unwrap(),
        record,
    };
    (logged, terms)
}

fn open(dir: &std::path::Path) -> OpenLog {
    start::open(&config(dir).location()).unwrap()
}

fn micros(begun: Instant, count: u64) -> f64 {
    begun.elapsed().as_secs_f64() * 1e6 / count as f64
}

#[test]
#[ignore = "a measurement: cargo test --release -p concord-audit search_measure -- --ignored --nocapture"]
fn what_encryption_and_the_index_cost_an_append() {
    let mut table = String::new();
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    for body in [200, 2048, 32 * 1024] {
        let count = 5_000;
        let given: Vec<_> = (0..count).map(|i| made(i, body)).collect();
        let leaves: Vec<_> = given.iter().map(|(r, c)| r.leaf(c, 0).unwrap()).collect();
        let begun = Instant::now();
        for (record, contents) in &given {
            std::hint::black_box(record.leaf(contents, 0).unwrap());
        }
        let leaf = micros(begun, count);
        let begun = Instant::now();
        for ((_, contents), leaf) in given.iter().zip(&leaves) {
            std::hint::black_box(log.vault.seal(leaf, contents).unwrap());
        }
        let seal = micros(begun, count);
        let begun = Instant::now();
        for (record, contents) in &given {
            std::hint::black_box(log.vault.terms(record, contents));
        }
        let terms = micros(begun, count);
        writeln!(
            table,
            "body {body:6}: leaf {leaf:6.2} us, encryption {seal:6.2} us, marks {terms:6.2} us"
        )
        .unwrap();
    }
    drop(log);
    // The writer's side: the same records with and without their marks, in groups of 64, in turns.
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let mut logs = [open(dirs[0].path()), open(dirs[1].path())];
    let mut spent = [Duration::ZERO; 2];
    let (groups, size) = (300, 64);
    for group in 0..groups {
        let records: Vec<_> = (0..size)
            .map(|i| sealed(&logs[0], group * size + i, 2048))
            .collect();
        for (which, log) in logs.iter_mut().enumerate() {
            let begun = Instant::now();
            log.store
                .group(&mut |group| {
                    for (logged, terms) in &records {
                        group.insert(logged, if which == 0 { &[] } else { terms })?;
                    }
                    Ok(())
                })
                .unwrap();
            spent[which] += begun.elapsed();
        }
    }
    let each = |spent: Duration| spent.as_secs_f64() * 1e6 / (groups * size) as f64;
    let (without, with) = (each(spent[0]), each(spent[1]));
    writeln!(
        table,
        "writer, 2 KB, groups of 64: {without:.1} us without marks, {with:.1} us with"
    )
    .unwrap();
    std::io::stderr().write_all(table.as_bytes()).unwrap();
}

#[test]
#[ignore = "a measurement: SEARCH_RECORDS=100000 cargo test --release -p concord-audit search_measure -- --ignored --nocapture"]
fn searches_in_a_long_log() {
    let size: u64 = std::env::var("SEARCH_RECORDS").map_or(100_000, |n| n.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let mut log = open(dir.path());
    let begun = Instant::now();
    for first in (0..size).step_by(4096) {
        let records: Vec<_> = (first..size.min(first + 4096))
            .map(|i| sealed(&log, i, 200))
            .collect();
        log.store
            .group(&mut |group| {
                records
                    .iter()
                    .try_for_each(|(logged, terms)| group.insert(logged, terms))
            })
            .unwrap();
    }
    let mut table = format!(
        "{size} records made in {:.1} s\n",
        begun.elapsed().as_secs_f64()
    );
    let reads = log.store.reads();
    let queries: [(&str, &[(Field, &str)]); 6] = [
        ("outcome", &[(Field::Outcome, "denied")]),
        ("item", &[(Field::Items, "4A013")]),
        (
            "party of five records",
            &[(Field::Parties, "Trading Company #, Ltd.")],
        ),
        ("party unknown", &[(Field::Parties, "Nobody #")]),
        (
            "party and outcome",
            &[(Field::Parties, "Shipper #"), (Field::Outcome, "denied")],
        ),
        (
            "item never with that outcome",
            &[
                (Field::Items, "4A013"),
                (Field::Outcome, "licence_required"),
            ],
        ),
    ];
    for (what, values) in queries {
        let (mut times, mut found, mut pages) = (Vec::new(), 0, 0);
        for round in 0..200_u64 {
            let mut criteria = Criteria::default();
            for (field, value) in values {
                let value = value.replace('#', &(round * 97 % 500).to_string());
                criteria.with_value(*field, &value).unwrap();
            }
            let begun = Instant::now();
            let page = criteria.page(&*reads, &log.vault, size, 50).unwrap();
            times.push(begun.elapsed());
            found += page.records.len();
            pages += usize::from(page.next.is_some());
        }
        times.sort();
        let ms = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e3;
        writeln!(
            table,
            "{what:30} p50 {:6.2} ms  p99 {:6.2} ms  {:5.1} found, {pages} of 200 with a next page",
            ms(50),
            ms(99),
            found as f64 / 200.0
        )
        .unwrap();
    }
    std::io::stderr().write_all(table.as_bytes()).unwrap();
}
