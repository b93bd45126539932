//! Load on the audit log alone: durable appends a second beside what this disk flushes and what SQLite alone commits, how long
//! until a counterpart has cosigned, and how all of it grows with the log. The server is a process of its own; what is compared
//! takes turns in one run, and what counts are ratios.
//!
//! `cargo run --release -p concord-tests --bin concord-load-log -- appends [SECONDS]`, `… -- witnessed [SECONDS]`,
//! `… -- growth [RECORDS...]`; `CONCORD_LOAD_DIR` says on which disk.

#![expect(
    clippy::print_stdout,
    reason = "a tool of ours: its tables and its servers' addresses are its data"
)]

mod alone;
mod appends;
mod client;
mod disk;
mod growth;
mod server;
mod witnessed;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use mimalloc::MiMalloc;

/// That of the program.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const USAGE: &str = "usage: concord-load-log appends|witnessed [SECONDS] | growth [RECORDS...]";

fn main() -> ExitCode {
    concord_kit::tls::install_crypto();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(e) => {
            eprintln!("cannot start the runtime: {e}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("concord-load-log: {e:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let seconds = || -> Result<Duration> {
        let text = args.get(1).map_or("6", String::as_str);
        Ok(Duration::from_secs(
            text.parse().context("SECONDS is a number")?,
        ))
    };
    match args.first().map(String::as_str) {
        // Started by ourselves.
        Some("serve") => server::serve(Path::new(args.get(1).context("no settings")?)).await,
        Some("appends") => appends::run(seconds()?).await,
        Some("witnessed") => witnessed::run(seconds()?).await,
        Some("growth") => {
            let sizes = args.get(1..).unwrap_or_default().iter();
            let sizes = sizes.map(|n| n.parse()).collect::<Result<Vec<u64>, _>>();
            let sizes = sizes.context("RECORDS are numbers")?;
            let usual = vec![10_000, 100_000, 1_000_000];
            growth::run(if sizes.is_empty() { usual } else { sizes }).await
        }
        _ => bail!(USAGE),
    }
}

/// A directory on the disk that is measured.
fn scratch() -> Result<tempfile::TempDir> {
    let dir = std::env::var_os("CONCORD_LOAD_DIR").unwrap_or_else(|| std::env::temp_dir().into());
    Ok(tempfile::tempdir_in(dir)?)
}
