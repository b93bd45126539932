//! The power goes at any moment, on a disk that drops, tears and reorders what was not flushed: the log
//! opens, and whatever was acknowledged is in it.

use std::path::Path;

use concord_audit::offline::Log;
use concord_audit::start;
use concord_audit::store::RecordName;

use crate::disk::Recording;
use crate::running::{CALLER, config, request};
use crate::traced::{Run, Said, can_trace, run};

/// In CI every this many moments; all of them with `CONCORD_AUDIT_EVERY_MOMENT`.
const STRIDE: usize = 41;

fn check(dir: &Path, said: &[Said], what: &str) {
    let opened = start::open(&config(dir).location());
    let opened = opened.unwrap_or_else(|error| panic!("{what}: a start is refused: {error}"));
    drop(opened);
    let log = Log::open(dir).unwrap();
    for Said { id, index, .. } in said.iter().filter(|said| said.word == "ack") {
        let found = log.record(RecordName::Key(CALLER, id)).unwrap();
        let found = found.unwrap_or_else(|| panic!("{what}: {id} is lost"));
        assert_eq!(Some(found.logged.index), *index, "{what}: {id} has moved");
        let body = found.held.contents().unwrap().body.clone().unwrap();
        assert_eq!(body, request(id).body, "{what}: {id} has changed");
    }
    let report = log.fsck().unwrap();
    assert!(report.is_ok(), "{what}: {report:?}");
}

fn cut_everywhere(dir: &Path) {
    let every = std::env::var_os("CONCORD_AUDIT_EVERY_MOMENT").is_some();
    let mut recording = Recording::begin(dir);
    let calls = "trace=openat,mkdir,write,pwrite64,ftruncate,fsync,fdatasync,rename,unlink";
    let (said, trace) = run(dir, Run::Short, &["-e".to_owned(), calls.to_owned()]);
    assert!(
        said.len() == 12 && said.iter().all(|said| said.word == "ack"),
        "{said:?}"
    );
    recording.read(dir, &trace);
    assert_eq!(
        recording.said(recording.len()).len(),
        said.len(),
        "the ledger is in the trace"
    );
    let (stride, random) = if every { (1, 12) } else { (STRIDE, 3) };
    let (mut moments, mut states) = (0, 0);
    let place = Path::new("/dev/shm"); // the states are many, and nothing is learned from flushing them
    let place = if place.is_dir() {
        place.to_owned()
    } else {
        std::env::temp_dir()
    };
    for cut in (0..=recording.len()).rev().step_by(stride) {
        let said: Vec<_> = recording.said(cut).into_iter().map(Said::read).collect();
        moments += 1;
        for (number, disk) in recording.states(cut, random).into_iter().enumerate() {
            let copy = tempfile::tempdir_in(&place).unwrap();
            disk.write(dir, copy.path());
            let of = recording.len();
            check(
                copy.path(),
                &said,
                &format!("cut after {cut} of {of} steps, state {number}"),
            );
            states += 1;
        }
    }
    eprintln!(
        "{} steps, {moments} moments, {states} states of the disk",
        recording.len()
    );
}

#[test]
fn what_was_acknowledged_survives_a_power_cut_at_any_moment() {
    if !can_trace() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    // A log is begun, then written, then opened again and written on.
    cut_everywhere(dir.path());
    cut_everywhere(dir.path());
}
