//! Properties of tree and proofs, against the definition in RFC 6962 written out plainly.

use std::collections::BTreeMap;

use concord_tlog::hash::{Hash, leaf_hash, node_hash};
use concord_tlog::proof::{ProofError, verify_consistency, verify_inclusion};
use concord_tlog::tree::{
    Frontier, FrontierError, MAX_TREE_SIZE, MemoryTree, NodeId, ProveError, consistency_proof,
    inclusion_proof, root_of_size, subtree_root,
};
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};

/// MTH of RFC 6962 section 2.1, word by word.
fn definition(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::empty_root(),
        [leaf] => *leaf,
        _ => {
            let k = leaves.len().next_power_of_two() / 2;
            node_hash(&definition(&leaves[..k]), &definition(&leaves[k..]))
        }
    }
}

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

fn tree(leaves: &[Hash]) -> MemoryTree {
    let mut tree = MemoryTree::new();
    for leaf in leaves {
        tree.append_hash(*leaf);
    }
    tree
}

#[test]
fn roots_of_the_certificate_transparency_reference_leaves() {
    let entries: [&[u8]; 8] = [
        &[],
        &[0x00],
        &[0x10],
        &[0x20, 0x21],
        &[0x30, 0x31],
        &[0x40, 0x41, 0x42, 0x43],
        &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
        &[
            0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d,
            0x6e, 0x6f,
        ],
    ];
    let tree: MemoryTree = entries.into_iter().collect();
    let begins = [
        "6e340b9c", "fac54203", "aeb6bcfe", "d37ee418", "4e3bbb1f", "76e67dad",
    ];
    for (size, begin) in (1..).zip(begins) {
        let root = root_of_size(size, &tree).expect("root");
        assert!(
            format!("{root:x}").starts_with(begin),
            "size {size}: {root:x}"
        );
    }
    let all = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";
    assert_eq!(format!("{:x}", tree.root()), all);
}

#[test]
fn a_large_tree_has_the_published_root() {
    let mut frontier = Frontier::new();
    for i in 0..70_000 {
        frontier.append(leaf_hash(format!("leaf {i}").as_bytes()));
    }
    let root = frontier.root().to_string();
    assert_eq!(root, "2gUy/3su5W9AZxEPyWTp8ntZWflSe//z+lAap1hN6vM=");
}

#[test]
fn every_proof_of_every_pair_up_to_64_verifies_and_no_other_pair_takes_it() {
    let leaves = leaves(64);
    let tree = tree(&leaves);
    let roots: Vec<Hash> = (0..=64).map(|n| definition(&leaves[..n])).collect();
    for new in 0..=64u64 {
        let root = roots[new as usize];
        assert_eq!(root_of_size(new, &tree), Ok(root));
        for index in 0..new {
            let proof = inclusion_proof(index, new, &tree).expect("proof");
            let leaf = leaves[index as usize];
            assert_eq!(verify_inclusion(&leaf, index, new, &proof, &root), Ok(()));
            for other in (0..new + 2).filter(|other| *other != index) {
                assert!(verify_inclusion(&leaf, other, new, &proof, &root).is_err());
            }
        }
        for old in 1..=new {
            let proof = consistency_proof(old, new, &tree).expect("proof");
            let old_root = roots[old as usize];
            assert_eq!(
                verify_consistency(old, new, &proof, &old_root, &root),
                Ok(())
            );
            for other in (1..=new).filter(|other| *other != old) {
                assert!(verify_consistency(other, new, &proof, &old_root, &root).is_err());
                let other_root = roots[other as usize];
                assert!(verify_consistency(old, new, &proof, &other_root, &root).is_err());
            }
        }
    }
}

#[test]
fn what_no_proof_can_show_is_refused() {
    let leaves = leaves(8);
    let tree = tree(&leaves);
    let (root, empty) = (tree.root(), Hash::empty_root());
    let beyond = ProofError::IndexBeyondTree { index: 8, size: 8 };
    assert_eq!(verify_inclusion(&leaves[0], 8, 8, &[], &root), Err(beyond));
    let of_nothing = ProofError::IndexBeyondTree { index: 0, size: 0 };
    assert_eq!(
        verify_inclusion(&leaves[0], 0, 0, &[], &empty),
        Err(of_nothing)
    );
    assert_eq!(
        verify_consistency(0, 8, &[], &empty, &root),
        Err(ProofError::OldEmpty)
    );
    assert_eq!(
        verify_consistency(8, 8, &[root], &root, &root),
        Err(ProofError::TooLong)
    );
    assert_eq!(
        verify_consistency(8, 8, &[], &empty, &root),
        Err(ProofError::RootMismatch)
    );
    assert_eq!(
        verify_consistency(4, 8, &[], &root, &root),
        Err(ProofError::TooShort)
    );
    let swapped = ProofError::OldBeyondNew { old: 8, new: 4 };
    assert_eq!(verify_consistency(8, 4, &[], &root, &root), Err(swapped));
    // Sizes at the far end neither overflow nor hang.
    for proof in [vec![], vec![root; 64], vec![root; 65]] {
        assert!(verify_inclusion(&root, u64::MAX - 1, u64::MAX, &proof, &root).is_err());
        assert!(verify_consistency(u64::MAX - 1, u64::MAX, &proof, &root, &root).is_err());
        assert!(verify_consistency(1 << 63, u64::MAX, &proof, &root, &root).is_err());
    }

    let index_beyond = Err(ProveError::IndexBeyondTree { index: 8, size: 8 });
    assert_eq!(inclusion_proof(8, 8, &tree), index_beyond);
    assert_eq!(
        consistency_proof(9, 8, &tree),
        Err(ProveError::OldBeyondNew { old: 9, new: 8 })
    );
    assert!(matches!(root_of_size(9, &tree), Err(ProveError::Read(_))));
    assert_eq!(
        root_of_size(u64::MAX, &tree),
        Err(ProveError::TooLarge(u64::MAX))
    );
    assert_eq!(
        subtree_root(2, 8, &tree),
        Err(ProveError::NotASubtree { start: 2, end: 8 })
    );
    assert_eq!(
        subtree_root(4, 4, &tree),
        Err(ProveError::NotASubtree { start: 4, end: 4 })
    );
    assert_eq!(subtree_root(4, 7, &tree), Ok(definition(&leaves[4..7])));
    let count = FrontierError::Count {
        size: 3,
        expected: 2,
        got: 1,
    };
    assert_eq!(Frontier::from_hashes(3, vec![root]), Err(count));
    let huge = Frontier::from_hashes(MAX_TREE_SIZE, vec![root; 63]).expect("frontier");
    assert_eq!(huge.size(), MAX_TREE_SIZE);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_stored_and_restored_tree_is_the_recomputed_one(
        size in 0u64..400, cut in any::<u64>(), tail in 0u64..40,
    ) {
        let cut = cut % (size + 1);
        let all = leaves(size + tail);
        let mut store = BTreeMap::new();
        let mut frontier = Frontier::new();
        for leaf in &all[..size as usize] {
            store.extend(frontier.append(*leaf));
        }
        prop_assert_eq!(frontier.root(), definition(&all[..size as usize]));
        let read = |node: NodeId| store.get(&node).copied().ok_or(node);
        prop_assert_eq!(root_of_size(cut, &read), Ok(definition(&all[..cut as usize])));
        let restored = Frontier::load(size, &read).expect("stored");
        prop_assert_eq!(&restored, &frontier);
        let mut restored = Frontier::from_hashes(size, restored.hashes().to_vec()).expect("hashes");
        for leaf in &all[size as usize..] {
            restored.append(*leaf);
        }
        prop_assert_eq!(restored.root(), definition(&all));
    }

    #[test]
    fn every_mutated_proof_is_refused(
        size in 2u64..600, index in any::<u64>(), old in any::<u64>(),
        place in any::<usize>(), bit in 0usize..256,
    ) {
        let (index, old) = (index % size, 1 + old % (size - 1));
        let leaves = leaves(size);
        let tree = tree(&leaves);
        let root = tree.root();
        let old_root = root_of_size(old, &tree).expect("root");
        let leaf = leaves[index as usize];
        let flip = |hash: Hash| {
            let mut bytes = *hash.as_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            Hash::from_bytes(bytes)
        };
        let inclusion = inclusion_proof(index, size, &tree).expect("proof");
        let consistency = consistency_proof(old, size, &tree).expect("proof");
        let included = |leaf: Hash, size, proof: &[Hash], root: Hash| {
            verify_inclusion(&leaf, index, size, proof, &root).is_ok()
        };
        let consistent = |proof: &[Hash], old_root: Hash, root: Hash| {
            verify_consistency(old, size, proof, &old_root, &root).is_ok()
        };
        prop_assert!(included(leaf, size, &inclusion, root));
        prop_assert!(consistent(&consistency, old_root, root));
        prop_assert!(!included(flip(leaf), size, &inclusion, root));
        prop_assert!(!included(leaf, size, &inclusion, flip(root)));
        prop_assert!(!consistent(&consistency, flip(old_root), root));
        prop_assert!(!consistent(&consistency, old_root, flip(root)));
        for (proof, is_inclusion) in [(inclusion, true), (consistency, false)] {
            let refused = |proof: &[Hash]| if is_inclusion {
                !included(leaf, size, proof, root)
            } else {
                !consistent(proof, old_root, root)
            };
            let place = place % proof.len();
            let mut flipped = proof.clone();
            flipped[place] = flip(flipped[place]);
            prop_assert!(refused(&flipped));
            let mut shorter = proof.clone();
            shorter.remove(place);
            prop_assert!(refused(&shorter));
            for extra in [root, old_root, leaf, proof[place]] {
                let mut longer = proof.clone();
                longer.insert(place, extra);
                prop_assert!(refused(&longer));
                longer = proof.clone();
                longer.push(extra);
                prop_assert!(refused(&longer));
            }
        }
    }
}
