//! Beginning a log, and the checks before an existing one is served.

use std::path::PathBuf;
use std::sync::Arc;

use concord_tlog::checkpoint::{Checkpoint, CheckpointError};
use concord_tlog::hash::leaf_hash;
use concord_tlog::note::{KeyError, KnownKeys, NoteSigner, VerifierKey};
use concord_tlog::tree::{Frontier, NodeId};

use crate::key::{KeyFileError, load_or_create};
use crate::lock::{DirLock, LockError};
use crate::record::{Logged, SignedCheckpoint};
use crate::store::sqlite::{OpenError, SqliteStore};
use crate::store::{Filter, LogIdentity, Reads, Store, StoreError, required_node};

/// A log that cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The database.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The signing key.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// Reading or writing.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The origin or the key's name cannot be used.
    #[error("`log_origin`: {0}")]
    Origin(String),
    /// The settings belong to another log.
    #[error("the data directory holds the log `{found}`, not `{expected}` as `log_origin` says")]
    OtherLog {
        /// Origin in the settings.
        expected: String,
        /// Origin of the stored log.
        found: String,
    },
    /// The key is not the log's.
    #[error("the log is signed with the key `{found}`, the key file has `{expected}`")]
    OtherKey {
        /// Key in the key file.
        expected: String,
        /// Key of the stored log.
        found: String,
    },
    /// What is stored is not what was signed.
    #[error(
        "the stored log is not the one that was signed: {0}; nothing is served or signed, see `concord log fsck`"
    )]
    NotAsSigned(String),
}

/// Where a log is and under which name.
#[derive(Clone, Debug)]
pub struct Location {
    /// The data directory.
    pub data_dir: PathBuf,
    /// Origin of the log's checkpoints.
    pub origin: String,
    /// The signing key's file.
    pub key_file: PathBuf,
}

/// A log that was found to be as signed, ready for its writer.
pub struct OpenLog {
    /// Held as long as anything is written.
    pub lock: DirLock,
    /// The store.
    pub store: Box<dyn Store>,
    /// Signs the checkpoints.
    pub signer: Box<dyn NoteSigner + Send>,
    /// The tree's right edge.
    pub frontier: Frontier,
    /// Time of the last record, microseconds since 1970-01-01 UTC.
    pub time_micros: u64,
}

/// Takes the lock, opens or begins the log and checks it. Blocks.
///
/// # Errors
/// Whatever makes it unsafe to sign: see [`StartError`].
pub fn open(location: &Location) -> Result<OpenLog, StartError> {
    let lock = DirLock::take(&location.data_dir, "audit")?;
    let mut store = SqliteStore::open(&location.data_dir)?;
    let reads = store.reads();
    let identity = reads.identity()?;
    if let Some(found) = identity
        .as_ref()
        .filter(|found| found.origin != location.origin)
    {
        let (expected, found) = (location.origin.clone(), found.origin.clone());
        return Err(StartError::OtherLog { expected, found });
    }
    let signer = load_or_create(&location.key_file, &location.origin, identity.is_none())?;
    let vkey = signer.verifier_key().to_string();
    match identity {
        None => {
            let first = sign(&location.origin, &Frontier::new(), &signer)?;
            store.create(
                &LogIdentity {
                    origin: location.origin.clone(),
                    vkey,
                },
                &first,
            )?;
        }
        Some(found) if found.vkey != vkey => {
            return Err(StartError::OtherKey {
                expected: vkey,
                found: found.vkey,
            });
        }
        Some(_) => {}
    }
    let (frontier, last) = check(&reads)?;
    let time_micros = last.map_or(0, |logged| logged.time_micros);
    Ok(OpenLog {
        lock,
        store: Box::new(store),
        signer: Box::new(signer),
        frontier,
        time_micros,
    })
}

/// Signs the checkpoint of a tree.
pub(crate) fn sign(
    origin: &str,
    frontier: &Frontier,
    signer: &dyn NoteSigner,
) -> Result<SignedCheckpoint, StartError> {
    let (size, root) = (frontier.size(), frontier.root());
    let note = Checkpoint::new(origin, size, root)
        .map_err(|e| StartError::Origin(e.to_string()))?
        .sign(&[signer])
        .map_err(|e| StartError::Origin(e.to_string()))?;
    Ok(SignedCheckpoint {
        size,
        root,
        note: note.to_string(),
    })
}

/// Reads a stored checkpoint and checks that the log signed it and that the columns agree.
pub(crate) fn verify_checkpoint(
    stored: &SignedCheckpoint,
    identity: &LogIdentity,
) -> Result<(), String> {
    let key = VerifierKey::parse(&identity.vkey).map_err(|e: KeyError| e.to_string())?;
    let keys = KnownKeys::new([key]).map_err(|e| e.to_string())?;
    let (signed, _) = Checkpoint::open(stored.note.as_bytes(), &identity.origin, &keys)
        .map_err(|e: CheckpointError| e.to_string())?;
    if (signed.size(), signed.root()) != (stored.size, stored.root) {
        return Err("its size or root is not the one that was signed".to_owned());
    }
    Ok(())
}

/// Checks the right edge of the log against the last signed checkpoint: what a restart needs, in
/// O(log n). `fsck` checks all of it.
fn check(reads: &Arc<dyn Reads>) -> Result<(Frontier, Option<Logged>), StartError> {
    let wrong = |text: String| StartError::NotAsSigned(text);
    let identity = reads
        .identity()?
        .ok_or_else(|| wrong("it has no identity".into()))?;
    let signed = reads
        .latest()?
        .ok_or_else(|| wrong("it has no checkpoint".into()))?;
    let size = signed.size;
    verify_checkpoint(&signed, &identity)
        .map_err(|problem| wrong(format!("the checkpoint of size {size}: {problem}")))?;
    let last = reads.search(&Filter::default(), u64::MAX, 1)?.records.pop();
    let stored = last.as_ref().map_or(0, |logged| logged.index + 1);
    if stored != size {
        return Err(wrong(format!(
            "it has {stored} records, the last checkpoint {size}"
        )));
    }
    let read = |node| required_node(&**reads, node);
    let frontier = Frontier::load(size, &read).map_err(|e| match e {
        concord_tlog::tree::ProveError::Read(error) => StartError::Store(error),
        other => wrong(other.to_string()),
    })?;
    if frontier.root() != signed.root {
        let root = frontier.root();
        return Err(wrong(format!(
            "its {size} records have the root {root}, not {}",
            signed.root
        )));
    }
    if reads
        .node(NodeId {
            level: 0,
            index: size,
        })?
        .is_some()
    {
        return Err(wrong(format!(
            "it has a leaf hash beyond its {size} records"
        )));
    }
    if let Some(last) = &last {
        let node = NodeId {
            level: 0,
            index: last.index,
        };
        if read(node)? != leaf_hash(&last.leaf) {
            return Err(wrong(format!(
                "record {} is not the one in the tree",
                last.index
            )));
        }
    }
    Ok((frontier, last))
}
