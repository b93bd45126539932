//! The cache with a real redis-server that dies, comes late, or lies.

use crate::site::{Site, telemetry};
use concord_kit::{
    cache::{Cache, Load},
    config::{CacheConfig, RedisConfig},
};
use std::{
    path::Path,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tonic::{Code, Status};

const MINUTE: Duration = Duration::from_secs(60);

struct Server {
    child: Child,
    port: u16,
}

/// Whether there is a redis-server to test with; in CI there must be one.
fn redis_is_here() -> bool {
    let found = std::process::Command::new("redis-server")
        .arg("--version")
        .output()
        .is_ok();
    if !found {
        let text =
            "not run: redis-server is not on the PATH (Debian: apt-get install redis-server)";
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{text}");
        #[expect(clippy::print_stdout, reason = "a test that was not run must say so")]
        {
            println!("{text}");
        }
    }
    found
}

async fn free_port() -> u16 {
    let place = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    place.local_addr().unwrap().port()
}

impl Server {
    async fn start(port: u16) -> Self {
        Self::start_with(port, &["--port", &port.to_string()]).await
    }

    async fn start_with(port: u16, listener: &[&str]) -> Self {
        let child = Command::new("redis-server")
            .args(listener)
            .args(["--bind", "127.0.0.1", "--save", ""])
            .args(["--appendonly", "no", "--dir", "/tmp"])
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        for _ in 0..200 {
            if tokio::net::TcpStream::connect(("127.0.0.1", port))
                .await
                .is_ok()
            {
                return Self { child, port };
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("redis-server does not answer on port {port}");
    }

    /// kill -9
    async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    async fn ask(&self, command: &redis::Cmd) -> redis::Value {
        let client = redis::Client::open(format!("redis://127.0.0.1:{}", self.port)).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        command.query_async(&mut connection).await.unwrap()
    }

    async fn keys(&self) -> Vec<String> {
        let reply = self.ask(redis::cmd("KEYS").arg("*")).await;
        redis::FromRedisValue::from_redis_value(reply).unwrap()
    }
}

fn cache(dir: &Path, port: u16) -> Cache {
    cache_with_budget(dir, port, 50)
}

/// With time enough for a machine that is busy with other tests.
fn patient_cache(dir: &Path, port: u16) -> Cache {
    cache_with_budget(dir, port, 5_000)
}

fn cache_with_budget(dir: &Path, port: u16, budget_ms: u64) -> Cache {
    let secret_file = dir.join("secret");
    std::fs::write(&secret_file, [7; 32]).unwrap();
    let redis = RedisConfig {
        url: format!("redis://127.0.0.1:{port}"),
        username: None,
        password_file: None,
        ca_file: None,
        secret_file,
        budget_ms,
        breaker_open_ms: 200,
    };
    let config = CacheConfig {
        redis: Some(redis),
        ..CacheConfig::default()
    };
    Cache::new("test", &config, telemetry("x")).unwrap()
}

async fn answer(cache: &Cache, key: &str) -> Result<bytes::Bytes, Status> {
    let value = format!("answer to {key}");
    cache
        .get_or_load(&[b"edition", key.as_bytes()], MINUTE, || async move {
            Ok(Load::keep(value))
        })
        .await
}

async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !done().await {
        assert!(began.elapsed() < Duration::from_secs(10), "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn one_load_at_a_time_errors_and_partial_answers_are_not_kept() {
    let cache = Cache::new("test", &CacheConfig::default(), telemetry("x")).unwrap();
    let loads = Arc::new(AtomicUsize::new(0));
    let ask = |outcome: Result<Load, Status>| {
        let (cache, loads) = (cache.clone(), loads.clone());
        async move {
            cache
                .get_or_load(&[b"k"], MINUTE, move || async move {
                    loads.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    outcome
                })
                .await
        }
    };
    // The first caller gives up; those who joined get the answer of its load.
    let first = tokio::spawn(ask(Err(Status::aborted("gone"))));
    tokio::time::sleep(Duration::from_millis(10)).await;
    let second = tokio::spawn(ask(Ok(Load::keep("never asked"))));
    tokio::time::sleep(Duration::from_millis(10)).await;
    first.abort();
    assert_eq!(second.await.unwrap().unwrap_err().code(), Code::Aborted);
    assert_eq!(loads.load(Ordering::SeqCst), 1);

    assert_eq!(ask(Ok(Load::pass("partial"))).await.unwrap(), "partial");
    let many: Vec<_> = (0..20)
        .map(|_| tokio::spawn(ask(Ok(Load::keep("whole")))))
        .collect();
    for one in many {
        assert_eq!(one.await.unwrap().unwrap(), "whole");
    }
    assert_eq!(loads.load(Ordering::SeqCst), 3, "error, partial, whole");
    assert_eq!(ask(Ok(Load::keep("later"))).await.unwrap(), "whole");
    let panicking = cache
        .get_or_load(&[b"p"], MINUTE, || async { panic!("in a load") })
        .await;
    assert_eq!(panicking.unwrap_err().code(), Code::Internal);
    let brief = || async { Ok(Load::keep("brief")) };
    cache
        .get_or_load(&[b"b"], Duration::from_millis(30), brief)
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(60)).await;
    cache.get_or_load(&[b"b"], MINUTE, brief).await.unwrap();
    assert_eq!(cache.stats().loads, 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killing_redis_under_load_and_starting_it_again_fails_no_call() {
    if !redis_is_here() {
        return;
    }
    let dir = TempDir::new().unwrap();
    let port = free_port().await;
    let server = Server::start(port).await;
    let shared = cache(dir.path(), port);
    answer(&shared, "first").await.unwrap();
    until("a value in Redis", async || !server.keys().await.is_empty()).await;
    // Another replica finds it there.
    let replica = patient_cache(dir.path(), port);
    assert_eq!(answer(&replica, "first").await.unwrap(), "answer to first");
    assert_eq!(replica.stats().redis_hits, 1);

    let stop = Arc::new(AtomicBool::new(false));
    let workers: Vec<_> = (0..8)
        .map(|worker| {
            let (cache, stop) = (shared.clone(), stop.clone());
            tokio::spawn(async move {
                let (mut calls, mut slowest) = (0, Duration::ZERO);
                while !stop.load(Ordering::Relaxed) {
                    let (key, began) = (format!("{worker}/{calls}"), Instant::now());
                    assert_eq!(
                        answer(&cache, &key).await.unwrap(),
                        format!("answer to {key}")
                    );
                    slowest = slowest.max(began.elapsed());
                    calls += 1;
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                (calls, slowest)
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    server.kill().await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    let failures = shared.stats().redis_failures;
    assert!(failures > 0, "the death was noticed");
    let server = Server::start(port).await;
    until("values in the new Redis", async || {
        !server.keys().await.is_empty()
    })
    .await;
    stop.store(true, Ordering::Relaxed);
    for worker in workers {
        let (calls, slowest) = worker.await.unwrap();
        assert!(calls > 50, "{calls} calls");
        assert!(
            slowest < Duration::from_millis(500),
            "one call took {slowest:?}"
        );
    }
    assert!(
        shared.stats().redis_failures < 200,
        "the breaker kept us from asking each time"
    );
    server.kill().await;
}

#[tokio::test]
async fn redis_absent_at_start_costs_little_and_is_used_when_it_comes() {
    if !redis_is_here() {
        return;
    }
    let dir = TempDir::new().unwrap();
    let port = free_port().await;
    let cache = cache(dir.path(), port);
    let began = Instant::now();
    for i in 0..20 {
        answer(&cache, &format!("early {i}")).await.unwrap();
    }
    assert!(
        began.elapsed() < Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
    let server = Server::start(port).await;
    let mut i = 0;
    until("a value in Redis", async || {
        i += 1;
        answer(&cache, &format!("late {i}")).await.unwrap();
        !server.keys().await.is_empty()
    })
    .await;
    server.kill().await;
}

#[tokio::test]
async fn a_planted_value_is_refused_counted_and_replaced() {
    if !redis_is_here() {
        return;
    }
    let dir = TempDir::new().unwrap();
    let server = Server::start(free_port().await).await;
    answer(
        &patient_cache(dir.path(), server.port),
        "a-name-nobody-may-read",
    )
    .await
    .unwrap();
    until("a value in Redis", async || !server.keys().await.is_empty()).await;
    let key = server.keys().await.remove(0);
    assert!(!key.contains("name") && !key.contains("edition"), "{key}");

    for planted in [b"clean".to_vec(), vec![0; 200], Vec::new()] {
        server.ask(redis::cmd("SET").arg(&key).arg(&planted)).await;
        let fresh = patient_cache(dir.path(), server.port);
        let value = answer(&fresh, "a-name-nobody-may-read").await.unwrap();
        assert_eq!(value, "answer to a-name-nobody-may-read");
        let stats = fresh.stats();
        assert_eq!((stats.forged, stats.redis_hits, stats.loads), (1, 0, 1));
        // The load has put a good value in its place.
        until("a good value", async || {
            let other = patient_cache(dir.path(), server.port);
            answer(&other, "a-name-nobody-may-read").await.unwrap();
            other.stats().redis_hits == 1
        })
        .await;
    }
    server.kill().await;
}

#[tokio::test]
async fn redis_is_used_over_tls_with_a_password_and_left_alone_under_a_wrong_ca() {
    if !redis_is_here() {
        return;
    }
    let site = Site::new();
    let port = free_port().await;
    let [cert, key, ca] = [
        site.server_cert.cert.clone(),
        site.server_cert.key.clone(),
        site.us.bundle(),
    ]
    .map(|path| path.display().to_string());
    let tls = [
        ("--port", "0"),
        ("--tls-port", &port.to_string()),
        ("--tls-cert-file", &cert),
        ("--tls-key-file", &key),
        ("--tls-ca-cert-file", &ca),
        // As deployed: callers prove themselves by password.
        ("--tls-auth-clients", "no"),
        ("--tls-protocols", "TLSv1.3"),
        ("--requirepass", "open sesame"),
    ];
    let tls: Vec<_> = tls
        .into_iter()
        .flat_map(|(name, value)| [name, value])
        .collect();
    let server = Server::start_with(port, &tls).await;
    let secret_file = site.path().join("secret");
    std::fs::write(&secret_file, [7; 32]).unwrap();
    let cache = |ca_file, password: &str| {
        let password_file = site.path().join("password");
        std::fs::write(&password_file, password).unwrap();
        let redis = RedisConfig {
            url: format!("rediss://localhost:{port}"),
            username: None,
            password_file: Some(password_file),
            ca_file: Some(ca_file),
            secret_file: secret_file.clone(),
            budget_ms: 5_000,
            breaker_open_ms: 200,
        };
        let config = CacheConfig {
            redis: Some(redis),
            ..CacheConfig::default()
        };
        Cache::new("test", &config, telemetry("x")).unwrap()
    };
    let good = || cache(site.us.bundle(), "open sesame\n");
    until("a value that another replica reads", async || {
        answer(&good(), "shared").await.unwrap();
        let other = good();
        answer(&other, "shared").await.unwrap();
        other.stats().redis_hits == 1
    })
    .await;
    for wrong in [
        cache(site.kr.bundle(), "open sesame"),
        cache(site.us.bundle(), "open barley"),
    ] {
        answer(&wrong, "shared").await.unwrap();
        let stats = wrong.stats();
        assert_eq!((stats.redis_hits, stats.loads), (0, 1), "{stats:?}");
        assert!(stats.redis_failures > 0, "{stats:?}");
    }
    server.kill().await;
}
