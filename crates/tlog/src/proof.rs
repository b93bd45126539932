//! Checking inclusion and consistency proofs (RFC 9162 sections 2.1.3.2 and 2.1.4.2).
//!
//! A proof is accepted only whole: every hash in it must have been used, and none may be missing.

use crate::hash::{Hash, node_hash};

/// A proof does not prove what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The leaf cannot be in a tree of that size.
    #[error("leaf {index} is not in a tree of {size} leaves: indexes begin at 0")]
    IndexBeyondTree {
        /// Index of the leaf.
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
    /// Every tree extends the empty one, so there is nothing that a proof could show.
    #[error("the older tree is empty: nothing can be proved about it")]
    OldEmpty,
    /// Hashes are left over after the root is reached.
    #[error("the proof has more hashes than such a tree needs")]
    TooLong,
    /// The root is not reached.
    #[error("the proof has fewer hashes than such a tree needs")]
    TooShort,
    /// The proof leads to another root than the one stated.
    #[error("the proof leads to another root hash than the one stated")]
    RootMismatch,
    /// A consistency proof does not begin from the old root.
    #[error("the proof does not begin from the older root hash stated")]
    OldRootMismatch,
}

/// Checks that the entry with hash `leaf` is at `index` in the tree of `size` leaves with `root`.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::IndexBeyondTree { index, size });
    }
    let mut path = Path {
        node: index,
        last: size - 1,
    };
    let mut hash = *leaf;
    for sibling in proof {
        if path.last == 0 {
            return Err(ProofError::TooLong);
        }
        hash = if path.climb() {
            node_hash(sibling, &hash)
        } else {
            node_hash(&hash, sibling)
        };
    }
    match path.last {
        0 if hash == *root => Ok(()),
        0 => Err(ProofError::RootMismatch),
        _ => Err(ProofError::TooShort),
    }
}

/// Checks that the tree of `new` leaves with `new_root` begins with the tree of `old` leaves and
/// `old_root`.
///
/// `old` 0 is refused with [`ProofError::OldEmpty`], as reference verifiers do; the witness protocol
/// accepts it with an empty proof, so a witness handles size 0 before calling.
pub fn verify_consistency(
    old: u64,
    new: u64,
    proof: &[Hash],
    old_root: &Hash,
    new_root: &Hash,
) -> Result<(), ProofError> {
    if old > new {
        return Err(ProofError::OldBeyondNew { old, new });
    }
    if old == 0 {
        return Err(ProofError::OldEmpty);
    }
    if old == new {
        return match proof {
            [] if old_root == new_root => Ok(()),
            [] => Err(ProofError::RootMismatch),
            _ => Err(ProofError::TooLong),
        };
    }
    // A complete old tree is itself a node of the new one, so the proof leaves its root out.
    let (seed, rest) = match proof {
        [] => return Err(ProofError::TooShort),
        _ if old.is_power_of_two() => (*old_root, proof),
        [first, rest @ ..] => (*first, rest),
    };
    // Start at the largest complete subtree that ends where the old tree ends.
    let shift = (old - 1).trailing_ones();
    let mut path = Path {
        node: (old - 1) >> shift,
        last: (new - 1) >> shift,
    };
    let (mut from_old, mut from_new) = (seed, seed);
    for sibling in rest {
        if path.last == 0 {
            return Err(ProofError::TooLong);
        }
        if path.climb() {
            from_old = node_hash(sibling, &from_old);
            from_new = node_hash(sibling, &from_new);
        } else {
            from_new = node_hash(&from_new, sibling);
        }
    }
    if path.last != 0 {
        return Err(ProofError::TooShort);
    }
    if from_old != *old_root {
        return Err(ProofError::OldRootMismatch);
    }
    if from_new != *new_root {
        return Err(ProofError::RootMismatch);
    }
    Ok(())
}

/// The way from a node to the root: its index, and that of the last node, at the current level.
struct Path {
    node: u64,
    last: u64,
}

impl Path {
    /// Goes up to the parent made with the next proof hash; true if that hash stands on the left.
    fn climb(&mut self) -> bool {
        let on_left = self.node & 1 == 1 || self.node == self.last;
        if on_left {
            // At the right edge, levels where the node has no sibling are passed over.
            while self.node & 1 == 0 && self.node != 0 {
                self.up();
            }
        }
        self.up();
        on_left
    }

    fn up(&mut self) {
        self.node >>= 1;
        self.last >>= 1;
    }
}
