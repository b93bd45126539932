//! Appends per second beside what the disk can do, in one run. Not a pass-or-fail test.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::running::{request, start};

/// Flushes of one 4 KiB page per second.
fn flushes_per_second(dir: &Path) -> f64 {
    let file = std::fs::File::create(dir.join("flush")).unwrap();
    file.write_all_at(&vec![1; 4 * 1024 * 1024], 0).unwrap();
    file.sync_all().unwrap();
    let (begun, mut done) = (Instant::now(), 0u32);
    while begun.elapsed() < Duration::from_secs(1) {
        file.write_all_at(&[2; 4096], u64::from(done % 1024) * 4096)
            .unwrap();
        file.sync_data().unwrap();
        done += 1;
    }
    f64::from(done) / begun.elapsed().as_secs_f64()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: cargo test --release -p concord-audit measure -- --ignored --nocapture"]
async fn appends_beside_flushes() {
    let dir = tempfile::tempdir().unwrap();
    let mut table = String::new();
    writeln!(
        table,
        "flushes/s of this disk: {:.0}",
        flushes_per_second(dir.path())
    )
    .unwrap();
    writeln!(table, "clients  body  appends/s  p50 ms  p99 ms").unwrap();
    for body in [200, 2048] {
        for clients in [1, 16, 64] {
            let data = tempfile::tempdir().unwrap();
            let service = start(data.path()).await;
            let begun = Instant::now();
            let workers: Vec<_> = (0..clients)
                .map(|worker| {
                    let mut client = service.client.clone();
                    tokio::spawn(async move {
                        let mut times = Vec::new();
                        while begun.elapsed() < Duration::from_secs(3) {
                            let mut request = request(&format!("w{worker}-{}", times.len()));
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
            let rate = times.len() as f64 / begun.elapsed().as_secs_f64();
            times.sort();
            let ms = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e3;
            let (p50, p99) = (ms(50), ms(99));
            writeln!(
                table,
                "{clients:7}  {body:4}  {rate:9.0}  {p50:6.2}  {p99:6.2}"
            )
            .unwrap();
            service.stop().await;
        }
    }
    std::io::stderr().write_all(table.as_bytes()).unwrap();
}
