//! Backup of a log while it is served, and restoring one where there is none.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::{FsckReport, Log, OfflineError};
use crate::lock::{DirLock, LockError, private_dir};
use crate::start::seconds;
use crate::store::sqlite::{FILE_NAME, OpenError, SqliteStore};
use crate::store::{GroupError, MARK_RESTORED, Restored, Store, StoreError};
use crate::vault::{KekFiles, Vault};

/// A backup could not be made or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is something already: nothing is overwritten.
    #[error("`{0}` exists already and is not overwritten")]
    Exists(PathBuf),
    /// The operating system.
    #[error("`{path}`: {problem}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The reason.
        problem: std::io::Error,
    },
    /// The copy is not a whole log.
    #[error("the log in `{path}` is damaged: {first}; see `concord log fsck`")]
    Damaged {
        /// The directory.
        path: PathBuf,
        /// The first problem.
        first: String,
    },
    /// The data directory is in use.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A log that cannot be read.
    #[error(transparent)]
    Offline(#[from] OfflineError),
    /// Writing to the restored log.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<OpenError> for BackupError {
    fn from(error: OpenError) -> Self {
        Self::Offline(error.into())
    }
}

impl From<GroupError> for BackupError {
    fn from(error: GroupError) -> Self {
        Self::Store(error.into())
    }
}

fn io(path: &Path) -> impl Fn(std::io::Error) -> BackupError + use<> {
    let path = path.to_owned();
    move |problem| BackupError::Io {
        path: path.clone(),
        problem,
    }
}

/// Copies the log in `data_dir`, as it is at one moment, into the new directory `out`, and checks the
/// copy whole, what records say too if the agency's key is in `keys`. Also while the service writes. Keys are
/// not copied: they are backed up apart.
///
/// # Errors
/// No log, an occupied target, a full disk, or a copy that is not a whole log.
pub fn backup(data_dir: &Path, out: &Path, keys: &KekFiles) -> Result<FsckReport, BackupError> {
    Log::open_with(data_dir, keys)?; // says what is wrong with the source
    let target = out.join(FILE_NAME);
    if target.exists() {
        return Err(BackupError::Exists(target));
    }
    private_dir(out).map_err(io(out))?;
    // It appears whole or not at all.
    let partial = out.join("copying");
    remove(&partial)?; // of an attempt that was cut off
    copy(data_dir, &partial)?;
    std::fs::rename(&partial, &target).map_err(io(&target))?;
    sync(out)?;
    whole(out, keys)
}

/// Puts the backup in `from` into a data directory that has no log, and marks it: it is served only
/// after a witness has said how far the log had come, where witnesses are configured. A backup of an earlier
/// version, whose records are not encrypted, is encrypted with the key in `keys`, which is made if absent.
///
/// # Errors
/// A log or a part of one there already, a directory in use, or a backup that is not a whole log.
pub fn restore(from: &Path, data_dir: &Path, keys: &KekFiles) -> Result<FsckReport, BackupError> {
    let _lock = DirLock::take(data_dir, "log restore")?;
    let target = data_dir.join(FILE_NAME);
    // A write-ahead log that was left alone would be played into the restored database.
    for suffix in ["", "-wal", "-shm"] {
        let path = data_dir.join(format!("{FILE_NAME}{suffix}"));
        if path.exists() {
            return Err(BackupError::Exists(path));
        }
    }
    // Made ready aside: the log appears marked or not at all. What is checked is the copy, since the
    // backup may itself be a copy of a data directory with a write-ahead log beside it.
    let aside = data_dir.join("restoring");
    let _ = std::fs::remove_dir_all(&aside); // of an attempt that was cut off
    let (earlier, plain) = match Log::open_with(from, keys) {
        Ok(_) => (false, false),
        Err(OfflineError::Open(OpenError::Plain(_))) => (true, true),
        Err(OfflineError::Open(OpenError::EarlierSchema { .. })) => (true, false),
        Err(error) => return Err(error.into()), // says what is wrong with the backup
    };
    private_dir(&aside).map_err(io(&aside))?;
    let database = aside.join(FILE_NAME);
    copy(from, &database)?;
    if earlier {
        SqliteStore::open(&aside)?; // brings it up to date
    }
    if plain {
        encrypt(&aside, keys)?;
    }
    let report = whole(&aside, keys).inspect_err(|_| {
        let _ = std::fs::remove_dir_all(&aside); // the refusal is what matters
    })?;
    let mut store = SqliteStore::open(&aside)?;
    let restored = Restored {
        size: report.tree_size,
        at_seconds: seconds(),
    };
    store.group(&mut |group| group.mark(MARK_RESTORED, Some(&restored.mark())))?;
    drop(store); // closing brings its write-ahead log into the file
    sync(&database)?;
    std::fs::rename(&database, &target).map_err(io(&target))?;
    std::fs::remove_dir_all(&aside).map_err(io(&aside))?;
    sync(data_dir)?;
    Ok(report)
}

/// Copies the log in `dir`, as it is at one moment, into one new file, durably.
fn copy(dir: &Path, file: &Path) -> Result<(), BackupError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = Connection::open_with_flags(dir.join(FILE_NAME), flags);
    let path = file.to_string_lossy().into_owned();
    source
        .and_then(|source| source.execute("VACUUM INTO ?1", [path]))
        .map_err(StoreError::from)?;
    sync(file)
}

fn remove(path: &Path) -> Result<(), BackupError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(io(path)(error)),
        _ => Ok(()),
    }
}

/// Encrypts what an earlier version stored.
fn encrypt(dir: &Path, keys: &KekFiles) -> Result<(), BackupError> {
    let mut store = SqliteStore::open(dir)?;
    let absent = || OpenError::Absent(dir.to_owned());
    let origin = store.reads().identity()?.ok_or_else(absent)?.origin;
    let vault = Vault::begin(&mut store, &origin, keys).map_err(OfflineError::from)?;
    store.encrypt_plain(&vault)?;
    Ok(())
}

fn whole(dir: &Path, keys: &KekFiles) -> Result<FsckReport, BackupError> {
    let report = Log::open_with(dir, keys)?.fsck()?;
    match report.problems.first() {
        None => Ok(report),
        Some(first) => Err(BackupError::Damaged {
            path: dir.to_owned(),
            first: first.clone(),
        }),
    }
}

fn sync(path: &Path) -> Result<(), BackupError> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(io(path))
}
