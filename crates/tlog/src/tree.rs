//! The Merkle tree of RFC 6962: appending in O(log n) and proofs from stored subtree hashes.
//!
//! A store keeps the hash of every *complete* subtree under its [`NodeId`]. [`Frontier::append`]
//! says which ones a new leaf completes; [`HashReader`] reads them back when a proof is made.
//! Complete subtrees never change, so a store may cache them for ever.

mod memory;
mod prove;

pub use memory::{MemoryTree, MissingNode};
pub use prove::{
    HashReader, ProveError, consistency_proof, inclusion_proof, root_of_size, subtree_root,
};

use crate::hash::{Hash, node_hash};

/// The largest tree handled: what a signed 64-bit store column can count.
pub const MAX_TREE_SIZE: u64 = i64::MAX as u64;

/// The place of a complete subtree: it covers the leaves from `index << level` (included) to
/// `(index + 1) << level` (excluded). Leaf hashes are at level 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId {
    /// Height above the leaves, 0 to 63.
    pub level: u8,
    /// Place among the subtrees of this height, from 0.
    pub index: u64,
}

/// The frontier does not fit the size it was said to have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrontierError {
    /// One hash is needed for every one-bit of the size.
    #[error("a tree of {size} leaves has a frontier of {expected} hashes, not {got}")]
    Count {
        /// Number of leaves stated.
        size: u64,
        /// Number of hashes such a tree has.
        expected: u32,
        /// Number of hashes given.
        got: usize,
    },
    /// Beyond [`MAX_TREE_SIZE`].
    #[error("a tree of {0} leaves is beyond the limit of 2^63-1")]
    TooLarge(u64),
}

/// The roots of the complete subtrees that make up a tree, largest first (its compact range).
/// At most 63 hashes, and all that is needed to append and to know the root.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    // INVARIANT: one hash per one-bit of `size`, from the highest bit to the lowest.
    subtrees: Vec<Hash>,
}

impl Frontier {
    /// The frontier of the empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Restores a frontier from its hashes, largest subtree first.
    pub fn from_hashes(size: u64, hashes: Vec<Hash>) -> Result<Self, FrontierError> {
        if size > MAX_TREE_SIZE {
            return Err(FrontierError::TooLarge(size));
        }
        let (expected, got) = (size.count_ones(), hashes.len());
        if usize::try_from(expected) != Ok(got) {
            return Err(FrontierError::Count {
                size,
                expected,
                got,
            });
        }
        Ok(Self {
            size,
            subtrees: hashes,
        })
    }

    /// Restores the frontier of the first `size` leaves of a stored tree: at most 63 reads.
    pub fn load<R: HashReader>(size: u64, reader: &R) -> Result<Self, ProveError<R::Error>> {
        let subtrees = Self::nodes(size)
            .map(|node| reader.read(node).map_err(ProveError::Read))
            .collect::<Result<Vec<_>, _>>()?;
        Self::from_hashes(size, subtrees).map_err(|_| ProveError::TooLarge(size))
    }

    /// The subtrees that make up a tree of `size` leaves, largest first.
    pub fn nodes(size: u64) -> impl Iterator<Item = NodeId> {
        // The subtree of the bit `level` begins where the higher bits end.
        (0..64u8)
            .rev()
            .filter(move |level| size >> level & 1 == 1)
            .map(move |level| NodeId {
                level,
                index: (size >> level) - 1,
            })
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The subtree roots, largest first.
    pub fn hashes(&self) -> &[Hash] {
        &self.subtrees
    }

    /// Appends a leaf hash and returns every subtree it completes: the leaf itself first, then its
    /// ancestors upwards. These are the hashes to store.
    pub fn append(&mut self, leaf: Hash) -> Vec<(NodeId, Hash)> {
        let mut completed = Vec::new();
        self.grow(leaf, |node, hash| completed.push((node, hash)));
        completed
    }

    /// Appends a leaf hash, when only the root is wanted.
    pub fn push(&mut self, leaf: Hash) {
        self.grow(leaf, |_, _| {});
    }

    fn grow(&mut self, leaf: Hash, mut completed: impl FnMut(NodeId, Hash)) {
        let mut node = NodeId {
            level: 0,
            index: self.size,
        };
        let mut hash = leaf;
        completed(node, hash);
        // An odd index is a right child: its left sibling is the smallest subtree left.
        while node.index & 1 == 1 {
            let Some(left) = self.subtrees.pop() else {
                break;
            };
            hash = node_hash(&left, &hash);
            node = NodeId {
                level: node.level + 1,
                index: node.index >> 1,
            };
            completed(node, hash);
        }
        self.subtrees.push(hash);
        self.size += 1;
    }

    /// The root hash of the tree as it is now.
    pub fn root(&self) -> Hash {
        let mut smallest_first = self.subtrees.iter().rev();
        let Some(first) = smallest_first.next() else {
            return Hash::empty_root();
        };
        smallest_first.fold(*first, |right, left| node_hash(left, &right))
    }
}
