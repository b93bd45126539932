//! Load: how many calls a second, how long they take, and what a call costs the server, against a bare tonic echo with
//! messages of the same size on the same machine. Servers are processes of their own, so that their CPU time can be read; the
//! targets take turns in one run, and what counts are ratios.
//!
//! `cargo run --release -p concord-tests --bin concord-load -- target/release/concord [SECONDS]`, or for the screening
//! service over published lists `… -- screening target/release/concord SECONDS LIST…` (files or folders, as `concord lists
//! add` takes them)

#![expect(
    clippy::print_stdout,
    reason = "a tool of ours: its table and its servers' addresses are its data"
)]

mod echo;
mod measure;
mod report;
mod screening;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use mimalloc::MiMalloc;

/// That of the program, so that the echo servers have no worse one.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Streams at the same time.
const STREAMS: [usize; 3] = [1, 16, 64];

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
            eprintln!("concord-load: {e:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let first = args
        .next()
        .context("usage: concord-load CONCORD_BINARY [SECONDS]")?;
    match first.as_str() {
        // Started by ourselves: a server that answers with the bytes of a file.
        "echo-bare" => return echo::bare(&PathBuf::from(args.next().context("no file")?)).await,
        "echo-screening" => {
            return screening::echo(&PathBuf::from(args.next().context("no file")?)).await;
        }
        "screening" => {
            let binary = PathBuf::from(args.next().context("no binary")?);
            let seconds = args.next().context("no SECONDS")?.parse()?;
            let lists: Vec<PathBuf> = args.map(PathBuf::from).collect();
            return screening::run(&binary, Duration::from_secs(seconds), &lists).await;
        }
        "echo-kit" => {
            let file = PathBuf::from(args.next().context("no file")?);
            let certs = args.next().map(PathBuf::from);
            return echo::kit(&file, certs.as_deref()).await;
        }
        _ => {}
    }
    let seconds: u64 = args
        .next()
        .map_or(Ok(3), |s| s.parse())
        .context("SECONDS is a number")?;
    let binary = PathBuf::from(first);
    let targets = measure::Targets::start(&binary).await?;
    let mut rows = Vec::new();
    for streams in STREAMS {
        rows.extend(
            targets
                .measure(streams, Duration::from_secs(seconds))
                .await?,
        );
    }
    targets.stop();
    println!("{}", report::table(&rows));
    Ok(())
}
