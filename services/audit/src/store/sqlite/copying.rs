//! Copying the write-ahead log into the database, off the writer's way: by a thread of its own, and by
//! the writer only when the log has become very long and must begin anew.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

use rusqlite::hooks::Wal;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, DEFAULT_NAME, ErrorCode, OpenFlags};

use super::{OpenError, prepare};
use crate::store::StoreError;

/// Pages in the log from which on they are copied: 4 MiB.
const COPY_FROM: i32 = 1_024;
/// Pages after which the writer waits for a copy of all of them, so that the log begins anew: 64 MiB.
const BEGIN_ANEW: i32 = 16 * 1_024;

/// What copies, and what it came to.
#[derive(Debug)]
struct Copier {
    connection: Mutex<Connection>,
    ended: AtomicBool,
    /// Why the log could not be copied.
    failed: OnceLock<String>,
}

impl Copier {
    /// Copies what can be copied now, which is everything if nobody writes or reads.
    fn copy(&self) {
        if self.failed.get().is_some() {
            return;
        }
        let connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let Err(error) = connection.wal_checkpoint_v2(DEFAULT_NAME, CheckpointMode::PASSIVE) else {
            return;
        };
        let busy = [ErrorCode::DatabaseBusy, ErrorCode::DatabaseLocked];
        if !error
            .sqlite_error_code()
            .is_some_and(|code| busy.contains(&code))
        {
            // INVARIANT: not tried again. After a failed flush the system may call pages clean that
            // never reached the disk; the log still has them, and a restart reads it.
            tracing::error!(%error, "the write-ahead log cannot be copied into the database");
            let _ = self.failed.set(error.to_string()); // the first reason stays
        }
    }
}

/// The thread that copies, and the writer's way to it.
#[derive(Debug)]
pub(super) struct Copying {
    copier: Arc<Copier>,
    /// Pages in the log after the last commit.
    pages: Arc<AtomicI32>,
    wake: SyncSender<()>,
    thread: Option<JoinHandle<()>>,
    /// Pages from which on the writer waits for a whole copy.
    patience: i32,
}

impl Copying {
    /// Starts the thread, and counts the pages of every commit of `writer`.
    pub fn start(path: &Path, writer: &mut Connection) -> Result<Self, OpenError> {
        let failed = OpenError::sqlite(path);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(&failed)?;
        prepare(&connection).map_err(&failed)?;
        // INVARIANT: the log is flushed before it is copied, the database before the log begins anew.
        let set = connection.pragma_update(None, "synchronous", "FULL");
        set.map_err(&failed)?;
        let copier = Arc::new(Copier {
            connection: Mutex::new(connection),
            ended: AtomicBool::new(false),
            failed: OnceLock::new(),
        });
        let (wake, woken) = sync_channel(1);
        let pages = Arc::new(AtomicI32::new(0));
        let (counter, waker) = (pages.clone(), wake.clone());
        let hook = move |_: &mut Wal, in_log| {
            counter.store(in_log, Ordering::Relaxed);
            if in_log >= COPY_FROM {
                let _ = waker.try_send(()); // if it is full, the thread is about to copy
            }
            Ok(())
        };
        // In place of SQLite's own, which copies within COMMIT and keeps failures to itself.
        writer.wal_hook(Some(hook)).map_err(&failed)?;
        let thread = {
            let copier = copier.clone();
            let run = move || Self::run(&copier, &woken);
            let named = std::thread::Builder::new().name("audit-copying".to_owned());
            named.spawn(run).map_err(|problem| OpenError::Open {
                path: path.to_owned(),
                problem: problem.to_string(),
            })?
        };
        Ok(Self {
            copier,
            pages,
            wake,
            thread: Some(thread),
            patience: BEGIN_ANEW,
        })
    }

    fn run(copier: &Copier, woken: &Receiver<()>) {
        while woken.recv().is_ok() && !copier.ended.load(Ordering::Acquire) {
            copier.copy();
        }
    }

    /// Before a transaction of the writer: waits for a copy if the log has become too long, and says
    /// why nothing may be written any more, if so.
    pub fn before_write(&mut self) -> Result<(), StoreError> {
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < BEGIN_ANEW {
            self.patience = BEGIN_ANEW;
        } else if pages >= self.patience {
            self.copier.copy();
            // A reader may keep the log from beginning anew: not after every commit, then.
            self.patience = pages.saturating_add(BEGIN_ANEW);
        }
        match self.copier.failed.get() {
            None => Ok(()),
            Some(why) => Err(StoreError::Backend(why.clone().into())),
        }
    }
}

impl Drop for Copying {
    fn drop(&mut self) {
        self.copier.ended.store(true, Ordering::Release);
        let _ = self.wake.try_send(()); // if it is full, the thread is about to look
        if let Some(thread) = self.thread.take() {
            let _ = thread.join(); // a panic in it is on stderr
        }
    }
}
