//! The lock of the data directory: a log has one writer, or it forks.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Name of the lock file in the data directory.
pub const FILE_NAME: &str = "lock";

/// The lock could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else has it.
    #[error(
        "the data directory `{path}` is in use by {holder}: stop it first, or use another directory"
    )]
    Held {
        /// The data directory.
        path: PathBuf,
        /// Who has it, as it wrote down: process id and service.
        holder: String,
    },
    /// The directory or the file cannot be used.
    #[error("the data directory `{path}` cannot be used: {problem}")]
    Io {
        /// The directory or file.
        path: PathBuf,
        /// The operating system's reason.
        problem: std::io::Error,
    },
}

/// Holds the data directory until dropped; the operating system lets go of it when the process
/// ends, however it ends.
#[derive(Debug)]
pub struct DirLock(#[expect(dead_code, reason = "its descriptor is the lock")] File);

impl DirLock {
    /// Makes the directory if need be, readable by this user only, and locks it for `service`.
    ///
    /// # Errors
    /// Another process (or another part of this one) has it, or the directory cannot be used.
    pub fn take(dir: &Path, service: &str) -> Result<Self, LockError> {
        let failed = |problem| LockError::Io {
            path: dir.to_owned(),
            problem,
        };
        private_dir(dir).map_err(failed)?;
        let path = dir.join(FILE_NAME);
        let mut options = OpenOptions::new();
        // Emptied only when it is ours: until then it names the holder.
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(problem)) => return Err(failed(problem)),
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.take(256).read_to_string(&mut holder); // only for the message
                let holder = match holder.trim() {
                    "" => "another process",
                    named => named,
                };
                return Err(LockError::Held {
                    path: dir.to_owned(),
                    holder: holder.to_owned(),
                });
            }
        }
        let name = format!("process {} (concord {service})\n", std::process::id());
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(name.as_bytes()))
            .map_err(failed)?;
        Ok(Self(file))
    }
}

/// A directory that only this user can read; one that exists is left as it is. Its name and those of
/// the directories above it that were made are durable: what is put into it would be lost with them.
pub(crate) fn private_dir(dir: &Path) -> std::io::Result<()> {
    let made = |above: &&Path| !above.as_os_str().is_empty() && !above.exists();
    let made: Vec<_> = dir.ancestors().take_while(made).collect();
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)?;
    for named in std::iter::once(dir).chain(made.into_iter().skip(1)) {
        let above = named.parent().filter(|above| !above.as_os_str().is_empty());
        match File::open(above.unwrap_or(Path::new("."))) {
            Ok(above) => above.sync_all()?,
            // Not ours: then it was not made by us either.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
