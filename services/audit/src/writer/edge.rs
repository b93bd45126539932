//! The tree's right edge: where the next record goes, and what signs it.

use std::time::{SystemTime, UNIX_EPOCH};

use concord_tlog::hash::leaf_hash;
use concord_tlog::note::CheckpointSigner;
use concord_tlog::tree::Frontier;

use crate::record::{Entry, Logged, SignedCheckpoint};
use crate::start::sign;
use crate::store::{Group, StoreError};

/// The right edge of a log and its signers.
pub(super) struct Edge {
    origin: String,
    signers: Vec<Box<dyn CheckpointSigner>>,
    at: Reached,
}

/// How far the log has come.
#[derive(Clone)]
pub(super) struct Reached {
    frontier: Frontier,
    /// Time of the last record. INVARIANT: times never decrease along the log.
    time_micros: u64,
}

impl Reached {
    /// Number of records.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }
}

impl Edge {
    /// The edge of a log that ends with `frontier` and a record of that time.
    pub fn new(
        origin: String,
        signers: Vec<Box<dyn CheckpointSigner>>,
        frontier: Frontier,
        time_micros: u64,
    ) -> Self {
        let at = Reached {
            frontier,
            time_micros,
        };
        Self {
            origin,
            signers,
            at,
        }
    }

    /// Number of records.
    pub fn size(&self) -> u64 {
        self.at.size()
    }

    /// How far the log has come, to go back to when a group is rolled back.
    pub fn reached(&self) -> Reached {
        self.at.clone()
    }

    /// Goes on from what another writer has left.
    pub fn go_on(&mut self, frontier: Frontier, time_micros: u64) {
        self.at = Reached {
            frontier,
            time_micros,
        };
    }

    /// Forgets what came after.
    pub fn go_back(&mut self, to: Reached) {
        self.at = to;
    }

    /// Puts a record at the end of the log, with its time and the hashes that it completes.
    pub fn place(&mut self, group: &mut dyn Group, entry: Entry) -> Result<Logged, StoreError> {
        let Entry {
            record,
            terms,
            mut leaf,
        } = entry;
        let time_micros = now().max(self.at.time_micros);
        leaf.time_micros = time_micros;
        let leaf = leaf
            .encode()
            .map_err(|e| StoreError::Damaged(e.to_string()))?;
        let logged = Logged {
            index: self.at.size(),
            time_micros,
            leaf,
            record,
        };
        group.insert(&logged, &terms)?;
        for (node, hash) in self.at.frontier.append(leaf_hash(&logged.leaf)) {
            group.insert_node(node, &hash)?;
        }
        self.at.time_micros = time_micros;
        Ok(logged)
    }

    /// Signs the checkpoint of all that was placed.
    pub fn sign(&self) -> Result<SignedCheckpoint, StoreError> {
        let seconds = now() / 1_000_000;
        sign(&self.origin, &self.at.frontier, &self.signers, seconds)
            .map_err(|error| StoreError::Backend(Box::new(error)))
    }
}

/// Microseconds since 1970-01-01 UTC.
pub(super) fn now() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
