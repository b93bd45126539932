//! A cluster whose server is killed, or whose connections are cut.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::{Duration, Instant};

use concord_proto::types as wire;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};

use crate::cluster::{database_of, in_the_log, load, replica, replica_config};
use crate::running::{Client, append, config, problem, request, try_start};
use crate::stores::{Server, Stores};

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
