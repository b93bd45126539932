//! How the log grows: appends, start after a kill, fsck, search and proofs at several sizes of one log.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use concord_audit::offline::{Log, verify};
use concord_proto::audit as api;
use concord_proto::types::ReceiptLevel;

use crate::client::{self, Client, Sum, Until};
use crate::{scratch, server};

/// Records of one stream while the log is filled.
const FILL: u64 = 20_000;
/// Searches of one kind.
const SEARCHES: u64 = 300;

/// Prints the table.
pub async fn run(sizes: Vec<u64>) -> Result<()> {
    let dir = scratch()?;
    let data = dir.path().join("log");
    let settings = server::settings(&data, "us.concord.example/audit", "")?;
    println!(
        "| records | appends/s, 64 clients | p99 ms | bytes a record | start after kill -9, ms | fsck s | search p50 ms | p99 ms | \
         bundle bytes | prove ms | verify ms |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    );
    let mut have = 0;
    for size in sizes {
        let server = server::start(&settings)?;
        let client = client::connect(&server.at.grpc).await?;
        let begun = Instant::now();
        while have < size {
            let count = FILL.min(size - have);
            let until = Until::Count(count, have);
            have += client::batch(&client, 256, 200, until).await?.len() as u64;
            let rate = have as f64 / begun.elapsed().as_secs_f64();
            eprint!("\r{have} records ({rate:.0}/s since the last size) ");
        }
        let mut sum = Sum::default();
        let calls = client::unary(
            &client,
            64,
            200,
            Duration::from_secs(4),
            ReceiptLevel::Unspecified,
        );
        sum.slice(&server.process, calls).await?;
        have += sum.times.len() as u64;
        let mut searches = search(&client, have).await?;
        // Killed in the middle of appends, so that the write-ahead log is as full as it gets.
        let busy = tokio::spawn({
            let client = client.clone();
            async move {
                let time = Duration::from_secs(60);
                client::unary(&client, 64, 200, time, ReceiptLevel::Unspecified).await
            }
        });
        tokio::time::sleep(Duration::from_millis(700)).await;
        drop(server);
        let _ = busy.await; // its calls fail: that is the point
        let begun = Instant::now();
        let server = server::start(&settings)?;
        let mut client = client::connect(&server.at.grpc).await?;
        let latest = client.get_checkpoint(api::GetCheckpointRequest {}).await?;
        let started = begun.elapsed();
        drop(server);
        let records = latest.into_inner().checkpoint;
        have = records
            .lines()
            .nth(1)
            .context("no size")?
            .parse::<u64>()
            .context("the checkpoint's size")?;
        let begun = Instant::now();
        let report = Log::open(&data)?.fsck()?;
        let checked = begun.elapsed();
        ensure!(report.is_ok(), "fsck: {:?}", report.problems);
        let [bundle, prove, verified] = bundle(&data, have)?;
        println!(
            "| {have} | {:.0} | {:.1} | {:.0} | {:.0} | {:.2} | {:.2} | {:.2} | {bundle:.0} | {prove:.2} | {verified:.2} |",
            sum.rate(),
            sum.within(0.99),
            bytes(&data)? as f64 / have as f64,
            started.as_secs_f64() * 1e3,
            checked.as_secs_f64(),
            searches.within(0.5),
            searches.within(0.99),
        );
    }
    Ok(())
}

/// Searches as officers make them: one case, one kind in a time, the newest.
async fn search(client: &Client, size: u64) -> Result<Sum> {
    let mut sum = Sum::default();
    for n in 0..SEARCHES {
        let spread = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % size;
        let mut request = api::SearchRecordsRequest {
            page_size: 50,
            ..Default::default()
        };
        match n % 3 {
            0 => request.case_reference = client::case(spread),
            1 => request.kinds = vec![concord_proto::types::RecordKind::Determination.into()],
            _ => request.logged_from = "2020-01-01T00:00:00Z".to_owned(),
        }
        let begun = Instant::now();
        client.clone().search_records(request).await?;
        sum.times.push(begun.elapsed());
    }
    Ok(sum)
}

/// Bytes of the database and its write-ahead log.
fn bytes(data: &Path) -> Result<u64> {
    let mut total = 0;
    for entry in std::fs::read_dir(data)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().contains("sqlite3") {
            total += entry.metadata()?.len();
        }
    }
    Ok(total)
}

/// The largest bundle of some, and the longest time to make and to verify one, in milliseconds.
fn bundle(data: &Path, size: u64) -> Result<[f64; 3]> {
    let log = Log::open(data)?;
    let mut most = [0.0_f64; 3];
    for index in [0, 1, size / 3, size / 2, size - 1] {
        let begun = Instant::now();
        let bytes = log.prove(index, &[])?;
        let made = begun.elapsed();
        let begun = Instant::now();
        verify(&bytes, None)?;
        let found = [
            bytes.len() as f64,
            made.as_secs_f64() * 1e3,
            begun.elapsed().as_secs_f64() * 1e3,
        ];
        most = std::array::from_fn(|i| most[i].max(found[i]));
    }
    Ok(most)
}
