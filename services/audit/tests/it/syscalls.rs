//! Every system call that a run of the log makes on its files fails once, or is the last one: whatever
//! was acknowledged is there afterwards, whatever was refused is not, and nothing is tried again blindly.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use concord_audit::offline::Log;
use concord_audit::start;
use concord_audit::store::RecordName;

use crate::running::{CALLER, config, copy_of, request};
use crate::traced::{Call, Run, Said, calls, can_trace, files, run};

/// Calls that change files or wait for the disk.
const CALLS: [&str; 10] = [
    "openat",
    "mkdir",
    "write",
    "pwrite64",
    "ftruncate",
    "fsync",
    "fdatasync",
    "rename",
    "unlink",
    "fallocate",
];

/// Runs in CI beside those of the rare calls; all of them with `CONCORD_AUDIT_EVERY_SYSCALL`. A long run
/// takes seconds: of its thousands of writes some dozens are enough.
const SAMPLES: [usize; 2] = [12, 2];
const ALL: [usize; 2] = [usize::MAX, 60];

/// A call that fails: its name and which one of its thread.
type Site = (String, usize);

fn paths(files: &[std::path::PathBuf]) -> Vec<String> {
    let each = |path: &std::path::PathBuf| ["-P".to_owned(), path.display().to_string()];
    files.iter().flat_map(each).collect()
}

/// The sites of a run: the n-th call of a thread, for every n that some thread reaches.
fn sites(trace: &str) -> BTreeSet<Site> {
    let mut counts = BTreeMap::<(u32, String), usize>::new();
    let mut sites = BTreeSet::new();
    for Call { thread, name, .. } in calls(trace) {
        if CALLS.contains(&name.as_str()) {
            let count = counts.entry((thread, name.clone())).or_default();
            *count += 1;
            sites.insert((name, *count));
        }
    }
    sites
}

/// What was said holds of the log as it is now.
fn check(dir: &Path, said: &[Said], what: &str) {
    let location = config(dir).location();
    let opened = start::open(&location);
    let opened = opened.unwrap_or_else(|error| panic!("{what}: a start is refused: {error}"));
    drop(opened);
    let log = Log::open(dir).unwrap();
    let report = log.fsck().unwrap();
    assert!(report.is_ok(), "{what}: {report:?}");
    let mut stopped = false;
    for Said { id, word, index } in said {
        let found = log.record(RecordName::Key(CALLER, id)).unwrap();
        match word.as_str() {
            "ack" => {
                assert!(
                    !stopped,
                    "{what}: {id} was acknowledged after an unknown fate"
                );
                let found = found.unwrap_or_else(|| panic!("{what}: {id} is lost"));
                assert_eq!(Some(found.logged.index), *index, "{what}: {id} has moved");
                let body = found.held.contents().unwrap().body.clone().unwrap();
                assert!(
                    body.starts_with(&request(id).body),
                    "{what}: {id} has changed"
                );
            }
            "not_stored" => assert!(found.is_none(), "{what}: {id} was refused and is there"),
            "stopped" => {
                assert!(found.is_none(), "{what}: {id} was not taken and is there");
                stopped = true;
            }
            "unknown" => stopped = true,
            "not_opened" => {}
            other => panic!("{what}: `{other}`"),
        }
    }
}

/// Fails every site of a run in each way.
fn fail_everywhere(from: Option<&Path>, kind: Run, only: Option<&str>) {
    let fresh = || match from {
        Some(dir) => copy_of(dir),
        None => tempfile::tempdir().unwrap(),
    };
    let watched = |dir: &Path| match only {
        Some(name) => vec![dir.join(name)],
        None => files(dir),
    };
    let trace = |calls: &str| vec!["-e".to_owned(), format!("trace={calls}")];
    let reference = fresh();
    let mut arguments = trace(&CALLS.join(","));
    arguments.extend(paths(&watched(reference.path())));
    let (said, traced) = run(reference.path(), kind, &arguments);
    assert!(said.iter().all(|said| said.word == "ack"), "{said:?}");
    check(reference.path(), &said, "undisturbed");
    let sites = sites(&traced);
    assert!(sites.len() > 3, "the calls are seen: {sites:?}");
    let every = std::env::var_os("CONCORD_AUDIT_EVERY_SYSCALL").is_some();
    let ways = ["error=EIO", "error=ENOSPC", "signal=KILL"];
    let all = sites.iter().flat_map(|site| ways.map(|way| (site, way)));
    let samples = if every { ALL } else { SAMPLES };
    let stride = sites.len() * ways.len() / samples[usize::from(kind == Run::Long)] + 1;
    let flushes = |name: &str| name.contains("sync") || name == "rename";
    let mut counts = BTreeMap::<&str, u32>::new();
    let (mut runs, mut disturbed) = (0, 0);
    for (at, ((name, count), way)) in all.enumerate() {
        // The rare calls always, the many writes by samples.
        if at % stride != 0 && !(flushes(name) && way == "error=EIO" && count % 3 == 1) {
            continue;
        }
        let dir = fresh();
        let mut arguments = trace(name);
        arguments.push("-e".to_owned());
        arguments.push(format!("inject={name}:{way}:when={count}"));
        arguments.extend(paths(&watched(dir.path())));
        let (said, _) = run(dir.path(), kind, &arguments);
        check(dir.path(), &said, &format!("{name} {count}, {way}"));
        if name.contains("sync") && way != "signal=KILL" {
            // What was written before a failed flush may reach the disk: nobody may say that it did not.
            let told = said.iter().find(|said| said.word == "not_stored");
            assert!(told.is_none(), "{name} {count}, {way}: {told:?}");
        }
        if only.is_some() && flushes(name) && way == "error=EIO" && *count == 1 {
            // The first flush of the database is that of the copying thread: nothing is unknown.
            let words: Vec<_> = said.iter().map(|said| said.word.as_str()).collect();
            let stopped = words.first() == Some(&"ack")
                && words.contains(&"stopped")
                && !words.contains(&"unknown");
            assert!(
                stopped,
                "a failed flush of the database stops the writer: {said:?}"
            );
        }
        runs += 1;
        disturbed += u32::from(said.iter().any(|said| said.word != "ack"));
        for said in &said {
            *counts.entry(word(&said.word)).or_default() += 1;
        }
    }
    assert!(disturbed > 0 || only.is_some(), "no failure was ever told");
    eprintln!(
        "{kind:?}: {} sites, {runs} runs, {disturbed} with a refusal, said {counts:?}",
        sites.len()
    );
}

fn word(word: &str) -> &'static str {
    let words = ["ack", "not_stored", "unknown", "stopped", "not_opened"];
    words
        .into_iter()
        .find(|known| *known == word)
        .unwrap_or("?")
}

#[test]
fn a_failing_call_while_a_log_is_begun_loses_nothing() {
    if can_trace() {
        fail_everywhere(None, Run::Short, None);
    }
}

#[test]
fn a_failing_call_while_a_log_is_written_loses_nothing() {
    if can_trace() {
        let dir = tempfile::tempdir().unwrap();
        let (said, _) = run(dir.path(), Run::Short, &["-e".into(), "trace=none".into()]);
        assert_eq!(said.len(), 12);
        fail_everywhere(Some(dir.path()), Run::Short, None);
    }
}

/// The database itself is written by the thread that copies the write-ahead log, and at the end.
#[test]
fn a_failing_copy_of_the_write_ahead_log_stops_the_writer() {
    if can_trace() {
        let dir = tempfile::tempdir().unwrap();
        run(dir.path(), Run::Short, &["-e".into(), "trace=none".into()]);
        fail_everywhere(Some(dir.path()), Run::Long, Some("audit.sqlite3"));
    }
}
