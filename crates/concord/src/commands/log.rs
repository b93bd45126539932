//! `concord log`: the audit log in the data directory, and proof bundles from anywhere.

use std::path::{Path, PathBuf};

use concord_audit::offline::{
    self, AirGapError, BackupError, FsckReport, Log as AuditLog, OfflineError, TwinError,
    TwinState, verify,
};
use concord_audit::store::Filter;
use concord_kit::files::write_whole;
use concord_tlog::commitment::Field;
use concord_tlog::note::VerifierKey;
use prost::Message;
use serde_json::json;

use crate::cli::{Global, Log};
use crate::data_dir;
use crate::deployment::{Folders, Jurisdiction};
use crate::document;
use crate::failure::{Failure, exit};
use crate::output;

/// Runs the command.
///
/// # Errors
/// An absent or damaged log, a record that is not there, a bundle that does not verify.
pub fn run(args: &Log, global: &Global) -> Result<(), Failure> {
    match args {
        Log::Show { by, limit } => show(&open(by, global)?, *limit, global),
        Log::Prove { index, by, out } => prove(&open(by, global)?, *index, out.as_deref(), global),
        Log::Verify { file, key } => check(file, key.as_deref(), global),
        Log::Fsck { by } => fsck(&open(by, global)?, global),
        Log::Twins { bundles, by } => twins(bundles, by, global),
        Log::Backup { out, by } => {
            let report = offline::backup(&folder(by, global)?, out);
            copied(report, "backup", out, global)
        }
        Log::Restore { dir, by } => {
            let report = offline::restore(dir, &folder(by, global)?);
            copied(report, "restore", dir, global)
        }
        Log::AskCosign { old, by } => {
            let request = offline::ask_cosign(&folder(by, global)?, *old);
            output::data(&request.map_err(|e| air_gap(&e))?)
        }
        Log::Cosign { file, by, log } => cosign(file, by, log, global),
        Log::Accept {
            request,
            answers,
            by,
            witness,
        } => accept(request, answers, by, witness, global),
    }
}

fn folder(by: &str, global: &Global) -> Result<PathBuf, Failure> {
    Ok(Folders::of(&data_dir::resolve(global)?, jurisdiction(by)?).log())
}

fn jurisdiction(by: &str) -> Result<Jurisdiction, Failure> {
    Jurisdiction::parse(by)
        .ok_or_else(|| Failure::usage("BAD_USAGE", format!("`--by {by}` is neither us nor kr")))
}

fn open(by: &str, global: &Global) -> Result<AuditLog, Failure> {
    AuditLog::open(&folder(by, global)?).map_err(|e| refuse(&e))
}

fn copied(
    report: Result<FsckReport, BackupError>,
    what: &str,
    dir: &Path,
    global: &Global,
) -> Result<(), Failure> {
    let report = report.map_err(|error| match error {
        BackupError::Lock(e) => Failure::usage("DATA_DIR_IN_USE", e.to_string()),
        BackupError::Exists(_) | BackupError::Io { .. } => {
            Failure::usage("CANNOT_WRITE", error.to_string())
        }
        BackupError::Offline(e) => refuse(&e),
        damaged => Failure::invalid("LOG_DAMAGED", damaged.to_string()),
    })?;
    let text = if global.json {
        json!({"done": what, "directory": dir, "origin": report.origin, "records": report.records,
            "root": report.root})
        .to_string()
    } else {
        let (origin, records, root) = (&report.origin, report.records, &report.root);
        format!("{what} of log {origin}: {records} records, root {root}; the keys are kept apart")
    };
    output::data(&format!("{text}\n"))
}

fn air_gap(error: &AirGapError) -> Failure {
    match error {
        AirGapError::Lock(e) => Failure::usage("DATA_DIR_IN_USE", e.to_string()),
        AirGapError::Key(text) => Failure::usage("BAD_USAGE", text.clone()),
        AirGapError::Offline(e) => refuse(e),
        AirGapError::Start(_) => Failure::invalid("LOG_ROLLED_BACK", error.to_string()),
        _ => Failure::invalid("NOT_COSIGNED", error.to_string()),
    }
}

fn cosign(file: &Path, by: &str, logs: &[String], global: &Global) -> Result<(), Failure> {
    let request = document::read_bytes(file)?;
    let name = format!("{}/witness", jurisdiction(by)?.trust_domain());
    let mut keys = Vec::new();
    for log in logs {
        let (agency, vkey) = log.split_once('=').ok_or_else(|| {
            Failure::usage("BAD_USAGE", format!("`--log {log}` is not AGENCY=VKEY"))
        })?;
        keys.push((agency.to_owned(), vkey.to_owned()));
    }
    let lines = offline::cosign_file(&folder(by, global)?, &request, &name, &keys);
    output::data(&lines.map_err(|e| air_gap(&e))?)
}

fn accept(
    request: &Path,
    answers: &[PathBuf],
    by: &str,
    witnesses: &[String],
    global: &Global,
) -> Result<(), Failure> {
    let request = document::read_bytes(request)?;
    let text = |path: &PathBuf| {
        let bytes = document::read_bytes(path)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned()) // lines that are not text do not verify
    };
    let answers = answers
        .iter()
        .map(text)
        .collect::<Result<Vec<_>, Failure>>()?;
    let size = offline::accept_files(&folder(by, global)?, &request, &answers, witnesses);
    let size = size.map_err(|e| air_gap(&e))?;
    let text = match global.json {
        true => json!({ "witnessed": size }).to_string(),
        false => format!("the first {size} records are witnessed"),
    };
    output::data(&format!("{text}\n"))
}

fn refuse(error: &OfflineError) -> Failure {
    let reason = match error {
        OfflineError::NoRecord { .. } => "RECORD_NOT_FOUND",
        OfflineError::Erased(_) => "RECORD_ERASED",
        OfflineError::Open(_) => "NO_LOG",
        _ => "LOG_DAMAGED",
    };
    Failure::invalid(reason, error.to_string())
}

fn show(log: &AuditLog, limit: u32, global: &Global) -> Result<(), Failure> {
    let checkpoint = log.checkpoint().map_err(|e| refuse(&e))?;
    let records = log
        .search(&Filter::default(), u64::MAX, limit)
        .map_err(|e| refuse(&e))?;
    let described: Vec<_> = records
        .iter()
        .map(|r| {
            let contents = r.record.contents.as_ref();
            let field = |f: Field| {
                contents
                    .and_then(|c| c.fields.get(&f))
                    .cloned()
                    .unwrap_or_default()
            };
            json!({
                "index": r.index,
                "record_id": r.record.id.to_string(),
                "kind": r.record.kind.name(),
                "logged_at": time(r.time_micros),
                "caller": r.record.caller,
                "request_id": r.record.request_id,
                "outcome": field(Field::Outcome),
                "items": field(Field::Items),
                "route": field(Field::Route),
                "erased": contents.is_none(),
            })
        })
        .collect();
    if global.json {
        let document = json!({
            "origin": log.origin(), "verifier_key": log.verifier_key(), "size": checkpoint.size,
            "root": checkpoint.root.to_string(), "checkpoint": checkpoint.note, "records": described,
        });
        return output::data(&format!("{document}\n"));
    }
    let mut text = format!(
        "log {}\nverifier key {}\nsize {}, root {}\n",
        log.origin(),
        log.verifier_key(),
        checkpoint.size,
        checkpoint.root
    );
    for r in &described {
        let word = |key: &str| r[key].as_str().unwrap_or("").to_owned();
        text.push_str(&format!(
            "{:>8}  {}  {}  {}  {}  {}\n",
            r["index"].to_string(),
            word("logged_at"),
            word("kind"),
            word("outcome"),
            word("items"),
            word("route"),
        ));
    }
    output::data(&text)
}

fn prove(log: &AuditLog, index: u64, out: Option<&Path>, global: &Global) -> Result<(), Failure> {
    let bundle = log.prove(index, &[]).map_err(|e| refuse(&e))?;
    let Some(path) = out else {
        return match String::from_utf8(bundle) {
            Ok(text) => output::data(&text),
            Err(e) => Err(Failure::invalid(
                "LOG_DAMAGED",
                format!("the bundle is not text: {e}"),
            )),
        };
    };
    write_whole(path, &bundle).map_err(|e| {
        Failure::usage(
            "CANNOT_WRITE",
            format!("`{}` cannot be written: {e}", path.display()),
        )
    })?;
    let text = if global.json {
        json!({"file": path, "index": index, "bytes": bundle.len()}).to_string()
    } else {
        format!(
            "{}: proof of record {index}, {} bytes",
            path.display(),
            bundle.len()
        )
    };
    output::data(&format!("{text}\n"))
}

fn check(file: &Path, key: Option<&str>, global: &Global) -> Result<(), Failure> {
    let bytes = document::read_bytes(file)?;
    let key = key
        .map(VerifierKey::parse)
        .transpose()
        .map_err(|e| Failure::usage("BAD_USAGE", format!("--key: {e}")))?;
    let bundle = verify(&bytes, key.as_ref())
        .map_err(|e| Failure::invalid("PROOF_REFUSED", format!("`{}`: {e}", file.display())))?;
    let shown: Vec<(&str, String)> = Field::SLOTS
        .into_iter()
        .filter_map(|f| {
            let value = bundle.disclosure.value(f)?;
            Some((f.name(), String::from_utf8_lossy(value).into_owned()))
        })
        .collect();
    let outcome = bundle.disclosure.value(Field::Body).and_then(|body| {
        let d = concord_proto::determination::Determination::decode(body).ok()?;
        Some(d.own?.outcome)
    });
    if global.json {
        let fields: serde_json::Map<_, _> = shown
            .iter()
            .map(|(k, v)| ((*k).to_owned(), json!(v)))
            .collect();
        let document = json!({
            "verified": true, "authenticated": bundle.authenticated, "origin": bundle.origin,
            "index": bundle.index, "size": bundle.size, "root": bundle.root.to_string(),
            "leaf_hash": bundle.leaf_hash.to_string(), "kind": bundle.leaf.kind.name(),
            "record_id": uuid::Uuid::from_bytes(bundle.leaf.record_id).to_string(),
            "logged_at": time(bundle.leaf.time_micros), "fields": fields, "outcome_in_body": outcome,
        });
        return output::data(&format!("{document}\n"));
    }
    let mut text = format!(
        "verified: record {} of {} in log {}\n  kind {}, logged at {}\n  root {}\n",
        bundle.index,
        bundle.size,
        bundle.origin,
        bundle.leaf.kind.name(),
        time(bundle.leaf.time_micros),
        bundle.root
    );
    for (name, value) in &shown {
        text.push_str(&format!("  {name}: {}\n", value.replace('\n', "; ")));
    }
    text.push_str(if bundle.authenticated {
        "the checkpoint is signed by the key you gave\n"
    } else {
        "the signer is NOT authenticated: give --key VKEY of the log, from a source you trust\n"
    });
    output::data(&text)
}

fn fsck(log: &AuditLog, global: &Global) -> Result<(), Failure> {
    let report = log.fsck().map_err(|e| refuse(&e))?;
    let text = if global.json {
        json!({
            "ok": report.is_ok(), "origin": report.origin, "records": report.records, "erased": report.erased,
            "tree_size": report.tree_size, "root": report.root, "checkpoints": report.checkpoints,
            "witnessed": report.witnessed, "checkpoint_ok": report.checkpoint_ok, "problems": report.problems,
            "further_problems": report.further_problems,
        })
        .to_string()
    } else {
        let mut text = format!(
            "log {}: {} records, {} erased, {} checkpoints, root {}",
            report.origin, report.records, report.erased, report.checkpoints, report.root
        );
        for p in &report.problems {
            text.push_str(&format!("\nproblem: {p}"));
        }
        text.push_str(if report.is_ok() {
            "\nnothing is wrong"
        } else {
            "\nthe log is damaged"
        });
        text
    };
    output::data(&format!("{text}\n"))?;
    if !report.is_ok() {
        // The report is the answer; the exit code is all that is left to say.
        std::process::exit(i32::from(exit::INVALID));
    }
    Ok(())
}

fn twins(bundles: &[PathBuf], by: &str, global: &Global) -> Result<(), Failure> {
    let log = open(by, global)?;
    let found = if bundles.is_empty() {
        let folders = Folders::of(&data_dir::resolve(global)?, jurisdiction(by)?.other());
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
        json!({"index": t.index, "twin": t.named.to_string(), "state": t.state.name(),
            "log": t.place.as_ref().map(|(origin, _)| origin),
            "place": t.place.as_ref().map(|(_, index)| index), "found_instead": leaf})
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
            if let TwinState::Different { found } = t.state {
                text.push_str(&format!(", {found} is in its place"));
            }
            text.push('\n');
        }
        text + &format!(
            "{} joint records, {wrong} with a missing or different twin, {} not shown",
            found.len(),
            count("not_shown")
        )
    };
    output::data(&format!("{text}\n"))?;
    if wrong > 0 {
        // The report is the answer; the exit code is all that is left to say.
        std::process::exit(i32::from(exit::INVALID));
    }
    Ok(())
}

/// Microseconds since 1970 as RFC 3339.
fn time(micros: u64) -> String {
    i64::try_from(micros)
        .ok()
        .and_then(|m| jiff::Timestamp::from_microsecond(m).ok())
        .map(|t| t.to_string())
        .unwrap_or_default()
}
