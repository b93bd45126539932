//! A cluster: several replicas over one PostgreSQL log, and what breaks it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::{Duration, Instant};

use concord_audit::record::SignedCheckpoint;
use concord_audit::store::postgres::{PostgresConfig, PostgresStore, Server as Database};
use concord_audit::store::{GroupError, Store as _};
use concord_audit::{Config, start};
use concord_proto::types as wire;
use concord_tlog::tree::NodeId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};

use crate::running::{Client, Running, append, config, problem, request, stored, try_start};
use crate::stores::{LogDir, Server, Stores, URL_FILE};

/// A replica of the log in `log`: its own data directory, the same database and key.
pub async fn replica(log: &LogDir) -> (tempfile::TempDir, Running) {
    let dir = tempfile::tempdir().unwrap();
    let running = try_start(replica_config(log, dir.path())).await.unwrap();
    (dir, running)
}

fn replica_config(log: &LogDir, dir: &std::path::Path) -> Config {
    std::fs::copy(log.path().join(URL_FILE), dir.join(URL_FILE)).unwrap();
    let mut settings = config(dir);
    settings.key_file = Some(log.path().join("keys").join("log.pem"));
    settings.kek_file = Some(log.path().join("keys").join("kek.key"));
    settings
}

/// Appends until it is told to stop; the receipts, by request id.
fn load(
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
fn in_the_log(dir: &LogDir, receipts: &BTreeMap<String, wire::Receipt>) {
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

fn database_of(dir: &LogDir) -> String {
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

/// In CI; a long run says how many in `CONCORD_AUDIT_CRASH_CYCLES`.
const CYCLES: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_under_load_loses_and_doubles_nothing() {
    let Some(server) = own_server() else { return };
    let cycles = std::env::var("CONCORD_AUDIT_CRASH_CYCLES")
        .ok()
        .and_then(|n| n.parse().ok());
    let cycles = cycles.unwrap_or(CYCLES);
    let stores = Stores::Postgres(server.clone());
    let dir = stores.dir();
    let first = try_start(config(dir.path())).await.unwrap();
    let (_second_dir, second) = replica(&dir).await;
    let stop = Arc::new(AtomicBool::new(false));
    let loads: Vec<_> = (0..8)
        .map(|n| {
            load(
                if n % 2 == 0 {
                    &first.client
                } else {
                    &second.client
                },
                &format!("w{n}"),
                &stop,
            )
        })
        .collect();
    for cycle in 0..cycles {
        tokio::time::sleep(Duration::from_millis(150 + (cycle as u64 * 67) % 250)).await;
        server.kill();
        server.start();
        wait_for(&first.client, &format!("cycle-{cycle}")).await;
    }
    stop.store(true, Ordering::Relaxed);
    let mut receipts = BTreeMap::new();
    for load in loads {
        receipts.extend(load.await.unwrap());
    }
    assert!(receipts.len() >= cycles, "{} acknowledged", receipts.len());
    eprintln!("{cycles} cycles, {} acknowledged", receipts.len());
    first.stop().await;
    second.stop().await;
    in_the_log(&dir, &receipts);
}

fn own_server() -> Option<Arc<Server>> {
    // Says what is missing where there is none.
    Stores::postgres()?;
    Server::new().map(Arc::new)
}

async fn wait_for(client: &Client, id: &str) {
    let until = Instant::now() + Duration::from_secs(30);
    while let Err(status) = client.clone().append(request(id)).await {
        assert!(Instant::now() < until, "{status}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Passes bytes on between a replica and the server, and cuts after a commit.
struct Proxy {
    addr: std::net::SocketAddr,
    /// One of the modes below.
    mode: Arc<AtomicU8>,
}

const PASS: u8 = 0;
/// The next connection that carries a record is cut when the server has answered.
const CUT_ONE: u8 = 1;
/// As before, and every other connection is cut when the server answers anything.
const CUT_ALL: u8 = 2;
/// The record has come by.
const DEAF: u8 = 3;

impl Proxy {
    async fn new(socket: std::path::PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (addr, mode) = (
            listener.local_addr().unwrap(),
            Arc::new(AtomicU8::new(PASS)),
        );
        let shared = mode.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = UnixStream::connect(&socket).await else {
                    continue;
                };
                tokio::spawn(pass(near, far, shared.clone()));
            }
        });
        Self { addr, mode }
    }
}

async fn pass(near: TcpStream, far: UnixStream, mode: Arc<AtomicU8>) {
    let (mut near_in, mut near_out) = near.into_split();
    let (mut far_in, mut far_out) = far.into_split();
    let cut = Arc::new(AtomicBool::new(false));
    let (flag, shared) = (cut.clone(), mode.clone());
    let there = tokio::spawn(async move {
        let mut bytes = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = near_in.read(&mut bytes).await {
            // The first that names the request is the one that takes it in; bodies are encrypted.
            let record = bytes[..count].windows(4).any(|window| window == b"cut-");
            if record && shared.load(Ordering::SeqCst) != PASS {
                flag.store(true, Ordering::SeqCst);
                let next = if shared.load(Ordering::SeqCst) == CUT_ONE {
                    PASS
                } else {
                    DEAF
                };
                shared.store(next, Ordering::SeqCst);
            }
            if far_out.write_all(&bytes[..count]).await.is_err() {
                break;
            }
        }
    });
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = far_in.read(&mut bytes).await {
        if cut.load(Ordering::SeqCst) || mode.load(Ordering::SeqCst) == DEAF {
            // The server has answered; for a record that is after its commit. Nobody hears of it.
            break;
        }
        if near_out.write_all(&bytes[..count]).await.is_err() {
            break;
        }
    }
    there.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_cut_after_the_commit_is_answered_from_what_is_there() {
    let Some(server) = own_server() else { return };
    let stores = Stores::Postgres(server.clone());
    let dir = stores.dir();
    // It sequences over a whole connection; the replica that takes in has one that is cut.
    let sequencer = try_start(config(dir.path())).await.unwrap();
    append(&sequencer.client, "first").await;
    let proxy = Proxy::new(server.socket()).await;
    let behind = tempfile::tempdir().unwrap();
    let mut settings = replica_config(&dir, behind.path());
    let (host, port) = (proxy.addr.ip(), proxy.addr.port());
    let url = format!(
        "postgres://concord_audit@{host}:{port}/{}",
        database_of(&dir)
    );
    let mut postgres = settings.postgres.take().unwrap();
    postgres.url = url;
    settings.postgres = Some(postgres);
    let replica = try_start(settings).await.unwrap();
    append(&replica.client, "warm").await;
    let mut receipts = BTreeMap::new();
    for number in 0..4 {
        let id = format!("cut-{number}");
        // Cut for a moment (the answer is found again) or for longer than is looked (UNKNOWN).
        let long = number == 3;
        proxy
            .mode
            .store(if long { CUT_ALL } else { CUT_ONE }, Ordering::SeqCst);
        let answer = replica.client.clone().append(request(&id)).await;
        proxy.mode.store(PASS, Ordering::SeqCst);
        let receipt = match (answer, long) {
            (Ok(answer), false) => {
                let answer = answer.into_inner();
                assert!(!answer.existed, "{id} is this call's own record");
                answer.receipt.unwrap()
            }
            (Err(status), true) => {
                assert_eq!(problem(status).reason(), "COMMIT_UNKNOWN");
                // The caller asks again with the same id, and gets the one record.
                wait_answer(&replica.client, &id).await
            }
            (answer, _) => panic!("{id}: {answer:?}"),
        };
        receipts.insert(id, receipt);
    }
    replica.stop().await;
    sequencer.stop().await;
    in_the_log(&dir, &receipts);
}

async fn wait_answer(client: &Client, id: &str) -> wire::Receipt {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        match client.clone().append(request(id)).await {
            Ok(answer) => return answer.into_inner().receipt.unwrap(),
            Err(status) => assert!(Instant::now() < until, "{status}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
