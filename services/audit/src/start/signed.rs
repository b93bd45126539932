//! What was signed, and whether what is stored is it.

use std::sync::Arc;

use concord_tlog::checkpoint::{Checkpoint, CheckpointError};
use concord_tlog::hash::{leaf_hash, node_hash};
use concord_tlog::note::{CheckpointSigner, KnownKeys, VerifierKey};
use concord_tlog::tree::{Frontier, NodeId};

use super::StartError;
use crate::record::{Logged, SignedCheckpoint};
use crate::store::{Filter, LogIdentity, Reads, StoreError, required_node};

/// Signs the checkpoint of a tree.
pub(crate) fn sign(
    origin: &str,
    frontier: &Frontier,
    signers: &[Box<dyn CheckpointSigner>],
    seconds: u64,
) -> Result<SignedCheckpoint, StartError> {
    let (size, root) = (frontier.size(), frontier.root());
    let note = Checkpoint::new(origin, size, root)
        .map_err(|e| StartError::Origin(e.to_string()))?
        .sign_at(signers, seconds)
        .map_err(|e| StartError::Origin(e.to_string()))?;
    Ok(SignedCheckpoint {
        size,
        root,
        note: note.to_string(),
    })
}

/// All keys that the log signs or has signed with.
pub(crate) fn known_keys(identity: &LogIdentity) -> Result<KnownKeys, String> {
    let main = std::iter::once(&identity.vkey);
    let keys = main
        .chain(&identity.keys)
        .map(|key| VerifierKey::parse(key));
    let keys = keys.collect::<Result<Vec<_>, _>>();
    keys.and_then(KnownKeys::new).map_err(|e| e.to_string())
}

/// Reads a stored checkpoint and checks that the log signed it and that the columns agree.
pub(crate) fn verify_checkpoint(
    stored: &SignedCheckpoint,
    origin: &str,
    keys: &KnownKeys,
) -> Result<(), String> {
    let (signed, _) = Checkpoint::open(stored.note.as_bytes(), origin, keys)
        .map_err(|e: CheckpointError| e.to_string())?;
    if (signed.size(), signed.root()) != (stored.size, stored.root) {
        return Err("its size or root is not the one that was signed".to_owned());
    }
    Ok(())
}

/// Checks the right edge of the log against the last signed checkpoint: what a restart needs, in
/// O(log n). `fsck` checks all of it.
pub(crate) fn check(reads: &Arc<dyn Reads>) -> Result<(Frontier, Option<Logged>), StartError> {
    let wrong = |text: String| StartError::NotAsSigned(text);
    let identity = reads
        .identity()?
        .ok_or_else(|| wrong("it has no identity".into()))?;
    let signed = reads
        .latest()?
        .ok_or_else(|| wrong("it has no checkpoint".into()))?;
    let size = signed.size;
    known_keys(&identity)
        .and_then(|keys| verify_checkpoint(&signed, &identity.origin, &keys))
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
    let level = reads.lowest_node();
    let index = size >> level;
    if reads.node(NodeId { level, index })?.is_some() {
        return Err(wrong(format!("it has a hash beyond its {size} records")));
    }
    if let Some(last) = &last {
        let leaf = NodeId {
            level: 0,
            index: last.index,
        };
        if read(leaf)? != leaf_hash(&last.leaf) || !under_stored(&**reads, size)? {
            let index = last.index;
            return Err(wrong(format!("record {index} is not the one in the tree")));
        }
    }
    Ok((frontier, last))
}

/// Whether the smallest stored subtree that ends with the last record, if there is one, is of the leaves at hand:
/// the root of such a log does not need them.
fn under_stored(reads: &dyn Reads, size: u64) -> Result<bool, StoreError> {
    let level = reads.lowest_node();
    if level == 0 || size == 0 || size.trailing_zeros() < u32::from(level) {
        return Ok(true);
    }
    let index = (size >> level) - 1;
    let below = reads.nodes(level - 1, index * 2, 2)?;
    let stored = required_node(reads, NodeId { level, index })?;
    Ok(matches!(&below[..], [left, right] if node_hash(left, right) == stored))
}
