//! The signing keys, each from a file that only the log can read.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use concord_tlog::note::{
    CheckpointSigner, CosignatureSigner, Ed25519Signer, MlDsa44Signer, SignError,
};

use crate::lock::private_dir;

/// A key could not be had.
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

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// Checkpoints of our own log, Ed25519 (type 0x01).
    LogEd25519,
    /// Checkpoints of counterparts, Ed25519 cosignature (type 0x04). Never the log's own key: the
    /// signed message does not name the cosigner.
    CosignerEd25519,
    /// Checkpoints of our own log or of counterparts, ML-DSA-44 (type 0x06).
    MlDsa44,
}

impl KeyKind {
    fn read_pem(self, name: &str, pem: &str) -> Result<Box<dyn CheckpointSigner>, SignError> {
        Ok(match self {
            Self::LogEd25519 => Box::new(Ed25519Signer::from_pkcs8_pem(name, pem)?),
            Self::CosignerEd25519 => {
                let signer = Ed25519Signer::from_pkcs8_pem(name, pem)?;
                Box::new(CosignatureSigner::new(signer, 0)?)
            }
            Self::MlDsa44 => Box::new(MlDsa44Signer::from_pkcs8_pem(name, pem)?),
        })
    }

    fn new_pem(self, name: &str, seed: &[u8; 32]) -> Result<String, SignError> {
        match self {
            Self::LogEd25519 | Self::CosignerEd25519 => {
                Ed25519Signer::from_seed(name, seed)?.to_pkcs8_pem()
            }
            Self::MlDsa44 => MlDsa44Signer::from_seed(name, seed)?.to_pkcs8_pem(),
        }
    }
}

/// Reads the key that signs as `name`; makes one if there is none and `create`.
///
/// # Errors
/// No key where there must be one, or a file that is not a key.
pub fn load_or_create(
    path: &Path,
    name: &str,
    kind: KeyKind,
    create: bool,
) -> Result<Box<dyn CheckpointSigner>, KeyFileError> {
    let io = |problem| KeyFileError::Io {
        path: path.to_owned(),
        problem,
    };
    let key = |problem| KeyFileError::Key {
        path: path.to_owned(),
        problem,
    };
    match std::fs::read_to_string(path) {
        Ok(pem) => kind.read_pem(name, &pem).map_err(key),
        Err(error) if error.kind() == ErrorKind::NotFound && create => {
            let seed = random().map_err(io)?;
            let pem = kind.new_pem(name, &seed).map_err(key)?;
            write_private(path, &pem).map_err(io)?;
            kind.read_pem(name, &pem).map_err(key)
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

/// Writes a new file with mode 0600, durable before the key in it is used. It appears whole or not at
/// all: half a key would stop every later start.
pub(crate) fn write_private(path: &Path, pem: &str) -> std::io::Result<()> {
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
