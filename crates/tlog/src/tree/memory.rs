//! A tree held in memory, for tests and small logs.

use super::{Frontier, HashReader, NodeId};
use crate::hash::{Hash, leaf_hash};

/// A complete subtree that the tree does not (yet) have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the tree has no complete subtree {} at level {}", .0.index, .0.level)]
pub struct MissingNode(pub NodeId);

/// Every complete subtree hash of a tree, in memory: 64 bytes a leaf.
#[derive(Debug, Clone, Default)]
pub struct MemoryTree {
    frontier: Frontier,
    levels: Vec<Vec<Hash>>,
}

impl MemoryTree {
    /// The empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends an entry and returns its index.
    pub fn append(&mut self, entry: &[u8]) -> u64 {
        self.append_hash(leaf_hash(entry))
    }

    /// Appends the hash of an entry and returns its index.
    pub fn append_hash(&mut self, leaf: Hash) -> u64 {
        let index = self.frontier.size();
        // Completed nodes come leaf first, one a level: zip pairs each with its level.
        let completed = self.frontier.append(leaf);
        self.levels
            .resize(self.levels.len().max(completed.len()), Vec::new());
        for (level, (_, hash)) in self.levels.iter_mut().zip(completed) {
            level.push(hash);
        }
        index
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The root hash.
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// The compact range of the tree.
    pub fn frontier(&self) -> &Frontier {
        &self.frontier
    }
}

impl HashReader for MemoryTree {
    type Error = MissingNode;

    fn read(&self, node: NodeId) -> Result<Hash, MissingNode> {
        let level = self.levels.get(usize::from(node.level));
        usize::try_from(node.index)
            .ok()
            .and_then(|index| level?.get(index))
            .copied()
            .ok_or(MissingNode(node))
    }
}

impl<B: AsRef<[u8]>> FromIterator<B> for MemoryTree {
    fn from_iter<I: IntoIterator<Item = B>>(entries: I) -> Self {
        let mut tree = Self::new();
        for entry in entries {
            tree.append(entry.as_ref());
        }
        tree
    }
}
