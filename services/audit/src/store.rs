//! Where a log is kept: SQLite for one process, PostgreSQL for a cluster. Records are added by one writer at
//! a time, and anybody may read.

pub mod postgres;
mod row;
pub mod sqlite;

use std::sync::Arc;

use concord_tlog::hash::Hash;
use concord_tlog::leaf::RecordKind;
use concord_tlog::tree::NodeId;
use uuid::Uuid;

use crate::record::{Logged, Sealed, SignedCheckpoint};
use crate::vault::Term;

/// The store failed. The text is for operators and holds no value of a record.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or failed.
    #[error("the database failed: {0}")]
    Backend(Box<dyn std::error::Error + Send + Sync>),
    /// What the database gave back cannot be.
    #[error("the log is damaged: {0}")]
    Damaged(String),
}

/// A group was not committed, or it is not known whether it was.
#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    /// Nothing of the group is in the log.
    #[error("the group was rolled back: {0}")]
    RolledBack(StoreError),
    /// Nothing of the group is in the log, and nothing may be written any more.
    #[error("nothing more can be written: {0}")]
    Halted(StoreError),
    /// The group may or may not be in the log: nothing may be written until it is known.
    #[error("it is not known whether the group was committed: {0}")]
    Unknown(StoreError),
}

impl From<GroupError> for StoreError {
    /// The error of the store, for who does not go on anyway.
    fn from(error: GroupError) -> Self {
        match error {
            GroupError::RolledBack(error)
            | GroupError::Halted(error)
            | GroupError::Unknown(error) => error,
        }
    }
}

/// Which log a store holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogIdentity {
    /// Origin of the log's checkpoints.
    pub origin: String,
    /// The log's verifier key (C2SP vkey): its Ed25519 key now.
    pub vkey: String,
    /// Every key that it signs or has signed with, the first one first.
    pub keys: Vec<String>,
}

/// A key that the settings named at the last start.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trusted {
    /// What it is for.
    pub role: Role,
    /// The counterpart's agency, or the key's own name.
    pub name: String,
    /// The key (C2SP vkey).
    pub vkey: String,
}

/// What a key in the settings is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A counterpart's log, which we cosign.
    Log,
    /// A witness, which cosigns us.
    Witness,
}

impl Role {
    /// As stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Witness => "witness",
        }
    }
}

/// The mark of a log that came out of a backup; see [`Restored`].
pub const MARK_RESTORED: &str = "restored";

/// The mark that says how many witnesses the settings asked for at the last start.
pub const MARK_QUORUM: &str = "quorum";

/// The mark that names the agency's keys under which records are encrypted, by id.
pub const MARK_KEKS: &str = "keks";

/// The mark that keeps the key of the index, wrapped.
pub const MARK_INDEX_KEY: &str = "index_key";

/// The mark that says which copy of a database's data the log was last served from.
pub const MARK_HOME: &str = "home";

/// What the mark of a restored log says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Size of the log's last checkpoint then.
    pub size: u64,
    /// When: seconds since 1970-01-01 UTC.
    pub at_seconds: u64,
}

impl Restored {
    /// Reads a mark. One that cannot be read is a mark all the same, of a time that never comes.
    pub fn read(mark: Option<String>) -> Option<Self> {
        let mark = mark?;
        let (size, at) = mark.split_once(' ').unwrap_or((&mark, ""));
        Some(Self {
            size: size.parse().unwrap_or(0),
            at_seconds: at.parse().unwrap_or(u64::MAX),
        })
    }

    /// As stored.
    pub fn mark(self) -> String {
        format!("{} {}", self.size, self.at_seconds)
    }
}

/// The one writer of a log.
pub trait Store: Send {
    /// Begins a log: its identity and the checkpoint of the empty tree.
    fn create(
        &mut self,
        identity: &LogIdentity,
        first: &SignedCheckpoint,
    ) -> Result<(), StoreError>;

    /// Runs `work` in one transaction. `Ok` means that all of it is durable; after an error of
    /// `work` none of it is in the log.
    fn group(
        &mut self,
        work: &mut dyn FnMut(&mut dyn Group) -> Result<(), StoreError>,
    ) -> Result<(), GroupError>;

    /// A reader that sees what is committed, now and later.
    fn reads(&self) -> Arc<dyn Reads>;
}

/// A transaction of the writer; it sees its own writes.
pub trait Group {
    /// The record with that idempotency key, with its body.
    fn by_key(&mut self, caller: &str, request_id: &str) -> Result<Option<Logged>, StoreError>;
    /// Whether there is a record with that id.
    fn exists(&mut self, id: Uuid) -> Result<bool, StoreError>;
    /// Adds a record and the marks it is found by. A second one with its idempotency key, id or index is an
    /// error.
    fn insert(&mut self, logged: &Logged, terms: &[Term]) -> Result<(), StoreError>;
    /// Puts the wrapped key of `sealed`, and the id of what wraps it, in place of the record's earlier one.
    fn rewrap(&mut self, index: u64, sealed: &Sealed) -> Result<(), StoreError>;
    /// Adds the hash of a complete subtree.
    fn insert_node(&mut self, node: NodeId, hash: &Hash) -> Result<(), StoreError>;
    /// Adds a checkpoint; there is one for each size at most.
    fn insert_checkpoint(&mut self, checkpoint: &SignedCheckpoint) -> Result<(), StoreError>;
    /// The smallest checkpoint that covers the record at `index`.
    fn covering(&mut self, index: u64) -> Result<Option<SignedCheckpoint>, StoreError>;
    /// What is remembered of a counterpart's log.
    fn counterpart(&mut self, agency: &str) -> Result<Option<SignedCheckpoint>, StoreError>;
    /// Remembers a counterpart's checkpoint in place of the earlier one.
    fn remember(
        &mut self,
        agency: &str,
        seen: &SignedCheckpoint,
        at: u64,
    ) -> Result<(), StoreError>;
    /// Notes that the log signs with this key from `since` records on, if it is not noted already.
    fn add_log_key(&mut self, vkey: &str, since: u64) -> Result<(), StoreError>;
    /// Makes this the key that is told to verifiers.
    fn set_main_key(&mut self, vkey: &str) -> Result<(), StoreError>;
    /// Keeps a checkpoint with its cosignatures; later ones of the same size replace it.
    fn keep_witnessed(&mut self, size: u64, note: &str, at: u64) -> Result<(), StoreError>;
    /// Keeps whom the settings name, in place of what was kept.
    fn set_trust(&mut self, trusted: &[Trusted]) -> Result<(), StoreError>;
    /// Sets or clears a mark.
    fn mark(&mut self, name: &str, value: Option<&str>) -> Result<(), StoreError>;
    /// Keeps what shows that a counterpart's log does not extend what it was.
    fn keep_evidence(&mut self, evidence: &Evidence) -> Result<(), StoreError>;
}

/// Two checkpoints of a counterpart that do not go together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The counterpart's agency.
    pub agency: String,
    /// The checkpoint that we remembered.
    pub remembered: String,
    /// The checkpoint that it offered.
    pub offered: String,
    /// The consistency proof that it offered, hashes joined.
    pub proof: Vec<u8>,
    /// Why they do not go together.
    pub why: String,
    /// When: microseconds since 1970-01-01 UTC.
    pub at: u64,
}

/// One page of what was looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The records.
    pub records: Vec<Logged>,
    /// Where to go on, if the log was not searched to its beginning: no record from this index on is left.
    pub next: Option<u64>,
}

/// How a record is named.
#[derive(Clone, Copy, Debug)]
pub enum RecordName<'a> {
    /// By id.
    Id(Uuid),
    /// By index.
    Index(u64),
    /// By idempotency key: caller and request id.
    Key(&'a str, &'a str),
}

/// Which records are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of these kinds; empty: all.
    pub kinds: Vec<RecordKind>,
    /// About this record.
    pub about: Option<Uuid>,
    /// With all of these marks. What is found is to be compared with what was asked: two values may share one.
    pub terms: Vec<Term>,
    /// Not before this time, microseconds since 1970-01-01 UTC.
    pub from: Option<u64>,
    /// Before this time.
    pub to: Option<u64>,
}

/// How much is stored, counted at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Size of the latest checkpoint.
    pub size: u64,
    /// Records in the log.
    pub records: u64,
    /// Idempotency keys by which records are found.
    pub keys: u64,
    /// Stored hashes of complete subtrees.
    pub nodes: u64,
}

/// Reads what is committed. Every call is short and bounded, so that none holds the writer up.
pub trait Reads: Send + Sync {
    /// Which log this is; none before it was begun.
    fn identity(&self) -> Result<Option<LogIdentity>, StoreError>;
    /// One record with its body.
    fn record(&self, name: RecordName<'_>) -> Result<Option<Logged>, StoreError>;
    /// Newest first, without bodies: at most `limit` records with an index below `before`, fewer when they are
    /// large or rare: a call looks at a bounded number of candidates.
    fn search(&self, filter: &Filter, before: u64, limit: u32) -> Result<Found, StoreError>;
    /// In the order of the log: at most `limit` records from `from` on, and none after
    /// `max_bytes` of contents. Bodies are read only if `bodies`.
    fn range(
        &self,
        from: u64,
        limit: u32,
        bodies: bool,
        max_bytes: usize,
    ) -> Result<Vec<Logged>, StoreError>;
    /// The indexes of those among `page` that are not found by their idempotency key.
    fn unkeyed(&self, page: &[Logged]) -> Result<Vec<u64>, StoreError>;
    /// Height of the smallest subtrees whose hashes are stored; those of smaller ones are computed from leaves.
    fn lowest_node(&self) -> u8;
    /// The hash of a complete subtree.
    fn node(&self, node: NodeId) -> Result<Option<Hash>, StoreError>;
    /// The latest checkpoint.
    fn latest(&self) -> Result<Option<SignedCheckpoint>, StoreError>;
    /// The checkpoint of exactly that size.
    fn checkpoint(&self, size: u64) -> Result<Option<SignedCheckpoint>, StoreError>;
    /// The smallest checkpoint that covers the record at `index`.
    fn covering(&self, index: u64) -> Result<Option<SignedCheckpoint>, StoreError>;
    /// The hashes of `count` complete subtrees of one level, from `first` on; fewer if the log ends.
    fn nodes(&self, level: u8, first: u64, count: u16) -> Result<Vec<Hash>, StoreError>;
    /// The leaves of `count` records from `first` on; fewer if the log ends.
    fn leaves(&self, first: u64, count: u16) -> Result<Vec<Vec<u8>>, StoreError>;
    /// The latest checkpoint that has the cosignatures of the policy, with them.
    fn witnessed(&self) -> Result<Option<SignedCheckpoint>, StoreError>;
    /// The smallest such checkpoint that covers the record at `index`.
    fn witnessed_covering(&self, index: u64) -> Result<Option<SignedCheckpoint>, StoreError>;
    /// What is remembered of a counterpart's log.
    fn counterpart(&self, agency: &str) -> Result<Option<SignedCheckpoint>, StoreError>;
    /// What is remembered of every counterpart's log, by agency.
    fn counterparts(&self) -> Result<Vec<(String, SignedCheckpoint)>, StoreError>;
    /// Whom the settings named at the last start.
    fn trust(&self, role: Role) -> Result<Vec<Trusted>, StoreError>;
    /// A mark, if it is set.
    fn marked(&self, name: &str) -> Result<Option<String>, StoreError>;
    /// The evidence kept against a counterpart, oldest first.
    fn evidence(&self, agency: &str) -> Result<Vec<Evidence>, StoreError>;
    /// The sizes of all checkpoints, ascending.
    fn checkpoint_sizes(&self) -> Result<Vec<u64>, StoreError>;
    /// How much is stored.
    fn counts(&self) -> Result<Counts, StoreError>;
    /// What the database's own checks find wrong with it, a line each. May take long.
    fn integrity(&self) -> Result<Vec<String>, StoreError>;
}

/// Reads a subtree hash that must be there.
pub fn required_node(reads: &dyn Reads, node: NodeId) -> Result<Hash, StoreError> {
    reads.node(node)?.ok_or_else(|| {
        let (index, level) = (node.index, node.level);
        StoreError::Damaged(format!(
            "the hash of subtree {index} at level {level} is missing"
        ))
    })
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Backend(Box::new(error))
    }
}
