//! Parse, run, print what failed, exit. Everything else is in the library.

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use concord::cli::Cli;
use concord::failure::{Failure, exit};
use concord::{commands, output};
use mimalloc::MiMalloc;

/// Messages are made of many small texts: the system's allocator took a quarter of a call's time (docs/performance.md).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    concord_kit::tls::install_crypto();
    let json = std::env::args_os().any(|a| a == "--json");
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) if matches!(e.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            return match output::data(&e.to_string()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(failure) => report(&failure, json),
            };
        }
        Err(e) => {
            let failure = Failure::usage("BAD_USAGE", misuse(&e.to_string()));
            return report(&failure, json);
        }
    };
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report(&failure, json),
    }
}

/// What is wrong with the arguments and how the command is called, in one line; `text` is the parser's
/// own message: the error, what it is about, a hint and the usage, with empty lines between them.
fn misuse(text: &str) -> String {
    let wrong: Vec<&str> = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    let wrong = wrong.join(" ");
    let wrong = wrong.trim_start_matches("error: ");
    let usage = text.lines().find_map(|line| line.strip_prefix("Usage: "));
    let usage = usage.unwrap_or("concord --help");
    format!("{wrong}; usage: `{usage}`")
}

/// Errors go to stderr for a person; with `--json` the document goes to stdout.
fn report(failure: &Failure, json: bool) -> ExitCode {
    if json {
        let _ = output::data(&format!("{}\n", failure.to_json()));
    } else {
        eprintln!("{}", failure.to_text());
    }
    ExitCode::from(if failure.exit == 0 {
        exit::INVALID
    } else {
        failure.exit
    })
}
