//! The log without the service: list, prove and check, from the data directory alone. Also while
//! the service writes it.

mod airgap;
mod backup;
mod fsck;
mod twins;

use std::path::Path;
use std::sync::Arc;

use concord_tlog::bundle::{Bundle, BundleError, Disclosure};
use concord_tlog::commitment::Field;
use concord_tlog::leaf::{Leaf, LeafError};
use concord_tlog::note::{KeyError, KnownKeys, Note, NoteError, VerifierKey};
use concord_tlog::tlog_proof::TlogProof;
use concord_tlog::tree::{ProveError, inclusion_proof};

use crate::record::{Logged, SignedCheckpoint};
use crate::store::sqlite::{OpenError, SqliteReads};
use crate::store::{
    Evidence, Filter, LogIdentity, Reads, RecordName, Role, StoreError, required_node,
};

pub use airgap::{AirGapError, accept_files, ask_cosign, cosign_file};
pub use backup::{BackupError, backup, restore};
pub use concord_tlog::bundle::{VerifiedBundle, verify};
pub use fsck::FsckReport;
pub use twins::{Twin, TwinError, TwinState};

/// The log could not be read or a bundle not be made.
#[derive(Debug, thiserror::Error)]
pub enum OfflineError {
    /// The database.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No such record.
    #[error("record {index} is not in the log, which has {size}: indexes begin at 0")]
    NoRecord {
        /// Index asked for.
        index: u64,
        /// Number of records under the latest checkpoint.
        size: u64,
    },
    /// Nothing of the record is left to be shown.
    #[error("the contents of record {0} have been erased: only its leaf is left")]
    Erased(u64),
    /// A stored leaf.
    #[error("the leaf of a record cannot be read: {0}")]
    Leaf(#[from] LeafError),
    /// The stored key.
    #[error("the log's key cannot be read: {0}")]
    Key(#[from] KeyError),
    /// The stored checkpoint.
    #[error("the latest checkpoint cannot be read: {0}")]
    Note(#[from] NoteError),
    /// The bundle does not verify, which means that the log is damaged.
    #[error("the proof does not verify, the log is damaged: {0}")]
    Bundle(#[from] BundleError),
}

/// A log opened for reading.
pub struct Log {
    reads: Arc<dyn Reads>,
    identity: LogIdentity,
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Log").field(&self.identity.origin).finish()
    }
}

impl Log {
    /// Opens the log in a data directory. Nothing is written.
    ///
    /// # Errors
    /// No log there, a later schema, an unreadable database.
    pub fn open(data_dir: &Path) -> Result<Self, OfflineError> {
        let reads = SqliteReads::open(data_dir)?;
        let identity = reads
            .identity()?
            .ok_or_else(|| OpenError::Absent(data_dir.to_owned()))?;
        let reads = Arc::new(reads);
        Ok(Self { reads, identity })
    }

    /// Origin of the log.
    pub fn origin(&self) -> &str {
        &self.identity.origin
    }

    /// The log's verifier key (C2SP vkey).
    pub fn verifier_key(&self) -> &str {
        &self.identity.vkey
    }

    /// Every key that the log signs or has signed with (C2SP vkeys), the first one first.
    pub fn verifier_keys(&self) -> Vec<String> {
        self.identity.keys.clone()
    }

    /// The evidence kept against a counterpart, oldest first.
    pub fn evidence(&self, agency: &str) -> Result<Vec<Evidence>, OfflineError> {
        Ok(self.reads.evidence(agency)?)
    }

    /// The latest signed checkpoint.
    pub fn checkpoint(&self) -> Result<SignedCheckpoint, OfflineError> {
        let damaged = || StoreError::Damaged("it has no checkpoint".to_owned());
        Ok(self.reads.latest()?.ok_or_else(damaged)?)
    }

    /// Newest first, without bodies: at most `limit` records with an index below `before`.
    pub fn search(
        &self,
        filter: &Filter,
        before: u64,
        limit: u32,
    ) -> Result<Vec<Logged>, OfflineError> {
        let (mut records, mut before, mut left) = (Vec::<Logged>::new(), before, limit);
        while left > 0 {
            let found = self.reads.search(filter, before, left)?;
            before = found.records.last().map_or(0, |logged| logged.index);
            left -= u32::try_from(found.records.len()).unwrap_or(left).min(left);
            records.extend(found.records);
            if !found.more {
                break;
            }
        }
        Ok(records)
    }

    /// In the order of the log, without bodies: at most `limit` records from `from` on.
    pub fn records(&self, from: u64, limit: u32) -> Result<Vec<Logged>, OfflineError> {
        Ok(self.reads.range(from, limit, false, usize::MAX)?)
    }

    /// One record with its body.
    pub fn record(&self, name: RecordName<'_>) -> Result<Option<Logged>, OfflineError> {
        Ok(self.reads.record(name)?)
    }

    /// One self-contained file that proves the record at `index` under the latest checkpoint, with
    /// everything disclosed but `hidden` (`docs/log-format.md`, Bundle).
    ///
    /// # Errors
    /// No such record, an erased one, or a log that is damaged: a bundle that does not verify is
    /// not given out.
    pub fn prove(&self, index: u64, hidden: &[Field]) -> Result<Vec<u8>, OfflineError> {
        // With cosignatures where there are some: they are what makes a bundle worth most.
        let witnessed = self.reads.witnessed()?.filter(|signed| index < signed.size);
        let checkpoint = match witnessed {
            Some(witnessed) => witnessed,
            None => self.checkpoint()?,
        };
        let size = checkpoint.size;
        let logged = self.record(RecordName::Index(index))?;
        let logged = logged
            .filter(|_| index < size)
            .ok_or(OfflineError::NoRecord { index, size })?;
        let content = logged.record.content(logged.time_micros);
        let (Some(content), Some(contents)) = (content, &logged.record.contents) else {
            return Err(OfflineError::Erased(index));
        };
        let read = |node| required_node(&*self.reads, node);
        let hashes = inclusion_proof(index, size, &read).map_err(|error| match error {
            ProveError::Read(error) => error,
            other => StoreError::Damaged(other.to_string()),
        })?;
        let whole = Disclosure::whole(&content, &contents.secret);
        let (keys, note) = self.known_signatures(&checkpoint)?;
        let bundle = Bundle {
            keys,
            leaf: Leaf::decode(&logged.leaf)?,
            disclosure: hidden.iter().fold(whole, |shown, field| shown.hide(*field)),
            proof: TlogProof {
                extra: None,
                index,
                hashes,
                checkpoint: note,
            },
        };
        Ok(bundle.encode()?)
    }

    /// The checkpoint with the signatures whose keys are known, and these keys in their order: in a
    /// bundle nothing is left unchecked.
    fn known_signatures(
        &self,
        signed: &SignedCheckpoint,
    ) -> Result<(Vec<VerifierKey>, Note), OfflineError> {
        let identity = &self.identity;
        let mut keys = vec![VerifierKey::parse(&identity.vkey)?];
        for vkey in &identity.keys {
            keys.push(VerifierKey::parse(vkey)?);
        }
        let witnesses = self.reads.trust(Role::Witness)?;
        keys.extend(witnesses.iter().flat_map(|t| VerifierKey::parse(&t.vkey)));
        let known = KnownKeys::new(keys)?;
        let note = Note::parse(signed.note.as_bytes())?.only(&known);
        let keys = note.signatures().iter();
        let keys = keys.filter_map(|s| known.get(s.name(), s.id()).cloned());
        Ok((keys.collect(), note))
    }

    /// Checks all of the log: see [`FsckReport`].
    ///
    /// # Errors
    /// Only when the database cannot be read at all; what is wrong with the log is in the report.
    pub fn fsck(&self) -> Result<FsckReport, OfflineError> {
        Ok(fsck::run(&*self.reads, &self.identity)?)
    }
}
