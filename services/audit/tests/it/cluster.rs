//! A cluster: several replicas over one PostgreSQL log, and who of them sequences.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use concord_audit::record::SignedCheckpoint;
use concord_audit::store::postgres::{PostgresConfig, PostgresStore, Server as Database};
use concord_audit::store::{GroupError, Store as _};
use concord_audit::{Config, start};
use concord_proto::types as wire;
use concord_tlog::tree::NodeId;

use crate::running::{Client, Running, append, config, problem, request, stored, try_start};
use crate::stores::{LogDir, Stores, URL_FILE};

/// A replica of the log in `log`: its own data directory, the same database and key.
pub async fn replica(log: &LogDir) -> (tempfile::TempDir, Running) {
    let dir = tempfile::tempdir().unwrap();
    let running = try_start(replica_config(log, dir.path())).await.unwrap();
    (dir, running)
}

pub fn replica_config(log: &LogDir, dir: &std::path::Path) -> Config {
    std::fs::copy(log.path().join(URL_FILE), dir.join(URL_FILE)).unwrap();
    let mut settings = config(dir);
    settings.key_file = Some(log.path().join("keys").join("log.pem"));
    settings.kek_file = Some(log.path().join("keys").join("kek.key"));
    settings
}

/// Appends until it is told to stop; the receipts, by request id.
pub fn load(
    client: &Client,
    name: &str,
    stop: &Arc<AtomicBool>,
) -> tokio::task::JoinHandle<BTreeMap<String, wire::Receipt>> {
    let (mut client, name, stop) = (client.clone(), name.to_owned(), stop.clone());
    tokio::spawn(async move {
        let (mut receipts, mut number) = (BTreeMap::new(), 0);
        while !stop.load(Ordering::Relaxed) {
            let id = format!("{name}-{number}");
            // What was not acknowledged is asked for again, with the same id.
            if let Ok(answer) = client.append(request(&id)).await {
                receipts.insert(id, answer.into_inner().receipt.unwrap());
                number += 1;
            } else {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        receipts
    })
}

/// Every receipt is of a record that is there as it was acknowledged, and the log is whole.
pub fn in_the_log(dir: &LogDir, receipts: &BTreeMap<String, wire::Receipt>) {
    let log = stored(dir.path());
    let report = log.fsck().unwrap();
    assert!(report.is_ok(), "{:?}", report.problems);
    let mut found = BTreeMap::new();
    let mut next = 0;
    loop {
        let page = log.records(next, 512).unwrap();
        let Some(last) = page.last() else { break };
        next = last.index + 1;
        for logged in page {
            let earlier = found.insert(logged.record.request_id.clone(), logged);
            assert!(earlier.is_none(), "doubled: {earlier:?}");
        }
    }
    assert_eq!(found.len() as u64, report.records);
    for (id, receipt) in receipts {
        let logged = found.get(id).unwrap_or_else(|| panic!("lost: {id}"));
        assert_eq!(
            (logged.index, logged.record.id.to_string()),
            (receipt.index, receipt.record_id.clone())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_share_one_log_and_identical_calls_to_all_of_them_make_one_record() {
    let Some(stores) = Stores::postgres() else {
        return;
    };
    let dir = stores.dir();
    let first = try_start(config(dir.path())).await.unwrap();
    let (_second_dir, second) = replica(&dir).await;
    let (_third_dir, third) = replica(&dir).await;
    let all = [&first, &second, &third];
    let mut calls = Vec::new();
    for round in 0..8 {
        for running in all {
            let mut client = running.client.clone();
            calls.push(tokio::spawn(async move {
                let mut request = request("same");
                request.body = format!("answer {round}").into_bytes();
                client.append(request).await.unwrap().into_inner()
            }));
        }
    }
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.unwrap());
    }
    assert_eq!(answers.iter().filter(|answer| !answer.existed).count(), 1);
    assert!(
        answers
            .iter()
            .all(|a| a.receipt == answers[0].receipt && a.body == answers[0].body)
    );
    let mut other = request("same");
    other.request_digest = vec![7; 32];
    let refused = problem(third.client.clone().append(other).await.unwrap_err());
    assert_eq!(refused.reason(), "REQUEST_ID_REUSED");

    // Indexes are dense whoever takes a record in, and every replica reads all of it.
    for (number, running) in all.into_iter().enumerate() {
        let receipt = append(&running.client, &format!("r-{number}")).await;
        assert_eq!(receipt.index, 1 + number as u64);
    }
    let mut seen = Vec::new();
    for running in all {
        let asked = concord_proto::audit::GetCheckpointRequest {};
        seen.push(
            running
                .client
                .clone()
                .get_checkpoint(asked)
                .await
                .unwrap()
                .into_inner(),
        );
    }
    assert!(seen.iter().all(|answer| *answer == seen[0]));
    assert!(
        seen[0].checkpoint.contains("\n4\n"),
        "{}",
        seen[0].checkpoint
    );
    for running in [first, second, third] {
        running.stop().await;
    }
    in_the_log(&dir, &BTreeMap::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_sequencer_ends_another_takes_over_under_a_higher_epoch() {
    let Some(stores) = Stores::postgres() else {
        return;
    };
    let Stores::Postgres(server) = &stores else {
        return;
    };
    let dir = stores.dir();
    let first = try_start(config(dir.path())).await.unwrap();
    append(&first.client, "before").await;
    let database = database_of(&dir);
    let epoch = || {
        server
            .ask(&database, "SELECT epoch FROM concord.sequencer")
            .unwrap()
    };
    assert_eq!(epoch(), ["1"]);
    let (_second_dir, second) = replica(&dir).await;
    let stop = Arc::new(AtomicBool::new(false));
    let loads = [
        load(&second.client, "a", &stop),
        load(&second.client, "b", &stop),
    ];
    tokio::time::sleep(Duration::from_millis(300)).await;
    // Its session is ended under it in the middle of the load; the lock is free then.
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted \
                AND objid = (x'43410002')::int";
    for _ in 0..3 {
        assert_eq!(
            server.ask(&database, kill).unwrap(),
            ["t"],
            "one holds the lock"
        );
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    first.stop().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    stop.store(true, Ordering::Relaxed);
    let mut receipts = BTreeMap::new();
    for load in loads {
        receipts.extend(load.await.unwrap());
    }
    assert!(receipts.len() > 10, "{}", receipts.len());
    let late = append(&second.client, "late").await;
    receipts.insert("late".to_owned(), late);
    let reached: i64 = epoch()[0].parse().unwrap();
    assert!(reached >= 4, "each taker raises the epoch: {reached}");
    second.stop().await;
    in_the_log(&dir, &receipts);
}

pub fn database_of(dir: &LogDir) -> String {
    let url = std::fs::read_to_string(dir.path().join(URL_FILE)).unwrap();
    url.rsplit('/').next().unwrap().to_owned()
}

#[test]
fn of_two_sequencers_the_older_ones_writes_change_nothing() {
    let Some(stores) = Stores::postgres() else {
        return;
    };
    let Stores::Postgres(server) = &stores else {
        return;
    };
    let dir = stores.dir();
    let log = start::open(&config(dir.path()).location()).unwrap();
    drop(log);
    let url = std::fs::read_to_string(dir.path().join(URL_FILE)).unwrap();
    let connect =
        || Arc::new(Database::connect(&PostgresConfig::new(url.clone()).read().unwrap()).unwrap());
    let (mut old, mut new) = (PostgresStore::new(connect()), PostgresStore::new(connect()));
    assert!(old.lead("old").unwrap());
    assert!(!new.lead("new").unwrap(), "the lock is taken");
    // The older one's machine stands still and the server gives its lock away: here by hand, since
    // only then do both believe that they sequence.
    let database = database_of(&dir);
    server.execute(
        &database,
        "UPDATE concord.sequencer SET epoch = epoch + 1, holder = 'new'",
    );
    let node = NodeId { level: 0, index: 0 };
    let hash = concord_tlog::hash::Hash::of(&[b"x"]);
    let checkpoint = SignedCheckpoint {
        size: 1,
        root: hash,
        note: String::new(),
    };
    let refused = old
        .group(&mut |group| group.insert_node(node, &hash))
        .unwrap_err();
    assert!(matches!(refused, GroupError::RolledBack(_)), "{refused}");
    assert!(
        refused
            .to_string()
            .contains("another sequencer has taken over"),
        "{refused}"
    );

    // Also when it is overtaken in the middle: every statement asks, and a transaction that has
    // begun holds the epoch until it ends.
    server.execute(&database, "UPDATE concord.sequencer SET epoch = 1");
    let (sent, taken) = std::sync::mpsc::channel();
    let overtaking = {
        let (server, database) = (server.clone(), database.clone());
        std::thread::spawn(move || {
            taken.recv().unwrap();
            server.execute(&database, "UPDATE concord.sequencer SET epoch = epoch + 1");
            Instant::now()
        })
    };
    let mut ended = Instant::now();
    old.group(&mut |group| {
        sent.send(()).unwrap();
        std::thread::sleep(Duration::from_millis(300));
        group.insert_node(node, &hash)?;
        group.insert_checkpoint(&checkpoint)?;
        ended = Instant::now();
        Ok(())
    })
    .unwrap();
    assert!(overtaking.join().unwrap() > ended, "the taker waits for it");
    let again = NodeId { level: 0, index: 1 };
    assert!(
        old.group(&mut |group| group.insert_node(again, &hash))
            .is_err()
    );
    let halted = NodeId { level: 0, index: 2 };
    server.execute(
        &database,
        "UPDATE concord.sequencer SET epoch = 1, halted = 'a fork was seen'",
    );
    assert!(
        old.group(&mut |group| group.insert_node(halted, &hash))
            .is_err()
    );
    let count = server
        .ask(&database, "SELECT count(*) FROM concord.nodes")
        .unwrap();
    assert_eq!(count, ["1"], "what was refused is not there");
    // Who does not lead adds no record at all.
    assert!(
        new.group(&mut |group| group.insert_node(again, &hash))
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_role_cannot_change_what_was_signed() {
    let Some(stores) = Stores::postgres() else {
        return;
    };
    let Stores::Postgres(server) = &stores else {
        return;
    };
    let dir = stores.dir();
    let running = try_start(config(dir.path())).await.unwrap();
    append(&running.client, "r").await;
    running.stop().await;
    let database = database_of(&dir);
    for sql in [
        "UPDATE concord.leaves SET leaf = ''",
        "DELETE FROM concord.leaves",
        "TRUNCATE concord.leaves",
        "DELETE FROM concord.intake",
        "UPDATE concord.intake SET request_id = 'other'",
        "DELETE FROM concord.nodes",
        "UPDATE concord.checkpoints SET note = ''",
        "DELETE FROM concord.log_keys",
        "UPDATE concord.schema_version SET version = 9",
        "CREATE TABLE concord.cats (name text)",
        "ALTER TABLE concord.leaves DISABLE TRIGGER ALL",
    ] {
        let refused = server.ask_as("concord_audit", &database, sql).unwrap_err();
        let denied = refused.contains("permission denied") || refused.contains("must be owner");
        assert!(denied, "{sql}: {refused}");
    }
    for sql in [
        "UPDATE concord.leaves SET leaf = ''",
        "DELETE FROM concord.nodes",
        "TRUNCATE concord.checkpoints",
    ] {
        let refused = server.ask_as("concord_owner", &database, sql).unwrap_err();
        assert!(refused.contains("is only added to"), "{sql}: {refused}");
    }
}
