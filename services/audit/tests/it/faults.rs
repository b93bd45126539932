//! A store that fails: nothing is acknowledged that is not there, and nothing is tried again
//! blindly.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use concord_audit::GroupCommitConfig;
use concord_audit::record::SignedCheckpoint;
use concord_audit::start::{self, Location};
use concord_audit::store::{Group, GroupError, LogIdentity, Reads, Store, StoreError};
use concord_audit::vault::Vault;
use concord_audit::wire::append::decode;
use concord_audit::writer::{self, Appended, WriteError, WriterHandle, WriterThread};
use concord_kit::health::Health;

use crate::running::{config, request, telemetry};

const WELL: u8 = 0;
/// The last statement before COMMIT fails.
const FAIL_BEFORE: u8 = 1;
/// COMMIT reports a failure although it reached the disk.
const LIE_AFTER: u8 = 2;

struct Flaky {
    inner: Box<dyn Store>,
    mode: Arc<AtomicU8>,
}

fn failure() -> StoreError {
    StoreError::Backend("no space left".into())
}

impl Store for Flaky {
    fn create(&mut self, log: &LogIdentity, first: &SignedCheckpoint) -> Result<(), StoreError> {
        self.inner.create(log, first)
    }

    fn group(
        &mut self,
        work: &mut dyn FnMut(&mut dyn Group) -> Result<(), StoreError>,
    ) -> Result<(), GroupError> {
        match self.mode.load(Ordering::SeqCst) {
            FAIL_BEFORE => self.inner.group(&mut |group| {
                work(group)?;
                Err(failure())
            }),
            LIE_AFTER => {
                self.inner.group(work)?;
                Err(GroupError::Unknown(failure()))
            }
            _ => self.inner.group(work),
        }
    }

    fn reads(&self) -> Arc<dyn Reads> {
        self.inner.reads()
    }
}

/// The way to a writer, and what encrypts for it.
type Flow = (WriterHandle, Arc<Vault>);

fn flaky(location: &Location, health: &Health) -> (WriterThread, Arc<Vault>, Arc<AtomicU8>) {
    let mode = Arc::new(AtomicU8::new(WELL));
    let mut log = start::open(location).unwrap();
    let vault = log.vault.clone();
    log.store = Box::new(Flaky {
        inner: log.store,
        mode: mode.clone(),
    });
    let (settings, meter) = (GroupCommitConfig::default(), telemetry().meter());
    let component = health.component("log");
    let origin = location.origin.clone();
    let thread = writer::start(log, origin, &settings, component, &meter).unwrap();
    (thread, vault, mode)
}

async fn append(log: &Flow, id: &str) -> Result<Appended, WriteError> {
    let (entry, _) = decode(request(id), &log.1).unwrap();
    log.0.append(entry).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_was_rolled_back_leaves_no_trace_and_can_be_asked_again() {
    let dir = tempfile::tempdir().unwrap();
    let location = config(dir.path()).location();
    let health = Health::new("audit");
    let (thread, vault, mode) = flaky(&location, &health);
    let writer = (thread.handle(), vault);
    assert_eq!(append(&writer, "a").await.unwrap().logged.index, 0);
    mode.store(FAIL_BEFORE, Ordering::SeqCst);
    assert_eq!(
        append(&writer, "b").await.unwrap_err(),
        WriteError::RolledBack
    );
    mode.store(WELL, Ordering::SeqCst);
    let again = append(&writer, "b").await.unwrap();
    assert_eq!((again.logged.index, again.existed), (1, false));
    assert!(
        !health
            .waiting()
            .iter()
            .any(|(component, _)| component == "log")
    );
    thread.end().await;
    let ended = append(&writer, "late").await.unwrap_err();
    assert_eq!(
        ended,
        WriteError::Stopped,
        "a writer that has ended says so"
    );
    start::open(&location).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_commit_of_unknown_fate_nothing_is_written_until_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let location = config(dir.path()).location();
    let health = Health::new("audit");
    let (thread, vault, mode) = flaky(&location, &health);
    let writer = (thread.handle(), vault);
    mode.store(LIE_AFTER, Ordering::SeqCst);
    assert_eq!(append(&writer, "a").await.unwrap_err(), WriteError::Unknown);
    mode.store(WELL, Ordering::SeqCst);
    assert_eq!(append(&writer, "a").await.unwrap_err(), WriteError::Stopped);
    assert_eq!(append(&writer, "b").await.unwrap_err(), WriteError::Stopped);
    let waiting = health.waiting();
    assert!(
        waiting
            .iter()
            .any(|(component, why)| component == "log" && why.contains("unknown"))
    );
    thread.end().await;
    // The restart reads what really happened: here the record is there, and asking again finds it.
    let (thread, vault, _) = flaky(&location, &Health::new("audit"));
    let writer = (thread.handle(), vault);
    let again = append(&writer, "a").await.unwrap();
    assert_eq!((again.logged.index, again.existed), (0, true));
    assert_eq!(append(&writer, "b").await.unwrap().logged.index, 1);
    thread.end().await;
}
