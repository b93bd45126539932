//! Two logs that witness each other: how long until an append is under a checkpoint with the other's signature.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use concord_proto::types::ReceiptLevel;

use crate::client::{self, Sum};
use crate::server::{self, Server};
use crate::{client::Client, scratch};

const LOG: &str = "us.concord.example/audit";
const OTHER: &str = "kr.concord.example/audit";

/// Prints the table.
pub async fn run(time: Duration) -> Result<()> {
    let dir = scratch()?;
    // The log's key is known before its witness is started; the witness's address before the log is.
    let (key, witness) = start(dir.path())?;
    let url = format!(
        "http://{}/witness",
        witness.at.http.as_deref().context("no HTTP")?
    );
    let vkeys = &witness.at.witness_keys;
    let more = format!(
        "[witnessing]\nquorum = 1\n[[witnessing.witnesses]]\nurl = \"{url}\"\nvkeys = {vkeys:?}\n"
    );
    let log = server::start(&server::settings(&dir.path().join("us"), LOG, &more)?)?;
    anyhow::ensure!(log.at.vkey == key, "the log has another key now");
    let client: Client = client::connect(&log.at.grpc).await?;
    println!("| clients | level | appends/s | p50 ms | p99 ms |\n| --- | --- | --- | --- | --- |");
    for (clients, level, name) in [
        (1, ReceiptLevel::Checkpointed, "CHECKPOINTED"),
        (64, ReceiptLevel::Checkpointed, "CHECKPOINTED"),
        (1, ReceiptLevel::Witnessed, "WITNESSED"),
        (64, ReceiptLevel::Witnessed, "WITNESSED"),
    ] {
        let mut sum = Sum::default();
        let calls = client::unary(&client, clients, 200, time, level);
        sum.slice(&log.process, calls).await?;
        println!(
            "| {clients} | {name} | {:.0} | {:.1} | {:.1} |",
            sum.rate(),
            sum.within(0.5),
            sum.within(0.99)
        );
    }
    Ok(())
}

/// Starts the log once to learn its key, then its witness.
fn start(dir: &Path) -> Result<(String, Server)> {
    let log = server::start(&server::settings(&dir.join("us"), LOG, "")?)?;
    let key = log.at.vkey.clone();
    drop(log);
    let more = format!(
        "[http]\nlisten = \"127.0.0.1:0\"\n[witness]\nname = \"kr.concord.example/witness\"\n\
         [counterparts.bis]\norigin = \"{LOG}\"\nvkey = \"{key}\"\n"
    );
    let witness = server::start(&server::settings(&dir.join("kr"), OTHER, &more)?)?;
    Ok((key, witness))
}
