//! Appends per second on PostgreSQL beside what its own load tool commits, in one run. Not a
//! pass-or-fail test.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use concord_audit::start;
use concord_audit::store::postgres::{Intake, New};
use concord_audit::vault::Vault;
use concord_audit::wire::append::decode;

use crate::cluster::replica;
use crate::running::{Client, config, request, try_start};
use crate::stores::{Server, Stores};

const SECONDS: u64 = 5;

/// Commits per second of the server's own load tool: one row of that size each, by 64 clients.
fn pgbench(server: &Server, database: &str, body: usize) -> f64 {
    server.execute(
        database,
        "CREATE TABLE IF NOT EXISTS raw (id bigserial PRIMARY KEY, body bytea); \
         GRANT ALL ON raw TO PUBLIC; GRANT ALL ON SEQUENCE raw_id_seq TO PUBLIC",
    );
    let sql = format!("INSERT INTO raw (body) VALUES (decode(repeat('78', {body}), 'hex'));\n");
    let said = server.pgbench(database, &sql, 64, SECONDS);
    let line = said.lines().find(|line| line.starts_with("tps")).unwrap();
    line.split_whitespace().nth(2).unwrap().parse().unwrap()
}

struct Measured {
    rate: f64,
    p50: f64,
    p99: f64,
}

fn measured(mut times: Vec<Duration>, begun: Instant) -> Measured {
    let rate = times.len() as f64 / begun.elapsed().as_secs_f64();
    times.sort();
    let ms = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e3;
    Measured {
        rate,
        p50: ms(50),
        p99: ms(99),
    }
}

/// Unary calls by 64 clients, each answered with its signed checkpoint.
async fn calls(clients: &[Client], round: usize, body: usize) -> Measured {
    let begun = Instant::now();
    let workers: Vec<_> = (0..64)
        .map(|worker| {
            let mut client = clients[worker % clients.len()].clone();
            tokio::spawn(async move {
                let mut times = Vec::new();
                while begun.elapsed() < Duration::from_secs(SECONDS) {
                    let mut request = request(&format!("r{round}-w{worker}-{}", times.len()));
                    request.body = vec![b'x'; body];
                    let asked = Instant::now();
                    client.append(request).await.unwrap();
                    times.push(asked.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for worker in workers {
        times.extend(worker.await.unwrap());
    }
    measured(times, begun)
}

/// The intake alone: durable, not sequenced; batches of 64 calls, three commits at once.
async fn intake(intake: &Intake, vault: &Arc<Vault>, round: usize, body: usize) -> Measured {
    let begun = Instant::now();
    let workers: Vec<_> = (0..3)
        .map(|worker| {
            let (intake, vault) = (intake.clone(), vault.clone());
            tokio::spawn(async move {
                let mut times = Vec::new();
                while begun.elapsed() < Duration::from_secs(SECONDS) {
                    let one = |number: usize| {
                        let mut request =
                            request(&format!("i{round}-w{worker}-{}-{number}", times.len()));
                        request.body = vec![b'x'; body];
                        let (entry, _) = decode(request, &vault).unwrap();
                        New {
                            record: entry.record,
                            draft: entry.leaf.encode().unwrap(),
                            terms: entry.terms,
                        }
                    };
                    let batch: Vec<New> = (0..64).map(one).collect();
                    let asked = Instant::now();
                    intake.take(&batch).await.unwrap();
                    times.extend(std::iter::repeat_n(asked.elapsed(), 64));
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for worker in workers {
        times.extend(worker.await.unwrap());
    }
    measured(times, begun)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: cargo test --release -p concord-audit cluster_measure -- --ignored --nocapture"]
async fn appends_beside_the_servers_own_load_tool() {
    let Some(stores) = Stores::postgres() else {
        return;
    };
    let Stores::Postgres(server) = &stores else {
        return;
    };
    let raw = server.database(None);
    let mut table =
        String::from("what                       body      /s  of raw  p50 ms  p99 ms\n");
    for (round, body) in [200, 2048, 200, 2048].into_iter().enumerate() {
        let commits = pgbench(server, &raw, body);
        writeln!(
            table,
            "pgbench, a row a commit    {body:4}  {commits:6.0}    1.00"
        )
        .unwrap();
        let mut line = |what: &str, m: &Measured| {
            let (rate, ratio, p50, p99) = (m.rate, m.rate / commits, m.p50, m.p99);
            writeln!(
                table,
                "{what:25}  {body:4}  {rate:6.0}  {ratio:6.2}  {p50:6.2}  {p99:6.2}"
            )
            .unwrap();
        };
        // Its records wait for ever: a database of its own.
        let alone = stores.dir();
        let log = start::open(&config(alone.path()).location()).unwrap();
        let database = Intake::new(log.cluster.unwrap().server);
        line(
            "intake alone",
            &intake(&database, &log.vault, round, body).await,
        );
        let dir = stores.dir();
        let first = try_start(config(dir.path())).await.unwrap();
        let m = calls(std::slice::from_ref(&first.client), round, body).await;
        line("calls, one replica", &m);
        let (_second_dir, second) = replica(&dir).await;
        let clients = [first.client.clone(), second.client.clone()];
        line(
            "calls, two replicas",
            &calls(&clients, round + 10, body).await,
        );
        first.stop().await;
        second.stop().await;
    }
    std::io::stderr().write_all(table.as_bytes()).unwrap();
}
