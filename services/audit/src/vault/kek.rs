//! The agency's keys that wrap the keys of records, each from a file that only the log can read.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrap};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use concord_tlog::hash::Hash;

use crate::key::{random, write_private};

/// Begins a key file.
const FORMAT: &str = "concord.kek/v1";
/// Begins what an id is made of.
const ID_TAG: &[u8] = b"concord/kek-id/v1\0";
/// A wrapped key of 32 bytes (RFC 3394).
const WRAPPED: usize = 40;

/// Names a key without telling it: the first eight bytes of a digest of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KekId([u8; 8]);

impl KekId {
    /// From its eight bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Its eight bytes.
    pub fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }

    /// From its sixteen hex digits.
    pub fn parse(text: &str) -> Option<Self> {
        let number = u64::from_str_radix(text, 16).ok();
        number
            .filter(|_| text.len() == 16)
            .map(|n| Self(n.to_be_bytes()))
    }
}

impl fmt::Display for KekId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KekId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KekId({self})")
    }
}

/// A key that wraps could not be had or used. The text holds nothing of a key or of a record.
#[derive(Debug, thiserror::Error)]
pub enum KekError {
    /// The file cannot be read or written.
    #[error("the key file `{path}` cannot be used: {problem}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        problem: std::io::Error,
    },
    /// Not a key.
    #[error("key file `{0}`: must be one line, `{FORMAT}` and 32 bytes in base64")]
    Format(PathBuf),
    /// Records are wrapped with a key that was not given.
    #[error(
        "records of the log are encrypted under the key `{missing}`, which is not given: `{path}` {found}; restore the file from its backup, or name it in `earlier_kek_files`"
    )]
    Missing {
        /// The key that is needed.
        missing: KekId,
        /// The file that was looked at first.
        path: PathBuf,
        /// What is there.
        found: String,
    },
    /// The key is not among those held.
    #[error("the key `{0}` is not given")]
    Unknown(KekId),
    /// The key refuses: what is wrapped was changed, or was wrapped with another.
    #[error("the key `{0}` does not unwrap it")]
    Refused(KekId),
}

/// Wraps and unwraps the keys of records. Keys in files are one way to fill it; a security module that never
/// gives its key away is another.
pub trait KeyKeeper: Send + Sync {
    /// The key that wraps the keys of new records.
    fn current(&self) -> KekId;
    /// Whether that key can be used for unwrapping.
    fn holds(&self, id: KekId) -> bool;
    /// Wraps the key of a record with the current key.
    ///
    /// # Errors
    /// The keeper cannot be used.
    fn wrap(&self, key: &[u8; 32]) -> Result<Vec<u8>, KekError>;
    /// Gives back the key of a record.
    ///
    /// # Errors
    /// The key is not held, or what is wrapped was changed.
    fn unwrap(&self, id: KekId, wrapped: &[u8]) -> Result<[u8; 32], KekError>;
}

/// One key from a file.
struct Kek {
    id: KekId,
    bytes: [u8; 32],
}

impl Kek {
    fn new(bytes: [u8; 32]) -> Self {
        let hash = Hash::of(&[ID_TAG, &bytes]);
        let [a, b, c, d, e, f, g, h, ..] = *hash.as_bytes();
        let id = KekId([a, b, c, d, e, f, g, h]);
        Self { id, bytes }
    }

    fn read(path: &Path) -> Result<Option<Self>, KekError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(problem) => {
                let path = path.to_owned();
                return Err(KekError::Io { path, problem });
            }
        };
        let key = text.trim_end().strip_prefix(FORMAT);
        let key = key.and_then(|rest| STANDARD.decode(rest.trim_start()).ok());
        let key = key.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let key = key.ok_or_else(|| KekError::Format(path.to_owned()))?;
        Ok(Some(Self::new(key)))
    }

    fn write_new(path: &Path) -> Result<Self, KekError> {
        let io = |problem| KekError::Io {
            path: path.to_owned(),
            problem,
        };
        let bytes = random().map_err(io)?;
        let text = format!("{FORMAT} {}\n", STANDARD.encode(bytes));
        write_private(path, &text).map_err(io)?;
        Ok(Self::new(bytes))
    }
}

/// Where the agency's keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KekFiles {
    /// The key that wraps.
    pub current: PathBuf,
    /// Keys that wrapped before and still unwrap.
    pub earlier: Vec<PathBuf>,
}

impl KekFiles {
    /// The usual place in a data directory.
    pub fn of(data_dir: &Path) -> Self {
        Self {
            current: data_dir.join("keys").join("kek.key"),
            earlier: Vec::new(),
        }
    }

    /// The keys in these files; none if the first of them is not there.
    ///
    /// # Errors
    /// A file that cannot be read or is not a key, or an earlier one that is not there.
    pub fn read(&self) -> Result<Option<FileKeeper>, KekError> {
        let Some(current) = Kek::read(&self.current)? else {
            return Ok(None);
        };
        self.with(current).map(Some)
    }

    /// The keys in these files; the first is made, with mode 0600, if it is not there.
    ///
    /// # Errors
    /// As [`KekFiles::read`], or a file that cannot be written.
    pub fn read_or_create(&self) -> Result<FileKeeper, KekError> {
        let current = match Kek::read(&self.current)? {
            Some(current) => current,
            None => Kek::write_new(&self.current)?,
        };
        self.with(current)
    }

    fn with(&self, current: Kek) -> Result<FileKeeper, KekError> {
        let read = |path: &PathBuf| {
            let absent = || KekError::Io {
                path: path.clone(),
                problem: ErrorKind::NotFound.into(),
            };
            Kek::read(path)?.ok_or_else(absent)
        };
        let earlier = self.earlier.iter().map(read).collect::<Result<_, _>>()?;
        Ok(FileKeeper { current, earlier })
    }
}

/// The keys in files.
pub struct FileKeeper {
    current: Kek,
    earlier: Vec<Kek>,
}

impl FileKeeper {
    fn find(&self, id: KekId) -> Option<&Kek> {
        let mut all = std::iter::once(&self.current).chain(&self.earlier);
        all.find(|kek| kek.id == id)
    }
}

impl KeyKeeper for FileKeeper {
    fn current(&self) -> KekId {
        self.current.id
    }

    fn holds(&self, id: KekId) -> bool {
        self.find(id).is_some()
    }

    /// RFC 3394: it needs no nonce, so one key may wrap any number of keys.
    fn wrap(&self, key: &[u8; 32]) -> Result<Vec<u8>, KekError> {
        let refused = |_| KekError::Refused(self.current.id);
        let kek = AesKek::new(&AES_256, &self.current.bytes).map_err(refused)?;
        let mut wrapped = vec![0; WRAPPED];
        kek.wrap(key, &mut wrapped).map_err(refused)?;
        Ok(wrapped)
    }

    fn unwrap(&self, id: KekId, wrapped: &[u8]) -> Result<[u8; 32], KekError> {
        let found = self.find(id).ok_or(KekError::Unknown(id))?;
        let refused = |_| KekError::Refused(id);
        let kek = AesKek::new(&AES_256, &found.bytes).map_err(refused)?;
        let mut key = [0; 32];
        let length = kek.unwrap(wrapped, &mut key).map_err(refused)?.len();
        match length {
            32 => Ok(key),
            _ => Err(KekError::Refused(id)),
        }
    }
}
