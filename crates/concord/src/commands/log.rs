//! `concord log`: the audit log in the data directory, and proof bundles from anywhere.

mod cluster;
mod records;
mod twins;

use std::path::{Path, PathBuf};

use concord_audit::offline::{
    self, AirGapError, BackupError, FsckReport, Log as AuditLog, OfflineError, RewrapError, verify,
};
use concord_audit::start::Location;
use concord_audit::store::postgres::PostgresError;
use concord_audit::store::sqlite::OpenError;
use concord_audit::vault::{BeginError, KekFiles};
use concord_kit::files::write_whole;
use concord_tlog::commitment::Field;
use concord_tlog::note::VerifierKey;
use prost::Message;
use serde_json::json;

use crate::cli::{Global, Log, OfLog};
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
        Log::Show { limit, log } => records::show(&open(log, global)?, *limit, global),
        Log::Migrate(args) => cluster::migrate(args, global),
        Log::Search(search) => records::search(&open(&search.log, global)?, search, global),
        Log::Prove {
            index,
            hide,
            out,
            log,
        } => {
            let hidden = hidden(hide)?;
            prove(&open(log, global)?, *index, &hidden, out.as_deref(), global)
        }
        Log::Verify { file, key } => check(file, key.as_deref(), global),
        Log::Fsck { log } => fsck(&open(log, global)?, global),
        Log::Twins { bundles, log } => twins::run(bundles, log, global),
        Log::Backup { out, log } => {
            let (folder, keys) = directory(log, global)?;
            let report = offline::backup(&folder, out, &keys);
            copied(report, "backup", out, global)
        }
        Log::Restore { dir, log } => {
            let (folder, keys) = directory(log, global)?;
            let report = offline::restore(dir, &folder, &keys);
            copied(report, "restore", dir, global)
        }
        Log::Rewrap { log } => rewrap(log, global),
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

/// The agency's keys as named, or in their usual place.
fn keys(log: &OfLog, folder: &Path) -> KekFiles {
    match log.kek.split_first() {
        None => KekFiles::of(folder),
        Some((current, earlier)) => KekFiles {
            current: current.clone(),
            earlier: earlier.to_vec(),
        },
    }
}

fn open(log: &OfLog, global: &Global) -> Result<AuditLog, Failure> {
    if let Some(settings) = &log.config {
        return cluster::open(settings);
    }
    let folder = folder(&log.by, global)?;
    if let Some(absent) = log.kek.iter().find(|path| !path.exists()) {
        let text = format!("`--kek {}`: there is no such file", absent.display());
        return Err(Failure::usage("BAD_USAGE", text));
    }
    AuditLog::open_with(&folder, &keys(log, &folder)).map_err(|e| refuse(&e))
}

/// Where the log and its keys are, for what is done to a directory alone.
fn directory(log: &OfLog, global: &Global) -> Result<(PathBuf, KekFiles), Failure> {
    let Some(settings) = &log.config else {
        let folder = folder(&log.by, global)?;
        let keys = keys(log, &folder);
        return Ok((folder, keys));
    };
    let location = cluster::location(settings)?;
    if location.postgres.is_some() {
        let text = "the log of these settings is in PostgreSQL: back it up and restore it with the database's own \
                    means (`pg_dump -Fc -n concord`), then check it with `concord log fsck`";
        return Err(Failure::usage("BAD_USAGE", text));
    }
    Ok((location.data_dir, location.kek))
}

fn rewrap(log: &OfLog, global: &Global) -> Result<(), Failure> {
    let location = log.config.as_deref().map(cluster::location).transpose()?;
    let done = match location {
        Some(Location {
            postgres: Some(postgres),
            kek,
            ..
        }) => offline::rewrap_cluster(&postgres, &kek),
        _ => {
            let (folder, keys) = directory(log, global)?;
            offline::rewrap(&folder, &keys)
        }
    };
    let done = done.map_err(|error| match error {
        RewrapError::Lock(e) => Failure::usage("DATA_DIR_IN_USE", e.to_string()),
        RewrapError::Open(_) | RewrapError::Postgres(PostgresError::Absent(_)) => {
            Failure::invalid("NO_LOG", error.to_string())
        }
        RewrapError::Postgres(_) => Failure::usage("DATABASE_REFUSED", error.to_string()),
        RewrapError::UnderEarlier(_) => Failure::invalid("KEY_IN_USE", error.to_string()),
        RewrapError::Begin(BeginError::Vault(_)) => {
            Failure::usage("KEY_MISSING", error.to_string())
        }
        damaged => Failure::invalid("LOG_DAMAGED", damaged.to_string()),
    })?;
    let (kek, encrypted, rewrapped) = (done.kek.to_string(), done.encrypted, done.rewrapped);
    let text = match global.json {
        true => json!({"kek": kek, "encrypted": encrypted, "rewrapped": rewrapped}).to_string(),
        false => format!(
            "all records are under the key {kek}: {rewrapped} were under an earlier one, \
             {encrypted} were not encrypted"
        ),
    };
    output::data(&format!("{text}\n"))
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
        OfflineError::Open(OpenError::Plain(_)) => "NOT_ENCRYPTED",
        OfflineError::Open(OpenError::EarlierSchema { .. }) => "EARLIER_SCHEMA",
        OfflineError::Open(_) | OfflineError::Postgres(PostgresError::Absent(_)) => "NO_LOG",
        OfflineError::Postgres(_) => {
            return Failure::usage("DATABASE_REFUSED", error.to_string());
        }
        OfflineError::Locked | OfflineError::Keys(_) => {
            return Failure::usage("KEY_MISSING", error.to_string());
        }
        _ => "LOG_DAMAGED",
    };
    Failure::invalid(reason, error.to_string())
}

/// The fields that a bundle leaves out, by their names.
fn hidden(names: &[String]) -> Result<Vec<Field>, Failure> {
    let all = || {
        [Field::Request, Field::Body]
            .into_iter()
            .chain(Field::SLOTS)
    };
    let named = names.iter().map(|name| {
        let field = all().find(|field| field.name() == name.as_str());
        field.ok_or_else(|| {
            let known: Vec<&str> = all().map(Field::name).collect();
            let text = format!("`--hide {name}`: must be one of {}", known.join(", "));
            Failure::usage("BAD_USAGE", text)
        })
    });
    named.collect()
}

fn prove(
    log: &AuditLog,
    index: u64,
    hidden: &[Field],
    out: Option<&Path>,
    global: &Global,
) -> Result<(), Failure> {
    let bundle = log.prove(index, hidden).map_err(|e| refuse(&e))?;
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
            "opened": report.opened, "locked": report.locked,
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
        if report.locked > 0 {
            text.push_str(&format!(
                "\nwhat {} records say is encrypted and was not checked: name the agency's key with --kek",
                report.locked
            ));
        }
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

/// Microseconds since 1970 as RFC 3339.
fn time(micros: u64) -> String {
    i64::try_from(micros)
        .ok()
        .and_then(|m| jiff::Timestamp::from_microsecond(m).ok())
        .map(|t| t.to_string())
        .unwrap_or_default()
}
