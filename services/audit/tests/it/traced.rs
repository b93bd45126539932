//! A short run of the log in a process of its own, under strace: what it asks of the system, in order,
//! with errors and kills injected where a test wants them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use concord_audit::GroupCommitConfig;
use concord_audit::start;
use concord_audit::vault::Vault;
use concord_audit::wire::append::decode;
use concord_audit::writer::{self, WriteError, WriterHandle};
use concord_kit::health::Health;

use crate::running::{config, request, telemetry};

const DIR: &str = "CONCORD_AUDIT_TEST_TRACED_DIR";
const LEDGER: &str = "CONCORD_AUDIT_TEST_TRACED_LEDGER";
const RUN: &str = "CONCORD_AUDIT_TEST_TRACED_RUN";

/// What the process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// Opens the log, or begins it, and appends some records, one after another and together.
    Short,
    /// Appends so much that the write-ahead log is copied meanwhile.
    Long,
}

/// What the process said of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The record's request id.
    pub id: String,
    /// `ack`, `not_stored`, `unknown` or `stopped`.
    pub word: String,
    /// The record's place, if it was acknowledged.
    pub index: Option<u64>,
}

impl Said {
    /// Reads one line of the ledger.
    pub fn read(line: &str) -> Self {
        let mut words = line.split(' ');
        let mut word = || words.next().unwrap_or_default().to_owned();
        Self {
            word: word(),
            id: word(),
            index: word().parse().ok(),
        }
    }
}

/// Not a test of its own: the process that runs under strace.
#[tokio::test]
#[ignore = "the child process of another test"]
async fn child() {
    let (Some(dir), Some(ledger)) = (std::env::var_os(DIR), std::env::var_os(LEDGER)) else {
        return;
    };
    let location = config(Path::new(&dir)).location();
    let mut ledger = std::fs::File::create(ledger).unwrap();
    let log = match start::open(&location) {
        Ok(log) => log,
        Err(error) => return writeln!(ledger, "not_opened - {error}").unwrap(),
    };
    let (prefix, vault) = (log.frontier.size(), log.vault.clone());
    let health = Health::new("audit");
    let (settings, meter) = (GroupCommitConfig::default(), telemetry().meter());
    let origin = location.origin.clone();
    let thread = writer::start(log, origin, &settings, health.component("log"), &meter).unwrap();
    let writer = thread.handle();
    let (groups, body, pause) = match std::env::var(RUN).as_deref() {
        Ok("long") => (8, 1_100_000, Duration::from_millis(100)),
        _ => (6, 0, Duration::ZERO),
    };
    for group in 0..groups {
        // One, two and three at a time.
        let ids = (0..=group % 3).map(|i| format!("t{prefix}-{group}-{i}"));
        let ids: Vec<_> = ids.collect();
        let asked = ids.iter().map(|id| append(&writer, &vault, id, body));
        let answers = futures_util::future::join_all(asked).await;
        let mut lines = String::new();
        for (id, answer) in ids.iter().zip(answers) {
            match answer {
                Ok(index) => writeln!(lines, "ack {id} {index}").unwrap(),
                Err(WriteError::RolledBack) => writeln!(lines, "not_stored {id}").unwrap(),
                Err(WriteError::Unknown) => writeln!(lines, "unknown {id}").unwrap(),
                Err(WriteError::Stopped) => writeln!(lines, "stopped {id}").unwrap(),
                Err(other) => panic!("{id}: {other}"),
            }
        }
        ledger.write_all(lines.as_bytes()).unwrap();
        tokio::time::sleep(pause).await; // the thread that copies comes to run
    }
    thread.end().await;
}

async fn append(
    writer: &WriterHandle,
    vault: &Vault,
    id: &str,
    more: usize,
) -> Result<u64, WriteError> {
    let mut asked = request(id);
    asked.body.resize(asked.body.len() + more, b'.');
    let (entry, _) = decode(asked, vault).unwrap();
    Ok(writer.append(entry).await?.logged.index)
}

/// Whether strace is there and may be used; where it may not, CI fails and others are told.
pub fn can_trace() -> bool {
    let tried = Command::new("strace")
        .args(["-o", "/dev/null", "-e", "trace=none", "true"])
        .output();
    if tried.is_ok_and(|output| output.status.success()) {
        return true;
    }
    let text = "not run: strace is not installed or may not trace";
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{text}");
    eprintln!("{text}");
    false
}

/// The files of a log whose calls are looked at.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let names = [
        "",
        "lock",
        "audit.sqlite3",
        "audit.sqlite3-wal",
        "audit.sqlite3-journal",
        "keys",
        "keys/log.pem",
        "keys/log.partial",
        "keys/kek.key",
        "keys/kek.partial",
    ];
    let join = |name: &str| match name {
        "" => dir.to_owned(),
        name => dir.join(name),
    };
    names.into_iter().map(join).collect()
}

/// Runs the process on `dir` under strace with these further arguments. Gives what it said and the
/// trace; a process that was killed has said what it could.
pub fn run(dir: &Path, run: Run, arguments: &[String]) -> (Vec<Said>, String) {
    let scratch = tempfile::tempdir().unwrap();
    let (ledger, trace) = (scratch.path().join("ledger"), scratch.path().join("trace"));
    let _ = Command::new("strace")
        .args(["-f", "-y", "-xx", "-s", "200000", "--seccomp-bpf", "-o"])
        .arg(&trace)
        .args(arguments)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "traced::child", "--ignored"])
        .env(DIR, dir)
        .env(LEDGER, &ledger)
        .env(RUN, if run == Run::Long { "long" } else { "short" })
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    let said = std::fs::read_to_string(&ledger).unwrap_or_default();
    let said = said.lines().map(Said::read).collect();
    (said, std::fs::read_to_string(&trace).unwrap_or_default())
}

/// One call of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The thread.
    pub thread: u32,
    /// Its name.
    pub name: String,
    /// Its arguments as strace writes them.
    pub arguments: String,
    /// What it returned, as strace writes it; empty: it did not return.
    pub returned: String,
}

/// The calls of a trace in the order in which they returned; those that never did come last.
pub fn calls(trace: &str) -> Vec<Call> {
    let (mut done, mut open) = (Vec::new(), std::collections::BTreeMap::new());
    for line in trace.lines() {
        let Some((thread, rest)) = line.split_once(' ') else {
            continue;
        };
        let (Ok(thread), rest) = (thread.parse::<u32>(), rest.trim_start()) else {
            continue;
        };
        let returned = |text: &str| text.rsplit_once(" = ").map(|(_, r)| r.to_owned());
        if let Some(resumed) = rest.strip_prefix("<... ") {
            if let Some(mut call) = open.remove(&thread) {
                let call: &mut Call = &mut call;
                call.returned = returned(resumed).unwrap_or_default();
                done.push(call.clone());
            }
        } else if let Some((name, rest)) = rest.split_once('(') {
            let unfinished = rest.strip_suffix(" <unfinished ...>");
            let (arguments, result) = match unfinished {
                Some(arguments) => (arguments, String::new()),
                None => match rest.rsplit_once(") = ") {
                    Some((arguments, result)) => (arguments, result.to_owned()),
                    None => continue, // `+++ exited`, signals
                },
            };
            let call = Call {
                thread,
                name: name.to_owned(),
                arguments: arguments.to_owned(),
                returned: result,
            };
            match unfinished {
                Some(_) => drop(open.insert(thread, call)),
                None => done.push(call),
            }
        }
    }
    done.extend(open.into_values());
    done
}

/// The bytes of the next string of strace's `-xx`, and what is behind it.
pub fn string(text: &str) -> Option<(Vec<u8>, &str)> {
    let (_, rest) = text.split_once(['"', '<'])?;
    let end = rest.find(['"', '>'])?;
    let (hex, after) = rest.split_at(end);
    let bytes = hex.split("\\x").skip(1);
    let bytes = bytes.map(|byte| u8::from_str_radix(byte, 16).ok());
    Some((bytes.collect::<Option<_>>()?, after.get(1..)?))
}
