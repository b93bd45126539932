//! The log's signing key, from a file that only the log can read.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use concord_tlog::note::{Ed25519Signer, SignError};

use crate::lock::private_dir;

/// The key could not be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read or written.
    #[error("the key file `{path}` cannot be used: {problem}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        problem: std::io::Error,
    },
    /// The log exists and its key is gone: a new key would be another log.
    #[error(
        "the key file `{0}` is missing although the log exists: restore it from its backup; a new key would make this another log"
    )]
    Missing(PathBuf),
    /// No key in the file.
    #[error("key file `{path}`: {problem}")]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: SignError,
    },
}

/// Reads the key of the log `origin`; makes one if there is none and `new_log`.
///
/// # Errors
/// No key where there must be one, or a file that is not a key.
pub fn load_or_create(
    path: &Path,
    origin: &str,
    new_log: bool,
) -> Result<Ed25519Signer, KeyFileError> {
    let io = |problem| KeyFileError::Io {
        path: path.to_owned(),
        problem,
    };
    let key = |problem| KeyFileError::Key {
        path: path.to_owned(),
        problem,
    };
    match std::fs::read_to_string(path) {
        Ok(pem) => Ed25519Signer::from_pkcs8_pem(origin, &pem).map_err(key),
        Err(error) if error.kind() == ErrorKind::NotFound && new_log => {
            let seed = random().map_err(io)?;
            let signer = Ed25519Signer::from_seed(origin, &seed).map_err(key)?;
            write(path, &signer.to_pkcs8_pem().map_err(key)?).map_err(io)?;
            Ok(signer)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(KeyFileError::Missing(path.to_owned()))
        }
        Err(error) => Err(io(error)),
    }
}

/// 32 bytes from the operating system's generator.
pub(crate) fn random() -> std::io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(bytes)
}

/// Writes a new file with mode 0600, durable before anything is signed with the key. It appears
/// whole or not at all: half a key would stop every later start.
fn write(path: &Path, pem: &str) -> std::io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    private_dir(dir)?;
    let partial = path.with_extension("partial");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&partial)?;
    file.write_all(pem.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&partial, path)?;
    File::open(dir)?.sync_all()
}
