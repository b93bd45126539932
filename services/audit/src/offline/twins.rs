//! Twins: a joint case leaves a record in each of two logs, and ours names the leaf of theirs. Here it is
//! looked for in the other log, under a checkpoint that the other log signed.

use concord_proto::determination::Determination;
use concord_tlog::bundle::{VerifiedBundle, verify};
use concord_tlog::checkpoint::Checkpoint;
use concord_tlog::hash::{Hash, leaf_hash};
use concord_tlog::leaf::Leaf;
use concord_tlog::note::{KnownKeys, VerifierKey};
use concord_tlog::proof::verify_inclusion;
use concord_tlog::tree::{NodeId, inclusion_proof};
use prost::Message;

use super::{Log, OfflineError};
use crate::record::{Held, Logged};
use crate::store::{RecordName, Role, StoreError, required_node};

/// Records of one read.
const PAGE: u32 = 512;

/// Why twins cannot be looked for.
#[derive(Debug, thiserror::Error)]
pub enum TwinError {
    /// Our settings do not say how the other log signs.
    #[error("the settings of this log name no key of the log `{0}`: what it signed proves nothing")]
    UnknownLog(String),
    /// The checkpoint of the other log.
    #[error("the checkpoint of the log `{origin}` is refused: {problem}")]
    Checkpoint {
        /// Origin of the other log.
        origin: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A bundle of the other log.
    #[error("bundle {number} is refused: {problem}")]
    Bundle {
        /// Which of those given, from 1.
        number: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A log cannot be read.
    #[error(transparent)]
    Offline(#[from] OfflineError),
}

impl From<StoreError> for TwinError {
    fn from(error: StoreError) -> Self {
        Self::Offline(error.into())
    }
}

/// A record of ours that names a twin, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twin {
    /// Index of our record.
    pub index: u64,
    /// The leaf hash that our leaf names.
    pub named: Hash,
    /// Where the counterpart said its record is: origin and index. None when our body does not say so,
    /// or is erased.
    pub place: Option<(String, u64)>,
    /// What was found.
    pub state: TwinState,
}

/// What was found of a twin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TwinState {
    /// The other log has the leaf, proved under its signed checkpoint.
    Found {
        /// Its index there.
        index: u64,
    },
    /// At the place that the counterpart named, the other log has another leaf.
    Different {
        /// The leaf that is there.
        found: Hash,
    },
    /// The other log has no such leaf, and has gone on since our record was made.
    Missing,
    /// The copy of the other log ends before our record was made: it is too old to show the twin.
    CopyEnds {
        /// Records in the copy.
        size: u64,
        /// When its last one was logged, microseconds since 1970-01-01 UTC; none if it is empty.
        last_micros: Option<u64>,
    },
    /// Nothing that was given shows it.
    NotShown,
}

impl TwinState {
    /// In one word, stable.
    pub fn name(self) -> &'static str {
        match self {
            Self::Found { .. } => "found",
            Self::Different { .. } => "different",
            Self::Missing => "missing",
            Self::CopyEnds { .. } => "copy_ends",
            Self::NotShown => "not_shown",
        }
    }
}

impl Log {
    /// Looks for the twin of every joint record in the log `other`. Records whose twin is said to be in a
    /// third log are [`TwinState::NotShown`].
    ///
    /// # Errors
    /// A log whose keys our settings do not name, or that does not prove what it has.
    pub fn twins_in(&self, other: &Self) -> Result<Vec<Twin>, TwinError> {
        let keys = self.trusted_keys(other.origin())?;
        let origin = other.origin().to_owned();
        let refused = |problem: String| TwinError::Checkpoint {
            origin: origin.clone(),
            problem,
        };
        let signed = other.checkpoint()?;
        let opened = Checkpoint::open(signed.note.as_bytes(), &origin, &keys);
        let (checkpoint, _) = opened.map_err(|e| refused(e.to_string()))?;
        let size = checkpoint.size();
        let read = |node| required_node(&*other.reads, node);
        // A leaf counts only when it is proved under the checkpoint.
        let leaf_at = |index: u64| -> Result<Hash, TwinError> {
            let leaf = read(NodeId { level: 0, index })?;
            let proof = inclusion_proof(index, size, &read).map_err(|e| refused(e.to_string()))?;
            verify_inclusion(&leaf, index, size, &proof, &checkpoint.root())
                .map_err(|e| refused(format!("leaf {index}: {e}")))?;
            Ok(leaf)
        };
        let last_micros = match size.checked_sub(1) {
            None => None,
            Some(last) => Some(other.time_of(last, &leaf_at(last)?)?),
        };
        self.joint(|logged, named, place| {
            let at = match place {
                Some((place, _)) if *place != origin => return Ok(TwinState::NotShown),
                Some((_, index)) => Some(*index),
                None => other.index_of(named, size)?,
            };
            let Some(index) = at.filter(|index| *index < size) else {
                // The twin was logged before ours: a log that has gone on past that has lost it.
                let went_on = last_micros.is_some_and(|last| last >= logged.time_micros);
                return Ok(match went_on {
                    true => TwinState::Missing,
                    false => TwinState::CopyEnds { size, last_micros },
                });
            };
            let found = leaf_at(index)?;
            Ok(match found == *named {
                true => TwinState::Found { index },
                false => TwinState::Different { found },
            })
        })
    }

    /// Looks for the twins in bundles that the counterpart gave, for logs that cannot be read.
    ///
    /// # Errors
    /// A bundle that does not verify with a key that our settings name.
    pub fn twins_shown(&self, bundles: &[Vec<u8>]) -> Result<Vec<Twin>, TwinError> {
        let mut shown: Vec<VerifiedBundle> = Vec::new();
        for (at, bytes) in bundles.iter().enumerate() {
            let number = at + 1;
            let refused = |problem: String| TwinError::Bundle { number, problem };
            let origin = verify(bytes, None)
                .map_err(|e| refused(e.to_string()))?
                .origin;
            let keys = self.trusted_keys(&origin)?;
            let verified = keys.iter().find_map(|key| verify(bytes, Some(key)).ok());
            let unsigned = || refused(format!("no key of `{origin}` in the settings signed it"));
            let verified = verified.filter(|v| v.authenticated).ok_or_else(unsigned)?;
            shown.push(verified);
        }
        self.joint(|_, named, place| {
            if let Some(found) = shown.iter().find(|bundle| bundle.leaf_hash == *named) {
                return Ok(TwinState::Found { index: found.index });
            }
            let there = |b: &&VerifiedBundle| {
                place
                    .as_ref()
                    .is_some_and(|(origin, index)| (&b.origin, b.index) == (origin, *index))
            };
            Ok(match shown.iter().find(there) {
                Some(other) => TwinState::Different {
                    found: other.leaf_hash,
                },
                None => TwinState::NotShown,
            })
        })
    }

    /// The keys of a counterpart's log that the settings named at the last start.
    fn trusted_keys(&self, origin: &str) -> Result<KnownKeys, TwinError> {
        let trusted = self.reads.trust(Role::Log)?;
        let keys = trusted.iter().flat_map(|t| VerifierKey::parse(&t.vkey));
        let keys: Vec<_> = keys.filter(|key| key.name() == origin).collect();
        let unknown = || TwinError::UnknownLog(origin.to_owned());
        if keys.is_empty() {
            return Err(unknown());
        }
        KnownKeys::new(keys).map_err(|_| unknown())
    }

    /// Every record that names a twin, in the order of the log.
    fn joint(
        &self,
        look: impl Fn(&Logged, &Hash, &Option<(String, u64)>) -> Result<TwinState, TwinError>,
    ) -> Result<Vec<Twin>, TwinError> {
        let (mut from, mut twins) = (0, Vec::new());
        loop {
            let page = self.records(from, PAGE)?;
            let Some(last) = page.last() else {
                return Ok(twins);
            };
            from = last.index + 1;
            for logged in page {
                let Some(named) = logged.record.counterpart else {
                    continue;
                };
                let (index, place) = (logged.index, self.place(&logged, &named)?);
                let state = look(&logged, &named, &place)?;
                twins.push(Twin {
                    index,
                    named,
                    place,
                    state,
                });
            }
        }
    }

    /// Where the counterpart said its record is: in the receipt within the body of ours.
    fn place(&self, logged: &Logged, named: &Hash) -> Result<Option<(String, u64)>, TwinError> {
        let whole = self.record(RecordName::Index(logged.index))?;
        let body = match whole.map(|shown| shown.held) {
            Some(Held::Open(contents)) => contents.body,
            Some(Held::Locked) => return Err(OfflineError::Locked.into()),
            Some(Held::Erased) | None => None,
        };
        let decoded = body.and_then(|body| Determination::decode(&*body).ok());
        let answers = decoded.map(|d| d.counterparts).unwrap_or_default();
        let mut receipts = answers.into_iter().filter_map(|answer| answer.receipt);
        let receipt = receipts.find(|r| r.leaf_hash == named.as_bytes());
        Ok(receipt.map(|r| (r.log_origin, r.index)))
    }

    /// When a record was logged, by its leaf, which must be the one with that hash.
    fn time_of(&self, index: u64, hash: &Hash) -> Result<u64, TwinError> {
        let damaged = || StoreError::Damaged(format!("record {index} is not the one in the tree"));
        let leaf = self.reads.leaves(index, 1)?.pop().ok_or_else(damaged)?;
        if leaf_hash(&leaf) != *hash {
            return Err(damaged().into());
        }
        Ok(Leaf::decode(&leaf).map_err(OfflineError::from)?.time_micros)
    }

    /// Where a leaf is, if it is there: every leaf is looked at.
    fn index_of(&self, leaf: &Hash, size: u64) -> Result<Option<u64>, TwinError> {
        let mut from = 0;
        while from < size {
            let page = self.reads.nodes(0, from, 4096)?;
            if page.is_empty() {
                break;
            }
            if let Some(at) = page.iter().position(|hash| hash == leaf) {
                return Ok(Some(from + at as u64));
            }
            from += page.len() as u64;
        }
        Ok(None)
    }
}
