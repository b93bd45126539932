//! Durable appends a second, beside this disk's flushes and raw SQLite in the same run.

use std::time::Duration;

use anyhow::Result;
use concord_proto::types::ReceiptLevel;

use crate::alone::Alone;
use crate::client::{self, Sum, Until};
use crate::disk::{Flushes, RawSqlite};
use crate::{scratch, server};

/// Turns of each target; the first one warms up.
const SLICES: u32 = 6;
/// Callers with one call at a time.
const CLIENTS: usize = 64;
/// Elements of a batch on their way.
const WINDOW: usize = 256;

/// Prints the table.
pub async fn run(time: Duration) -> Result<()> {
    println!(
        "| signed with | body | what | at once | appends/s | of raw SQLite | a flush | p50 ms | p99 ms | server CPU µs |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    );
    for (keys, more) in [
        ("Ed25519", String::new()),
        ("Ed25519 and ML-DSA-44", "mldsa".to_owned()),
    ] {
        for body in [200, 2048] {
            table(keys, &more, body, time / SLICES).await?;
        }
    }
    Ok(())
}

async fn table(keys: &str, more: &str, body: usize, slice: Duration) -> Result<()> {
    let dir = scratch()?;
    let data = dir.path().join("log");
    let more = match more {
        "" => String::new(),
        _ => format!(
            "mldsa_key_file = \"{}\"",
            dir.path().join("mldsa.pem").display()
        ),
    };
    let settings = server::settings(&data, "us.concord.example/audit", &more)?;
    let server = server::start(&settings)?;
    let client = client::connect(&server.at.grpc).await?;
    let flushes = Flushes::new(dir.path())?;
    let mut raw = RawSqlite::new(dir.path(), body)?;
    let beside = dir.path().join("alone");
    let beside = server::settings(&beside, "us.concord.example/audit", &more)?;
    let mut alone = Alone::new(&beside)?;
    let (mut flushed, mut rows) = (0, [0, 0]);
    let mut without = [(0, Duration::ZERO); 2];
    let mut sums: [Sum; 3] = Default::default();
    for turn in 0..=SLICES {
        let (mut now, mut raw_now) = (<[Sum; 3]>::default(), [0, 0]);
        let flushed_now = flushes.run(slice)?;
        for (rows, size) in raw_now.iter_mut().zip([CLIENTS, WINDOW]) {
            *rows = raw.run(size, slice)?;
        }
        let mut without_now = [(0, Duration::ZERO); 2];
        for (sum, size) in without_now.iter_mut().zip([CLIENTS, WINDOW]) {
            *sum = alone.run(size, body, slice).await?;
        }
        let [one, many, batch] = &mut now;
        for (sum, clients) in [(one, 1), (many, CLIENTS)] {
            let calls = client::unary(&client, clients, body, slice, ReceiptLevel::Unspecified);
            sum.slice(&server.process, calls).await?;
        }
        let stream = client::batch(&client, WINDOW, body, Until::Time(slice));
        batch.slice(&server.process, stream).await?;
        if turn > 0 {
            flushed += flushed_now;
            for (sum, now) in sums.iter_mut().zip(now) {
                sum.elapsed += now.elapsed;
                sum.cpu += now.cpu;
                sum.times.extend(now.times);
            }
            for (sum, now) in rows.iter_mut().zip(raw_now) {
                *sum += now;
            }
            for (sum, now) in without.iter_mut().zip(without_now) {
                *sum = (sum.0 + now.0, sum.1 + now.1);
            }
        }
    }
    let seconds = slice.as_secs_f64() * f64::from(SLICES);
    let flush_rate = flushed as f64 / seconds;
    let [raw_64, raw_256] = rows.map(|rows| rows as f64 / seconds);
    alone.end().await;
    let bare = |what: &str, at_once: usize, rate: f64, raw: Option<f64>| {
        let of_raw = raw.map_or(String::new(), |raw| format!("{:.2}", rate / raw));
        println!(
            "| {keys} | {body} | {what} | {at_once} | {rate:.0} | {of_raw} | {:.1} | | | |",
            rate / flush_rate
        );
    };
    bare("flush of 4 KiB", 1, flush_rate, None);
    bare("raw SQLite, 64 rows a commit", CLIENTS, raw_64, None);
    bare("raw SQLite, 256 rows a commit", WINDOW, raw_256, None);
    for ((done, time), (at_once, raw)) in without
        .into_iter()
        .zip([(CLIENTS, raw_64), (WINDOW, raw_256)])
    {
        let rate = done as f64 / time.as_secs_f64();
        bare("the log without gRPC", at_once, rate, Some(raw));
    }
    let names = [
        ("unary", 1, raw_64),
        ("unary", CLIENTS, raw_64),
        ("batch, one stream", WINDOW, raw_256),
    ];
    for ((what, at_once, raw), mut sum) in names.into_iter().zip(sums) {
        let rate = sum.rate();
        println!(
            "| {keys} | {body} | {what} | {at_once} | {rate:.0} | {:.2} | {:.1} | {:.2} | {:.2} | {:.1} |",
            rate / raw,
            rate / flush_rate,
            sum.within(0.5),
            sum.within(0.99),
            sum.cpu_per_call()
        );
    }
    Ok(())
}
