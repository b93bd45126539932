//! Files that are there completely or not at all.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::Path;

use concord_kit::files::write_whole;

use super::StoreError;

fn failed<'a>(path: &'a Path, action: &'static str) -> impl Fn(std::io::Error) -> StoreError + 'a {
    move |problem| StoreError::Io {
        path: path.to_owned(),
        action,
        problem,
    }
}

/// The file's bytes; `None` where there is no such file.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(failed(path, "read")(e)),
    }
}

/// Holds the store for one writer until it is dropped; makes the directory where there is none.
pub fn lock(dir: &Path) -> Result<File, StoreError> {
    std::fs::create_dir_all(dir).map_err(failed(dir, "made"))?;
    let path = dir.join("lock");
    let file = File::create(&path).map_err(failed(&path, "opened"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Busy {
            dir: dir.to_owned(),
        }),
        Err(TryLockError::Error(e)) => Err(failed(&path, "locked")(e)),
    }
}

/// Replaces `path` as a whole, and syncs the directory so that the rename itself lasts. The caller holds the lock, so a
/// half-written file that is there was left by a process that died, and is written over.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    write_whole(path, bytes).map_err(failed(path, "written"))?;
    let dir = path.parent().unwrap_or(Path::new("."));
    File::open(dir)
        .and_then(|d| d.sync_all())
        .map_err(failed(dir, "synced"))
}
