//! `concord log twins`: the records of joint cases against the counterpart's log.

use std::path::PathBuf;

use concord_audit::offline::{Log as AuditLog, TwinError, TwinState};
use serde_json::json;

use super::{jurisdiction, open, refuse, time};
use crate::cli::{Global, OfLog};
use crate::data_dir;
use crate::deployment::Folders;
use crate::document;
use crate::failure::{Failure, exit};
use crate::output;

/// Runs the command.
pub fn run(bundles: &[PathBuf], of: &OfLog, global: &Global) -> Result<(), Failure> {
    let log = open(of, global)?;
    let found = if bundles.is_empty() {
        let folders = Folders::of(&data_dir::resolve(global)?, jurisdiction(&of.by)?.other());
        log.twins_in(&AuditLog::open(&folders.log()).map_err(|e| refuse(&e))?)
    } else {
        let bundles = bundles.iter().map(|path| document::read_bytes(path));
        log.twins_shown(&bundles.collect::<Result<Vec<_>, _>>()?)
    };
    let found = found.map_err(|error| match error {
        TwinError::Offline(e) => refuse(&e),
        refused => Failure::invalid("PROOF_REFUSED", refused.to_string()),
    })?;
    let count = |name: &str| found.iter().filter(|t| t.state.name() == name).count();
    let wrong = count("missing") + count("different");
    let described = found.iter().map(|t| {
        let leaf = match t.state {
            TwinState::Different { found } => Some(found.to_string()),
            _ => None,
        };
        let (copy_size, copy_end) = match t.state {
            TwinState::CopyEnds { size, last_micros } => (Some(size), last_micros.map(time)),
            _ => (None, None),
        };
        json!({"index": t.index, "twin": t.named.to_string(), "state": t.state.name(),
            "log": t.place.as_ref().map(|(origin, _)| origin),
            "place": t.place.as_ref().map(|(_, index)| index), "found_instead": leaf,
            "copy_size": copy_size, "copy_ends_at": copy_end})
    });
    let text = if global.json {
        json!({"joint": found.len(), "wrong": wrong, "twins": described.collect::<Vec<_>>()})
            .to_string()
    } else {
        let mut text = String::new();
        for t in &found {
            text.push_str(&format!(
                "record {}: twin {} {}",
                t.index,
                t.named,
                t.state.name()
            ));
            match t.state {
                TwinState::Different { found } => {
                    text.push_str(&format!(", {found} is in its place"));
                }
                TwinState::CopyEnds { size, last_micros } => {
                    let until = last_micros.map(|last| format!(" on {}", time(last)));
                    let until = until.unwrap_or_default();
                    text.push_str(&format!(": the copy ended after {size} records{until}"));
                }
                _ => {}
            }
            text.push('\n');
        }
        text + &format!(
            "{} joint records, {wrong} with a missing or different twin, {} not shown, {} later than the copy",
            found.len(),
            count("not_shown"),
            count("copy_ends")
        )
    };
    output::data(&format!("{text}\n"))?;
    if wrong > 0 {
        // The report is the answer; the exit code is all that is left to say.
        std::process::exit(i32::from(exit::INVALID));
    }
    Ok(())
}
