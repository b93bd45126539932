//! Copying the write-ahead log into the database, off the writer's way: by a thread of its own. The
//! writer copies only the little that the thread has left when the log must begin anew.

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

/// Pages that the thread copies at a time: 8 MiB, in which a page that every commit writes is copied once.
const COPY: i32 = 2 * 1_024;
/// Pages from which on the log is to begin anew: 64 MiB.
const BEGIN_ANEW: i32 = 16 * 1_024;

/// How far the log is written and copied.
#[derive(Debug, Default)]
struct Progress {
    /// Pages in it after the last commit.
    written: AtomicI32,
    /// Pages in it that are in the database too.
    copied: AtomicI32,
}

impl Progress {
    /// Pages in the log, and those of them that are not copied.
    fn left(&self) -> (i32, i32) {
        let written = self.written.load(Ordering::Relaxed);
        let copied = self.copied.load(Ordering::Relaxed);
        // Fewer than were copied: it has begun anew.
        let left = if written < copied {
            written
        } else {
            written - copied
        };
        (written, left)
    }
}

/// What copies, and what it came to.
#[derive(Debug)]
struct Copier {
    connection: Mutex<Connection>,
    progress: Arc<Progress>,
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
        let error = match connection.wal_checkpoint_v2(DEFAULT_NAME, CheckpointMode::PASSIVE) {
            Ok((_, copied)) => return self.progress.copied.store(copied, Ordering::Relaxed),
            Err(error) => error,
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
    wake: SyncSender<()>,
    thread: Option<JoinHandle<()>>,
    /// Pages from which on the writer copies whatever is left.
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
        let progress = Arc::new(Progress::default());
        let copier = Arc::new(Copier {
            connection: Mutex::new(connection),
            progress: progress.clone(),
            ended: AtomicBool::new(false),
            failed: OnceLock::new(),
        });
        let (wake, woken) = sync_channel(1);
        let waker = wake.clone();
        let hook = move |_: &mut Wal, written| {
            progress.written.store(written, Ordering::Relaxed);
            if progress.left().1 >= COPY {
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
            wake,
            thread: Some(thread),
            patience: 2 * BEGIN_ANEW,
        })
    }

    fn run(copier: &Copier, woken: &Receiver<()>) {
        while woken.recv().is_ok() && !copier.ended.load(Ordering::Acquire) {
            copier.copy();
        }
    }

    /// Before a transaction of the writer: copies what is left of a long log, so that the transaction
    /// begins it anew, and says why nothing may be written any more, if so.
    pub fn before_write(&mut self) -> Result<(), StoreError> {
        let (written, left) = self.copier.progress.left();
        if written < BEGIN_ANEW {
            self.patience = 2 * BEGIN_ANEW;
        } else if left < COPY / 4 || written >= self.patience {
            self.copier.copy();
            // A reader may keep the log from beginning anew: not at every commit, then.
            self.patience = written.saturating_add(BEGIN_ANEW);
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
