//! Making proofs from stored subtree hashes (RFC 6962 sections 2.1.1 and 2.1.2).

use super::{MAX_TREE_SIZE, NodeId};
use crate::hash::{Hash, node_hash};

/// Where the hashes of complete subtrees are kept. A closure `Fn(NodeId) -> Result<Hash, E>` is one.
pub trait HashReader {
    /// Why a hash could not be read.
    type Error;

    /// The hash of the complete subtree at `node`. Only nodes complete at the size asked about are
    /// read, so a node that is absent means a damaged store and must be an error.
    fn read(&self, node: NodeId) -> Result<Hash, Self::Error>;
}

impl<F, E> HashReader for F
where
    F: Fn(NodeId) -> Result<Hash, E>,
{
    type Error = E;

    fn read(&self, node: NodeId) -> Result<Hash, E> {
        self(node)
    }
}

/// A proof could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProveError<E> {
    /// The leaf is not in a tree of that size.
    #[error("leaf {index} is not in a tree of {size} leaves: indexes begin at 0")]
    IndexBeyondTree {
        /// Leaf asked for.
        index: u64,
        /// Size of the tree.
        size: u64,
    },
    /// The old tree is larger than the new one.
    #[error("the older tree has {old} leaves, more than the newer with {new}")]
    OldBeyondNew {
        /// Size of the older tree.
        old: u64,
        /// Size of the newer tree.
        new: u64,
    },
    /// The range is empty, or does not begin where a subtree of its length can begin.
    #[error("leaves {start} to {end} (excluded) are not a subtree")]
    NotASubtree {
        /// First leaf.
        start: u64,
        /// Leaf after the last.
        end: u64,
    },
    /// Beyond [`MAX_TREE_SIZE`].
    #[error("a tree of {0} leaves is beyond the limit of 2^63-1")]
    TooLarge(u64),
    /// The store failed.
    #[error("a stored subtree hash could not be read")]
    Read(#[source] E),
}

/// The root of the first `size` leaves.
pub fn root_of_size<R: HashReader>(size: u64, reader: &R) -> Result<Hash, ProveError<R::Error>> {
    check_size(size)?;
    if size == 0 {
        Ok(Hash::empty_root())
    } else {
        range_root(0, size, reader)
    }
}

/// The root of the subtree over the leaves `start` (included) to `end` (excluded), as subtree
/// cosignatures name it: `start` must be a multiple of the smallest power of two >= `end - start`.
pub fn subtree_root<R: HashReader>(
    start: u64,
    end: u64,
    reader: &R,
) -> Result<Hash, ProveError<R::Error>> {
    check_size(end)?;
    let width = end
        .checked_sub(start)
        .filter(|width| *width > 0)
        .map(u64::next_power_of_two);
    match width {
        Some(width) if start.is_multiple_of(width) => range_root(start, end, reader),
        _ => Err(ProveError::NotASubtree { start, end }),
    }
}

/// The inclusion proof of leaf `index` in the tree of the first `size` leaves: the leaf's sibling
/// first, the root's child last (RFC 6962 section 2.1.1).
pub fn inclusion_proof<R: HashReader>(
    index: u64,
    size: u64,
    reader: &R,
) -> Result<Vec<Hash>, ProveError<R::Error>> {
    check_size(size)?;
    if index >= size {
        return Err(ProveError::IndexBeyondTree { index, size });
    }
    // Walk from the root to the leaf, noting the side not taken.
    let (mut start, mut end) = (0, size);
    let mut proof = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            proof.push(range_root(middle, end, reader)?);
            end = middle;
        } else {
            proof.push(range_root(start, middle, reader)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The consistency proof between the trees of the first `old` and the first `new` leaves (RFC 6962
/// section 2.1.2). Empty when the sizes are equal, and for `old` 0, where there is nothing to prove.
pub fn consistency_proof<R: HashReader>(
    old: u64,
    new: u64,
    reader: &R,
) -> Result<Vec<Hash>, ProveError<R::Error>> {
    check_size(new)?;
    if old > new {
        return Err(ProveError::OldBeyondNew { old, new });
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let (mut start, mut end) = (0, new);
    let mut proof = Vec::new();
    // Walk from the new root towards the old tree's right edge.
    while end != old {
        let middle = start + split(end - start);
        if old <= middle {
            proof.push(range_root(middle, end, reader)?);
            end = middle;
        } else {
            proof.push(range_root(start, middle, reader)?);
            start = middle;
        }
    }
    // When the walk ended at the very left, the verifier knows that subtree: it is the old root.
    if start > 0 {
        proof.push(range_root(start, end, reader)?);
    }
    proof.reverse();
    Ok(proof)
}

fn check_size<E>(size: u64) -> Result<(), ProveError<E>> {
    if size > MAX_TREE_SIZE {
        Err(ProveError::TooLarge(size))
    } else {
        Ok(())
    }
}

/// The largest power of two smaller than `width`, which is more than 1.
fn split(width: u64) -> u64 {
    1 << (width - 1).ilog2()
}

/// The root over `start..end`, which is a node of the tree: one read if complete, else one read
/// for each complete subtree in it.
fn range_root<R: HashReader>(
    start: u64,
    end: u64,
    reader: &R,
) -> Result<Hash, ProveError<R::Error>> {
    let width = end - start;
    if width.is_power_of_two() {
        // ilog2 of a u64 is at most 63, so it fits.
        let level = width.ilog2() as u8;
        return reader
            .read(NodeId {
                level,
                index: start >> level,
            })
            .map_err(ProveError::Read);
    }
    let middle = start + split(width);
    let left = range_root(start, middle, reader)?;
    let right = range_root(middle, end, reader)?;
    Ok(node_hash(&left, &right))
}
