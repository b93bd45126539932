//! The log without the service: list, prove and check, from the data directory alone. Also while
//! the service writes it.

mod airgap;
mod backup;
mod fsck;
mod rewrap;
mod twins;

use std::path::Path;
use std::sync::Arc;

use concord_tlog::bundle::{Bundle, BundleError, Disclosure};
use concord_tlog::commitment::Field;
use concord_tlog::leaf::{Leaf, LeafError};
use concord_tlog::note::{KeyError, KnownKeys, Note, NoteError, VerifierKey};
use concord_tlog::tlog_proof::TlogProof;
use concord_tlog::tree::{ProveError, inclusion_proof};

use crate::record::{Held, Logged, Shown, SignedCheckpoint};
use crate::search::{Criteria, Page, SearchError};
use crate::store::postgres::{PostgresConfig, PostgresError, PostgresReads, Server};
use crate::store::sqlite::{OpenError, SqliteReads};
use crate::store::{Evidence, LogIdentity, Reads, RecordName, Role, StoreError, required_node};
use crate::vault::{BeginError, KekFiles, Vault, VaultError};

pub use airgap::{AirGapError, accept_files, ask_cosign, cosign_file};
pub use backup::{BackupError, backup, restore};
pub use concord_tlog::bundle::{VerifiedBundle, verify};
pub use fsck::FsckReport;
pub use rewrap::{RewrapError, Rewrapped, rewrap, rewrap_cluster};
pub use twins::{Twin, TwinError, TwinState};

/// The log could not be read or a bundle not be made.
#[derive(Debug, thiserror::Error)]
pub enum OfflineError {
    /// The database.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database of a cluster.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
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
    /// What was asked for is encrypted.
    #[error(
        "what records say is encrypted, and the agency's key is not given: name its file with --kek"
    )]
    Locked,
    /// A record, while searching.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// The agency's keys.
    #[error(transparent)]
    Keys(VaultError),
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

impl From<BeginError> for OfflineError {
    fn from(error: BeginError) -> Self {
        match error {
            BeginError::Vault(error) => Self::Keys(error),
            BeginError::Store(error) => Self::Store(error),
        }
    }
}

/// A log opened for reading.
pub struct Log {
    reads: Arc<dyn Reads>,
    identity: LogIdentity,
    vault: Option<Vault>,
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Log").field(&self.identity.origin).finish()
    }
}

impl Log {
    /// Opens the log in a data directory, with the agency's key if that is in its usual place there. Nothing is
    /// written.
    ///
    /// # Errors
    /// No log there, a later schema, an unreadable database, the key of another log.
    pub fn open(data_dir: &Path) -> Result<Self, OfflineError> {
        Self::open_with(data_dir, &KekFiles::of(data_dir))
    }

    /// Opens the log in a data directory, with the agency's keys in those files if they are there.
    ///
    /// # Errors
    /// As [`Log::open`].
    pub fn open_with(data_dir: &Path, keys: &KekFiles) -> Result<Self, OfflineError> {
        let reads = SqliteReads::open(data_dir)?;
        let identity = reads
            .identity()?
            .ok_or_else(|| OpenError::Absent(data_dir.to_owned()))?;
        let vault = Vault::of_log(&reads, &identity.origin, keys)?;
        let reads = Arc::new(reads);
        Ok(Self {
            reads,
            identity,
            vault,
        })
    }

    /// Opens the log of a cluster, as it is at this moment. Nothing is written. Blocks.
    ///
    /// # Errors
    /// Wrong settings, a database that does not answer, no log there, tables of another version.
    pub fn connect(postgres: &PostgresConfig, keys: &KekFiles) -> Result<Self, OfflineError> {
        let settings = postgres.read()?;
        let server = Arc::new(Server::connect(&settings)?);
        let reads = PostgresReads::at_one_moment(server)?;
        let absent = || PostgresError::Absent(settings.place().to_owned());
        let identity = reads.identity()?.ok_or_else(absent)?;
        let vault = Vault::of_log(&reads, &identity.origin, keys)?;
        let reads = Arc::new(reads);
        Ok(Self {
            reads,
            identity,
            vault,
        })
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

    /// Newest first, without bodies: at most `limit` matching records with an index below `before`. Fewer come
    /// only at the log's beginning.
    ///
    /// # Errors
    /// Values are asked for and the agency's key is not given; a record that cannot be decrypted.
    pub fn search(
        &self,
        criteria: &Criteria,
        before: u64,
        limit: u32,
    ) -> Result<Page, OfflineError> {
        let (mut page, mut next) = (Page::default(), Some(before));
        while let Some(before) = next {
            let left = limit as usize - page.records.len();
            let Ok(left @ 1..) = u32::try_from(left) else {
                break;
            };
            let found = match &self.vault {
                Some(vault) => criteria.page(&*self.reads, vault, before, left)?,
                None if criteria.needs_key() => return Err(OfflineError::Locked),
                None => {
                    let found = self
                        .reads
                        .search(&criteria.filter(Vec::new()), before, left)?;
                    let records = found.records.into_iter().map(|logged| self.shown(logged));
                    Page {
                        records: records.collect::<Result<_, _>>()?,
                        next: found.next,
                    }
                }
            };
            page.records.extend(found.records);
            next = found.next;
        }
        page.next = next;
        Ok(page)
    }

    /// In the order of the log, without bodies: at most `limit` records from `from` on.
    pub fn records(&self, from: u64, limit: u32) -> Result<Vec<Logged>, OfflineError> {
        Ok(self.reads.range(from, limit, false, usize::MAX)?)
    }

    /// One record with its body.
    pub fn record(&self, name: RecordName<'_>) -> Result<Option<Shown>, OfflineError> {
        let logged = self.reads.record(name)?;
        logged.map(|logged| self.shown(logged)).transpose()
    }

    /// Whether the agency's key was found, so that what records say can be shown.
    pub fn has_key(&self) -> bool {
        self.vault.is_some()
    }

    fn shown(&self, logged: Logged) -> Result<Shown, OfflineError> {
        let index = logged.index;
        match (&self.vault, &logged.record.sealed) {
            (Some(vault), _) => {
                let shown = vault.show(logged);
                shown.map_err(|problem| SearchError::Record { index, problem }.into())
            }
            (None, sealed) => {
                let held = match sealed {
                    Some(_) => Held::Locked,
                    None => Held::Erased,
                };
                Ok(Shown { logged, held })
            }
        }
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
        let logged = self.reads.record(RecordName::Index(index))?;
        let logged = logged
            .filter(|_| index < size)
            .ok_or(OfflineError::NoRecord { index, size })?;
        let Shown { logged, held } = self.shown(logged)?;
        let contents = match &held {
            Held::Open(contents) => contents,
            Held::Locked => return Err(OfflineError::Locked),
            Held::Erased => return Err(OfflineError::Erased(index)),
        };
        let content = logged.record.content(contents, logged.time_micros);
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
        Ok(fsck::run(
            &*self.reads,
            &self.identity,
            self.vault.as_ref(),
        )?)
    }
}
