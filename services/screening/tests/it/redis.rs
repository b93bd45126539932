//! New lists are told to the other replicas through a real redis-server, and found without it.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use concord_kit::config::{CacheConfig, RedisConfig};
use concord_screening::{Config, ListStore};

use crate::lists::add;
use crate::server::{Server, config, party};

/// A redis-server of its own; killed when dropped.
struct Redis {
    process: Child,
    port: u16,
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Redis {
    /// `None` where the machine has no redis-server; with `CI=true` there must be one.
    fn start() -> Option<Self> {
        let place = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = place.local_addr().unwrap().port();
        drop(place);
        let started = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no", "--dir", "/tmp"])
            .stdout(Stdio::null())
            .spawn();
        let Ok(process) = started else {
            let text =
                "not run: redis-server is not on the PATH (Debian: apt-get install redis-server)";
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{text}");
            eprintln!("{text}");
            return None;
        };
        let redis = Self { process, port };
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "redis-server does not listen"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(redis)
    }
}

fn replica(lists: &Path, secret: &Path, port: u16, reload_interval_ms: u64) -> Config {
    std::fs::write(secret, [7; 32]).unwrap();
    let redis = RedisConfig {
        url: format!("redis://127.0.0.1:{port}"),
        username: None,
        password_file: None,
        ca_file: None,
        secret_file: secret.to_owned(),
        // Time enough for a machine that is busy with other tests.
        budget_ms: 1_000,
        breaker_open_ms: 1_000,
    };
    Config {
        reload_interval_ms,
        cache: CacheConfig {
            redis: Some(redis),
            ..CacheConfig::default()
        },
        ..config(lists, Some(&["sdn"]))
    }
}

async fn digest(server: &Server) -> String {
    let summary = server.screen(vec![party("Alpha Works vor")]).await;
    assert_eq!(summary.parties[0].hits.len(), 1);
    summary.snapshot.unwrap().digest
}

async fn takes_up(server: &Server, wanted: &str) {
    let taken = async {
        while digest(server).await != wanted {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), taken)
        .await
        .expect("the new lists are taken up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_tell_one_another_and_find_new_lists_without_redis() {
    let Some(redis) = Redis::start() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let store = ListStore::open(dir.path().join("lists"));
    let add = |n: usize| add(&store, n);
    add(20);
    let secret = dir.path().join("secret");
    let start = |interval| Server::start(replica(store.dir(), &secret, redis.port, interval));
    const NEVER: u64 = 3_600_000;
    // The one looks ten times a second, the other never by itself.
    let (looks, listens, deaf) = (
        start(100).await,
        start(NEVER).await,
        Server::start(config(&dir.path().join("lists"), Some(&["sdn"]))).await,
    );
    let before = digest(&listens).await;
    // The subscription begins in the background.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let second = add(21);
    assert_ne!(before, second);
    takes_up(&looks, &second).await;
    takes_up(&listens, &second).await;
    takes_up(&deaf, &second).await;

    // Redis dies: who looks finds it, who does not keeps what it has and answers.
    drop(redis);
    let third = add(22);
    takes_up(&looks, &third).await;
    takes_up(&deaf, &third).await;
    assert_eq!(digest(&listens).await, second);
    for server in [looks, listens, deaf] {
        server.end().await;
    }
}
