//! One module per command; each takes its arguments and prints its answer.

pub mod cases;
pub mod classify;
pub mod compare;
pub mod decide;
pub mod determine;
pub mod dev;
pub mod lists;
pub mod log;
pub mod match_names;
pub mod regimes;
pub mod screen;
pub mod search;
pub mod serve;

use std::future::Future;

use concord_kit::config::{LogFormat, TelemetryConfig};
use concord_kit::telemetry::init_logs;

use crate::cli::{Cli, Command};
use crate::failure::Failure;

/// Runs the command.
///
/// # Errors
/// Why it failed, with the exit code.
pub fn run(cli: Cli) -> Result<(), Failure> {
    let global = &cli.global;
    let serves = matches!(cli.command, Command::Serve(_) | Command::Dev(_));
    if let (Ok(filter), false) = (std::env::var("RUST_LOG"), serves) {
        // One-shot commands say nothing by themselves; whoever asks sees what the services log.
        let logs = TelemetryConfig {
            log_format: LogFormat::Text,
            filter,
            ..TelemetryConfig::default()
        };
        init_logs(&logs).map_err(|e| Failure::usage("BAD_CONFIG", e.to_string()))?;
    }
    match &cli.command {
        Command::Determine(args) => block_on(determine::run(args, global)),
        Command::Decide(args) => block_on(decide::run(args, global)),
        Command::Classify(args) => classify::run(args, global),
        Command::Compare(args) => compare::run(args, global),
        Command::Search(args) => search::run(args, global),
        Command::Cases(args) => cases::run(args, global),
        Command::Screen(args) => screen::run(args, global),
        Command::Match(args) => match_names::run(args, global),
        Command::Lists(args) => lists::run(args, global),
        Command::Regimes(args) => regimes::run(args, global),
        Command::Log(args) => log::run(args, global),
        Command::Serve(args) => block_on(serve::run(args, global)),
        Command::Dev(args) => block_on(dev::run(args, global)),
        Command::CheckConfig(args) => serve::check(args, global),
    }
}

/// Runs on a new multi-threaded runtime.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::local(&anyhow::Error::new(e).context("cannot start the runtime")))?;
    runtime.block_on(work)
}
